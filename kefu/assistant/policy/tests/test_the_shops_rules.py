"""The pack's rules as a table: what a shopkeeper expects of each."""

from __future__ import annotations

from typing import Any

import pytest

from kefu.assistant.policy import decide
from kefu.assistant.policy.tests.conftest import a_request, an_order
from kefu.kernel.money import Money

RETURN, CANCEL, REFUND = "commerce.open_return", "commerce.cancel_order", "commerce.refund"


def eur(minor: int) -> Money:
    return Money(minor, "EUR")


@pytest.mark.parametrize(
    ("order", "changes", "decision", "rule"),
    [
        (an_order(delivered_days_ago=3), {}, "allow", "return.withdrawal_eu"),
        (an_order(delivered_days_ago=14), {}, "allow", "return.withdrawal_eu"),  # the last day of the law
        (an_order(delivered_days_ago=15), {}, "allow", "return.withdrawal_eu"),  # a Sunday, so until Monday
        (an_order(delivered_days_ago=17), {}, "allow", "return.within_window"),  # from here the shop's own kindness
        (an_order(delivered_days_ago=30), {}, "allow", "return.within_window"),  # last day
        (an_order(delivered_days_ago=31), {}, "refuse", "return.window_over"),
        (an_order(delivered_days_ago=10, country="US"), {}, "allow", "return.within_window"),
        # a shop that gives a week cannot take the law's fourteen days away, but may elsewhere
        (an_order(delivered_days_ago=10), {"terms": {"return_days": 7}}, "allow", "return.withdrawal_eu"),
        (an_order(delivered_days_ago=10, country="US"), {"terms": {"return_days": 7}}, "refuse", "return.window_over"),
        # 2 March 2026 is a Monday: the fourteenth day was Saturday or Sunday, so the law adds the weekend
        (an_order(delivered_days_ago=16), {"terms": {"return_days": 7}}, "allow", "return.withdrawal_eu"),
        (an_order(delivered_days_ago=17), {"terms": {"return_days": 7}}, "refuse", "return.window_over"),
        (an_order(delivered_days_ago=14, country="GB"), {"terms": {"return_days": 7}}, "allow", "return.withdrawal_gb"),
        (an_order(delivered_days_ago=15, country="GB"), {"terms": {"return_days": 7}}, "refuse", "return.window_over"),
        (an_order(delivered_days_ago=7, country="CN"), {"terms": {"return_days": 0}}, "allow", "return.withdrawal_cn"),
        (an_order(delivered_days_ago=8, country="CN"), {"terms": {"return_days": 0}}, "refuse", "return.window_over"),
        # another promise for one country
        (an_order(delivered_days_ago=9, country="CN"), {"terms": {"return_days_CN": 10}}, "allow",
         "return.within_window"),
        (an_order(delivered_days_ago=50), {"terms": {"return_days": 60}}, "allow", "return.within_window"),
        (an_order(state="shipped", delivered_days_ago=None), {}, "refuse", "return.not_delivered"),
        (an_order(state="paid"), {}, "refuse", "return.not_delivered"),
        (an_order(returnable=False), {}, "refuse", "return.hygiene"),
        (an_order(returnable=False), {"args": {"reason": "damaged"}}, "needs_approval", "return.faulty_needs_a_look"),
        (an_order(delivered_days_ago=3), {"args": {"reason": "damaged"}}, "allow", "return.withdrawal_eu"),
        (an_order(delivered_days_ago=90), {"args": {"reason": "damaged"}}, "needs_approval",
         "return.faulty_needs_a_look"),
        (an_order(delivered_days_ago=731), {"args": {"reason": "damaged"}}, "refuse", "return.window_over"),
        (an_order(returned=2), {}, "refuse", "return.nothing_left"),
        (an_order(), {"verification": 0}, "refuse", "verification.needed"),  # before any right of the law
    ],
)  # fmt: skip
def test_returns_follow_the_window_and_the_law(rules, order, changes: dict[str, Any], decision: str, rule: str) -> None:
    answer = decide(rules, a_request(RETURN, order, **changes))
    assert (answer.decision, answer.rule) == (decision, rule)


