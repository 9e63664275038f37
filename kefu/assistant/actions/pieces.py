"""More, fewer or none of a line in an order that has not left."""

from __future__ import annotations

from dataclasses import dataclass

from kefu.assistant.actions.arguments import LineRef, Quantity
from kefu.assistant.actions.call import ActionCall
from kefu.assistant.actions.orders import refund_days
from kefu.assistant.actions.quotes import price_note
from kefu.assistant.actions.registry import READS, WRITES, action
from kefu.assistant.actions.values import Json, Localised
from kefu.commerce import errors, services
from kefu.desk.models import Verification
from kefu.kernel.money import Money

NOT_SO = (errors.NotChangeable.code, errors.NothingChanges.code, errors.NotInStock.code, errors.WrongCurrency.code,
          errors.WholeOrder.code, errors.NotEnoughBalance.code)  # fmt: skip
NOT_NOW = (*NOT_SO, errors.AmountChanged.code)


@dataclass(frozen=True, slots=True)
class CountQuoted:
    """had, pieces: before and after. charge: what the customer pays more; refund: what goes back; one is None."""

    order_number: str
    item: Json
    had: int
    pieces: int
    refund: Money | None
    charge: Money | None
    total: Money
    price_note: Json


@dataclass(frozen=True, slots=True)
class CountChanged:
    """way: link when the customer is sent a way to pay the difference; else how it moves."""

    order_number: str
    pieces: int
    total: Money
    way: str


def _quote(call: ActionCall, line: LineRef, to: int) -> services.CountQuote:
    return services.quote_quantity(line.resolve(call), to=to)


def _told(call: ActionCall, line: LineRef, to: int) -> CountQuoted:
    quote = _quote(call, line, to)
    own, minor = quote.line, quote.difference.minor
    moves = own.order.state != "unpaid"
    method = (quote.method.label or quote.method.kind) if quote.method else ""
    return CountQuoted(
        order_number=own.order.number,
        item=Localised(own.titles or own.variant.product.titles),
        had=own.quantity,
        pieces=to,
        refund=Money(-minor, quote.difference.currency) if minor < 0 and moves else None,
        charge=quote.difference if minor > 0 and moves else None,
        total=quote.total,
        price_note=price_note(quote.difference, method, moves=moves, later=False, days=refund_days(call)),
    )


@action(name="commerce.quote_quantity", kind=READS, verification=Verification.ORDER, refusals=NOT_SO)
def quote_quantity(call: ActionCall, *, line: LineRef, quantity: Quantity) -> CountQuoted:
    """What change_quantity would cost or give back. Raises as it does."""
    return _told(call, line, quantity.value)


@action(name="commerce.quote_take_out", kind=READS, verification=Verification.ORDER, refusals=NOT_SO)
def quote_take_out(call: ActionCall, *, line: LineRef) -> CountQuoted:
    """What take_out would give back. Raises as it does."""
    return _told(call, line, 0)


def _back(call: ActionCall, line: LineRef, to: int) -> Money | None:
    quote = _quote(call, line, to)
    moves = quote.line.order.state != "unpaid" and quote.difference.minor < 0
    return Money(-quote.difference.minor, quote.difference.currency) if moves else None


def _given_back(call: ActionCall, *, line: LineRef, quantity: Quantity) -> Money | None:
    return _back(call, line, quantity.value)


def _taken(call: ActionCall, *, line: LineRef, quantity: Quantity) -> Money | None:
    quote = _quote(call, line, quantity.value)
    return quote.difference if quote.line.order.state != "unpaid" and quote.difference.minor > 0 else None


def _back_for_all(call: ActionCall, *, line: LineRef) -> Money | None:
    return _back(call, line, 0)


@action(
    name="commerce.change_quantity", kind=WRITES, verification=Verification.ORDER, confirm=True, pays=_given_back,
    charges=_taken, undo="commerce.change_quantity", refusals=NOT_NOW,
)  # fmt: skip
def change_quantity(call: ActionCall, *, line: LineRef, quantity: Quantity) -> CountChanged:
    """Let a line of an order that is not being packed yet hold so many pieces; added ones cost today's price.

    Raises NotChangeable, NothingChanges, NotInStock, WrongCurrency, NotEnoughBalance.
    """
    return _count(call, line, quantity.value)


@action(
    name="commerce.take_out", kind=WRITES, verification=Verification.ORDER, confirm=True, pays=_back_for_all,
    refusals=NOT_NOW,
)  # fmt: skip
def take_out(call: ActionCall, *, line: LineRef) -> CountChanged:
    """Take a line out of an order that is not being packed yet; what was paid for it goes back. The line is gone, so
    nothing takes this back: who wants it after all orders it anew.

    Raises NotChangeable, WholeOrder (the last line: cancel the order).
    """
    return _count(call, line, 0)


def _count(call: ActionCall, line: LineRef, to: int) -> CountChanged:
    own = line.resolve(call)
    order = own.order
    change = services.change_quantity(own, to=to, by=call.actor, key=call.key, rule=call.rule)
    order.refresh_from_db()
    difference = Money(change.difference_minor, order.currency)
    way = "none"
    if order.state != "unpaid":
        call.agreed_or_refused("refund", Money(-difference.minor, difference.currency))
        call.agreed_or_refused("charge", difference)
        taken = order.payments.filter(external_id=f"kefu:{call.key}").first()
        way = "given_back" if taken is None else "link" if taken.paid_with_id is None else "taken"
    return CountChanged(order.number, to, order.total, way)
