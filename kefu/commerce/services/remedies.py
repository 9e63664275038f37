"""Making a fault good: goods sent again, money for what it is worth less, a coupon, goods taken back at our cost."""

from __future__ import annotations

import secrets
from datetime import timedelta

from django.db import transaction

from kefu.commerce import events
from kefu.commerce.errors import KeyUsedElsewhere, NotDelivered, OutOfStock, RemediedAlready, TooManyPieces
from kefu.commerce.models import (
    Coupon,
    Order,
    OrderLine,
    OrderState,
    Remedy,
    RemedyKind,
    Return,
    ReturnReason,
    Variant,
)
from kefu.commerce.services.locking import locked_order
from kefu.commerce.services.refunds import refund
from kefu.commerce.services.returning import open_return
from kefu.commerce.signals import order_changed, stock_changed
from kefu.kernel import clock
from kefu.kernel.money import Money
from kefu.people.actors import Actor, ActorKind

#: without letters and digits that are taken for one another when read aloud
_CODE_LETTERS = "ACDEFGHJKLMNPQRTUVWXY3479"
#: cause of a remedy -> reason on the return that takes the goods back
RETURN_REASONS = {
    "damaged": ReturnReason.DAMAGED,
    "defective": ReturnReason.DAMAGED,
    "wrong_item": ReturnReason.WRONG_ITEM,
    "missing": ReturnReason.NOT_AS_DESCRIBED,
    "not_as_described": ReturnReason.NOT_AS_DESCRIBED,
    "counterfeit": ReturnReason.NOT_AS_DESCRIBED,
}


@transaction.atomic
def resend(line: OrderLine, *, cause: str, quantity: int, by: Actor, key: str, rule: str = "") -> Remedy:
    """Send pieces of a line once more: they leave the stock now; the warehouse's task is the caller's.

    Raises OutOfStock (with what is left), RemediedAlready, NotDelivered, TooManyPieces, KeyUsedElsewhere.
    """
    by.require("commerce.remedy", on=line)
    order, line, known = _begin(line, cause=cause, quantity=quantity, by=by, key=key)
    if known is not None:
        return known
    variant = Variant.objects.select_for_update().get(pk=line.variant_id)
    if variant.stock < quantity:
        raise OutOfStock(sku=variant.sku, left=variant.stock)
    variant.stock -= quantity
    variant.save(update_fields=["stock"])
    stock_changed.send(sender=Variant, variant_ids=[variant.pk], by=by)
    return _kept(order, line, RemedyKind.RESEND, cause=cause, quantity=quantity, by=by, key=key, rule=rule)


@transaction.atomic
def pay_for_fault(
    line: OrderLine, amount: Money, *, cause: str, quantity: int, is_whole: bool, by: Actor, key: str, rule: str
) -> Remedy:
    """Money for a fault, the goods stay where they are: a part of the price, or all of it (is_whole).

    Raises RefundTooHigh, RemediedAlready, NotDelivered, TooManyPieces, KeyUsedElsewhere.
    """
    by.require("commerce.remedy", on=line)
    order, line, known = _begin(line, cause=cause, quantity=quantity, by=by, key=key)
    if known is not None:
        return known
    refund(order, amount, reason=f"{cause}: {order.number}/{line.position}", by=by, key=f"remedy:{key}", rule=rule)
    kind = RemedyKind.REFUND if is_whole else RemedyKind.PART_REFUND
    return _kept(order, line, kind, cause=cause, quantity=quantity, by=by, key=key, rule=rule, amount=amount)