@pytest.mark.parametrize(
    ("order", "changes", "decision", "rule"),
    [
        (an_order(state="unpaid", paid=0), {}, "allow", "cancel.before_packing"),
        (an_order(state="paid"), {}, "allow", "cancel.before_packing"),
        (an_order(state="packing"), {}, "refuse", "cancel.already_packing"),
        (an_order(state="shipped", delivered_days_ago=None), {}, "refuse", "cancel.already_shipped"),
        (an_order(state="delivered"), {}, "refuse", "cancel.already_shipped"),
        (an_order(state="cancelled"), {}, "refuse", "cancel.already_cancelled"),
        (an_order(state="paid"), {"verification": 0}, "refuse", "verification.needed"),
    ],
)
def test_an_order_can_be_cancelled_until_it_is_packed(rules, order, changes, decision: str, rule: str) -> None:
    answer = decide(rules, a_request(CANCEL, order, **changes))
    assert (answer.decision, answer.rule) == (decision, rule)


@pytest.mark.parametrize(
    ("amount", "changes", "decision", "rule", "role"),
    [
        (eur(15_000), {}, "allow", "refund.assistant_limit", ""),  # exactly the limit
        (eur(15_001), {}, "needs_approval", "refund.needs_supervisor", "supervisor"),  # one cent more
        (eur(100_000), {}, "needs_approval", "refund.needs_supervisor", "supervisor"),
        (eur(100_001), {}, "needs_approval", "refund.needs_manager", "manager"),
        (eur(200_001), {}, "refuse", "refund.more_than_paid", ""),
        (eur(1_000), {"counts": {"refunds_30_days": 3}}, "needs_approval", "refund.too_many", "supervisor"),
        (Money(1_000, "USD"), {}, "refuse", "refund.more_than_paid", ""),  # paid in euros
        (eur(1_000), {"verification": 0}, "refuse", "verification.needed", ""),
        (None, {}, "refuse", "policy.error", ""),  # a refund of nothing in particular
        (eur(1_000), {"actor": "customer"}, "refuse", "policy.default", ""),
        (eur(1_000), {"counts": {}}, "refuse", "policy.error", ""),  # nobody counted
    ],
)
def test_refunds_keep_within_limits(rules, amount, changes, decision: str, rule: str, role: str) -> None:
    order = an_order(paid=200_000)
    answer = decide(rules, a_request(REFUND, order, amount=amount, **changes))
    assert (answer.decision, answer.rule, answer.role) == (decision, rule, role)


def test_a_currency_without_a_limit_goes_to_a_manager(rules) -> None:
    order = an_order(paid=500_000, currency="JPY")
    answer = decide(rules, a_request(REFUND, order, amount=Money(100, "JPY")))
    assert (answer.decision, answer.role) == ("needs_approval", "manager")


def test_everybody_may_ask_the_catalogue_but_nothing_else_is_free(rules) -> None:
    assert decide(rules, a_request("catalog.answer", verification=0)).is_allowed
    assert decide(rules, a_request("knowledge.answer", verification=0)).is_allowed
    assert decide(rules, a_request("shop.give_everything_away", an_order())).rule == "policy.default"


def test_days_are_counted_in_the_shops_own_zone(rules) -> None:
    from zoneinfo import ZoneInfo

    order = an_order(delivered_days_ago=31)  # 10:00 UTC on 30 January; in Honolulu that is still the 29th … or 30th
    far_east = decide(rules, a_request(RETURN, order, zone=ZoneInfo("Pacific/Kiritimati")))
    assert far_east.rule == "return.within_window"  # there it arrived on the 31st, thirty days ago
