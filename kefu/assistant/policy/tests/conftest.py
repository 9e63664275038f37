"""Orders to judge, made of nothing but facts."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from kefu.assistant.facts import CustomerFact, Facts, LineFact, OrderFact, ShipmentFact
from kefu.assistant.policy import PolicyRequest, Rule, pack_rules
from kefu.kernel.money import Money

TODAY = date(2026, 3, 2)
NOW = datetime(2026, 3, 2, 10, 0, tzinfo=UTC)


def an_order(
    *, state: str = "delivered", country: str = "DE", delivered_days_ago: int | None = 3, returnable: bool = True,
    returned: int = 0, paid: int = 20_000, refunded: int = 0, currency: str = "EUR",
) -> OrderFact:  # fmt: skip
    line = LineFact(ref="KF-1042/1", row="orderline:1", sku="JKT-M", titles={"en": "Rain jacket", "zh": "雨衣"},
                    size="M", color="blue", quantity=2, unit_price=Money(10_000, currency),
                    is_returnable=returnable, returned=returned)  # fmt: skip
    shipments: tuple[ShipmentFact, ...] = ()
    if state in ("shipped", "delivered"):
        arrived = NOW - timedelta(days=delivered_days_ago) if delivered_days_ago is not None else None
        shipments = (ShipmentFact(row="shipment:1", carrier="DHL", tracking_number="T1",
                                  state="delivered" if arrived else "in_transit", shipped_at=NOW - timedelta(days=40),
                                  promised_on=None, delivered_at=arrived, line_refs=("KF-1042/1",),
                                  events=()),)  # fmt: skip
    return OrderFact(row="order:1", number="KF-1042", placed_at=NOW - timedelta(days=41), state=state,  # type: ignore[arg-type]
                     country=country, total=Money(20_000, currency), paid=Money(paid, currency),
                     refunded=Money(refunded, currency), payment_method="card", lines=(line,), shipments=shipments,
                     returns=())  # fmt: skip


def some_facts(order: OrderFact | None, *, verification: int = 1, terms: dict[str, Any] | None = None) -> Facts:
    return Facts(now=NOW, today=TODAY, brand="lumen", brand_name="Lumen", language="en", channel="chat",
                 verification=verification,
                 customer=CustomerFact(row="customer:1", id=1, name="Mira", language="en", country="DE", tier=""),
                 orders=(order,) if order else (), terms=terms or {})  # fmt: skip


def a_request(action: str, order: OrderFact | None = None, **changes: Any) -> PolicyRequest:
    facts = some_facts(order, verification=changes.pop("verification", 1), terms=changes.pop("terms", None))
    request = PolicyRequest(action=action, facts=facts, order=order, line=order.lines[0] if order else None,
                            counts={"refunds_30_days": 0})  # fmt: skip
    if action == "commerce.open_return":
        request = replace(request, args={"reason": "changed_mind", "quantity": 1})
    return replace(request, **changes)


@pytest.fixture
def rules() -> tuple[Rule, ...]:
    return pack_rules("ecommerce")


@pytest.fixture
def write_rules(tmp_path: Any) -> Callable[[str], Any]:
    """Write one policy file and give its folder."""

    def write(text: str) -> Any:
        (tmp_path / "rules.yaml").write_text(text, encoding="utf-8")
        return tmp_path

    return write
