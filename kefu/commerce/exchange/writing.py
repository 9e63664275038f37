"""The way back: a brand's rows as the records that the import reads, in the order of their keys, so that the same
data gives the same bytes."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from typing import IO, Any

from django.db.models import F, Func, Model, TextField

from kefu.commerce.exchange.reading import FORMULA
from kefu.commerce.exchange.shapes import KINDS, Kind
from kefu.commerce.models import Coupon, Order, OrderLine, Payment, Product, Return, Shipment
from kefu.kernel.money import Money
from kefu.people.models import Brand
from kefu.people.queries import customers_of_the_shop

CHUNK = 500


def export_kind(brand: Brand, kind_name: str, out: IO[str], *, as_csv: bool = False) -> int:
    """Write one kind to `out` (UTF-8, newline=""); returns the number of records. Call it in a transaction."""
    kind = KINDS[kind_name]
    records = _RECORDS[kind_name](brand)
    return _write_csv(records, kind, _csv_columns(kind, brand), out) if as_csv else _write_json(records, out)


def _write_json(records: Iterator[dict[str, Any]], out: IO[str]) -> int:
    count = 0
    for count, record in enumerate(records, 1):  # noqa: B007  # the last value is the number of records
        out.write(json.dumps(record, ensure_ascii=False, separators=(",", ":")) + "\n")
    return count


# -- CSV ----------------------------------------------------------------------

_COLUMNS: Mapping[str, tuple[str, ...]] = {
    "customers": ("id", "name", "email", "phone", "language", "country", "tier", "loyalty_points"),
    "products": ("id", "handle", "titles", "descriptions", "attributes", "category", "is_returnable", "is_sold",
                 "warranty_months", "image", "variants.sku", "variants.size", "variants.color", "variants.price",
                 "variants.currency", "variants.stock", "variants.barcode"),
    "coupons": ("code", "percent", "amount", "currency", "least_total", "starts_on", "ends_on", "is_on"),
    "orders": ("number", "id", "customer", "state", "placed_at", "email", "phone", "postcode", "country",
               "address.name", "address.street", "address.city", "address.region", "currency", "shipping", "discount",
               "total", "coupon", "marketplace", "cancelled_at", "cancel_reason", "lines.position", "lines.sku",
               "lines.titles", "lines.quantity", "lines.unit_price"),
    "payments": ("id", "order", "method", "state", "amount", "currency", "at", "refunds.id", "refunds.amount",
                 "refunds.reason", "refunds.state", "refunds.at", "refunds.rule"),
    "shipments": ("id", "order", "carrier", "tracking_number", "shipped_at", "promised_on", "delivered_at",
                  "lines.position", "lines.quantity", "tracking.at", "tracking.code", "tracking.place",
                  "tracking.text"),
    "returns": ("number", "order", "state", "opened_at", "deadline", "received_at", "currency", "refund",
                "lines.position", "lines.quantity", "lines.reason"),
}  # fmt: skip
#: columns that are one a language, and where to look which languages there are
_BY_LANGUAGE: Mapping[str, tuple[type[Model], str]] = {
    "titles": (Product, "titles"),
    "descriptions": (Product, "descriptions"),
    "lines.titles": (OrderLine, "titles"),
}


def _csv_columns(kind: Kind, brand: Brand) -> list[str]:
    columns = []
    for name in _COLUMNS[kind.name]:
        columns += [f"{name}.{language}" for language in _languages(brand, name)] if name in _BY_LANGUAGE else [name]
    return columns


def _languages(brand: Brand, name: str) -> list[str]:
    model, column = _BY_LANGUAGE[name]
    keys = Func(F(column), function="jsonb_object_keys", output_field=TextField())
    rows = model._default_manager.filter(brand=brand).annotate(language=keys)
    return sorted(rows.values_list("language", flat=True).distinct())


def _write_csv(records: Iterator[dict[str, Any]], kind: Kind, columns: list[str], out: IO[str]) -> int:
    """One row an item; what all items share stands in the first row only, but for the key."""
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(columns)
    count = 0
    for count, record in enumerate(records, 1):  # noqa: B007  # the last value is the number of records
        own = {name: value for name, value in record.items() if name not in kind.lists}
        rows = max([1, *(len(record[name]) for name in kind.lists)])
        for at in range(rows):
            flat = _flat(own) if at == 0 else {kind.key: record[kind.key]}
            for name in kind.lists:
                if at < len(record[name]):
                    flat |= _flat(record[name][at], f"{name}.")
            writer.writerow([_cell(flat.get(column)) for column in columns])
    return count


def _flat(values: Mapping[str, Any], prefix: str = "") -> dict[str, Any]:
    flat: dict[str, Any] = {}
    for name, value in values.items():
        if name == "attributes":
            flat[prefix + name] = json.dumps(value, ensure_ascii=False, separators=(",", ":")) if value else ""
        elif isinstance(value, dict):
            flat |= _flat(value, f"{prefix}{name}.")
        else:
            flat[prefix + name] = value
    return flat


def _cell(value: object) -> str:
    """A spreadsheet shows what stands here and runs none of it. Source: OWASP, "CSV Injection"."""
    if value is None:
        return ""
    text = str(value).lower() if isinstance(value, bool) else str(value)
    return f"'{text}" if text.lstrip("'").startswith(FORMULA) else text


# -- records ------------------------------------------------------------------


def _moment(moment: datetime | None) -> str | None:
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z") if moment else None


def _day(day: Any) -> str | None:
    return day.isoformat() if day else None


def _amount(minor: int, currency: str) -> str:
    return f"{Money(minor, currency).amount:f}"


def _customers(brand: Brand) -> Iterator[dict[str, Any]]:
    for one in customers_of_the_shop(brand):
        yield {"id": one.external_id, "name": one.name, "email": one.email, "phone": one.phone,
               "language": one.language, "country": one.country, "tier": one.tier,
               "loyalty_points": one.loyalty_points}  # fmt: skip


def _products(brand: Brand) -> Iterator[dict[str, Any]]:
    rows = Product.objects.filter(brand=brand).order_by("external_id").prefetch_related("variants")
    for one in rows.iterator(CHUNK):
        variants = sorted(one.variants.all(), key=lambda variant: variant.sku)
        yield {
            "id": one.external_id, "handle": one.handle, "titles": one.titles, "descriptions": one.descriptions,
            "attributes": one.attributes, "category": one.category, "is_returnable": one.is_returnable,
            "is_sold": one.is_sold, "warranty_months": one.warranty_months, "image": one.image,
            "variants": [
                {"sku": v.sku, "size": v.size, "color": v.color, "price": _amount(v.price_minor, v.currency),
                 "currency": v.currency, "stock": v.stock, "barcode": v.barcode}
                for v in variants
            ],
        }  # fmt: skip


def _coupons(brand: Brand) -> Iterator[dict[str, Any]]:
    for one in Coupon.objects.filter(brand=brand).order_by("code").iterator(CHUNK):
        amount = _amount(one.amount_minor, one.currency) if one.amount_minor is not None else None
        # without a currency the least total is in the brand's
        least = _amount(one.least_total_minor, one.currency or brand.currency)
        yield {"code": one.code, "percent": one.percent, "amount": amount, "currency": one.currency or None,
               "least_total": least, "starts_on": _day(one.starts_on), "ends_on": _day(one.ends_on),
               "is_on": one.is_on}  # fmt: skip


def _orders(brand: Brand) -> Iterator[dict[str, Any]]:
    rows = Order.objects.filter(brand=brand).order_by("number").select_related("customer", "cancellation")
    for one in rows.prefetch_related("lines__variant").iterator(CHUNK):
        cancellation = getattr(one, "cancellation", None)
        yield {
            "number": one.number, "id": one.external_id, "customer": one.customer.external_id, "state": one.state,
            "placed_at": _moment(one.placed_at), "email": one.email, "phone": one.phone, "postcode": one.postcode,
            "country": one.country, "address": one.address, "currency": one.currency,
            "shipping": _amount(one.shipping_minor, one.currency),
            "discount": _amount(one.discount_minor, one.currency),
            "total": _amount(one.total_minor, one.currency), "coupon": one.coupon_code, "marketplace": one.marketplace,
            "cancelled_at": _moment(cancellation.at) if cancellation else None,
            "cancel_reason": cancellation.reason if cancellation else None,
            "lines": [
                {"position": line.position, "sku": line.variant.sku, "titles": line.titles, "quantity": line.quantity,
                 "unit_price": _amount(line.unit_price_minor, one.currency)}
                for line in one.lines.all()
            ],
        }  # fmt: skip


def _payments(brand: Brand) -> Iterator[dict[str, Any]]:
    rows = Payment.objects.filter(brand=brand).order_by("external_id").select_related("order")
    for one in rows.prefetch_related("refunds__approved_by").iterator(CHUNK):
        yield {
            "id": one.external_id, "order": one.order.number, "method": one.method, "state": one.state,
            "amount": _amount(one.amount_minor, one.currency), "currency": one.currency, "at": _moment(one.at),
            "refunds": [
                {"id": r.key, "amount": _amount(r.amount_minor, r.currency), "reason": r.reason, "state": r.state,
                 "at": _moment(r.at), "rule": r.rule or f"approved by {r.approved_by}"}
                for r in sorted(one.refunds.all(), key=lambda refund: (refund.at, refund.key))
            ],
        }  # fmt: skip


def _shipments(brand: Brand) -> Iterator[dict[str, Any]]:
    rows = Shipment.objects.filter(brand=brand).order_by("external_id").select_related("order")
    for one in rows.prefetch_related("lines__line", "tracking").iterator(CHUNK):
        yield {
            "id": one.external_id, "order": one.order.number, "carrier": one.carrier,
            "tracking_number": one.tracking_number, "shipped_at": _moment(one.shipped_at),
            "promised_on": _day(one.promised_on), "delivered_at": _moment(one.delivered_at),
            "lines": [
                {"position": part.line.position, "quantity": part.quantity}
                for part in sorted(one.lines.all(), key=lambda part: part.line.position)
            ],
            "tracking": [
                {"at": _moment(event.at), "code": event.code, "place": event.place, "text": event.text}
                for event in sorted(one.tracking.all(), key=lambda event: (event.at, event.code))
            ],
        }  # fmt: skip


def _returns(brand: Brand) -> Iterator[dict[str, Any]]:
    rows = Return.objects.filter(brand=brand).order_by("number").select_related("order")
    for one in rows.prefetch_related("lines__line").iterator(CHUNK):
        currency = one.order.currency
        yield {
            "number": one.number, "order": one.order.number, "state": one.state, "opened_at": _moment(one.opened_at),
            "deadline": _day(one.deadline), "received_at": _moment(one.received_at), "currency": currency,
            "refund": _amount(one.refund_minor, currency),
            "lines": [
                {"position": part.line.position, "quantity": part.quantity, "reason": part.reason}
                for part in sorted(one.lines.all(), key=lambda part: part.line.position)
            ],
        }  # fmt: skip


_RECORDS: Mapping[str, Callable[[Brand], Iterator[dict[str, Any]]]] = {
    "customers": _customers,
    "products": _products,
    "coupons": _coupons,
    "orders": _orders,
    "payments": _payments,
    "shipments": _shipments,
    "returns": _returns,
}
