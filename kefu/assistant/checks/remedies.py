"""Whether a line has arrived, so that something can be wrong with it."""

from __future__ import annotations

from collections.abc import Mapping

from kefu.assistant.checks import values
from kefu.assistant.engine.specs import CheckResult, CheckSpec, Json
from kefu.assistant.facts import Facts

_LINE = frozenset({"item", "order_number"})


def arrival(facts: Facts, args: Mapping[str, Json]) -> CheckResult:
    """A fault can only be told of what was delivered and has not gone back. Of a line that travels in several parcels
    the first one counts: what is missing may be in the next."""
    line = facts.line(str(args["line"]))
    order = facts.order_of_line(line.ref) if line else None
    if line is None or order is None:
        return CheckResult("gone")
    rows = (order.row, line.row)
    told: dict[str, Json] = {"item": {"text": dict(line.titles)}, "order_number": order.number}
    if order.state == "cancelled":
        return CheckResult("cancelled", told, rows)
    if line.returned >= line.quantity:
        return CheckResult("returned", told, rows)
    carrying = [parcel for parcel in order.shipments if line.ref in parcel.line_refs]
    arrived = [parcel.delivered_at for parcel in carrying if parcel.delivered_at]
    if not arrived:
        return CheckResult("not_arrived", told, rows)
    is_split = args.get("cause") == "missing" and any(
        parcel.delivered_at is None and parcel.state not in ("lost", "returned") for parcel in carrying
    )
    if is_split:
        return CheckResult("another_parcel", told, rows)
    arrived_on = values.day(min(arrived).astimezone(facts.zone).date())
    return CheckResult("arrived", {**told, "arrived_on": arrived_on}, rows)


def shown(facts: Facts, args: Mapping[str, Json]) -> CheckResult:
    """Whether a picture can show what is wrong: of what was not in the parcel there is none to take."""
    return CheckResult("unseen" if args.get("cause") == "missing" else "seen")


REMEDY_SHOWN = CheckSpec(
    "remedies.shown", shown, passes="seen", args={"cause": "choice"}, optional=frozenset({"cause"}),
    outcomes={"seen": frozenset(), "unseen": frozenset()},
)  # fmt: skip
REMEDY_ARRIVAL = CheckSpec(
    "remedies.arrival", arrival, passes="arrived", args={"line": "order_line", "cause": "choice"},
    optional=frozenset({"cause"}),
    outcomes={"gone": frozenset(), "cancelled": _LINE, "returned": _LINE, "not_arrived": _LINE,
              "another_parcel": _LINE, "arrived": _LINE | {"arrived_on"}},
)  # fmt: skip
