"""Orders with all that hangs on them, as one statement: what every turn of the assistant reads.

The same by the ORM is nine statements and some hundred objects; this is one statement and one JSON text, which costs
a fifth. The shape stands in `Sheet`, and a test compares it with the rows.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import connection

#: One order as JSON: {"id", "number", "placed_at", …, "lines": [...], "payments": [...], "shipments": [...],
#: "returns": [...]}. Moments are ISO 8601 in UTC, days ISO 8601, amounts minor units, titles by language.
Sheet = dict[str, Any]

_SHEETS = """
SELECT json_build_object(
  'id', o.id, 'number', o.number, 'placed_at', o.placed_at, 'state', o.state, 'country', o.country,
  'marketplace', o.marketplace,
  'currency', o.currency, 'total', o.total_minor, 'discount', o.discount_minor, 'shipping', o.shipping_minor,
  'address_changes', o.address_changes, 'item_changes', o.item_changes, 'payment_changes', o.payment_changes,
  'cancelled_at', (SELECT c.at FROM commerce_cancellation c WHERE c.order_id = o.id),
  'lines', (
    SELECT coalesce(json_agg(json_build_object(
      'id', l.id, 'position', l.position, 'titles', CASE WHEN l.titles = '{}' THEN p.titles ELSE l.titles END,
      'quantity', l.quantity, 'unit_price', l.unit_price_minor, 'returned', l.returned_quantity, 'sku', v.sku,
      'made_good', (SELECT coalesce(sum(m.quantity), 0) FROM commerce_remedy m
                    WHERE m.line_id = l.id AND m.kind IN ('resend', 'refund')),
      'given', (SELECT coalesce(sum(m.amount_minor), 0) FROM commerce_remedy m
                WHERE m.line_id = l.id AND m.kind IN ('part_refund', 'refund')),
      'size', v.size, 'color', v.color, 'is_returnable', p.is_returnable,
      'kind_of_goods', p.attributes->'not_returnable_because') ORDER BY l.position), '[]')
    FROM commerce_orderline l JOIN commerce_variant v ON v.id = l.variant_id
    JOIN commerce_product p ON p.id = v.product_id WHERE l.order_id = o.id),
  'payments', (
    SELECT coalesce(json_agg(json_build_object(
      'id', y.id, 'method', y.method, 'state', y.state, 'amount', y.amount_minor, 'refunded', y.refunded_minor)
      ORDER BY y.at, y.id), '[]')
    FROM commerce_payment y WHERE y.order_id = o.id),
  'shipments', (
    SELECT coalesce(json_agg(json_build_object(
      'id', s.id, 'carrier', s.carrier, 'tracking_number', s.tracking_number, 'state', s.state,
      'shipped_at', s.shipped_at, 'promised_on', s.promised_on, 'delivered_at', s.delivered_at,
      'lines', (SELECT coalesce(json_agg(sl.line_id ORDER BY sl.id), '[]')
                FROM commerce_shipmentline sl WHERE sl.shipment_id = s.id),
      'tracking', (SELECT coalesce(json_agg(json_build_object('at', t.at, 'code', t.code, 'place', t.place)
                                            ORDER BY t.at, t.id), '[]')
                   FROM commerce_trackingevent t WHERE t.shipment_id = s.id)) ORDER BY s.id), '[]')
    FROM commerce_shipment s WHERE s.order_id = o.id),
  'returns', (
    SELECT coalesce(json_agg(json_build_object(
      'id', r.id, 'number', r.number, 'state', r.state, 'opened_at', r.opened_at, 'refund', r.refund_minor,
      'is_exchange', EXISTS (SELECT FROM commerce_exchange x WHERE x.of_return_id = r.id),
      'lines', (SELECT coalesce(json_agg(rl.line_id ORDER BY rl.id), '[]')
                FROM commerce_returnline rl WHERE rl.of_return_id = r.id)) ORDER BY r.opened_at, r.id), '[]')
    FROM commerce_return r WHERE r.order_id = o.id)
)::text
FROM commerce_order o WHERE o.brand_id = %(brand)s AND WHICH ORDER BY o.placed_at DESC, o.id DESC LIMIT %(limit)s
"""
_OF_CUSTOMER = _SHEETS.replace(
    "WHICH",
    "o.customer_id = %(customer)s AND (o.number = ANY(%(numbers)s) OR o.id IN (SELECT n.id FROM commerce_order n "
    "WHERE n.brand_id = %(brand)s AND n.customer_id = %(customer)s "
    "ORDER BY n.placed_at DESC, n.id DESC LIMIT %(newest)s))",
)
_NUMBERED = _SHEETS.replace("WHICH", "o.number = ANY(%(numbers)s)")


def sheets_of_customer(brand_id: int, customer_id: int, *, newest: int, named: Sequence[str] = ()) -> list[Sheet]:
    """A customer's newest orders, and of the older ones those whose numbers are named (upper case), newest first."""
    return _sheets(
        _OF_CUSTOMER,
        {"brand": brand_id, "customer": customer_id, "numbers": list(named), "newest": newest,
         "limit": newest + len(named)},
    )  # fmt: skip


def sheets_numbered(brand_id: int, numbers: Sequence[str], *, newest: int) -> list[Sheet]:
    """The brand's orders of exactly these numbers, whoever's they are, newest first."""
    return _sheets(_NUMBERED, {"brand": brand_id, "numbers": list(numbers), "limit": newest})


def _sheets(statement: str, values: dict[str, Any]) -> list[Sheet]:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return [json.loads(text) for (text,) in cursor.fetchall()]


def moment(text: str | None) -> datetime | None:
    """A moment of a sheet."""
    return datetime.fromisoformat(text) if text else None
