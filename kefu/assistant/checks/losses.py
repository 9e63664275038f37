"""When a parcel counts as lost, what of it can be changed on its way, and what came back."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta

from kefu.assistant.checks import values
from kefu.assistant.engine.specs import CheckResult, CheckSpec, Json
from kefu.assistant.facts import Facts, OrderFact, ShipmentFact
from kefu.commerce import rules
from kefu.commerce.rules import EU, Situation, Tracking
from kefu.commerce.tables import Row
from kefu.commerce.tables.phrases import named_in
from kefu.kernel.money import Money

#: the row for a carrier that has none of its own
OTHER = "carrier.other"
#: who the risk of the way lies with
RISK = "parcel.risk_is_the_sellers"
_PARCEL = frozenset({"order_number", "items", "carrier", "tracking_number"})
_WISHED = frozenset({"order_number", "carrier", "tracking_number", "option", "reply_by"})


def loss(facts: Facts, args: Mapping[str, Json]) -> CheckResult:
    """How it stands with the parcel that worries the customer most: lost, not yet, delivered but not there."""
    order = facts.order(str(args["order"]))
    if order is None:
        return CheckResult("gone")
    rows = (order.row, *(parcel.row for parcel in order.shipments))
    told: dict[str, Json] = {"order_number": order.number, "items": values.items(order)}
    if order.state in ("cancelled", "unpaid"):
        return CheckResult("waiting", told, rows)
    if order.paid and order.refunded >= order.paid:
        return CheckResult(
            "paid_back", {**told, "refund": values.money(order.refunded)}, rows, "promise.payment_provider"
        )
    parcel = worst_parcel(order, facts)
    if parcel is None:
        return CheckResult("waiting", told, rows)
    at = situation(parcel, facts)
    row = carrier_row(facts, parcel.carrier)
    told |= {"carrier": parcel.carrier, "tracking_number": parcel.tracking_number,
             "reply_by": values.day(values.working_days_after(facts.today, reply_days(facts)))}  # fmt: skip
    if at.situation is Situation.RETURNING:
        return CheckResult("returning", told, rows)
    claim_by = _claim_by(parcel, row, facts)
    if at.situation is Situation.DELIVERED:
        return _delivered(
            facts, at.since.astimezone(facts.zone).date() if at.since else facts.today, told, claim_by, rows, row
        )
    lost_on = _lost_on(order, parcel, row, facts)
    if at.situation is Situation.LOST or facts.today >= lost_on:
        refund = parcel_worth(order, parcel)
        resend_by = values.working_days_after(facts.today, service_days(facts, "parcel.resend", 2))
        told |= {"claim_by": values.day(claim_by), "refund": values.money(refund),
                 "refund_days": values.term(facts, "refund_days", 5), "method": values.method(order.payment_method),
                 "resend_by": values.day(resend_by)}  # fmt: skip
        return CheckResult("lost", told, rows, row.id if row else RISK)
    if parcel.promised_on is not None and facts.today <= parcel.promised_on:
        return CheckResult("waiting", told, rows)
    return CheckResult("too_early", {**told, "lost_on": values.day(lost_on)}, rows, row.id if row else RISK)


def _delivered(
    facts: Facts, on: date, told: dict[str, Json], claim_by: date, rows: tuple[str, ...], row: Row | None
) -> CheckResult:
    """Shown as delivered: waited for a little, then traced."""
    wait_until = values.working_days_after(on, service_days(facts, "parcel.delivered_wait", 2))
    told |= {"delivered_on": values.day(on)}
    if facts.today <= wait_until:
        return CheckResult("fresh", {**told, "wait_until": values.day(wait_until)}, rows, "parcel.delivered_wait")
    return CheckResult("missing", {**told, "claim_by": values.day(claim_by)}, rows, row.id if row else RISK)


def returned(facts: Facts, args: Mapping[str, Json]) -> CheckResult:
    """Whether a parcel of the order is on its way back to us, or back."""
    order = facts.order(str(args["order"]))
    if order is None:
        return CheckResult("gone")
    parcel = next((one for one in order.shipments if situation(one, facts).situation is Situation.RETURNING), None)
    rows = (order.row, *(one.row for one in order.shipments))
    if parcel is None:
        return CheckResult("not_returned", {"order_number": order.number}, rows)
    told = {
        "order_number": order.number, "items": values.items(order), "carrier": parcel.carrier,
        "tracking_number": parcel.tracking_number,
        "resend_by": values.day(values.working_days_after(facts.today, service_days(facts, "parcel.resend", 2))),
    }  # fmt: skip
    return CheckResult("returned", told, rows, "parcel.resend")


def delivery_wish(facts: Facts, args: Mapping[str, Json]) -> CheckResult:
    """What the customer wants otherwise about the delivery, and whether the carrier lets them do it themselves."""
    order = facts.order(str(args["order"]))
    if order is None:
        return CheckResult("gone")
    parcel = next((one for one in reversed(order.shipments) if one.shipped_at and not one.delivered_at), None)
    rows = (order.row, *(one.row for one in order.shipments))
    told: dict[str, Json] = {
        "order_number": order.number, "carrier": parcel.carrier if parcel else "",
        "tracking_number": parcel.tracking_number if parcel else "",
        "reply_by": values.day(values.working_days_after(facts.today, reply_days(facts))),
    }  # fmt: skip
    if order.state in ("cancelled", "unpaid"):
        return CheckResult("nothing_sent", told, rows)
    if parcel is None:
        is_there = any(one.delivered_at for one in order.shipments)
        return CheckResult("delivered" if is_there else "not_shipped", told, rows, "" if is_there else "promise.reply")
    wish = str(args.get("how") or "")
    if not wish:
        asked = [row for row in facts.tables.table("asked") if row["about"] == "delivery"]
        named = named_in(str(args.get("question") or ""), asked)
        wish = named["value"] if named else ""
    if not wish:
        return CheckResult("untold", told, rows)
    row = carrier_row(facts, parcel.carrier)
    told["option"] = values.key(f"choice.{wish}")
    can = bool(row and wish in row["abilities"])
    return CheckResult("by_carrier" if can else "by_us", told, rows, row.id if row and can else "promise.reply")


# ---- shared with the actions ----


def situation(parcel: ShipmentFact, facts: Facts) -> rules.ParcelSituation:
    tracking = [Tracking(event.at, event.code, event.place) for event in parcel.events]
    return rules.parcel_situation(tracking, promised_on=parcel.promised_on, today=facts.today, zone=facts.zone,
                                  shipped_at=parcel.shipped_at, delivered_at=parcel.delivered_at)  # fmt: skip


def worst_parcel(order: OrderFact, facts: Facts) -> ShipmentFact | None:
    """The one that is lost, else the one that has been silent longest, else the one delivered last."""
    moving = [one for one in order.shipments if situation(one, facts).situation is not Situation.NOT_SHIPPED]
    for wanted in (Situation.LOST, Situation.RETURNING):
        if (found := next((one for one in moving if situation(one, facts).situation is wanted), None)) is not None:
            return found
    under_way = [one for one in moving if situation(one, facts).situation is not Situation.DELIVERED]
    if under_way:
        return max(under_way, key=lambda one: situation(one, facts).days_silent or 0)
    return max(moving, key=lambda one: one.delivered_at or facts.now, default=None)


def carrier_row(facts: Facts, carrier: str) -> Row | None:
    """The carrier's row by its name or one of its other names, else the row for any other; None without either."""
    said = carrier.strip().lower()
    found = list(facts.tables.table("carriers", on=facts.today))
    for row in found:
        names = {row["carrier"].lower(), *(name for names in row["names"].values() for name in names)}
        if said in names:
            return row
    return next((row for row in found if row.id == OTHER), None)


