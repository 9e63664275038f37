"""Where an order's parcels are, in one word a playbook can branch on, with the facts to tell it plainly."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from kefu.assistant.checks import values
from kefu.assistant.engine.specs import CheckResult, CheckSpec, Json
from kefu.assistant.facts import Facts, OrderFact, ShipmentFact
from kefu.commerce.rules import ParcelSituation, Situation, Tracking, parcel_situation

#: working days until somebody who asked the carrier for us has written back
REPLY_DAYS = 2
#: rows of the table `service` that the days told come from
REPLY_RULE, DAY_RULE = "promise.reply", "promise.carriers_day"
#: working days after which an order that has not left is slow, when terms["ship_days"] is silent
SHIP_DAYS = 3
#: parcels told one by one; texts nest no deeper
PARCELS_NAMED = 3
_ORDER = frozenset({"order_number", "items", "placed_on"})
_PARCEL = _ORDER | {"carrier", "tracking_number", "last", "reply_by"}
_TROUBLE = frozenset(
    {Situation.LATE, Situation.CUSTOMS_HELD, Situation.DELIVERY_FAILED, Situation.DAMAGED, Situation.LOST,
     Situation.RETURNING}
)  # fmt: skip


def situation(facts: Facts, args: Mapping[str, Json]) -> CheckResult:
    """The order's parcels as they are today. Several parcels in different situations come as a list."""
    order = facts.order(str(args["order"]))
    if order is None:
        return CheckResult("gone")
    told: dict[str, Json] = {
        "order_number": order.number,
        "items": values.items(order),
        "placed_on": values.day(order.placed_at.astimezone(facts.zone).date()),
        "reply_by": values.day(values.working_days_after(facts.today, REPLY_DAYS)),
    }
    rows = (order.row, *(parcel.row for parcel in order.shipments))
    if order.state == "cancelled":
        return CheckResult("cancelled", told, rows)
    if order.state == "unpaid":
        return CheckResult("unpaid", {**told, "total": values.money(order.total)}, rows, DAY_RULE)
    found = [(parcel, situation_of(parcel, facts)) for parcel in order.shipments]
    moving = [(parcel, at) for parcel, at in found if at.situation is not Situation.NOT_SHIPPED]
    if not moving:
        return CheckResult(_not_shipped(order, facts), told, rows, REPLY_RULE)
    kinds = {at.situation for _, at in found}
    if len(found) > 1 and (len(kinds) > 1 or kinds & _TROUBLE):
        worst_first = sorted(enumerate(found, 1), key=lambda one: one[1][1].situation not in _TROUBLE)
        listed = [_in_list(parcel, at, place) for place, (parcel, at) in worst_first[:PARCELS_NAMED]]
        outcome = "split_trouble" if kinds & _TROUBLE else "split"
        return CheckResult(
            outcome, {**told, "count": len(found), "parcels": _one_after_another(listed)}, rows, REPLY_RULE
        )
    parcel, at = moving[-1]
    told |= {"carrier": parcel.carrier, "tracking_number": parcel.tracking_number, "last": _last(at, facts)}
    return CheckResult(_outcome(parcel, at), {**told, **_extra(parcel, at, facts)}, rows, _rule(at))


def situation_of(parcel: ShipmentFact, facts: Facts) -> ParcelSituation:
    """Where one parcel is, by its tracking and the day that was promised."""
    tracking = [Tracking(event.at, event.code, event.place) for event in parcel.events]
    return parcel_situation(tracking, promised_on=parcel.promised_on, today=facts.today, zone=facts.zone,
                            shipped_at=parcel.shipped_at, delivered_at=parcel.delivered_at)  # fmt: skip


def _not_shipped(order: OrderFact, facts: Facts) -> str:
    placed = order.placed_at.astimezone(facts.zone).date()
    waited = values.working_days_between(placed, facts.today)
    return "not_shipped_slow" if waited > values.term(facts, "ship_days", SHIP_DAYS) else "not_shipped"


def _rule(at: ParcelSituation) -> str:
    """Whose word the day is that is told: the promise on the parcel, or ours to write back."""
    return REPLY_RULE if at.situation in _TROUBLE else DAY_RULE


def _outcome(parcel: ShipmentFact, at: ParcelSituation) -> str:
    if at.situation is Situation.ON_TIME:
        return "on_time" if parcel.promised_on else "on_the_way"
    return str(at.situation.value)


def _extra(parcel: ShipmentFact, at: ParcelSituation, facts: Facts) -> dict[str, Json]:
    extra: dict[str, Json] = {}
    if parcel.promised_on:
        extra["promised_on"] = values.day(parcel.promised_on)
        extra["days_late"] = at.days_late
    if at.situation is Situation.DELIVERED:
        on = at.since.astimezone(facts.zone).date() if at.since else facts.today
        extra["delivered_on"] = values.day(on)
        extra["delivered_days_ago"] = max(0, (facts.today - on).days)
    return extra


def _last(at: ParcelSituation, facts: Facts) -> Json:
    """The carrier's last word: what, where and when, as far as it told."""
    if at.last is None:
        return values.key("tracking.nothing_yet")
    when = values.day(_day(at.last, facts))
    event = values.key(f"tracking.{at.last.code}")
    if at.last.place:
        return values.key("tracking.event_at", event=event, place=at.last.place, day=when)
    return values.key("tracking.event", event=event, day=when)


def _day(event: Tracking, facts: Facts) -> date:
    return event.at.astimezone(facts.zone).date()


def _one_after_another(listed: list[Json]) -> Json:
    """Sentences, not words: each language parts them by its own text."""
    told = listed[-1]
    for earlier in reversed(listed[:-1]):
        told = values.key("parcel.and_next", first=earlier, rest=told)
    return told


def _in_list(parcel: ShipmentFact, at: ParcelSituation, place: int) -> Json:
    state = values.key(f"parcel.{at.situation.value}")
    if not parcel.tracking_number:
        return values.key("parcel.unnumbered", place=place, state=state)
    return values.key("parcel.listed", place=place, carrier=parcel.carrier, tracking_number=parcel.tracking_number,
                      state=state)  # fmt: skip


PARCEL_SITUATION = CheckSpec(
    "parcel.situation", situation, passes="on_time", args={"order": "order"},
    outcomes={
        "gone": frozenset(),
        "cancelled": _ORDER,
        "unpaid": _ORDER | {"total"},
        "not_shipped": _ORDER,
        "not_shipped_slow": _ORDER | {"reply_by"},
        "on_time": _PARCEL | {"promised_on"},
        "on_the_way": _PARCEL,
        "out_for_delivery": _PARCEL,
        "late": _PARCEL | {"promised_on", "days_late"},
        "customs_held": _PARCEL,
        "delivery_failed": _PARCEL,
        "damaged": _PARCEL,
        "lost": _PARCEL,
        "returning": _PARCEL,
        "delivered": _PARCEL | {"delivered_on", "delivered_days_ago"},
        "split": _ORDER | {"count", "parcels"},
        "split_trouble": _ORDER | {"count", "parcels", "reply_by"},
    },
)  # fmt: skip
