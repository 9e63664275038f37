"""Proving an order: right answers open one order, wrong ones tell nothing and are counted."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from kefu.assistant.actions.tests.conftest import Do, a_call
from kefu.assistant.models import ActionRecord, ProofAttempt
from kefu.assistant.tests.shop import order
from kefu.desk.inbound import Inbound
from kefu.desk.models import Conversation, Event, Verification
from kefu.desk.services import receive_message
from kefu.people.models import Customer, Identity

pytestmark = pytest.mark.django_db
PROVE = "identity.prove"


def args(number: str = "KF-1", kind: str = "email", value: str = "mira@example.com") -> dict:
    return {"order_number": number, "proof": {"kind": kind, "value": value}}


@pytest.fixture
def prove(do: Do):
    count = iter(range(10_000))
    return lambda talk, **given: do(talk, PROVE, args(**given), key=f"prove-{next(count)}")


def another_talk(channel, n: int, address: str = "") -> Conversation:
    return receive_message(
        channel, Inbound(external_id=f"n{n}", address=address or f"visitor-{n}", text="hi")
    ).conversation


@pytest.mark.parametrize(
    ("number", "kind", "value"),
    [
        ("KF-1", "email", "mira@example.com"),
        ("kf-1", "email", " MIRA@Example.com "),  # as people type
        ("KF-1", "phone", "0151 12345678"),  # without the country code
        ("KF-1", "phone", "+49 151 12345678"),
        ("KF-1", "postcode", "10115"),
        ("#1", "postcode", "10 115"),  # the number without the brand's own beginning
    ],
)
def test_the_right_proof_opens_that_order_and_no_other(brand, stranger_talk, mira, prove, number, kind, value) -> None:
    brand.settings = {"order_prefix": "KF-"}
    brand.save()
    order(mira, "KF-1")
    order(mira, "KF-2")
    result = prove(stranger_talk, number=number, kind=kind, value=value)
    assert (result.ok, result.value) == (True, {"order_number": "KF-1"})
    stranger_talk.refresh_from_db()
    assert stranger_talk.verification == Verification.ORDER
    assert [found.number for found in a_call(stranger_talk).facts.orders] == ["KF-1"]
    assert Event.objects.filter(kind="desk.identity_proven").count() == 1


def test_knowing_an_order_does_not_make_somebody_its_buyer(stranger_talk, mira, prove) -> None:
    order(mira, "KF-1")
    before = list(Identity.objects.values_list("address", "customer_id"))
    prove(stranger_talk)
    stranger_talk.refresh_from_db()
    assert stranger_talk.customer_id != mira.pk
    assert list(Identity.objects.values_list("address", "customer_id")) == before


@pytest.mark.parametrize(
    ("kind", "value"), [("email", "x@example.com"), ("phone", "5678"), ("postcode", "1011"), ("postcode", "-")]
)
def test_a_wrong_proof_and_a_number_that_does_not_exist_are_told_alike(
    stranger_talk, mira, prove, kind: str, value: str
) -> None:
    order(mira, "KF-1")
    wrong_proof = prove(stranger_talk, number="KF-1", kind=kind, value=value)
    no_such_order = prove(stranger_talk, number="KF-9", kind=kind, value=value)
    assert wrong_proof == no_such_order
    assert (wrong_proof.ok, wrong_proof.code) == (False, "identity.no_match")
    stranger_talk.refresh_from_db()
    assert stranger_talk.verification == Verification.NONE


def test_both_wrong_answers_cost_the_same_reads(stranger_talk, mira, prove) -> None:
    order(mira, "KF-1")
    prove(stranger_talk, number="KF-1", value="x@example.com")  # whatever is cached is cached now
    with CaptureQueriesContext(
        connection,
    ) as wrong_proof:
        prove(stranger_talk, number="KF-1", value="x@example.com")
    with CaptureQueriesContext(connection) as no_such_order:
        prove(stranger_talk, number="KF-9", value="x@example.com")
    assert len(wrong_proof) == len(no_such_order)


def test_an_order_without_a_postcode_is_not_proved_by_an_empty_one(stranger_talk, mira, prove) -> None:
    order(mira, "KF-1", postcode="", phone="")
    assert not prove(stranger_talk, kind="postcode", value="x").ok
    assert not prove(stranger_talk, kind="phone", value="+").ok


def test_another_brands_order_proves_nothing(stranger_talk, other_brand, prove) -> None:
    theirs = Customer.objects.create(brand=other_brand, external_id="C-1", email="mira@example.com")
    order(theirs, "KF-1")
    assert prove(stranger_talk).code == "identity.no_match"


def test_five_wrong_tries_end_the_guessing_in_a_conversation(stranger_talk, mira, prove) -> None:
    order(mira, "KF-1")
    for n in range(5):
        assert prove(stranger_talk, number=f"KF-{n + 50}").code == "identity.no_match"
    assert prove(stranger_talk).code == "identity.too_many_tries"  # even the right answer


def test_a_new_conversation_does_not_give_new_tries_for_ever(chat_channel, mira, prove, held_clock) -> None:
    order(mira, "KF-1")
    codes = [prove(another_talk(chat_channel, n, address="same"), number=f"KF-{n + 50}").code for n in range(12)]
    assert codes == ["identity.no_match"] * 10 + ["identity.too_many_tries"] * 2


def test_many_visitors_cannot_guess_at_one_order(chat_channel, mira, prove, held_clock) -> None:
    order(mira, "KF-1")
    for n in range(10):
        assert prove(another_talk(chat_channel, n), value=f"guess{n}@example.com").code == "identity.no_match"
    assert prove(another_talk(chat_channel, 99)).code == "identity.too_many_tries"
    held_clock.move(timedelta(days=1, seconds=1))
    assert prove(another_talk(chat_channel, 100)).ok


def test_a_number_that_does_not_exist_is_closed_after_as_many_tries_as_one_that_does(
    chat_channel, mira, prove, held_clock
) -> None:
    codes = [prove(another_talk(chat_channel, n), number="KF-9").code for n in range(11)]
    assert codes == ["identity.no_match"] * 10 + ["identity.too_many_tries"]


def test_a_proof_is_never_written_down(stranger_talk, mira, prove) -> None:
    order(mira, "KF-1")
    prove(stranger_talk)
    prove(stranger_talk, number="KF-2", value="secret@example.com")
    kept = str(list(ActionRecord.objects.values("args", "value"))) + str(list(Event.objects.values("facts")))
    kept += str(list(ProofAttempt.objects.values()))
    assert "@example.com" not in kept


def test_proving_an_order_never_lowers_what_was_known(talk, mira, brand, prove) -> None:
    order(Customer.objects.create(brand=brand, external_id="C-2", email="g@example.com"), "KF-7")
    assert prove(talk, number="KF-7", value="g@example.com").ok
    talk.refresh_from_db()
    assert talk.verification == Verification.CUSTOMER
