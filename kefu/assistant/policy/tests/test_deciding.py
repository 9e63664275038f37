"""Deciding: denied by default, the strictest first, the law as the floor, and an error never allows."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kefu.assistant.policy import decide, load, pack_rules
from kefu.assistant.policy.expressions import ExpressionFailed, compiled
from kefu.assistant.policy.tests.conftest import a_request, an_order
from kefu.kernel.money import Money

REFUND = "commerce.refund"


def one(decision: str, when: str = "true", *, floor: str = "shop", more: str = "") -> str:
    role = "  role: supervisor\n" if decision == "needs_approval" else ""
    return (
        f'- id: {floor}.{decision}\n  about: [{REFUND}]\n  when: "{when}"\n'
        f"  decision: {decision}\n  floor: {floor}\n"
        f"{role}{more}  source: t\n  date: 2026-03-01\n  explains: policy.not_allowed\n"
        "  explanation: {en: x, zh: x}\n"
    )


#: a condition that is always true, written so that no two rules look alike to the loader
def yes(n: int) -> str:
    return f"verification >= 0 && {n} == {n}"


@pytest.mark.parametrize(
    ("rules", "decided"),
    [
        ([one("allow", yes(1))], "shop.allow"),
        ([one("allow", yes(1)), one("needs_approval", yes(2))], "shop.needs_approval"),
        ([one("allow", yes(1)), one("needs_approval", yes(2)), one("refuse", yes(3))], "shop.refuse"),
        # what the law grants, no shop rule undoes; what it forbids, none allows
        ([one("refuse", yes(1)), one("allow", yes(2), floor="law")], "law.allow"),
        ([one("needs_approval", yes(1)), one("allow", yes(2), floor="law")], "law.allow"),
        ([one("allow", yes(1)), one("refuse", yes(2), floor="law")], "law.refuse"),
        ([one("allow", yes(1), floor="law"), one("refuse", yes(2), floor="law")], "law.refuse"),
        ([one("allow", "false")], "policy.default"),
    ],
)
def test_the_strictest_rule_of_the_highest_floor_decides(write_rules, rules: list[str], decided: str) -> None:
    found = decide(load(write_rules("".join(rules))), a_request(REFUND, an_order()))
    assert found.rule == decided


@pytest.mark.parametrize(
    "broken",
    [
        "terms.nobody_set == 1", "1 / 0 == 1", "order.number > 3", "args.reason.x == 1", "order.paid.minor",
        "days_since(order.number) > 1", "level('king') == 1", "at_most(amount, '1.00 EUR')",
        "amount.minor + 9223372036854775807 > 0",
    ],
)  # fmt: skip
def test_a_rule_that_cannot_be_evaluated_refuses_whatever_the_others_say(write_rules, broken: str) -> None:
    rules = load(write_rules(one("allow", yes(1)) + one("allow", yes(2), floor="law") + one("refuse", broken)))
    found = decide(rules, a_request(REFUND, an_order(), amount=Money(100, "USD")))
    assert (found.is_allowed, found.rule) == (False, "policy.error")
    assert found.errors[0].rule == "shop.refuse"
    assert found.errors[0].error


@pytest.mark.parametrize("result", ["1", "'yes'", "[true]", "null", "order", "'true'"])
def test_only_true_is_a_yes(result: str) -> None:
    with pytest.raises(ExpressionFailed):
        compiled(result).holds({"order": {"a": 1}}, {})


def test_an_amount_is_compared_to_the_cent_and_in_its_own_currency(write_rules) -> None:
    rules = load(write_rules(one("allow", yes(1), more="  up_to: [150.00 EUR, 20000 JPY]\n")))
    euros, yen = (Money(15_000, "EUR"), Money(15_001, "EUR")), (Money(20_000, "JPY"), Money(20_001, "JPY"))
    allowed = {
        amount: decide(rules, a_request(REFUND, an_order(), amount=amount)).is_allowed
        for amount in (*euros, *yen, Money(1, "USD"), None)
    }
    assert [amount for amount, is_allowed in allowed.items() if is_allowed] == [
        Money(15_000, "EUR"),
        Money(20_000, "JPY"),
    ]


def test_a_decision_tells_how_each_rule_answered(write_rules) -> None:
    found = decide(load(write_rules(one("allow", "false") + one("refuse", yes(1)))), a_request(REFUND, an_order()))
    assert [(traced.rule, traced.matched) for traced in found.trace] == [("shop.allow", False), ("shop.refuse", True)]


_orders = st.builds(
    an_order,
    state=st.sampled_from(["unpaid", "paid", "packing", "shipped", "delivered", "cancelled"]),
    country=st.sampled_from(["DE", "FR", "GB", "CN", "US", "ZZ", ""]),
    delivered_days_ago=st.one_of(st.none(), st.integers(-5, 2000)),
    returnable=st.booleans(),
    returned=st.integers(0, 3),
    paid=st.integers(0, 10**9),
    refunded=st.integers(0, 10**9),
    currency=st.sampled_from(["EUR", "USD", "JPY", "CNY"]),
)
_json = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**70), 2**70) | st.text(max_size=20) | st.floats(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)


@settings(max_examples=150, deadline=None)
@given(
    order=st.one_of(st.none(), _orders),
    action=st.one_of(
        st.sampled_from(["commerce.refund", "commerce.open_return", "commerce.cancel_order", "catalog.answer"]),
        st.text(max_size=20),
    ),
    args=st.dictionaries(st.sampled_from(["reason", "quantity", "order", "x"]), _json, max_size=3),
    amount=st.one_of(
        st.none(), st.builds(Money, st.integers(-(10**12), 10**12), st.sampled_from(["EUR", "USD", "JPY"]))
    ),
    verification=st.integers(0, 2),
    terms=st.dictionaries(st.sampled_from(["return_days", "return_days_CN", "x"]), st.integers(-10, 400), max_size=3),
    counts=st.dictionaries(st.sampled_from(["refunds_30_days", "x"]), st.integers(0, 10), max_size=2),
    actor=st.sampled_from(["assistant", "agent", "customer", ""]),
)
def test_whatever_the_facts_nothing_is_allowed_that_no_rule_allows(
    order, action, args, amount, verification, terms, counts, actor
) -> None:
    rules = pack_rules("ecommerce")
    found = decide(
        rules,
        a_request(
            action, order, args=args, amount=amount, verification=verification, terms=terms, counts=counts, actor=actor
        ),
    )
    if found.is_allowed:
        allowing = next(rule for rule in rules if rule.id == found.rule)
        assert action in allowing.about
        assert allowing.decision == "allow"
        assert not found.errors
        assert verification >= 1 or action.endswith(".answer")
        if action == "commerce.refund":
            assert amount is not None
            assert order is not None
            assert amount.minor <= min(
                160_00 if amount.currency == "USD" else 150_00, order.paid.minor - order.refunded.minor
            )
            assert amount.currency == order.paid.currency
    assert found.errors == () or not found.is_allowed