@transaction.atomic
def give_coupon(
    line: OrderLine, amount: Money, *, cause: str, quantity: int, days: int, by: Actor, key: str, rule: str
) -> Remedy:
    """A code of this customer's own, good once, for so many days.

    Raises RemediedAlready, NotDelivered, TooManyPieces, KeyUsedElsewhere.
    """
    by.require("commerce.remedy", on=line)
    order, line, known = _begin(line, cause=cause, quantity=quantity, by=by, key=key)
    if known is not None:
        return known
    today = clock.now().astimezone(order.brand.zone).date()
    code = "SORRY-" + "".join(secrets.choice(_CODE_LETTERS) for _ in range(8))
    coupon = Coupon.objects.create(
        brand_id=order.brand_id, code=code, amount_minor=amount.minor, currency=amount.currency,
        starts_on=today, ends_on=today + timedelta(days=days), customer_id=order.customer_id, uses_at_most=1,
    )  # fmt: skip
    return _kept(order, line, RemedyKind.COUPON, cause=cause, quantity=quantity, by=by, key=key, rule=rule,
                 amount=amount, coupon=coupon)  # fmt: skip


@transaction.atomic
def take_back(line: OrderLine, *, cause: str, quantity: int, by: Actor, key: str, rule: str = "") -> Return:
    """Faulty goods come back whatever the return window says; the money follows when they have arrived.

    Raises RemediedAlready, NotDelivered, TooManyPieces, KeyUsedElsewhere.
    """
    by.require("commerce.remedy", on=line)
    order, line, known = _begin(line, cause=cause, quantity=quantity, by=by, key=key)
    if known is None:
        _kept(order, line, RemedyKind.TAKE_BACK, cause=cause, quantity=quantity, by=by, key=key, rule=rule)
    return open_return(
        line, quantity=quantity, reason=RETURN_REASONS[cause], by=by, key=f"remedy:{key}", beyond_terms=True
    )


@transaction.atomic
def begin_repair(line: OrderLine, *, cause: str, quantity: int, by: Actor, key: str, rule: str = "") -> Remedy:
    """Keep that a line is being repaired under warranty. Raises as resend does, without OutOfStock."""
    by.require("commerce.remedy", on=line)
    order, line, known = _begin(line, cause=cause, quantity=quantity, by=by, key=key)
    if known is not None:
        return known
    return _kept(order, line, RemedyKind.REPAIR, cause=cause, quantity=quantity, by=by, key=key, rule=rule)


def _begin(
    line: OrderLine, *, cause: str, quantity: int, by: Actor, key: str
) -> tuple[Order, OrderLine, Remedy | None]:
    """Order and line held, and what this key has done already."""
    order = locked_order(Order(pk=line.order_id))
    line = OrderLine.objects.select_for_update(of=("self",)).select_related("variant__product").get(pk=line.pk)
    line.order = order
    known = Remedy.objects.filter(brand_id=order.brand_id, key=key).first()
    if known is not None:
        if known.line_id != line.pk:
            raise KeyUsedElsewhere(key=key)
        return order, line, known
    ref = f"{order.number}/{line.position}"
    if by.kind is not ActorKind.AGENT and line.remedies.filter(cause=cause).exists():
        raise RemediedAlready(line=ref, cause=cause)
    arrived = line.shipments.filter(shipment__delivered_at__isnull=False).exists()
    if order.state == OrderState.CANCELLED or not arrived:
        raise NotDelivered(line=ref)
    left = line.quantity - line.returned_quantity
    if not 1 <= quantity <= left:
        raise TooManyPieces(line=ref, left=left)
    return order, line, None


def _kept(
    order: Order, line: OrderLine, kind: RemedyKind, *, cause: str, quantity: int, by: Actor, key: str, rule: str,
    amount: Money | None = None, coupon: Coupon | None = None,
) -> Remedy:  # fmt: skip
    remedy = Remedy.objects.create(
        brand_id=order.brand_id, customer_id=order.customer_id, line=line, cause=cause, kind=kind, quantity=quantity,
        amount_minor=amount.minor if amount else 0, currency=order.currency, coupon=coupon, key=key, rule=rule[:80],
        actor_kind=by.kind.value, actor_id=by.id, at=clock.now(),
    )  # fmt: skip
    order_changed.send(
        sender=Order, order=order, kind=events.REMEDY_GIVEN, by=by,
        facts={"order": order.number, "line": f"{order.number}/{line.position}", "remedy": str(kind), "cause": cause,
               "quantity": quantity, "amount_minor": remedy.amount_minor, "currency": order.currency, "rule": rule},
    )  # fmt: skip
    return remedy
