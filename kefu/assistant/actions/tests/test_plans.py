"""A plan is what the customer wants done, worked out from their words against their own rows; it changes nothing."""

from __future__ import annotations

import sys
from typing import Any

import pytest

from kefu.assistant.actions.locating import NothingGiven
from kefu.assistant.actions.tests.conftest import Do
from kefu.assistant.policy import decide
from kefu.assistant.policy.rules import Decision, Ruling
from kefu.assistant.tests.shop import order, product, variant
from kefu.commerce.models import Order, PaymentMethod
from kefu.desk.models import Verification
from kefu.people.models import Customer


def told(*texts: str) -> dict[str, Any]:
    return {"told": list(texts)}


@pytest.fixture
def bought(mira: Customer) -> Order:
    jacket, tent = product(mira.brand), product(mira.brand, "dome-tent", titles={"en": "Dome tent", "zh": "圆顶帐篷"})
    variant(jacket, color="red", size="L")
    return order(mira, "KF-10", state="paid", of=[variant(jacket), variant(tent, color="green", size="")])


def test_a_change_is_planned_from_the_opening_words(talk, mira, bought, do: Do) -> None:
    plan = do(talk, "plans.change_items", told("please change the rain jacket to red, size L")).value
    assert plan["missing"] == "none"
    assert plan["order"] == "KF-10"
    assert plan["changes"] == [{"line": "KF-10/1", "sku": "GLACIER-RAIN-JACKET-RED-L"}]


def test_what_is_missing_is_said_with_what_there_is(talk, mira, bought, do: Do) -> None:
    plan = do(talk, "plans.change_items", told("please change the rain jacket")).value
    assert plan["missing"] == "into"
    assert any("red" in choice for choice in plan["choices"])


def test_an_order_of_somebody_else_is_never_planned_with(talk, mira, do: Do) -> None:
    neighbour = Customer.objects.create(brand=mira.brand, name="Somebody", email="somebody@example.com")
    order(neighbour, "KF-77777", state="paid")
    order(mira, "KF-10", state="paid")
    plan = do(talk, "plans.cancel_order", told("cancel order KF-77777")).value
    assert plan["order"] != "KF-77777"
    assert plan["missing"] in ("unknown_order", "order")


def test_a_rule_that_forbids_is_told_before_anybody_says_yes(talk, mira, do: Do) -> None:
    order(mira, "KF-10", state="shipped", shipped_days_ago=1)
    plan = do(talk, "plans.cancel_order", told("cancel order KF-10")).value
    assert plan["missing"] == "refused"
    assert plan["why"] == {"key": "policy.cancel_shipped"}


@pytest.mark.parametrize(("words", "is_told"), [("cancel the rain jacket", True), ("cancel my order", False)])
def test_who_names_one_thing_is_told_that_all_goes(talk, mira, bought, do: Do, words: str, is_told: bool) -> None:
    plan = do(talk, "plans.cancel_order", told(words)).value
    assert (plan["order"], len(plan["items"])) == ("KF-10", 2)
    assert bool(plan["whole"]) == is_told


def test_of_two_payment_methods_the_named_one_is_taken(talk, mira, bought, do: Do) -> None:
    for external_id, kind, label in (("pp", "paypal", "PayPal"), ("v", "card", "Visa ending 1234")):
        PaymentMethod.objects.create(
            brand=mira.brand, customer=mira, external_id=external_id, kind=kind, label=label
        )  # fmt: skip
    words = "please change the rain jacket to red, size L"
    assert do(talk, "plans.change_items", told(words)).value["missing"] == "payment"
    assert do(talk, "plans.change_items", told(words, "PayPal please")).value["payment"] == "pp"


def test_nobody_is_known_by_name_alone_unless_the_shop_says_so(stranger_talk, mira, do: Do) -> None:
    result = do(stranger_talk, "identity.find_customer", told(f"I'm {mira.name}, {mira.email}"))
    assert not result.ok
    assert result.rule == "identity.order_proof_only"
    stranger_talk.refresh_from_db()
    assert stranger_talk.verification == Verification.NONE


@pytest.fixture
def generous(monkeypatch: pytest.MonkeyPatch) -> None:
    """A shop whose policy lets an e-mail address, or name and postcode, be enough."""
    allowed = Decision(Ruling.ALLOW, "shop.generous")
    monkeypatch.setattr(
        sys.modules["kefu.assistant.actions.perform"],
        "decide",
        lambda rules, request: allowed if request.action == "identity.find_customer" else decide(rules, request),
    )


def test_where_the_shop_allows_it_name_and_postcode_are_enough(stranger_talk, mira, generous, do: Do) -> None:
    Customer.objects.filter(pk=mira.pk).update(
        name="Mira Lang", external_id="C-1", address={"street": "1 Elm", "city": "Berlin", "postcode": "10115"}
    )
    wrong = do(stranger_talk, "identity.find_customer", told("Mira Lang, zip code 10999"), key="a")
    assert wrong.code == "identity.no_match"
    nothing = do(stranger_talk, "identity.find_customer", told("I want my money"), key="b")
    assert nothing.code == NothingGiven.code
    right = do(stranger_talk, "identity.find_customer", told("I want my money", "Mira Lang, zip code 10115"), key="c")
    assert right.ok
    stranger_talk.refresh_from_db()
    assert stranger_talk.customer_id == mira.pk
    assert stranger_talk.verification == Verification.CUSTOMER


def test_guesses_are_counted(stranger_talk, mira, generous, do: Do) -> None:
    codes = [
        do(stranger_talk, "identity.find_customer", told(f"me{n}@example.com"), key=f"g{n}").code for n in range(7)
    ]
    assert codes[0] == "identity.no_match"
    assert codes[-1] == "identity.too_many_tries"
