"""What the assistant may do to an order: thin doors to the verbs of commerce."""

from __future__ import annotations

from dataclasses import dataclass

from kefu.assistant.actions.arguments import Amount, OrderRef, Text
from kefu.assistant.actions.call import ActionCall
from kefu.assistant.actions.registry import WRITES, action
from kefu.assistant.policy.variables import DEFAULT_TERMS
from kefu.commerce import errors, services
from kefu.commerce.models import Refund
from kefu.desk.models import Verification
from kefu.kernel.money import Money

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
    pays=_paid_and_not_given_back, refusals=(errors.AlreadyShipped.code, errors.AlreadyCancelled.code,
                                            errors.AmountChanged.code),
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
    call.agreed_or_refused("refund", Money(minor, own.currency))
    return OrderCancelled(own.number, Money(minor, own.currency), refund_days(call), order.fact(call).payment_method)


@action(
    name="commerce.refund", kind=WRITES, verification=Verification.ORDER, confirm=True, pays=_asked_amount,
    limit=Money(15_000, "EUR"), refusals=(errors.RefundTooHigh.code,),
)  # fmt: skip
def refund(call: ActionCall, *, order: OrderRef, amount: Amount, reason: Text) -> Refunded:
    """Give part or all of an order's money back the way it came. Raises RefundTooHigh above what is left."""
    own = order.resolve(call)
    made = services.refund(own, amount.money, reason=reason.value, by=call.actor, key=call.key, rule=call.rule)
    total = sum((one.amount for one in made), Money(0, own.currency))
    return Refunded(own.number, total, refund_days(call), made[0].payment.method)


def refund_days(call: ActionCall) -> int:
    """Working days until money is back, as the brand tells it."""
    return int(call.facts.terms.get("refund_days", DEFAULT_TERMS["refund_days"]))
