"""An order is stopped before it leaves."""

from __future__ import annotations

from collections import Counter

from django.db import transaction

from kefu.commerce import events, rules
from kefu.commerce.errors import AlreadyCancelled, AlreadyShipped, KeyUsedElsewhere
from kefu.commerce.models import Cancellation, Order, OrderState
from kefu.commerce.services.charging import call_off_pending
from kefu.commerce.services.locking import locked_order
from kefu.commerce.services.refunds import give_back
from kefu.commerce.services.stock import put_back
from kefu.commerce.signals import order_changed
from kefu.kernel import clock
from kefu.kernel.money import Money
from kefu.people.actors import Actor

#: stands on a cancellation's refunds: what is not sent is paid back, whoever cancels
CANCELLED_BEFORE_DISPATCH = "commerce.cancelled_before_dispatch"


@transaction.atomic
def cancel_order(order: Order, *, reason: str, by: Actor, key: str, rule: str = "") -> Cancellation:
    """Cancel an order that has not left: everything paid goes back, its pieces can be sold again,
    and what was still to be taken is not taken.

    The refunds are on the payments, each with `rule` (default CANCELLED_BEFORE_DISPATCH).
    Raises AlreadyShipped (in packing or gone), AlreadyCancelled (by another deed), KeyUsedElsewhere.
    """
    by.require("commerce.cancel", on=order)
    order = locked_order(order)
    if known := Cancellation.objects.filter(brand_id=order.brand_id, key=key).first():
        if known.order_id != order.pk:
            raise KeyUsedElsewhere(key=key)
        return known
    obstacle = rules.cancel_obstacle(order.state, order.shipments.values_list("state", flat=True))
    if obstacle is rules.CancelObstacle.ALREADY_CANCELLED:
        raise AlreadyCancelled(number=order.number)
    if obstacle is not None:
        raise AlreadyShipped(number=order.number, state=str(obstacle))

    order.state = OrderState.CANCELLED
    order.save(update_fields=["state"])
    cancellation = Cancellation.objects.create(
        brand_id=order.brand_id, order=order, reason=reason[:200], key=key,
        actor_kind=by.kind, actor_id=by.id, at=clock.now(),
    )  # fmt: skip
    call_off_pending(order)
    paid = sum((payment.refundable for payment in order.payments.all()), Money(0, order.currency))
    refunds = []
    if paid:
        refunds = give_back(
            order, paid, reason=reason, by=by, key=f"cancel:{key}", rule=rule or CANCELLED_BEFORE_DISPATCH
        )
    pieces: Counter[int] = Counter()
    for variant_id, quantity in order.lines.values_list("variant_id", "quantity"):
        pieces[variant_id] += quantity
    put_back(pieces, by=by)
    order_changed.send(
        sender=Order, order=order, kind=events.ORDER_CANCELLED, by=by,
        facts={"order": order.number, "reason": reason, "refunds": [one.pk for one in refunds],
               "refunded_minor": paid.minor, "currency": order.currency},
    )  # fmt: skip
    return cancellation
