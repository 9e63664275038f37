"""What a change, a return or an exchange would mean, and what an order holds: read only when a playbook needs it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from kefu.assistant.actions.arguments import OrderRef, Quantity
from kefu.assistant.actions.call import ActionCall
from kefu.assistant.actions.orders import refund_days
from kefu.assistant.actions.registry import READS, action
from kefu.assistant.actions.returns import NOT_BACK, NOT_OTHERWISE, ReturnReason
from kefu.assistant.actions.several import Changes, Lines, PaymentRef, item_changes, method_of, pieces_back
from kefu.assistant.actions.values import Json, Localised
from kefu.assistant.checks.values import given_note
from kefu.commerce import errors, services
from kefu.commerce.models import Order
from kefu.desk.models import Verification
from kefu.kernel.money import Money

#: lines and payments told of one order
MOST_TOLD = 50


@dataclass(frozen=True, slots=True)
class Quoted:
    """direction: up (the customer pays `charge`), down (`refund` goes back) or same; the other two are None then.

    items: what takes which line's place, in words. method: which of the customer's methods it concerns.
    """

    order_number: str
    direction: str
    difference: Money
    refund: Money | None
    charge: Money | None
    total: Money
    items: list[Json]
    new_items: list[Json]
    method: str
    refund_days: int
    #: the difference in words, for a confirmation
    price_note: Json = None
    deadline: date | None = None


@dataclass(frozen=True, slots=True)
class ReturnQuoted:
    """refund: of all lines together; given_note: why it is less than they are worth, in words; last_day: until when
    one may decide; deadline: to hand the parcel in."""

    order_number: str
    refund: Money
    given_note: Json
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
    return _quoted(call, own.number, quote.items, quote.difference, quote.total, quote.method.label or quote.method.kind
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
    quote = services.quote_exchange(
        own,
        item_changes(call, order, changes),
        reason=reason or "changed_mind",
        pay_with=method_of(call, payment, own),
        despite_remedy=call.is_by_agent,
    )
    return _quoted(call, own.number, quote.items, quote.difference, own.total + quote.difference,
                   quote.method.label or quote.method.kind if quote.method else "", moves=True,
                   deadline=quote.deadline)  # fmt: skip


def _quoted(
    call: ActionCall, order_number: str, items: tuple[services.NewItem, ...], difference: Money, total: Money,
    method: str, *, moves: bool, deadline: date | None = None,
) -> Quoted:  # fmt: skip
    minor = difference.minor
    old, new = _words(items)
    return Quoted(
        order_number=order_number,
        direction="up" if minor > 0 else "down" if minor < 0 else "same",
        difference=difference,
        refund=Money(-minor, difference.currency) if minor < 0 and moves else None,
        charge=difference if minor > 0 and moves else None,
        total=total,
        items=old,
        new_items=new,
        method=method,
        refund_days=refund_days(call),
        price_note=price_note(difference, method, moves=moves, later=deadline is not None, days=refund_days(call)),
        deadline=deadline,
    )


def price_note(difference: Money, method: str, *, moves: bool, later: bool, days: int) -> Json:
    minor = difference.minor
    amount = {"minor": abs(minor), "currency": difference.currency}
    if not minor:
        return {"key": "price.same"}
    if not moves:
        return {"key": "price.unpaid_up" if minor > 0 else "price.unpaid_down", "facts": {"amount": amount}}
    if minor < 0:
        key = "price.down_later" if later else "price.down"
        return {"key": key, "facts": {"amount": amount, "refund_days": days}}
    if not method:
        return {"key": "price.up_link_later" if later else "price.up_link", "facts": {"amount": amount}}
    return {"key": "price.up_later" if later else "price.up", "facts": {"amount": amount, "method": method}}


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
    quote = services.quote_returns(own, pieces, despite_remedy=call.is_by_agent)
    counted = [piece.quantity or piece.line.quantity - piece.line.returned_quantity for piece in pieces]
    return ReturnQuoted(
        order_number=own.number,
        refund=quote.refund,
        given_note=given_note(quote.given_before),
        items=[Localised(piece.line.titles or piece.line.variant.product.titles) for piece in pieces],
        pieces=sum(counted),
        last_day=quote.last_day,
        deadline=quote.deadline,
        method=(method.label or method.kind) if method else quote.refund_to,
        refund_days=refund_days(call),
    )


@dataclass(frozen=True, slots=True)
class OrderTold:
    """address: with street and house number covered; payments: how it is or was paid, in words."""

    order_number: str
    placed_at: datetime
    items: list[Json]
    total: Money
    shipping: Money
    address: str
    payment: Json


#: characters of a street that are shown
SHOWN = 3


@action(name="commerce.order_details", kind=READS, verification=Verification.ORDER)
def order_details(call: ActionCall, *, order: OrderRef) -> OrderTold:
    """What was ordered, what it costs, where it goes and how it is paid, for one order of the customer's own.

    The address shows its town and the beginning of its street: enough to recognise, too little to learn.
    """
    own = order.resolve(call)
    lines = own.lines.select_related("variant__product")[:MOST_TOLD]
    items: list[Json] = [
        {"key": "details.line", "facts": {"pieces": one.quantity,
                                          "item": {"text": dict(one.titles or one.variant.product.titles)},
                                          "price": {"minor": one.unit_price_minor, "currency": own.currency}}}
        for one in lines
    ]  # fmt: skip
    street = str(own.address.get("street", ""))
    parts = [f"{street[:SHOWN]}***" if street else "", own.postcode, str(own.address.get("city", "")), own.country]
    return OrderTold(
        order_number=own.number,
        placed_at=own.placed_at,
        items=items,
        total=own.total,
        shipping=Money(own.shipping_minor, own.currency),
        address=", ".join(part for part in parts if part),
        payment={"key": _payment_key(own)},
    )


def _payment_key(order: Order) -> str:
    states = set(order.payments.values_list("state", flat=True))
    if order.state == "unpaid" or not states:
        return "details.unpaid"
    return "details.waiting" if "pending" in states else "details.paid"


@dataclass(frozen=True, slots=True)
class PaymentStanding:
    """standing: unpaid, failed (the last try was refused), twice (more was taken than the order costs), waiting, paid.

    open: what is still to be paid; over: what was taken beyond the total.
    """

    standing: str
    order_number: str
    open: Money
    over: Money
    total: Money


@action(name="commerce.payment_standing", kind=READS, verification=Verification.ORDER)
def payment_standing(call: ActionCall, *, order: OrderRef) -> PaymentStanding:
    """Where the money of an order stands, by its payments."""
    own = order.resolve(call)
    payments = list(own.payments.order_by("at", "id")[:MOST_TOLD])
    kept = sum(one.refundable.minor for one in payments)
    due = 0 if own.is_cancelled else own.total_minor
    if kept > due:
        standing = "twice"
    elif own.state != "unpaid":  # a part may have gone back since
        standing = "waiting" if any(one.state == "pending" for one in payments) else "paid"
    elif payments and payments[-1].state == "failed":
        standing = "failed"
    else:
        standing = "waiting" if any(one.state == "pending" for one in payments) else "unpaid"
    return PaymentStanding(
        standing=standing,
        order_number=own.number,
        open=Money(max(0, due - kept), own.currency),
        over=Money(max(0, kept - due), own.currency),
        total=own.total,
    )
