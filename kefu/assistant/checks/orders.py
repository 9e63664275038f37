"""Whether an order may be talked about, what it is, and whether it can still be cancelled."""

from __future__ import annotations

from collections.abc import Mapping

from kefu.assistant.checks import values
from kefu.assistant.engine.resolve import find_order
from kefu.assistant.engine.specs import CheckResult, CheckSpec, Json
from kefu.assistant.facts import Facts, OrderFact
from kefu.commerce.rules import CancelObstacle, cancel_obstacle
from kefu.commerce.tables.phrases import named_in
from kefu.kernel.money import Money

_SUMMARY = frozenset({"order_number", "items", "placed_at", "total"})
_REFUND = frozenset({"refund", "refund_days", "method", "refund_note"})


def seen(facts: Facts, args: Mapping[str, Json]) -> CheckResult:
    """Whether the proof given so far shows an order, and the one that was named.

    What is not in facts does not exist here: a number that is somebody else's and one that nobody has are alike.
    """
    number = args.get("order_number")
    if not facts.orders:
        return CheckResult("unknown" if facts.verification == 0 else "none")
    if number is None:
        return CheckResult("seen")
    return CheckResult("seen" if find_order(facts, str(number)) else "unseen")


def summary(facts: Facts, args: Mapping[str, Json]) -> CheckResult:
    """What the order is, for texts and for the person who takes over."""
    order = facts.order(str(args["order"]))
    if order is None:
        return CheckResult("gone")
    return CheckResult("known", _summary(order), rows=(order.row,))


def cancellable(facts: Facts, args: Mapping[str, Json]) -> CheckResult:
    """Whether the whole order can still be stopped, and what would go back."""
    order = facts.order(str(args["order"]))
    if order is None:
        return CheckResult("gone")
    told = _summary(order)
    obstacle = cancel_obstacle(order.state, [parcel.state for parcel in order.shipments])
    if obstacle is CancelObstacle.ALREADY_CANCELLED:
        return CheckResult("already_cancelled", told, rows=(order.row,))
    if obstacle is not None:
        outcome = "packing" if obstacle is CancelObstacle.PACKING else "shipped"
        outcome = "delivered" if order.state == "delivered" else outcome
        rule = "cancel.already_packing" if outcome == "packing" else "cancel.already_shipped"
        return CheckResult(outcome, told, rows=(order.row,), rule=rule)
    refund = order.paid - order.refunded
    days = values.term(facts, "refund_days", 5)
    method = values.method(order.payment_method)
    note = (
        values.key("cancel.refund_note", refund=values.money(refund), method=method, refund_days=days)
        if refund > Money(0, refund.currency)
        else values.key("cancel.nothing_paid")
    )
    told |= {"refund": values.money(refund), "refund_days": days, "method": method, "refund_note": note}
    return CheckResult("cancellable", told, rows=(order.row,), rule="cancel.before_packing")


def visible(facts: Facts, args: Mapping[str, Json]) -> CheckResult:
    """Whether we know who writes, or any order of theirs."""
    return CheckResult("visible" if facts.customer is not None or facts.orders else "unproven")


def adding(facts: Facts, args: Mapping[str, Json]) -> CheckResult:
    """Whether another article is to go into an order that is placed; a note on it is none."""
    rows = [row for row in facts.tables.table("asked") if row["about"] == "order"]
    named = named_in(str(args.get("question") or ""), rows)
    return CheckResult("adding" if named is not None and named["value"] == "add" else "other")


def scope(facts: Facts, args: Mapping[str, Json]) -> CheckResult:
    """Whether all of the order is meant. An order of one piece has no part."""
    order = facts.order(str(args["order"]))
    if order is None:
        return CheckResult("gone")
    is_part = args.get("scope") == "only_part" and sum(line.quantity for line in order.lines) > 1
    return CheckResult("part" if is_part else "whole", rows=(order.row,))


def told_scope(facts: Facts, args: Mapping[str, Json]) -> CheckResult:
    """Whether the customer has said by now that the whole order is meant, whichever it is."""
    return CheckResult("all" if args.get("scope") == "all" else "part")


def _summary(order: OrderFact) -> dict[str, Json]:
    return {
        "order_number": order.number,
        "items": values.items(order),
        "placed_at": values.moment(order.placed_at),
        "total": values.money(order.total),
    }


ORDERS_SEEN = CheckSpec(
    "orders.seen", seen, passes="seen", args={"order_number": "order_number"}, optional=frozenset({"order_number"}),
    outcomes={outcome: frozenset() for outcome in ("seen", "unseen", "unknown", "none")},
)  # fmt: skip
ORDER_ADDING = CheckSpec(
    "orders.adding", adding, passes="other", args={"question": "question"}, optional=frozenset({"question"}),
    outcomes={"other": frozenset(), "adding": frozenset()},
)  # fmt: skip
ORDERS_VISIBLE = CheckSpec(
    "orders.visible", visible, passes="visible", outcomes={"visible": frozenset(), "unproven": frozenset()}
)
ORDER_SUMMARY = CheckSpec(
    "orders.summary",
    summary,
    passes="known",
    args={"order": "order"},
    outcomes={"known": _SUMMARY, "gone": frozenset()},
)
ORDER_SCOPE = CheckSpec(
    "orders.scope", scope, passes="whole", args={"order": "order", "scope": "choice"}, optional=frozenset({"scope"}),
    outcomes={"whole": frozenset(), "part": frozenset(), "gone": frozenset()},
)  # fmt: skip
TOLD_SCOPE = CheckSpec(
    "orders.told_scope", told_scope, passes="part", args={"scope": "choice"}, optional=frozenset({"scope"}),
    outcomes={"part": frozenset(), "all": frozenset()},
)  # fmt: skip
CANCELLABLE = CheckSpec(
    "orders.cancellable", cancellable, passes="cancellable", args={"order": "order"},
    outcomes={"cancellable": _SUMMARY | _REFUND, "packing": _SUMMARY, "shipped": _SUMMARY, "delivered": _SUMMARY,
              "already_cancelled": _SUMMARY, "gone": frozenset()},
)  # fmt: skip
