"""Facts for one turn, read once. What the verification does not permit is not read at all."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from django.db.models import Prefetch

from kefu.assistant.facts import (
    CustomerFact,
    Facts,
    LineFact,
    OrderFact,
    ReturnFact,
    ShipmentFact,
    TrackingFact,
)
from kefu.commerce.models import Order, OrderLine, PaymentState, Shipment
from kefu.commerce.models.orders import OrderQuerySet
from kefu.desk.models import Conversation, Verification
from kefu.kernel import clock
from kefu.kernel.money import Money
from kefu.people.models import Customer

#: of one customer's orders, the newest so many; older ones when they are named
NEWEST = 20


def gather(
    conversation: Conversation,
    *,
    language: str,
    named: Iterable[str] = (),
) -> Facts:
    """What the assistant may know of this conversation's customer now.

    named: order numbers that the customer has mentioned, so that old orders are found too.
    """
    brand = conversation.brand
    level = conversation.verification
    now = clock.now()
    return Facts(
        now=now,
        today=now.astimezone(brand.zone).date(),
        brand=brand.slug,
        brand_name=brand.name,
        language=language,
        channel=conversation.channel.kind,
        verification=level,
        customer=_customer(conversation.customer) if level >= Verification.CUSTOMER else None,
        orders=tuple(order_fact(order) for order in _visible_orders(conversation, level, list(named)[:10])),
        terms=brand.settings.get("terms", {}),
        zone=brand.zone,
    )


def _customer(customer: Customer) -> CustomerFact:
    return CustomerFact(
        row=f"customer:{customer.pk}",
        id=customer.pk,
        name=customer.name,
        language=customer.language,
        country=customer.country,
        tier=customer.tier,
    )


def _visible_orders(conversation: Conversation, level: int, named: Sequence[str]) -> list[Order]:
    ours = _as_facts_need(Order.objects.filter(brand_id=conversation.brand_id))
    proved: list[str] = conversation.memory.get("proved_orders", [])
    if level >= Verification.CUSTOMER:
        own = ours.filter(customer_id=conversation.customer_id)
        found = list(own.order_by("-placed_at", "-id")[:NEWEST])
        missing = {number.upper() for number in named} - {order.number.upper() for order in found}
        if missing:
            found += own.filter(number__in=missing)[:NEWEST]
    elif level >= Verification.ORDER and proved:
        found = list(ours.filter(number__in=proved).order_by("-placed_at", "-id")[:NEWEST])
    else:
        found = []
    return found


def _as_facts_need(orders: OrderQuerySet) -> OrderQuerySet:
    """With just the columns that facts are made of: a product's descriptions and attributes are large, and a turn
    reads up to NEWEST orders."""
    lines = OrderLine.objects.select_related("variant__product").only(
        "order_id", "position", "titles", "quantity", "unit_price_minor", "returned_quantity",
        "variant__sku", "variant__size", "variant__color", "variant__product__titles",
        "variant__product__is_returnable",
    )  # fmt: skip
    return orders.select_related("cancellation").prefetch_related(
        Prefetch("lines", lines), "payments", "shipments__tracking", "shipments__lines", "returns__lines"
    )


def order_fact(order: Order) -> OrderFact:
    """An order with the relations of _as_facts_need prefetched; reads nothing more."""
    paid = [payment for payment in order.payments.all() if payment.state == PaymentState.PAID]
    lines = {line.pk: line for line in order.lines.all()}
    refs = {pk: f"{order.number}/{line.position}" for pk, line in lines.items()}
    return OrderFact(
        row=f"order:{order.pk}",
        number=order.number,
        placed_at=order.placed_at,
        state=order.state,  # type: ignore[arg-type]  # the model's choices are the same words
        country=order.country,
        total=order.total,
        paid=Money(sum(payment.amount_minor for payment in paid), order.currency),
        refunded=Money(sum(payment.refunded_minor for payment in paid), order.currency),
        payment_method=paid[0].method if paid else "",
        lines=tuple(
            LineFact(
                ref=refs[line.pk],
                row=f"orderline:{line.pk}",
                sku=line.variant.sku,
                titles=line.titles or line.variant.product.titles,
                size=line.variant.size,
                color=line.variant.color,
                quantity=line.quantity,
                unit_price=Money(line.unit_price_minor, order.currency),
                is_returnable=line.variant.product.is_returnable,
                returned=line.returned_quantity,
            )
            for line in lines.values()
        ),
        shipments=tuple(_shipment_fact(shipment, refs) for shipment in order.shipments.all()),
        returns=tuple(
            ReturnFact(
                row=f"return:{one.pk}",
                number=one.number,
                line_ref=refs.get(part.line_id, ""),
                state=one.state,
                opened_at=one.opened_at,
            )
            for one in order.returns.all()
            for part in one.lines.all()
        ),
        cancelled_at=order.cancellation.at if hasattr(order, "cancellation") else None,
        discount_minor=order.discount_minor,
        shipping_minor=order.shipping_minor,
    )


def _shipment_fact(shipment: Shipment, refs: dict[int, str]) -> ShipmentFact:
    return ShipmentFact(
        row=f"shipment:{shipment.pk}",
        carrier=shipment.carrier,
        tracking_number=shipment.tracking_number,
        state=shipment.state,  # type: ignore[arg-type]  # the model's choices are the same words
        shipped_at=shipment.shipped_at,
        promised_on=shipment.promised_on,
        delivered_at=shipment.delivered_at,
        line_refs=tuple(refs[part.line_id] for part in shipment.lines.all() if part.line_id in refs),
        events=tuple(
            TrackingFact(at=event.at, code=event.code, place=event.place) for event in shipment.tracking.all()
        ),
    )
