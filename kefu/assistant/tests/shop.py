"""A little shop for the assistant's tests: orders as rows, made in one line each."""

from __future__ import annotations

from datetime import timedelta

from kefu.commerce.models import (
    Order,
    OrderLine,
    Payment,
    Product,
    Shipment,
    ShipmentLine,
    TrackingEvent,
    Variant,
)
from kefu.kernel import clock
from kefu.people.models import Brand, Customer


def product(brand: Brand, handle: str = "glacier-rain-jacket", **more) -> Product:
    facts = {
        "external_id": handle,
        "titles": {"en": "Glacier rain jacket", "zh": "冰川冲锋衣"},
        "attributes": {"waterproof_mm": 10000, "weight_g": 320},
        "category": "jackets",
    }
    return Product.objects.get_or_create(brand=brand, handle=handle, defaults=facts | more)[0]


def variant(of: Product, *, color: str = "blue", size: str = "M", price_minor: int = 12900) -> Variant:
    sku = f"{of.handle}-{color}-{size}".upper()
    return Variant.objects.get_or_create(
        brand=of.brand,
        sku=sku,
        defaults={
            "product": of, "color": color, "size": size, "price_minor": price_minor, "currency": "EUR", "stock": 5
        },
    )[0]  # fmt: skip


def order(
    customer: Customer,
    number: str,
    *,
    state: str = "paid",
    of: list[Variant] | None = None,
    delivered_days_ago: int | None = None,
    shipped_days_ago: int | None = None,
    tracking: tuple[tuple[int, str], ...] = (),
    promised_in_days: int = 2,
    **more,
) -> Order:
    """One paid order; with `shipped_days_ago` a parcel, with `tracking` its events as (days ago, code)."""
    now = clock.now()
    pieces = of or [variant(product(customer.brand))]
    total = sum(piece.price_minor for piece in pieces)
    facts = {
        "placed_at": now - timedelta(days=10), "email": customer.email, "phone": customer.phone, "postcode": "10115",
        "country": "DE", "currency": "EUR", "total_minor": total,
    }  # fmt: skip
    made = Order.objects.create(brand=customer.brand, customer=customer, number=number, state=state, **(facts | more))
    lines = [
        OrderLine.objects.create(
            brand=customer.brand, order=made, position=n, variant=piece, titles=piece.product.titles, quantity=1,
            unit_price_minor=piece.price_minor,
        )
        for n, piece in enumerate(pieces, 1)
    ]  # fmt: skip
    if state != "unpaid":
        Payment.objects.create(
            brand=customer.brand, order=made, external_id=f"pay-{number}", method="card", state="paid",
            amount_minor=total, currency="EUR", at=made.placed_at,
        )  # fmt: skip
    if shipped_days_ago is not None or delivered_days_ago is not None:
        days = shipped_days_ago if shipped_days_ago is not None else (delivered_days_ago or 0) + 3
        delivered = None if delivered_days_ago is None else now - timedelta(days=delivered_days_ago)
        parcel = Shipment.objects.create(
            brand=customer.brand, order=made, external_id=f"ship-{number}", carrier="DHL",
            tracking_number=f"JD{number[-4:]}", state="delivered" if delivered else "in_transit",
            shipped_at=now - timedelta(days=days), promised_on=(now + timedelta(days=promised_in_days)).date(),
            delivered_at=delivered,
        )  # fmt: skip
        for line in lines:
            ShipmentLine.objects.create(brand=customer.brand, shipment=parcel, line=line, quantity=1)
        for days_ago, code in tracking:
            TrackingEvent.objects.create(
                brand=customer.brand, shipment=parcel, at=now - timedelta(days=days_ago), code=code, place="Leipzig"
            )
    return made
