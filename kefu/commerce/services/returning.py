"""Goods on their way back."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date, timedelta

from django.db import transaction

from kefu.commerce import events, rules
from kefu.commerce.errors import (
    KeyUsedElsewhere,
    NotDelivered,
    NotReturnable,
    ReturnOver,
    ReturnWindowOver,
    TooManyPieces,
)
from kefu.commerce.models import (
    Order,
    OrderLine,
    PaymentState,
    Return,
    ReturnLine,
    ReturnReason,
    ReturnState,
    ShipmentState,
)
from kefu.commerce.services.locking import locked_order
from kefu.commerce.services.refunds import give_back
from kefu.commerce.services.stock import put_back
from kefu.commerce.signals import order_changed
from kefu.commerce.tables import tables_of
from kefu.commerce.tables.windows import return_window
from kefu.kernel import clock
from kefu.kernel.money import Money
from kefu.people.actors import Actor

#: stands on a refund that follows from goods received back
RETURN_RECEIVED = "commerce.return_received"
#: days to hand the parcel in, when the brand's terms don't say (terms["return_parcel_days"])
PARCEL_DAYS = 14


@dataclass(frozen=True, slots=True)
class ReturnQuote:
    """What a return would mean, before anybody says yes. refund_to: the payment method it goes back to."""

    last_day: date
    deadline: date
    refund: Money
    refund_to: str


def quote_return(line: OrderLine, *, quantity: int, reason: str, beyond_terms: bool = False) -> ReturnQuote:
    """The terms of a return, changing nothing.

    Raises NotReturnable, NotDelivered, ReturnWindowOver, TooManyPieces; ValueError for an unknown reason.
    """
    order = Order.objects.select_related("brand").prefetch_related("lines", "shipments__lines").get(pk=line.order_id)
    line = OrderLine.objects.select_related("variant__product").get(pk=line.pk)
    return _quote(order, line, quantity, ReturnReason(reason), beyond_terms)


def _quote(order: Order, line: OrderLine, quantity: int, reason: ReturnReason, beyond_terms: bool) -> ReturnQuote:
    ref = f"{order.number}/{line.position}"
    # goods that came damaged or wrong may always come back
    is_excused = beyond_terms or reason in (ReturnReason.DAMAGED, ReturnReason.WRONG_ITEM)
    if not line.variant.product.is_returnable and not is_excused:
        raise NotReturnable(line=ref)
    terms, zone = order.brand.settings.get("terms", {}), order.brand.zone
    today = clock.now().astimezone(zone).date()
    last_day = _last_day(order, line, ref, today)
    if today > last_day and not beyond_terms:
        raise ReturnWindowOver(line=ref, last_day=last_day)
    left = line.quantity - line.returned_quantity
    if not 1 <= quantity <= left:
        raise TooManyPieces(line=ref, left=left)
    paying = order.payments.filter(state=PaymentState.PAID).order_by("at", "id").first()
    return ReturnQuote(
        last_day=last_day,
        deadline=today + timedelta(days=int(terms.get("return_parcel_days", PARCEL_DAYS))),
        refund=Money(_worth(order, line, quantity), order.currency),
        refund_to=paying.method if paying else "",
    )


def _last_day(order: Order, line: OrderLine, ref: str, today: date) -> date:
    """The window runs from the order's last parcel; while one is still under way it has not begun to run."""
    terms, zone = order.brand.settings.get("terms", {}), order.brand.zone
    expected = [s for s in order.shipments.all() if s.state not in (ShipmentState.LOST, ShipmentState.RETURNED)]
    carrying = [s for s in expected if any(part.line_id == line.pk for part in s.lines.all())]
    if not any(s.delivered_at for s in carrying):
        raise NotDelivered(line=ref)
    arrived = rules.arrived_at([s.delivered_at for s in expected])
    if arrived is None:
        return today + timedelta(days=rules.return_days(order.country, terms))
    tables = tables_of(order.brand.pack)
    return return_window(tables, arrived, order.country, terms, zone, marketplace=order.marketplace)[0]


def _worth(order: Order, line: OrderLine, quantity: int) -> int:
    lines = list(order.lines.all())
    priced = [rules.PricedLine(one.position, one.quantity, one.unit_price_minor) for one in lines]
    goods = rules.line_refund(
        priced, order.discount_minor, position=line.position, quantity=quantity, already=line.returned_quantity
    )
    kept = sum(one.quantity - one.returned_quantity for one in lines) - quantity
    return goods + rules.shipping_refund(order.shipping_minor, country=order.country, is_whole_order=kept == 0)


