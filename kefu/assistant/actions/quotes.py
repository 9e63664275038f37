"""What a change, a return or an exchange would mean, and what an order holds: read only when a playbook needs it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from kefu.assistant.actions.arguments import OrderRef, Quantity
from kefu.assistant.actions.call import ActionCall
from kefu.assistant.actions.orders import refund_days
from kefu.assistant.actions.registry import READS, action
from kefu.assistant.actions.returns import NOT_BACK, NOT_OTHERWISE, ReturnReason
from kefu.assistant.actions.several import Changes, Lines, PaymentRef, item_changes, method_of, pieces_back
from kefu.assistant.actions.values import Json, Localised
from kefu.commerce import errors, services
from kefu.desk.models import Verification
from kefu.kernel.money import Money


@dataclass(frozen=True, slots=True)
class Quoted:
    """direction: up (the customer pays `charge`), down (`refund` goes back) or same; the other two are None then.

    items: what takes which line's place, in words. method: which of the customer's methods it concerns.
    """

    direction: str
    difference: Money
    refund: Money | None
    charge: Money | None
    total: Money
    items: list[Json]
    new_items: list[Json]
    method: str
    refund_days: int
    deadline: date | None = None


@dataclass(frozen=True, slots=True)
class ReturnQuoted:
    """refund: of all lines together; last_day: until when one may decide; deadline: to hand the parcel in."""

    refund: Money
    items: list[Json]
    pieces: int
    last_day: date
    deadline: date
    method: str
    refund_days: int


def _words(items: tuple[services.NewItem, ...]) -> tuple[list[Json], list[Json]]:
    old = [Localised(item.line.titles or item.line.variant.product.titles) for item in items]
    new = [", ".join(item.variant.all_options.values()) or item.variant.sku for item in items]
    return old, list(new)


@action(
    name="commerce.quote_items_change", kind=READS, verification=Verification.ORDER,
    refusals=(errors.NotChangeable.code, *NOT_OTHERWISE, errors.NoSuchMethod.code),
)  # fmt: skip
def quote_items_change(
    call: ActionCall, *, order: OrderRef, changes: Changes, payment: PaymentRef | None = None
) -> Quoted:
    """What change_items would cost or give back. Raises as it does."""
    own = order.resolve(call)
    quote = services.quote_items_change(own, item_changes(call, order, changes), pay_with=method_of(call, payment, own))
    moves = own.state != "unpaid"
    return _quoted(call, quote.items, quote.difference, quote.total, quote.method.label or quote.method.kind
                   if quote.method else "", moves=moves)  # fmt: skip


@action(
    name="commerce.quote_exchange", kind=READS, verification=Verification.ORDER, refusals=(*NOT_BACK, *NOT_OTHERWISE)
)
def quote_exchange(
    call: ActionCall, *, order: OrderRef, changes: Changes, payment: PaymentRef | None = None,
    reason: ReturnReason | None = None,
) -> Quoted:  # fmt: skip
    """What exchange_items would cost or give back. Raises as it does."""
    own = order.resolve(call)
    quote = services.quote_exchange(own, item_changes(call, order, changes), reason=reason or "changed_mind",
                                    pay_with=method_of(call, payment, own))  # fmt: skip
    return _quoted(call, quote.items, quote.difference, own.total + quote.difference,
                   quote.method.label or quote.method.kind if quote.method else "", moves=True,
                   deadline=quote.deadline)  # fmt: skip


def _quoted(
    call: ActionCall, items: tuple[services.NewItem, ...], difference: Money, total: Money, method: str, *,
    moves: bool, deadline: date | None = None,
) -> Quoted:  # fmt: skip
    minor = difference.minor
    old, new = _words(items)
    return Quoted(
        direction="up" if minor > 0 else "down" if minor < 0 else "same",
        difference=difference,
        refund=Money(-minor, difference.currency) if minor < 0 and moves else None,
        charge=difference if minor > 0 and moves else None,
        total=total,
        items=old,
        new_items=new,
        method=method,
        refund_days=refund_days(call),
        deadline=deadline,
    )


@action(name="commerce.quote_return", kind=READS, verification=Verification.ORDER, refusals=NOT_BACK)
def quote_return(
    call: ActionCall,
    *,
    order: OrderRef,
    lines: Lines,
    refund_to: PaymentRef | None = None,
    reason: ReturnReason | None = None,
    quantity: Quantity | None = None,
) -> ReturnQuoted:
    """What return_items would give back. Raises as it does."""
    own = order.resolve(call)
    pieces = pieces_back(call, order, lines, reason=reason, quantity=quantity)
    method = method_of(call, refund_to, own)
    quote = services.quote_returns(own, pieces)
    counted = [piece.quantity or piece.line.quantity - piece.line.returned_quantity for piece in pieces]
    return ReturnQuoted(
        refund=quote.refund,
        items=[Localised(piece.line.titles or piece.line.variant.product.titles) for piece in pieces],
        pieces=sum(counted),
        last_day=quote.last_day,
        deadline=quote.deadline,
        method=(method.label or method.kind) if method else quote.refund_to,
        refund_days=refund_days(call),
    )
