"""The shop's arithmetic of days, pieces and cents. Values in, values out: no database, no clock.

Days are the brand's own local days; callers turn moments into days with the brand's zone.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, tzinfo
from enum import StrEnum

from kefu.commerce.models.orders import OrderState
from kefu.commerce.models.shipments import ShipmentState, TrackingCode

#: the member states
EU = frozenset(
    {"AT", "BE", "BG", "CY", "CZ", "DE", "DK", "EE", "ES", "FI", "FR", "GR", "HR", "HU",
     "IE", "IT", "LT", "LU", "LV", "MT", "NL", "PL", "PT", "RO", "SE", "SI", "SK"}
)  # fmt: skip
SATURDAY = 5


# -- cancelling ---------------------------------------------------------------


class CancelObstacle(StrEnum):
    ALREADY_CANCELLED = "already_cancelled"
    PACKING = "packing"
    SHIPPED = "shipped"


def cancel_obstacle(state: str, shipments: Iterable[str]) -> CancelObstacle | None:
    """Why an order cannot be cancelled any more; None when it can.

    state: OrderState; shipments: the ShipmentState of each parcel. A parcel that is only being prepared is no
    obstacle while the order itself is not yet in packing.
    """
    if state == OrderState.CANCELLED:
        return CancelObstacle.ALREADY_CANCELLED
    if state in (OrderState.SHIPPED, OrderState.DELIVERED) or any(s != ShipmentState.PREPARING for s in shipments):
        return CancelObstacle.SHIPPED
    if state == OrderState.PACKING:
        return CancelObstacle.PACKING
    return None


def cancellable(state: str, shipments: Iterable[str]) -> bool:
    """Whether the order can still be stopped before it leaves."""
    return cancel_obstacle(state, shipments) is None


# -- returns ------------------------------------------------------------------


def return_days(country: str, terms: Mapping[str, int | str]) -> int:
    """The shop's own promise for a ship-to country: terms["return_days_CN"], else terms["return_days"], else 0."""
    return int(terms.get(f"return_days_{country}", terms.get("return_days", 0)))


def arrived_at(deliveries: Sequence[datetime | None]) -> datetime | None:
    """When an order had arrived as a whole: its last parcel's delivery; None while one is still under way.

    deliveries: of each parcel that is expected to arrive (lost ones and those on their way back left out).
    Source: Directive 2011/83/EU, article 9(2)(b)(i): several parcels, the last one counts.
    """
    arrived = [moment for moment in deliveries if moment is not None]
    return max(arrived) if arrived and len(arrived) == len(deliveries) else None


# -- money of lines -----------------------------------------------------------


@dataclass(frozen=True, slots=True)
class PricedLine:
    """Amounts in minor units of the order's currency."""

    position: int
    quantity: int
    unit_price_minor: int


