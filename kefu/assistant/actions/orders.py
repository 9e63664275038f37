"""What the assistant may do to an order: thin doors to the verbs of commerce."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Literal

from kefu.assistant.actions.arguments import Amount, LineRef, OrderRef, Quantity, Text
from kefu.assistant.actions.call import ActionCall
from kefu.assistant.actions.registry import WRITES, action
from kefu.assistant.policy.variables import DEFAULT_TERMS
from kefu.commerce import errors, services
from kefu.commerce.models import Refund
from kefu.desk.models import Verification
from kefu.kernel.money import Money

ReturnReason = Literal["too_small", "too_large", "damaged", "wrong_item", "changed_mind", "not_as_described"]
#: more payments than any order has
MOST_PAYMENTS = 50


@dataclass(frozen=True, slots=True)
class OrderCancelled:
    """refund: what goes back, zero when nothing was paid; refund_days: working days until it arrives, about."""

    order_number: str
    refund: Money
    refund_days: int
    method: str


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
class Refunded:
    order_number: str
    refund: Money
    refund_days: int
    method: str


def _paid_and_not_given_back(call: ActionCall, *, order: OrderRef, reason: Text | None = None) -> Money:
    found = order.fact(call)
    return found.paid - found.refunded


def _asked_amount(call: ActionCall, *, order: OrderRef, amount: Amount, reason: Text | None = None) -> Money:
    return amount.money


@action(
    name="commerce.cancel_order", kind=WRITES, verification=Verification.ORDER, confirm=True,
    pays=_paid_and_not_given_back, refusals=(errors.AlreadyShipped.code, errors.AlreadyCancelled.code),
)  # fmt: skip
def cancel_order(call: ActionCall, *, order: OrderRef, reason: Text | None = None) -> OrderCancelled:
    """Cancel a whole order that is not being packed yet; all that was paid goes back the way it came.

    Raises AlreadyShipped (packing or gone) and AlreadyCancelled.
    """
    own = order.resolve(call)
    why = reason.value if reason else "asked by the customer"
    cancellation = services.cancel_order(own, reason=why, by=call.actor, key=call.key, rule=call.rule)
    given_back = Refund.objects.filter(payment__order_id=cancellation.order_id, key__startswith=f"cancel:{call.key}")
    minor = sum(given_back.values_list("amount_minor", flat=True)[:MOST_PAYMENTS])
    return OrderCancelled(own.number, Money(minor, own.currency), _refund_days(call), order.fact(call).payment_method)


@action(
    name="commerce.open_return", kind=WRITES, verification=Verification.ORDER, confirm=True,
    refusals=(errors.ReturnWindowOver.code, errors.NotReturnable.code, errors.NotDelivered.code,
              errors.TooManyPieces.code),
)  # fmt: skip
def open_return(
    call: ActionCall, *, line: LineRef, reason: ReturnReason, quantity: Quantity | None = None
) -> ReturnOpened:
    """Open a return for pieces of one order line, e.g. "KF-1042/2"; without a quantity, for all that are left.

    Raises ReturnWindowOver with the last possible day, NotReturnable, NotDelivered, TooManyPieces.
    """
    own = line.resolve(call)
    pieces = quantity.value if quantity else max(1, own.quantity - own.returned_quantity)
    opened = services.open_return(own, quantity=pieces, reason=reason, by=call.actor, key=call.key)
    return ReturnOpened(
        return_number=opened.number,
        refund=Money(opened.refund_minor, own.order.currency),
        deadline=opened.deadline,
        refund_days=_refund_days(call),
        address=str(call.brand.settings.get("return_address", "")) or {"key": "return.sender_address"},
    )


@action(
    name="commerce.refund", kind=WRITES, verification=Verification.ORDER, confirm=True, pays=_asked_amount,
    limit=Money(15_000, "EUR"), refusals=(errors.RefundTooHigh.code,),
)  # fmt: skip
def refund(call: ActionCall, *, order: OrderRef, amount: Amount, reason: Text) -> Refunded:
    """Give part or all of an order's money back the way it came. Raises RefundTooHigh above what is left."""
    own = order.resolve(call)
    made = services.refund(own, amount.money, reason=reason.value, by=call.actor, key=call.key, rule=call.rule)
    total = sum((one.amount for one in made), Money(0, own.currency))
    return Refunded(own.number, total, _refund_days(call), made[0].payment.method)


def _refund_days(call: ActionCall) -> int:
    return int(call.facts.terms.get("refund_days", DEFAULT_TERMS["refund_days"]))
