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
