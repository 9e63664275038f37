"""Where the money of an order stands."""

from __future__ import annotations

from collections.abc import Mapping

from kefu.assistant.checks import values
from kefu.assistant.engine.specs import CheckResult, CheckSpec, Json
from kefu.assistant.facts import Facts
from kefu.kernel.money import Money

#: row of the table `service` for how long money takes
RULE = "promise.payment_provider"


def standing(facts: Facts, args: Mapping[str, Json]) -> CheckResult:
    """Whether money has gone back, and whether a return that would bring some is still open."""
    order = facts.order(str(args["order"]))
    if order is None:
        return CheckResult("gone")
    told: dict[str, Json] = {
        "order_number": order.number,
        "method": values.method(order.payment_method),
        "refund_days": values.term(facts, "refund_days", 5),
    }
    rows = (order.row, *(one.row for one in order.returns))
    if order.refunded > Money(0, order.refunded.currency):
        return CheckResult("refunded", {**told, "refund": values.money(order.refunded)}, rows, RULE)
    pending = [one for one in order.returns if one.state not in ("refunded", "rejected", "cancelled", "closed")]
    if pending:
        newest = max(pending, key=lambda one: one.opened_at)
        opened_on = values.day(newest.opened_at.astimezone(facts.zone).date())
        return CheckResult("return_open", {**told, "return_number": newest.number, "opened_on": opened_on}, rows, RULE)
    return CheckResult("nothing", told, rows)


_TOLD = frozenset({"order_number", "method", "refund_days"})
REFUND_STANDING = CheckSpec(
    "refunds.standing", standing, passes="refunded", args={"order": "order"},
    outcomes={"gone": frozenset(), "refunded": _TOLD | {"refund"},
              "return_open": _TOLD | {"return_number", "opened_on"}, "nothing": _TOLD},
)  # fmt: skip


def open_return(facts: Facts, args: Mapping[str, Json]) -> CheckResult:
    """Whether something of the order is on its way back, or meant to be: what may still be called off."""
    order = facts.order(str(args["order"]))
    if order is None:
        return CheckResult("gone")
    pending = [one for one in order.returns if one.state == "open"]
    if not pending:
        return CheckResult("none", {"order_number": order.number}, (order.row,))
    newest = max(pending, key=lambda one: one.opened_at)
    line = order.line(newest.line_ref)
    item = {"text": dict(line.titles)} if line else order.number
    return CheckResult("open", {"order_number": order.number, "return_number": newest.number, "item": item},
                       (order.row, newest.row))  # fmt: skip


RETURN_OPEN = CheckSpec(
    "returns.open", open_return, passes="open", args={"order": "order"},
    outcomes={"gone": frozenset(), "none": frozenset({"order_number"}),
              "open": frozenset({"order_number", "return_number", "item"})},
)  # fmt: skip
