"""A small shop: one product in two colours, one that cannot be returned, and orders in every state."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from kefu.commerce.models import (
    Order,
    OrderLine,
    OrderState,
    Payment,
    Product,
    Shipment,
    ShipmentLine,
    ShipmentState,
    Variant,
)
from kefu.commerce.signals import order_changed
from kefu.commerce.tests.exchanging import Door
from kefu.people.models import Brand, Customer


@dataclass
class Shop:
    brand: Brand
    customer: Customer
    now: datetime
    heard: list[tuple[str, dict[str, Any]]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.brand.settings = {"order_prefix": "KF-", "terms": {"return_days": 30}}
        self.brand.save()
        self.jacket = self._product("jacket", price=12900)
        self.boxers = self._product("boxers", price=3900, is_returnable=False)

    def _product(self, name: str, *, price: int, is_returnable: bool = True) -> Variant:
        product = Product.objects.create(
            brand=self.brand, external_id=name, handle=name, titles={"en": name, "zh": name}, category="clothing",
            is_returnable=is_returnable,
        )  # fmt: skip
        return Variant.objects.create(
            brand=self.brand, product=product, sku=f"{name}-M".upper(), price_minor=price, currency="EUR", stock=5
        )

    def order(
        self, number: str = "KF-1042", *, state: str = OrderState.PAID, paid: int | None = None, quantity: int = 2,
        variant: Variant | None = None, delivered_days_ago: int | None = None, discount: int = 0, shipping: int = 490,
        country: str = "DE", **more: Any,
    ) -> Order:  # fmt: skip
        variant = variant or self.jacket
        total = quantity * variant.price_minor + shipping - discount
        order = Order.objects.create(
            brand=self.brand, number=number, customer=self.customer, state=state, country=country, currency="EUR",
            placed_at=self.now - timedelta(days=8), email="mira@example.com", phone="+4915112345678",
            postcode="10119", shipping_minor=shipping, discount_minor=discount, total_minor=total, **more,
        )  # fmt: skip
        OrderLine.objects.create(
            brand=self.brand, order=order, position=1, variant=variant, titles=variant.product.titles,
            quantity=quantity, unit_price_minor=variant.price_minor,
        )  # fmt: skip
        self.payment(order, total if paid is None else paid)
        if delivered_days_ago is not None:
            self.parcel(order, delivered_at=self.now - timedelta(days=delivered_days_ago))
        return order

    def payment(self, order: Order, amount: int, *, state: str = "paid") -> Payment:
        return Payment.objects.create(
            brand=self.brand, order=order, external_id=f"pay-{Payment.objects.count()}", method="card", state=state,
            amount_minor=amount, currency="EUR", at=self.now,
        )  # fmt: skip

    def parcel(self, order: Order, *, delivered_at: datetime | None, state: str = "") -> Shipment:
        shipment = Shipment.objects.create(
            brand=self.brand, order=order, external_id=f"S-{Shipment.objects.count()}", tracking_number="DE1",
            state=state or (ShipmentState.DELIVERED if delivered_at else ShipmentState.IN_TRANSIT),
            delivered_at=delivered_at,
        )  # fmt: skip
        for line in order.lines.all():
            ShipmentLine.objects.create(brand=self.brand, shipment=shipment, line=line, quantity=line.quantity)
        return shipment


@pytest.fixture
def shop(brand: Brand, mira: Customer, held_clock: Any) -> Iterator[Shop]:
    shop = Shop(brand, mira, held_clock.now)

    def hear(sender: object, kind: str, facts: dict[str, Any], **rest: Any) -> None:
        shop.heard.append((kind, facts))

    order_changed.connect(hear)
    yield shop
    order_changed.disconnect(hear)


@pytest.fixture
def door(brand: Brand, tmp_path: Path) -> Door:
    return Door(brand, tmp_path)
