"""Money back. The database holds the limit too; these verbs say it in words."""

from __future__ import annotations

from django.db import transaction

from kefu.commerce import events
from kefu.commerce.errors import KeyUsedElsewhere, NoSuchMethod, RefundNeedsRule, RefundTooHigh, WrongCurrency
from kefu.commerce.models import Order, Payment, PaymentMethod, Refund, RefundState
from kefu.commerce.services.locking import locked_order
from kefu.commerce.signals import order_changed
from kefu.kernel import clock
from kefu.kernel.money import CurrencyMismatch, Money
from kefu.people.actors import Actor, ActorKind


@transaction.atomic
def refund(order: Order, amount: Money, *, reason: str, by: Actor, key: str, rule: str = "") -> list[Refund]:
    """Give money back on the order's payments, oldest first; one Refund for each payment drawn from.

    rule: id of the policy rule that allowed it; an agent may leave it out and answers for it in person.
    Raises RefundTooHigh (more than is left), RefundNeedsRule, KeyUsedElsewhere; ValueError for amounts of zero or
    less, CurrencyMismatch for another currency than the order's.
    """
    by.require("commerce.refund", on=order)
    order = locked_order(order)
    if made := made_before(order, key):
        return made
    if amount.minor <= 0:
        raise ValueError(f"a refund of {amount}; it must be more than nothing")
    refunds = give_back(order, amount, reason=reason, by=by, key=key, rule=rule)
    order_changed.send(
        sender=Order, order=order, kind=events.REFUND_MADE, by=by,
        facts={"order": order.number, "refunds": [one.pk for one in refunds], "amount_minor": amount.minor,
               "currency": amount.currency, "rule": rule, "reason": reason},
    )  # fmt: skip
    return refunds


def made_before(order: Order, key: str) -> list[Refund]:
    """The refunds that this key has made already. Raises KeyUsedElsewhere when they are another order's."""
    made = list(Refund.objects.filter(brand_id=order.brand_id, key__in=_keys(order, key)).select_related("payment"))
    if any(one.payment.order_id != order.pk for one in made):
        raise KeyUsedElsewhere(key=key)
    return made


def _keys(order: Order, key: str) -> list[str]:
    """One key a payment: the deed's own for the first, then with a count."""
    return [key, *(f"{key}/{count}" for count in range(2, order.payments.count() + 1))]


def give_back(
    order: Order, amount: Money, *, reason: str, by: Actor, key: str, rule: str, to: PaymentMethod | None = None
) -> list[Refund]:
    """Write the refunds. The caller holds the order's lock and has asked made_before.

    to: the buyer's method that gets the money; None: back the way it came. A gift card has it at once.
    Raises NoSuchMethod and WrongCurrency for a method that cannot take it.
    """
    if not rule and by.kind is not ActorKind.AGENT:
        raise RefundNeedsRule(order=order.number)
    if amount.currency != order.currency:
        raise CurrencyMismatch(f"{amount.currency} and {order.currency}")
    payments = list(order.payments.select_for_update().order_by("at", "id"))
    left = sum((payment.refundable for payment in payments), Money(0, order.currency))
    if amount > left:
        raise RefundTooHigh(order=order.number, left=left)
    if to is not None:  # what was paid with that very method goes back first
        payments.sort(key=lambda payment: payment.paid_with_id != to.pk)
    methods = _held_methods(order, {one.paid_with_id for one in payments} | {to.pk if to else None})
    if to is not None and to.pk not in methods:
        raise NoSuchMethod()
    keys = iter(_keys(order, key))
    refunds = []
    for payment in payments:
        part = min(amount, payment.refundable)
        if part:
            way = methods.get(to.pk) if to else methods.get(payment.paid_with_id or 0)
            refunds.append(_row(payment, part, way, reason=reason, by=by, key=next(keys), rule=rule))
            amount -= part
    return Refund.objects.bulk_create(refunds)


def _held_methods(order: Order, ids: set[int | None]) -> dict[int, PaymentMethod]:
    wanted = [one for one in ids if one is not None]
    if not wanted:
        return {}
    held = PaymentMethod.objects.select_for_update().order_by("pk")
    return {one.pk: one for one in held.filter(pk__in=wanted, customer_id=order.customer_id)}


def _row(
    payment: Payment, amount: Money, way: PaymentMethod | None, *, reason: str, by: Actor, key: str, rule: str
) -> Refund:
    is_kept_here = way is not None and way.balance_minor is not None
    if way is not None and way.balance_minor is not None:
        if way.currency != amount.currency:
            raise WrongCurrency()
        way.balance_minor += amount.minor
        way.save(update_fields=["balance_minor"])
    return Refund(
        refunded_to=way,
        state=RefundState.DONE if is_kept_here else RefundState.PENDING,
        brand_id=payment.brand_id,
        payment=payment,
        amount_minor=amount.minor,
        currency=amount.currency,
        reason=reason[:200],
        key=key,
        rule=rule,
        approved_by_id=by.id if by.kind is ActorKind.AGENT else None,
        actor_kind=by.kind,
        actor_id=by.id,
        at=clock.now(),
    )


@transaction.atomic
def settle_refund(refund: Refund, *, state: RefundState, by: Actor) -> Refund:
    """Keep what the payment provider said. A failed refund counts as not given back."""
    by.require("commerce.refund", on=refund)
    order = locked_order(refund.payment.order)
    refund = Refund.objects.select_for_update().get(pk=refund.pk)
    if refund.state == state or (refund.refunded_to and refund.refunded_to.balance_minor is not None):
        return refund  # a gift card has its money: there is nothing that a provider could still say
    refund.state = state
    refund.save(update_fields=["state"])
    order_changed.send(
        sender=Order, order=order, kind=events.REFUND_SETTLED, by=by,
        facts={"order": order.number, "refund": refund.pk, "state": str(state)},
    )  # fmt: skip
    return refund