def parcel_worth(order: OrderFact, parcel: ShipmentFact) -> Money:
    """What the goods in the parcel were paid with, after the order's discount; all that is left of the payment when
    the order travelled in this parcel alone."""
    left = order.paid - order.refunded
    if len(order.shipments) == 1:
        return left
    priced = [rules.PricedLine(_place(one.ref), one.quantity, one.unit_price.minor) for one in order.lines]
    minor = 0
    for line in order.lines:
        if line.ref in parcel.line_refs and line.quantity > line.returned:
            count = line.quantity - line.returned
            minor += rules.line_refund(
                priced, order.discount_minor, position=_place(line.ref), quantity=count, already=line.returned
            )
    return min(Money(minor, left.currency), left)


def service_days(facts: Facts, row_id: str, default: int) -> int:
    row = facts.tables.row(row_id)
    return int(row["days"]) if row else default


def reply_days(facts: Facts) -> int:
    return service_days(facts, "promise.reply", 2)


def _place(ref: str) -> int:
    return int(ref.rpartition("/")[2])


def _lost_on(order: OrderFact, parcel: ShipmentFact, row: Row | None, facts: Facts) -> date:
    """The day from which a silent parcel counts as lost: so many days after its last news, not before it is late."""
    both_in_eu = order.country in EU and facts.ships_from in EU
    is_home = order.country == facts.ships_from or both_in_eu
    days = (row["silent_days_home" if is_home else "silent_days_abroad"]) if row else 20
    heard = max(
        [event.at for event in parcel.events] + ([parcel.shipped_at] if parcel.shipped_at else []), default=facts.now
    )
    silent = heard.astimezone(facts.zone).date() + timedelta(days=days)
    return max(silent, parcel.promised_on + timedelta(days=1)) if parcel.promised_on else silent


def _claim_by(parcel: ShipmentFact, row: Row | None, facts: Facts) -> date:
    shipped = parcel.shipped_at or facts.now
    return max(facts.today, shipped.astimezone(facts.zone).date() + timedelta(days=row["claim_days"] if row else 30))


PARCEL_LOSS = CheckSpec(
    "parcel.loss", loss, passes="lost", args={"order": "order"},
    outcomes={
        "gone": frozenset(),
        "waiting": frozenset({"order_number", "items"}),
        "paid_back": frozenset({"order_number", "items", "refund"}),
        "returning": _PARCEL | {"reply_by"},
        "fresh": _PARCEL | {"reply_by", "delivered_on", "wait_until"},
        "missing": _PARCEL | {"reply_by", "delivered_on", "claim_by"},
        "too_early": _PARCEL | {"reply_by", "lost_on"},
        "lost": _PARCEL | {"reply_by", "claim_by", "refund", "refund_days", "method", "resend_by"},
    },
)  # fmt: skip
PARCEL_RETURNED = CheckSpec(
    "parcel.returned", returned, passes="returned", args={"order": "order"},
    outcomes={"gone": frozenset(), "not_returned": frozenset({"order_number"}), "returned": _PARCEL | {"resend_by"}},
)  # fmt: skip
DELIVERY_WISH = CheckSpec(
    "delivery.wish", delivery_wish, passes="by_carrier",
    args={"order": "order", "question": "question", "how": "choice"}, optional=frozenset({"question", "how"}),
    outcomes={
        "gone": frozenset(),
        **dict.fromkeys(("nothing_sent", "delivered", "not_shipped", "untold"), _WISHED - {"option"}),
        "by_carrier": _WISHED,
        "by_us": _WISHED,
    },
)  # fmt: skip