def shares_of_discount(lines: Sequence[PricedLine], discount_minor: int) -> dict[int, int]:
    """The discount spread over the lines by their price, in whole minor units; the parts add up to the whole.

    Cents that rounding leaves go to the lines with the largest remainder, earlier lines first.
    """
    total = sum(line.quantity * line.unit_price_minor for line in lines)
    discount = min(discount_minor, total)
    if not total:
        return {line.position: 0 for line in lines}
    exact = {line.position: line.quantity * line.unit_price_minor * discount for line in lines}
    shares = {position: product // total for position, product in exact.items()}
    left = discount - sum(shares.values())
    for position in sorted(exact, key=lambda position: (-(exact[position] % total), position))[:left]:
        shares[position] += 1
    return shares


def line_refund(
    lines: Sequence[PricedLine], discount_minor: int, *, position: int, quantity: int, already: int = 0
) -> int:
    """What `quantity` pieces of one line are worth, after the order's discount, in minor units.

    already: pieces of that line returned before. Piece by piece or all at once, the sum is the same to the cent.
    """
    line = next(line for line in lines if line.position == position)
    if quantity < 1 or already < 0 or already + quantity > line.quantity:
        raise ValueError(f"{already} + {quantity} pieces of {line.quantity}")
    paid = line.quantity * line.unit_price_minor - shares_of_discount(lines, discount_minor)[position]
    return paid * (already + quantity) // line.quantity - paid * already // line.quantity


@dataclass(frozen=True, slots=True)
class Held:
    """What a customer keeps of a line: `pieces` of it after `already` that come or came back; none of what never
    reached them. given_minor: money given for its faults."""

    position: int
    pieces: int
    already: int
    given_minor: int = 0


def kept_worth(lines: Sequence[PricedLine], discount_minor: int, held: Sequence[Held]) -> int:
    """What the goods that a customer keeps are still to be paid with, in minor units."""
    return sum(
        max(
            0,
            line_refund(lines, discount_minor, position=one.position, quantity=one.pieces, already=one.already)
            - one.given_minor,
        )
        for one in held
        if one.pieces > 0
    )


def back_for_goods(worth: int, *, paid: int, refunded: int, promised: int, kept: int) -> int:
    """What goes back for returned goods, in minor units: their worth, less what went back for this order already.

    worth: of the goods coming back, with the way out where that goes back too. paid, refunded: of the whole order;
    promised: by its open returns. kept: what the rest is still to be paid with: other goods and the way. An order of
    which nothing went back gives its worth, whatever the shop knows of its payments.
    """
    return worth if refunded <= 0 else max(0, min(worth, paid - refunded - promised - kept))


# -- parcels ------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Tracking:
    """code: TrackingCode."""

    at: datetime
    code: str
    place: str = ""


def shipment_state(
    tracking: Sequence[Tracking], *, shipped_at: datetime | None = None, delivered_at: datetime | None = None
) -> ShipmentState:
    """What a parcel's events amount to. tracking: in any order.

    Delivered stays delivered whatever comes after, for carriers send late scans; but a parcel that starts its way
    back after delivery is on its way back. A parcel given up as lost that moves again is found.
    """
    state = ShipmentState.IN_TRANSIT if shipped_at else ShipmentState.PREPARING
    if delivered_at:
        state = ShipmentState.DELIVERED
    for event in sorted(tracking, key=lambda event: event.at):
        if state is ShipmentState.DELIVERED and event.code != TrackingCode.RETURNING:
            continue
        state = _AFTER.get(event.code, state)
    return state


_AFTER: Mapping[str, ShipmentState] = {
    TrackingCode.PICKED_UP: ShipmentState.IN_TRANSIT,
    TrackingCode.IN_TRANSIT: ShipmentState.IN_TRANSIT,
    TrackingCode.ARRIVED_COUNTRY: ShipmentState.IN_TRANSIT,
    TrackingCode.CUSTOMS_IN: ShipmentState.IN_TRANSIT,
    TrackingCode.CUSTOMS_HELD: ShipmentState.CUSTOMS_HELD,
    TrackingCode.CUSTOMS_RELEASED: ShipmentState.IN_TRANSIT,
    TrackingCode.OUT_FOR_DELIVERY: ShipmentState.OUT_FOR_DELIVERY,
    TrackingCode.DELIVERY_FAILED: ShipmentState.IN_TRANSIT,
    TrackingCode.EXCEPTION_DAMAGED: ShipmentState.IN_TRANSIT,
    TrackingCode.DELIVERED: ShipmentState.DELIVERED,
    TrackingCode.LOST: ShipmentState.LOST,
    TrackingCode.RETURNING: ShipmentState.RETURNED,
}


class Situation(StrEnum):
    """What to tell the customer about one parcel."""

    NOT_SHIPPED = "not_shipped"
    ON_TIME = "on_time"
    OUT_FOR_DELIVERY = "out_for_delivery"
    LATE = "late"
    CUSTOMS_HELD = "customs_held"
    DELIVERY_FAILED = "delivery_failed"
    DAMAGED = "damaged"
    LOST = "lost"
    RETURNING = "returning"
    DELIVERED = "delivered"


@dataclass(frozen=True, slots=True)
class ParcelSituation:
    """since: when the situation began, as far as the carrier told; days_late: past the promise, else 0;
    days_silent: since the carrier's last word, None when there was none. `last` is that word."""

    situation: Situation
    since: datetime | None = None
    days_late: int = 0
    days_silent: int | None = None
    last: Tracking | None = None


def is_late(promised_on: date | None, delivered_on: date | None, today: date) -> bool:
    """Whether the promise was, or is by now, broken. The promised day itself is in time."""
    return promised_on is not None and (delivered_on or today) > promised_on


_PLAIN: Mapping[ShipmentState, Situation] = {
    ShipmentState.DELIVERED: Situation.DELIVERED,
    ShipmentState.LOST: Situation.LOST,
    ShipmentState.RETURNED: Situation.RETURNING,
    ShipmentState.CUSTOMS_HELD: Situation.CUSTOMS_HELD,
    ShipmentState.PREPARING: Situation.NOT_SHIPPED,
}
_TROUBLE: Mapping[str, Situation] = {
    TrackingCode.DELIVERY_FAILED: Situation.DELIVERY_FAILED,
    TrackingCode.EXCEPTION_DAMAGED: Situation.DAMAGED,
}


def parcel_situation(
    tracking: Sequence[Tracking],
    *,
    promised_on: date | None,
    today: date,
    zone: tzinfo,
    shipped_at: datetime | None = None,
    delivered_at: datetime | None = None,
) -> ParcelSituation:
    """One parcel in one word, with how late and how silent it is.

    The worst news wins: lost, on its way back, held at customs, damaged or not handed over are told as such even
    when the parcel is late too; `days_late` then says so. today: the brand's local day.
    """
    events = sorted(tracking, key=lambda event: event.at)
    last = events[-1] if events else None
    state = shipment_state(events, shipped_at=shipped_at, delivered_at=delivered_at)
    if state is ShipmentState.DELIVERED:
        delivered_at = delivered_at or next(e.at for e in events if e.code == TrackingCode.DELIVERED)
    delivered_on = delivered_at.astimezone(zone).date() if delivered_at else None
    days_late = ((delivered_on or today) - promised_on).days if promised_on is not None else 0

    if state in _PLAIN:
        situation = _PLAIN[state]
    elif last and last.code in _TROUBLE:
        situation = _TROUBLE[last.code]
    elif state is ShipmentState.OUT_FOR_DELIVERY:
        situation = Situation.OUT_FOR_DELIVERY
    else:
        situation = Situation.LATE if is_late(promised_on, None, today) else Situation.ON_TIME
    since = delivered_at if situation is Situation.DELIVERED else last.at if last else shipped_at
    return ParcelSituation(
        situation,
        since=since,
        days_late=max(0, days_late),
        days_silent=max(0, (today - last.at.astimezone(zone).date()).days) if last else None,
        last=last,
    )


# -- changing what was ordered ------------------------------------------------


def new_unit_price(unit_price_minor: int, old_minor: int, new_minor: int) -> int:
    """What a piece costs after it was changed for another variant, in minor units.

    unit_price_minor: as it was bought; old_minor, new_minor: what both variants cost today. A piece bought in a sale
    keeps its advantage, and variants that cost the same today are changed for nothing.
    """
    return max(0, unit_price_minor + new_minor - old_minor)


def share_after_discount(difference_minor: int, goods_minor: int, discount_minor: int) -> int:
    """A difference in the price of goods, lessened as the order's discount lessened those goods; towards nothing.

    What was bought at 20 % off costs 20 % less of the difference too, up or down.
    """
    if goods_minor <= 0:
        return difference_minor
    share = abs(difference_minor) * max(0, goods_minor - discount_minor) // goods_minor
    return share if difference_minor > 0 else -share
