"""What hangs on an order: the order and the lines that a record names, held while it goes in."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from kefu.commerce.exchange.problems import Fault
from kefu.commerce.exchange.records import Record, Refuse
from kefu.commerce.exchange.rows import held
from kefu.commerce.models import Order, OrderLine
from kefu.people.models import Brand


def with_orders(brand: Brand, batch: list[Record], refuse: Refuse) -> tuple[list[Record], dict[str, Order]]:
    """The records whose order exists, and those orders, held: the verbs take their turn at the same lock."""
    numbers = {record.values["order"] for record in batch}
    orders = held(Order.objects.filter(brand=brand, number__in=numbers), "number")
    good = []
    for record in batch:
        if record.values["order"] in orders:
            good.append(record)
        else:
            cure = "import the orders first, or correct the number"
            refuse(record, Fault(f"no order {record.values['order']!r}", cure, "order"))
    return good, orders


def columns_of(record: Record, order: Order, *, without: tuple[str, ...] = ()) -> dict[str, Any]:
    rest = {name: value for name, value in record.values.items() if name != "order" and name not in without}
    return {"order_id": order.pk, **rest}


def with_lines(batch: list[Record], orders: Mapping[str, Order], refuse: Refuse) -> tuple[list[Record], dict[Any, int]]:
    """The records whose order lines exist, and those lines by (order id, position)."""
    named = {orders[record.values["order"]].pk for record in batch}
    lines = {
        (order_id, position): pk
        for order_id, position, pk in OrderLine.objects.filter(order_id__in=named).values_list(
            "order_id", "position", "pk"
        )
    }
    good = []
    for record in batch:
        order_id = orders[record.values["order"]].pk
        missing = next((p["position"] for p in record.parts["lines"] if (order_id, p["position"]) not in lines), None)
        if missing is None:
            good.append(record)
        else:
            cure = "write the position that the line has in its order"
            refuse(record, Fault(f"{record.values['order']} has no line {missing}", cure, "lines.position"))
    return good, lines
