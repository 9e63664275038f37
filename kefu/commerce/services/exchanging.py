"""Goods on their way back, and others on their way out for them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.db import transaction

from kefu.commerce import events
from kefu.commerce.models import Exchange, ExchangeLine, Order, PaymentMethod, ReturnReason
from kefu.commerce.services.changing import ItemChange, NewItem, new_items, price_difference
from kefu.commerce.services.charging import own_method, require_cover, usual_method
from kefu.commerce.services.locking import locked_order
from kefu.commerce.services.returning import Piece, ReturnQuote, made_before, pieces_of, quote_of, write_return
from kefu.commerce.services.stock import move
from kefu.commerce.signals import order_changed
from kefu.kernel.money import Money
from kefu.people.actors import Actor, ActorKind

#: reasons for which a piece is made good with the same again
FAULTY = frozenset({ReturnReason.DAMAGED, ReturnReason.WRONG_ITEM, ReturnReason.NOT_AS_DESCRIBED})


@dataclass(frozen=True, slots=True)
class ExchangeQuote:
    """What an exchange would mean. difference: above nothing the customer pays it, below nothing it goes back; either
    when the goods are back. last_day: of the window; deadline: to hand the parcel in."""

    items: tuple[NewItem, ...]
    difference: Money
    method: PaymentMethod | None
    last_day: date
    deadline: date


def quote_exchange(
    order: Order, changes: Sequence[ItemChange], *, reason: str = ReturnReason.CHANGED_MIND,
    pay_with: PaymentMethod | None = None, despite_remedy: bool = False,
) -> ExchangeQuote:  # fmt: skip
    """The terms of an exchange, changing nothing; despite_remedy as in quote_of. Raises as exchange_items does."""
    order = Order.objects.select_related("brand").get(pk=order.pk)
    return _quote(order, changes, reason, pay_with, held=False, despite_remedy=despite_remedy)[0]


def _quote(
    order: Order, changes: Sequence[ItemChange], reason: str, pay_with: PaymentMethod | None, *, held: bool,
    despite_remedy: bool = False,
) -> tuple[ExchangeQuote, list[Piece], ReturnQuote]:  # fmt: skip
    # how many come back is how many go out: all that are left where nobody says
    pieces = pieces_of(order, [Piece(one.line, one.quantity, reason) for one in changes], held=held)
    back = quote_of(order, pieces, despite_remedy=despite_remedy)
    counted = [ItemChange(piece.line, one.sku, piece.quantity) for one, piece in zip(changes, pieces, strict=True)]
    items = new_items(order, counted, held=held, again=reason in FAULTY)
    difference = price_difference(order, items)
    method = pay_with or usual_method(order)
    if difference.minor > 0:
        require_cover(method, difference)
    return ExchangeQuote(items, difference, method, back.last_day, back.deadline), pieces, back


@transaction.atomic
def exchange_items(
    order: Order,
    changes: Sequence[ItemChange],
    *,
    reason: str = ReturnReason.CHANGED_MIND,
    pay_with: PaymentMethod | None = None,
    by: Actor,
    key: str,
) -> Exchange:
    """Take delivered pieces back and keep other variants of the same products for the customer, all or none.

    The new pieces leave the stock at once; the price difference moves when the old ones are received, taken with
    `pay_with` (or given back to it), else with what the order was paid with. The same variant again is sent only for a
    fault (FAULTY). The exchange hangs on a return, whose
    number, deadline and calling-off are its own. Raises NotReturnable, NotDelivered, ReturnWindowOver, TooManyPieces,
    MadeGood, LineElsewhere, OtherProduct, SameVariant, NotInStock, WrongCurrency, NoSuchMethod, NotEnoughBalance,
    KeyUsedElsewhere.
    """
    by.require("commerce.return", on=order)
    order = locked_order(order)
    if known := made_before(order, key, [Piece(one.line) for one in changes]):
        return Exchange.objects.select_related("of_return").get(of_return=known)
    if pay_with is not None:
        pay_with = own_method(order, pay_with)
    quote, pieces, back = _quote(order, changes, reason, pay_with, held=True, despite_remedy=by.kind is ActorKind.AGENT)
    opened, lines = write_return(order, pieces, back, refund_minor=max(0, -quote.difference.minor),
                                 refund_to=pay_with, by=by, key=key)  # fmt: skip
    exchange = Exchange.objects.create(
        brand_id=order.brand_id, of_return=opened, difference_minor=quote.difference.minor, payment_method=quote.method
    )
    ExchangeLine.objects.bulk_create(
        ExchangeLine(brand_id=order.brand_id, exchange=exchange, return_line=line, variant=item.variant,
                     unit_price_minor=item.unit_price_minor)
        for line, item in zip(lines, quote.items, strict=True)
    )  # fmt: skip
    taken: dict[int, int] = {}
    for item in quote.items:
        taken[item.variant.pk] = taken.get(item.variant.pk, 0) - item.quantity
    move(taken, by=by)
    order_changed.send(
        sender=Order, order=order, kind=events.EXCHANGE_OPENED, by=by,
        facts={"order": order.number, "return": opened.number,
               "lines": [{"line": f"{order.number}/{item.line.position}", "sku": item.variant.sku,
                          "quantity": item.quantity} for item in quote.items],
               "difference_minor": quote.difference.minor, "currency": order.currency},
    )  # fmt: skip
    return exchange
