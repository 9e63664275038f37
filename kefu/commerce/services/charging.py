"""Money in: what a change of an order costs more, and what it takes to pay with something else."""

from __future__ import annotations

from django.db import transaction

from kefu.commerce import events
from kefu.commerce.errors import NoSuchMethod, NotEnoughBalance, WrongCurrency
from kefu.commerce.models import Order, OrderState, Payment, PaymentMethod, PaymentState
from kefu.commerce.services.locking import locked_order
from kefu.commerce.signals import order_changed
from kefu.kernel import clock
from kefu.kernel.money import Money
from kefu.people.actors import Actor

#: method of a payment for which the customer must be sent a way to pay
PAYMENT_LINK = "payment_link"


def own_method(order: Order, method: PaymentMethod) -> PaymentMethod:
    """The buyer's own method as it stands now, held. Raises NoSuchMethod."""
    found = (
        PaymentMethod.objects.select_for_update()
        .filter(pk=method.pk, brand_id=order.brand_id, customer_id=order.customer_id, is_usable=True)
        .first()
    )
    if found is None:
        raise NoSuchMethod()
    return found


def usual_method(order: Order) -> PaymentMethod | None:
    """What the order was paid with last, if the shop keeps it and it is still usable."""
    paid = order.payments.filter(paid_with__is_usable=True).exclude(state__in=(PaymentState.FAILED, PaymentState.VOID))
    last = paid.select_related("paid_with").order_by("-at", "-id").first()
    return last.paid_with if last else None


def require_cover(method: PaymentMethod | None, amount: Money) -> None:
    """Raises WrongCurrency or NotEnoughBalance when a gift card cannot pay this much."""
    balance = method.balance if method else None
    if balance is None:
        return
    if balance.currency != amount.currency:
        raise WrongCurrency()
    if balance < amount:
        raise NotEnoughBalance(left=balance)


def take(order: Order, amount: Money, *, method: PaymentMethod | None, key: str) -> Payment:
    """Take money for the order, inside the caller's lock on it.

    A gift card pays at once. Any other method's payment is pending until settle_payment says what the provider said,
    unless the brand's settings have payments.captured_at_once; without a method it waits for a payment link.
    Raises NoSuchMethod, WrongCurrency, NotEnoughBalance.
    """
    state = PaymentState.PENDING
    if method is not None:
        method = own_method(order, method)
        require_cover(method, amount)
        if method.balance_minor is not None:
            method.balance_minor -= amount.minor
            method.save(update_fields=["balance_minor"])
            state = PaymentState.PAID
        elif order.brand.settings.get("payments", {}).get("captured_at_once") is True:
            state = PaymentState.PAID
    return Payment.objects.create(
        brand_id=order.brand_id, order=order, external_id=f"kefu:{key}", method=method.kind if method else PAYMENT_LINK,
        paid_with=method, state=state, amount_minor=amount.minor, currency=amount.currency, at=clock.now(),
    )  # fmt: skip


def call_off_pending(order: Order) -> int:
    """What was to be taken but has not been is not taken any more; inside the caller's lock. Returns minor units."""
    pending = list(order.payments.select_for_update().filter(state=PaymentState.PENDING).order_by("pk"))
    for payment in pending:
        payment.state = PaymentState.VOID
    Payment.objects.bulk_update(pending, ["state"])
    return sum(payment.amount_minor for payment in pending)


@transaction.atomic
def settle_payment(payment: Payment, *, state: PaymentState, by: Actor) -> Payment:
    """Keep what the payment provider said of a pending payment; an unpaid order whose money is there becomes paid.
    A payment that is settled already, or called off, stays as it is."""
    by.require("commerce.refund", on=payment)
    order = locked_order(Order(pk=payment.order_id))
    payment = Payment.objects.select_for_update().get(pk=payment.pk)
    if payment.state != PaymentState.PENDING or state == PaymentState.PENDING:
        return payment
    payment.state = state
    payment.save(update_fields=["state"])
    mark_paid(order)
    order_changed.send(
        sender=Order, order=order, kind=events.PAYMENT_SETTLED, by=by,
        facts={"order": order.number, "payment": payment.pk, "state": str(state)},
    )  # fmt: skip
    return payment


def mark_paid(order: Order) -> None:
    """An unpaid order for which all the money is there is paid."""
    if order.state == OrderState.UNPAID:
        there = sum(payment.refundable.minor for payment in order.payments.all())
        if there >= order.total_minor:
            order.state = OrderState.PAID
            order.save(update_fields=["state"])
