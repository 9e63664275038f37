"""What may come back, and what may go out in its place."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Literal

from kefu.assistant.actions.arguments import LineRef, OrderRef, Quantity
from kefu.assistant.actions.call import ActionCall
from kefu.assistant.actions.orders import refund_days
from kefu.assistant.actions.registry import WRITES, action
from kefu.assistant.actions.several import Changes, Lines, PaymentRef, item_changes, method_of, pieces_back
from kefu.commerce import errors, services
from kefu.commerce.models import Return
from kefu.desk.models import Verification
from kefu.kernel.money import Money

ReturnReason = Literal["too_small", "too_large", "damaged", "wrong_item", "changed_mind", "not_as_described"]

NOT_BACK = (errors.ReturnWindowOver.code, errors.NotReturnable.code, errors.NotDelivered.code,
            errors.TooManyPieces.code, errors.MadeGood.code, errors.NoSuchMethod.code,
            errors.AmountChanged.code)  # fmt: skip
NOT_OTHERWISE = (errors.OtherProduct.code, errors.SameVariant.code, errors.NotInStock.code, errors.WrongCurrency.code,
                 errors.NotEnoughBalance.code)  # fmt: skip


@dataclass(frozen=True, slots=True)
class ReturnOpened:
    """refund: what goes back once the parcel has arrived; deadline: last day to hand the parcel in.

    address: the brand's setting return_address, else the words for the sender's address on the parcel.
    """

    return_number: str
    refund: Money
    deadline: date
    refund_days: int
    address: str | dict[str, str]


@dataclass(frozen=True, slots=True)
class ExchangeOpened:
    """difference: above nothing what the customer pays more, below nothing what goes back, once the parcel is here."""

    return_number: str
    difference: Money
    deadline: date
    address: str | dict[str, str]


@dataclass(frozen=True, slots=True)
class ReturnCancelled:
    return_number: str


@action(
    name="commerce.open_return", kind=WRITES, verification=Verification.ORDER, confirm=True,
    undo="commerce.cancel_return", refusals=NOT_BACK,
)  # fmt: skip
def open_return(
    call: ActionCall, *, line: LineRef, reason: ReturnReason, quantity: Quantity | None = None
) -> ReturnOpened:
    """Open a return for pieces of one order line, e.g. "KF-1042/2"; without a quantity, for all that are left.

    Raises ReturnWindowOver with the last possible day, NotReturnable, NotDelivered, TooManyPieces, MadeGood.
    """
    own = line.resolve(call)
    pieces = quantity.value if quantity else None
    opened = services.open_return(own, quantity=pieces, reason=reason, by=call.actor, key=call.key)
    return _opened(call, opened, own.order.currency)


@action(
    name="commerce.return_items", kind=WRITES, verification=Verification.ORDER, confirm=True,
    undo="commerce.cancel_return", refusals=NOT_BACK,
)  # fmt: skip
def return_items(
    call: ActionCall,
    *,
    order: OrderRef,
    lines: Lines,
    refund_to: PaymentRef | None = None,
    reason: ReturnReason | None = None,
    quantity: Quantity | None = None,
) -> ReturnOpened:
    """Open one return for several lines of an order, all of them or none. A line without a quantity: all its pieces
    that are left. reason, quantity: of lines that have none of their own. refund_to: else back the way it came.

    Raises ReturnWindowOver with the last possible day, NotReturnable, NotDelivered, TooManyPieces, MadeGood,
    NoSuchMethod.
    """
    own = order.resolve(call)
    pieces = pieces_back(call, order, lines, reason=reason, quantity=quantity)
    way = method_of(call, refund_to, own)
    opened = services.open_returns(own, pieces, refund_to=way, by=call.actor, key=call.key)
    return _opened(call, opened, own.currency)


def _opened(call: ActionCall, opened: Return, currency: str) -> ReturnOpened:
    return ReturnOpened(
        return_number=opened.number,
        refund=Money(opened.refund_minor, currency),
        deadline=opened.deadline,
        refund_days=refund_days(call),
        address=_address(call),
    )


def _address(call: ActionCall) -> str | dict[str, str]:
    return str(call.brand.settings.get("return_address", "")) or {"key": "return.sender_address"}


def _difference(
    call: ActionCall, *, order: OrderRef, changes: Changes, payment: PaymentRef | None = None,
    reason: ReturnReason | None = None,
) -> Money:  # fmt: skip
    own = order.resolve(call)
    return services.quote_exchange(
        own, item_changes(call, order, changes), reason=reason or "changed_mind",
        pay_with=method_of(call, payment, own), despite_remedy=call.is_by_agent,
    ).difference  # fmt: skip


def _given_back(
    call: ActionCall, *, order: OrderRef, changes: Changes, payment: PaymentRef | None = None,
    reason: ReturnReason | None = None,
) -> Money | None:  # fmt: skip
    difference = _difference(call, order=order, changes=changes, payment=payment, reason=reason)
    return Money(-difference.minor, difference.currency) if difference.minor < 0 else None


def _taken(
    call: ActionCall, *, order: OrderRef, changes: Changes, payment: PaymentRef | None = None,
    reason: ReturnReason | None = None,
) -> Money | None:  # fmt: skip
    difference = _difference(call, order=order, changes=changes, payment=payment, reason=reason)
    return difference if difference.minor > 0 else None


@action(
    name="commerce.exchange_items", kind=WRITES, verification=Verification.ORDER, confirm=True,
    pays=_given_back, charges=_taken, undo="commerce.cancel_return", refusals=(*NOT_BACK, *NOT_OTHERWISE),
)  # fmt: skip
def exchange_items(
    call: ActionCall,
    *,
    order: OrderRef,
    changes: Changes,
    payment: PaymentRef | None = None,
    reason: ReturnReason | None = None,
) -> ExchangeOpened:
    """Take delivered lines back and keep other variants of the same products for the customer, all of them or none.
    The price difference, up or down, moves once the parcel is here: with `payment`, else with what was paid with.

    Raises what return_items raises, and OtherProduct, SameVariant, NotInStock, WrongCurrency, NotEnoughBalance.
    """
    own = order.resolve(call)
    exchange = services.exchange_items(
        own, item_changes(call, order, changes), reason=reason or "changed_mind",
        pay_with=method_of(call, payment, own), by=call.actor, key=call.key,
    )  # fmt: skip
    difference = Money(exchange.difference_minor, own.currency)
    call.agreed_or_refused("refund", Money(-difference.minor, difference.currency))
    call.agreed_or_refused("charge", difference)
    opened = exchange.of_return
    return ExchangeOpened(opened.number, difference, opened.deadline, _address(call))


@action(
    name="commerce.cancel_return", kind=WRITES, verification=Verification.ORDER, confirm=True,
    refusals=(errors.ReturnOver.code,),
)  # fmt: skip
def cancel_return(call: ActionCall, *, order: OrderRef, line: LineRef | None = None) -> ReturnCancelled:
    """Call the open return or exchange of an order off (of the line, where one is named); its goods may be returned
    anew, what was reserved is sold again. Raises ReturnOver when none is open."""
    own = order.resolve(call)
    open_ones = own.returns.filter(state="open")
    if line is not None:
        open_ones = open_ones.filter(lines__line=line.resolve(call))
    opened = open_ones.order_by("-opened_at", "-id").first()
    if opened is None:
        raise errors.ReturnOver(number=own.number, state="")
    services.cancel_return(opened, by=call.actor)
    return ReturnCancelled(opened.number)