@transaction.atomic
def open_return(
    line: OrderLine, *, quantity: int, reason: str, by: Actor, key: str, beyond_terms: bool = False
) -> Return:
    """Let the customer send pieces of one line back. The return carries its number, the last day to hand the parcel
    in (deadline) and the refund promised (refund_minor, in the order's currency); money moves when it is received.

    reason: a ReturnReason. beyond_terms: a person with the right to refund takes it back although the window is over
    or the product is not returnable.
    Raises NotReturnable, NotDelivered, ReturnWindowOver, TooManyPieces, KeyUsedElsewhere.
    """
    by.require("commerce.refund" if beyond_terms else "commerce.return", on=line)
    order = locked_order(Order(pk=line.order_id))
    line = OrderLine.objects.select_for_update(of=("self",)).select_related("variant__product").get(pk=line.pk)
    if known := Return.objects.filter(brand_id=order.brand_id, key=key).first():
        if not known.lines.filter(line=line).exists():
            raise KeyUsedElsewhere(key=key)
        return known
    quote = _quote(order, line, quantity, ReturnReason(reason), beyond_terms)
    opened = Return.objects.create(
        brand_id=order.brand_id,
        order=order,
        number=f"{order.number}-R{order.returns.count() + 1}",
        opened_at=clock.now(),
        deadline=quote.deadline,
        refund_minor=quote.refund.minor,
        key=key,
        actor_kind=by.kind,
        actor_id=by.id,
    )
    ReturnLine.objects.create(
        brand_id=order.brand_id, of_return=opened, line=line, quantity=quantity, reason=ReturnReason(reason)
    )
    order_changed.send(
        sender=Order, order=order, kind=events.RETURN_OPENED, by=by,
        facts={"order": order.number, "return": opened.number, "line": f"{order.number}/{line.position}",
               "quantity": quantity, "reason": str(reason), "refund_minor": quote.refund.minor,
               "currency": order.currency},
    )  # fmt: skip
    return opened


@transaction.atomic
def cancel_return(opened: Return, *, by: Actor) -> Return:
    """Call an open return off; its pieces may be returned anew. Doing it twice is doing it once. Raises ReturnOver."""
    by.require("commerce.return", on=opened)
    order = locked_order(Order(pk=opened.order_id))
    opened = Return.objects.select_for_update().get(pk=opened.pk)
    if opened.state == ReturnState.CANCELLED:
        return opened
    if opened.state != ReturnState.OPEN:
        raise ReturnOver(number=opened.number, state=opened.state)
    opened.state = ReturnState.CANCELLED
    opened.save(update_fields=["state"])
    order_changed.send(
        sender=Order, order=order, kind=events.RETURN_CANCELLED, by=by,
        facts={"order": order.number, "return": opened.number},
    )  # fmt: skip
    return opened


@transaction.atomic
def receive_return(opened: Return, *, by: Actor, is_fit: bool = True) -> Return:
    """The warehouse has the goods: fit ones can be sold again and the promised refund is made; unfit ones end the
    return as rejected. What is left to refund is the ceiling. Doing it twice is doing it once. Raises ReturnOver.
    """
    by.require("commerce.return", on=opened)
    order = locked_order(Order(pk=opened.order_id))
    opened = Return.objects.select_for_update().get(pk=opened.pk)
    if opened.state in (ReturnState.REFUNDED, ReturnState.RECEIVED, ReturnState.REJECTED):
        return opened
    if opened.state != ReturnState.OPEN:
        raise ReturnOver(number=opened.number, state=opened.state)
    opened.received_at = clock.now()
    opened.state = ReturnState.RECEIVED if is_fit else ReturnState.REJECTED
    if is_fit:
        pieces: Counter[int] = Counter()
        for variant_id, quantity in opened.lines.values_list("line__variant_id", "quantity"):
            pieces[variant_id] += quantity
        put_back(pieces, by=by)
        left = sum((payment.refundable for payment in order.payments.all()), Money(0, order.currency))
        amount = min(Money(opened.refund_minor, order.currency), left)
        if amount:
            give_back(order, amount, reason=f"return {opened.number}", by=by, key=f"return:{opened.key}",
                      rule=RETURN_RECEIVED)  # fmt: skip
            opened.state = ReturnState.REFUNDED
    opened.save(update_fields=["state", "received_at"])
    order_changed.send(
        sender=Order, order=order, kind=events.RETURN_RECEIVED, by=by,
        facts={"order": order.number, "return": opened.number, "is_fit": is_fit},
    )  # fmt: skip
    return opened
