"""Facts hold what the proof permits, and not a row more."""

from __future__ import annotations

import pytest

from kefu.assistant.checks.returns import worth
from kefu.assistant.gather import NEWEST, gather
from kefu.assistant.tests.shop import order, product, variant
from kefu.commerce import services
from kefu.desk.inbound import Inbound
from kefu.desk.models import Conversation, Verification
from kefu.desk.services import receive_message
from kefu.kernel.money import Money
from kefu.people.actors import assistant
from kefu.people.models import Customer

pytestmark = pytest.mark.django_db


@pytest.fixture
def conversation(chat_channel, mira) -> Conversation:
    inbound = Inbound(
        external_id="1", address="c", text="hi", proven_email=mira.email, verification=Verification.CUSTOMER
    )
    return receive_message(chat_channel, inbound).conversation


@pytest.fixture
def stranger(brand) -> Customer:
    return Customer.objects.create(brand=brand, external_id="C-2", email="someone@example.com")


def numbers(conversation: Conversation, **more) -> list[str]:
    return [found.number for found in gather(conversation, language="en", **more).orders]


def test_who_is_not_verified_has_no_orders_and_no_name(conversation, mira):
    order(mira, "KF-1")
    conversation.verification = Verification.NONE
    facts = gather(conversation, language="en", named=["KF-1"])
    assert (facts.orders, facts.customer) == ((), None)


def test_a_verified_customer_sees_own_orders_and_never_anothers_even_by_name(conversation, mira, stranger):
    order(mira, "KF-1")
    order(stranger, "KF-2")
    assert numbers(conversation, named=["KF-2"]) == ["KF-1"]


def test_who_proved_one_order_sees_that_one(conversation, mira):
    order(mira, "KF-1")
    order(mira, "KF-2")
    conversation.verification = Verification.ORDER
    conversation.memory = {"proved_orders": ["KF-2"]}
    assert numbers(conversation, named=["KF-1"]) == ["KF-2"]


def test_a_proof_that_has_lapsed_opens_nothing(conversation, mira):
    order(mira, "KF-2")
    conversation.verification = Verification.NONE
    conversation.memory = {"proved_orders": ["KF-2"]}
    assert numbers(conversation) == []


def test_the_same_number_in_another_brand_is_not_seen(conversation, mira, other_brand):
    twin = Customer.objects.create(brand=other_brand, external_id="C-1001", email=mira.email)
    order(twin, "KF-9")
    assert numbers(conversation, named=["KF-9"]) == []


def test_an_old_order_is_found_when_it_is_named(conversation, mira):
    from datetime import timedelta

    from kefu.kernel import clock

    for n in range(NEWEST):
        order(mira, f"KF-{100 + n}")
    order(mira, "KF-1", placed_at=clock.now() - timedelta(days=400))
    assert "KF-1" not in numbers(conversation)
    assert "KF-1" in numbers(conversation, named=["kf-1"])


def test_twenty_orders_cost_as_many_queries_as_one(conversation, mira, django_assert_max_num_queries):
    for n in range(NEWEST):
        order(mira, f"KF-{n}", shipped_days_ago=2, tracking=((1, "in_transit"),))
    with django_assert_max_num_queries(2):
        facts = gather(conversation, language="en")
    assert facts.orders[0].shipments[0].events[0].code == "in_transit"


@pytest.mark.parametrize("given", [0, 2000, 12900])
def test_what_a_return_gives_back_is_told_as_it_will_be_paid(conversation, mira, given):
    """The talk counts from facts, the deed from rows: both take off what went back before."""
    jacket = product(mira.brand)
    bought = order(mira, "KF-1", state="delivered", of=[variant(jacket), variant(jacket, size="L")],
                   delivered_days_ago=3)  # fmt: skip
    bot = assistant(mira.brand_id)
    if given:
        services.refund(bought, Money(given, "EUR"), reason="", by=bot, key="g", rule="r")
    quote = services.quote_return(bought.lines.get(position=1), quantity=1, reason="too_small")
    told = worth(gather(conversation, language="en"), {"line": "KF-1/1"}).values
    assert told["refund"] == {"minor": quote.refund.minor, "currency": "EUR"}
    assert quote.refund.minor == 12900 - given
    assert bool(told["given_note"]) == bool(given)
