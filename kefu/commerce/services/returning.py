"""Goods on their way back."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from django.db import transaction
from django.db.models import Sum

from kefu.commerce import events, rules
from kefu.commerce.errors import (
    KeyUsedElsewhere,
    LineElsewhere,
    MadeGood,
    NotDelivered,
    NotReturnable,
    ReturnOver,
    ReturnWindowOver,
    TooManyPieces,
)
from kefu.commerce.models import (
    Order,
    OrderLine,
    PaymentMethod,
    PaymentState,
    Return,
    ReturnLine,
    ReturnReason,
    ReturnState,
    ShipmentState,
)
from kefu.commerce.models.remedies import money_given, pieces_in_full
from kefu.commerce.services.charging import own_method
from kefu.commerce.services.exchange_goods import put_reserved_back, take_difference
from kefu.commerce.services.locking import locked_order
from kefu.commerce.services.refunds import give_back
from kefu.commerce.services.stock import put_back
from kefu.commerce.signals import order_changed
from kefu.commerce.tables import tables_for
from kefu.commerce.tables.fees import way_out_refund
from kefu.commerce.tables.goods import may_come_back
from kefu.commerce.tables.windows import return_window
from kefu.kernel import clock
from kefu.kernel.money import Money
from kefu.people.actors import Actor, ActorKind

#: stands on a refund that follows from goods received back
RETURN_RECEIVED = "commerce.return_received"
#: days to hand the parcel in, when the brand's terms don't say (terms["return_parcel_days"])
PARCEL_DAYS = 14
#: lines in one return
MOST_LINES = 50


@dataclass(frozen=True, slots=True)
class Piece:
    """What comes back of one line. reason: a ReturnReason; quantity: None for all pieces that are left."""

    line: OrderLine
    quantity: int | None = None
    reason: str = ReturnReason.CHANGED_MIND


@dataclass(frozen=True, slots=True)
class ReturnQuote:
    """What a return would mean, before anybody says yes. refund_to: the payment method it goes back to. given_before:
    what is taken off because money went back for the order already."""

    last_day: date
    deadline: date
    refund: Money
    refund_to: str
    given_before: Money


def quote_return(line: OrderLine, *, quantity: int, reason: str, beyond_terms: bool = False) -> ReturnQuote:
    """The terms of a return of one line, changing nothing. Raises as quote_returns."""
    return quote_returns(Order(pk=line.order_id), [Piece(line, quantity, reason)], beyond_terms=beyond_terms)


def quote_returns(
    order: Order, pieces: Sequence[Piece], *, beyond_terms: bool = False, despite_remedy: bool = False
) -> ReturnQuote:
    """The terms of a return of several lines of one order, changing nothing; despite_remedy as in quote_of.

    Raises NotReturnable, NotDelivered, ReturnWindowOver, TooManyPieces, MadeGood, LineElsewhere; ValueError for an
    unknown reason or no pieces.
    """
    order = Order.objects.select_related("brand").prefetch_related("lines", "shipments__lines").get(pk=order.pk)
    return quote_of(order, pieces_of(order, pieces), beyond_terms=beyond_terms, despite_remedy=despite_remedy)


def pieces_of(order: Order, pieces: Sequence[Piece], *, held: bool = False) -> list[Piece]:
    """The pieces with their lines as they stand now and all quantities told. held: lock the lines, by rising id.
    Raises LineElsewhere when one is of another order or stands twice."""
    if not 0 < len(pieces) <= MOST_LINES:
        raise ValueError(f"{len(pieces)} lines; name 1 to {MOST_LINES}")
    rows = OrderLine.objects.filter(order_id=order.pk, pk__in=[one.line.pk for one in pieces])
    rows = rows.select_related("variant__product").order_by("pk")
    lines = {line.pk: line for line in (rows.select_for_update(of=("self",)) if held else rows)}
    settled = pieces_in_full(lines)
    known = []
    for piece in pieces:
        line = lines.pop(piece.line.pk, None)  # popped: a line that stands twice is not found the second time
        if line is None:
            raise LineElsewhere(line=str(piece.line.pk))
        left = max(1, line.quantity - line.returned_quantity)
        unsettled = max(0, left - settled.get(line.pk, 0)) or left
        quantity = unsettled if piece.quantity is None else piece.quantity
        known.append(Piece(line, quantity, ReturnReason(piece.reason)))
    return known


def quote_of(
    order: Order, pieces: Sequence[Piece], *, beyond_terms: bool = False, despite_remedy: bool = False
) -> ReturnQuote:
    """As quote_returns, for pieces_of. despite_remedy: a person has looked at what was given for them before."""
    terms, zone = order.brand.settings.get("terms", {}), order.brand.zone
    today = clock.now().astimezone(zone).date()
    tables, last_days = tables_for(order.brand), []
    settled = pieces_in_full(piece.line.pk for piece in pieces)
    for piece in pieces:
        ref = f"{order.number}/{piece.line.position}"
        # goods that came damaged or wrong may always come back
        is_excused = beyond_terms or piece.reason in (ReturnReason.DAMAGED, ReturnReason.WRONG_ITEM)
        product = piece.line.variant.product
        may_return = may_come_back(
            tables, is_returnable=product.is_returnable, kind=product.attributes.get("not_returnable_because"),
            country=order.country, on=today,
        )  # fmt: skip
        if not may_return and not is_excused:
            raise NotReturnable(line=ref)
        last_day = _last_day(order, piece.line, ref, today)
        if today > last_day and not beyond_terms:
            raise ReturnWindowOver(line=ref, last_day=last_day)
        left = piece.line.quantity - piece.line.returned_quantity
        if not 1 <= (piece.quantity or 0) <= left:
            raise TooManyPieces(line=ref, left=left)
        if (piece.quantity or 0) > left - settled.get(piece.line.pk, 0) and not (beyond_terms or despite_remedy):
            raise MadeGood(line=ref)
        last_days.append(last_day)
    paying = order.payments.filter(state=PaymentState.PAID).order_by("at", "id").first()
    worth, back = _worth(order, pieces)
    return ReturnQuote(
        last_day=min(last_days),
        deadline=today + timedelta(days=int(terms.get("return_parcel_days", PARCEL_DAYS))),
        refund=Money(back, order.currency),
        refund_to=paying.method if paying else "",
        given_before=Money(worth - back, order.currency),
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
    tables = tables_for(order.brand)
    return return_window(tables, arrived, order.country, terms, zone, marketplace=order.marketplace)[0]


def _worth(order: Order, pieces: Sequence[Piece]) -> tuple[int, int]:
    """What the pieces are worth, and what of it goes back, since money may have gone back for the order before."""
    lines = list(order.lines.all())
    priced = [rules.PricedLine(one.position, one.quantity, one.unit_price_minor) for one in lines]
    goods = sum(
        rules.line_refund(
            priced, order.discount_minor, position=piece.line.position, quantity=piece.quantity or 0,
            already=piece.line.returned_quantity,
        )
        for piece in pieces
    )  # fmt: skip
    kept = sum(one.quantity - one.returned_quantity for one in lines) - sum(piece.quantity or 0 for piece in pieces)
    today = clock.now().astimezone(order.brand.zone).date()
    worth = goods + way_out_refund(
        tables_for(order.brand), order.shipping_minor, country=order.country, is_whole_order=kept == 0, on=today
    )
    payments = list(order.payments.filter(state=PaymentState.PAID))
    refunded = sum(one.refunded_minor for one in payments)
    if not refunded:
        return worth, worth
    promised = order.returns.filter(state=ReturnState.OPEN).aggregate(sum=Sum("refund_minor"))["sum"] or 0
    back = rules.back_for_goods(
        worth, paid=sum(one.amount_minor for one in payments), refunded=refunded, promised=promised,
        kept=rules.kept_worth(priced, order.discount_minor, _held(order, lines, pieces))
        + order.shipping_minor - (worth - goods),
    )  # fmt: skip
    return worth, back


def _held(order: Order, lines: Sequence[OrderLine], pieces: Sequence[Piece]) -> list[rules.Held]:
    """What the customer keeps of each line once the pieces have come back."""
    coming = {piece.line.pk: piece.quantity or 0 for piece in pieces}
    given = money_given(line.pk for line in lines)
    parcels: dict[int, list[str]] = {}
    for shipment in order.shipments.all():
        for part in shipment.lines.all():
            parcels.setdefault(part.line_id, []).append(shipment.state)
    gone = {pk for pk, states in parcels.items() if set(states) <= {ShipmentState.LOST, ShipmentState.RETURNED}}
    return [
        rules.Held(
            line.position,
            0 if line.pk in gone else line.quantity - line.returned_quantity - coming.get(line.pk, 0),
            line.returned_quantity + coming.get(line.pk, 0),
            given.get(line.pk, 0),
        )
        for line in lines
    ]


def open_return(
    line: OrderLine, *, quantity: int | None, reason: str, by: Actor, key: str, beyond_terms: bool = False
) -> Return:
    """Let the customer send pieces of one line back; the one-line form of open_returns."""
    return open_returns(
        Order(pk=line.order_id, brand_id=line.brand_id), [Piece(line, quantity, reason)], by=by, key=key,
        beyond_terms=beyond_terms,
    )  # fmt: skip


@transaction.atomic
def open_returns(
    order: Order,
    pieces: Sequence[Piece],
    *,
    refund_to: PaymentMethod | None = None,
    by: Actor,
    key: str,
    beyond_terms: bool = False,
) -> Return:
    """Let the customer send pieces of several lines of one order back, all of them or none. The return carries its
    number, the last day to hand the parcel in (deadline) and the refund promised (refund_minor, in the order's
    currency); money moves when it is received, to `refund_to` or back the way it came.

    beyond_terms: a person with the right to refund takes it back although the window is over or the product is not
    returnable. Pieces that were made good in full come back only by an agent's hand; policy says which agent's.
    Raises NotReturnable, NotDelivered, ReturnWindowOver, TooManyPieces, MadeGood, LineElsewhere, NoSuchMethod,
    KeyUsedElsewhere.
    """
    by.require("commerce.refund" if beyond_terms else "commerce.return", on=order)
    order = locked_order(order)
    if known := made_before(order, key, pieces):
        return known
    if refund_to is not None:
        refund_to = own_method(order, refund_to)
    pieces = pieces_of(order, pieces, held=True)
    quote = quote_of(order, pieces, beyond_terms=beyond_terms, despite_remedy=by.kind is ActorKind.AGENT)
    opened, _ = write_return(order, pieces, quote, refund_minor=quote.refund.minor, refund_to=refund_to, by=by, key=key)
    order_changed.send(
        sender=Order, order=order, kind=events.RETURN_OPENED, by=by,
        facts={"order": order.number, "return": opened.number, "lines": told_pieces(order, pieces),
               # the first line, for those who know of one only
               "line": f"{order.number}/{pieces[0].line.position}", "quantity": pieces[0].quantity,
               "reason": str(pieces[0].reason), "refund_minor": quote.refund.minor, "currency": order.currency},
    )  # fmt: skip
    return opened


def made_before(order: Order, key: str, pieces: Sequence[Piece]) -> Return | None:
    """The return that this key has opened already. Raises KeyUsedElsewhere when it was of other goods."""
    known = Return.objects.filter(brand_id=order.brand_id, key=key).first()
    if known is not None:
        lines = set(known.lines.values_list("line_id", flat=True))
        if known.order_id != order.pk or lines != {piece.line.pk for piece in pieces}:
            raise KeyUsedElsewhere(key=key)
    return known


def write_return(
    order: Order, pieces: Sequence[Piece], quote: ReturnQuote, *, refund_minor: int, refund_to: PaymentMethod | None,
    by: Actor, key: str,
) -> tuple[Return, list[ReturnLine]]:  # fmt: skip
    """The rows; the caller holds the order and its lines and has quoted."""
    opened = Return.objects.create(
        brand_id=order.brand_id, order=order, number=f"{order.number}-R{order.returns.count() + 1}",
        opened_at=clock.now(), deadline=quote.deadline, refund_minor=refund_minor, refund_to=refund_to, key=key,
        actor_kind=by.kind, actor_id=by.id,
    )  # fmt: skip
    lines = [
        ReturnLine.objects.create(
            brand_id=order.brand_id, of_return=opened, line=piece.line, quantity=piece.quantity or 0,
            reason=piece.reason,
        )
        for piece in pieces
    ]  # fmt: skip
    return opened, lines


def told_pieces(order: Order, pieces: Sequence[Piece]) -> list[dict[str, object]]:
    return [
        {"line": f"{order.number}/{piece.line.position}", "quantity": piece.quantity, "reason": str(piece.reason)}
        for piece in pieces
    ]


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
    put_reserved_back(opened, by=by)
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
                      rule=RETURN_RECEIVED, to=opened.refund_to)  # fmt: skip
            opened.state = ReturnState.REFUNDED
        take_difference(opened, order, by=by)
    else:
        put_reserved_back(opened, by=by)
    opened.save(update_fields=["state", "received_at"])
    order_changed.send(
        sender=Order, order=order, kind=events.RETURN_RECEIVED, by=by,
        facts={"order": order.number, "return": opened.number, "is_fit": is_fit},
    )  # fmt: skip
    return opened
