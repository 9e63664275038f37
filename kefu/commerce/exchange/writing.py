"""The way back: a brand's rows as the records that the import reads, in the order of their keys, so that the same
data gives the same bytes."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from itertools import islice
from typing import IO, Any

from django.db.models import F, Func, Model, TextField

from kefu.commerce.exchange.reading import FORMULA
from kefu.commerce.exchange.shapes import DOERS, KINDS, Kind
from kefu.commerce.models import (
    Coupon,
    Order,
    OrderLine,
    Payment,
    PaymentMethod,
    Product,
    Remedy,
    Return,
    ReturnLine,
    Shipment,
)
from kefu.kernel.money import Money
from kefu.people.models import Brand, Customer
from kefu.people.queries import consents_of, customers_of_the_shop

CHUNK = 500
#: fields whose cell holds JSON
AS_JSON = frozenset({"attributes", "options", "was", "became"})


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
    "customers": ("id", "name", "email", "phone", "language", "country", "tier", "loyalty_points", "address.name",
                  "address.street", "address.street2", "address.city", "address.region", "address.postcode",
                  "address.country", "consents.topic", "consents.is_given", "consents.at", "consents.source"),
    "payment_methods": ("id", "customer", "kind", "label", "balance", "currency", "is_usable"),
    "products": ("id", "handle", "titles", "descriptions", "attributes", "category", "is_returnable", "is_sold",
                 "warranty_months", "image", "variants.sku", "variants.size", "variants.color", "variants.options",
                 "variants.price", "variants.currency", "variants.stock", "variants.barcode"),
    "coupons": ("code", "percent", "amount", "currency", "least_total", "starts_on", "ends_on", "is_on", "is_public",
                "audience", "customer", "uses_at_most"),
    "orders": ("number", "id", "customer", "state", "placed_at", "email", "phone", "postcode", "country",
               "address.name", "address.street", "address.street2", "address.city", "address.region", "currency",
               "shipping", "discount", "total", "coupon", "marketplace", "cancelled_at", "cancel_reason",
               "lines.position", "lines.sku", "lines.titles", "lines.quantity", "lines.unit_price", "changes.id",
               "changes.kind", "changes.was", "changes.became", "changes.difference", "changes.rule", "changes.at"),
    "payments": ("id", "order", "method", "paid_with", "state", "amount", "currency", "at", "refunds.id",
                 "refunds.amount", "refunds.reason", "refunds.state", "refunds.at", "refunds.rule",
                 "refunds.refunded_to"),
    "shipments": ("id", "order", "carrier", "tracking_number", "shipped_at", "promised_on", "delivered_at",
                  "lines.position", "lines.quantity", "tracking.at", "tracking.code", "tracking.place",
                  "tracking.text"),
    "returns": ("number", "order", "state", "opened_at", "deadline", "received_at", "currency", "refund",
                "refund_to", "difference", "pay_difference_with", "sent_at", "lines.position", "lines.quantity",
                "lines.reason", "lines.new_sku", "lines.new_price"),
    "remedies": ("id", "order", "position", "cause", "kind", "quantity", "amount", "currency", "coupon", "rule", "by",
                 "at"),
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
        if name in AS_JSON:
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


def _signed(minor: int, currency: str) -> str:
    return f"-{_amount(-minor, currency)}" if minor < 0 else _amount(minor, currency)


def _in_batches(rows: Iterator[Customer]) -> Iterator[list[Customer]]:
    while several := list(islice(rows, CHUNK)):
        yield several


def _customers(brand: Brand) -> Iterator[dict[str, Any]]:
    for several in _in_batches(customers_of_the_shop(brand)):
        consents = consents_of(one.pk for one in several)
        for one in several:
            yield {
                "id": one.external_id, "name": one.name, "email": one.email, "phone": one.phone,
                "language": one.language, "country": one.country, "tier": one.tier,
                "loyalty_points": one.loyalty_points, "address": one.address,
                "consents": [
                    {"topic": said.topic, "is_given": said.is_given, "at": _moment(said.at), "source": said.source}
                    for said in consents.get(one.pk, ())
                ],
            }  # fmt: skip


def _payment_methods(brand: Brand) -> Iterator[dict[str, Any]]:
    rows = PaymentMethod.objects.filter(brand=brand, customer__external_id__isnull=False).select_related("customer")
    for one in rows.order_by("external_id").iterator(CHUNK):
        balance = _amount(one.balance_minor, one.currency) if one.balance_minor is not None else None
        yield {"id": one.external_id, "customer": one.customer.external_id, "kind": one.kind, "label": one.label,
               "balance": balance, "currency": one.currency or None, "is_usable": one.is_usable}  # fmt: skip


def _products(brand: Brand) -> Iterator[dict[str, Any]]:
    rows = Product.objects.filter(brand=brand).order_by("external_id").prefetch_related("variants")
    for one in rows.iterator(CHUNK):
        variants = sorted(one.variants.all(), key=lambda variant: variant.sku)
        yield {
            "id": one.external_id, "handle": one.handle, "titles": one.titles, "descriptions": one.descriptions,
            "attributes": one.attributes, "category": one.category, "is_returnable": one.is_returnable,
            "is_sold": one.is_sold, "warranty_months": one.warranty_months, "image": one.image,
            "variants": [
                {"sku": v.sku, "size": v.size, "color": v.color, "options": v.options,
                 "price": _amount(v.price_minor, v.currency), "currency": v.currency, "stock": v.stock,
                 "barcode": v.barcode}
                for v in variants
            ],
        }  # fmt: skip


def _coupons(brand: Brand) -> Iterator[dict[str, Any]]:
    # one that is good for a customer whom the shop does not know would be good for everybody where it comes in
    rows = Coupon.objects.filter(brand=brand).exclude(customer__isnull=False, customer__external_id__isnull=True)
    for one in rows.select_related("customer").order_by("code").iterator(CHUNK):
        amount = _amount(one.amount_minor, one.currency) if one.amount_minor is not None else None
        # without a currency the least total is in the brand's
        least = _amount(one.least_total_minor, one.currency or brand.currency)
        yield {"code": one.code, "percent": one.percent, "amount": amount, "currency": one.currency or None,
               "least_total": least, "starts_on": _day(one.starts_on), "ends_on": _day(one.ends_on),
               "is_on": one.is_on, "is_public": one.is_public, "audience": one.audience,
               "customer": one.customer.external_id if one.customer else None,
               "uses_at_most": one.uses_at_most}  # fmt: skip


def _orders(brand: Brand) -> Iterator[dict[str, Any]]:
    rows = Order.objects.filter(brand=brand).order_by("number").select_related("customer", "cancellation")
    for one in rows.prefetch_related("lines__variant", "changes").iterator(CHUNK):
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
            "changes": [
                {"id": change.key, "kind": change.kind, "was": _portable(change.was),
                 "became": _portable(change.became), "difference": _signed(change.difference_minor, one.currency),
                 "rule": change.rule, "at": _moment(change.at)}
                for change in sorted(one.changes.all(), key=lambda change: (change.at, change.key))
            ],
        }  # fmt: skip


def _portable(told: Any) -> Any:
    """What a change tells, without the numbers of our rows, which mean nothing elsewhere."""
    if isinstance(told, list):
        return [_portable(one) for one in told]
    return {name: value for name, value in told.items() if name not in ("paid_with", "payment")}


def _payments(brand: Brand) -> Iterator[dict[str, Any]]:
    rows = Payment.objects.filter(brand=brand).order_by("external_id").select_related("order", "paid_with")
    for one in rows.prefetch_related("refunds__approved_by", "refunds__refunded_to").iterator(CHUNK):
        yield {
            "id": one.external_id, "order": one.order.number, "method": one.method,
            "paid_with": one.paid_with.external_id if one.paid_with else None, "state": one.state,
            "amount": _amount(one.amount_minor, one.currency), "currency": one.currency, "at": _moment(one.at),
            "refunds": [
                {"id": r.key, "amount": _amount(r.amount_minor, r.currency), "reason": r.reason, "state": r.state,
                 "at": _moment(r.at), "rule": r.rule or f"approved by {r.approved_by}",
                 "refunded_to": r.refunded_to.external_id if r.refunded_to else None}
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
    rows = Return.objects.filter(brand=brand).order_by("number")
    rows = rows.select_related("order", "refund_to", "exchange__payment_method")
    for one in rows.prefetch_related("lines__line", "lines__exchanged_for__variant").iterator(CHUNK):
        currency = one.order.currency
        exchange = getattr(one, "exchange", None)
        method = exchange.payment_method if exchange else None
        yield {
            "number": one.number, "order": one.order.number, "state": one.state, "opened_at": _moment(one.opened_at),
            "deadline": _day(one.deadline), "received_at": _moment(one.received_at), "currency": currency,
            "refund": _amount(one.refund_minor, currency),
            "refund_to": one.refund_to.external_id if one.refund_to else None,
            "difference": _signed(exchange.difference_minor, currency) if exchange else None,
            "pay_difference_with": method.external_id if method else None,
            "sent_at": _moment(exchange.sent_at) if exchange else None,
            "lines": [_return_line(part, currency)
                      for part in sorted(one.lines.all(), key=lambda part: part.line.position)],
        }  # fmt: skip


def _return_line(part: ReturnLine, currency: str) -> dict[str, Any]:
    new = getattr(part, "exchanged_for", None)
    return {
        "position": part.line.position, "quantity": part.quantity, "reason": part.reason,
        "new_sku": new.variant.sku if new else None,
        "new_price": _amount(new.unit_price_minor, currency) if new else None,
    }  # fmt: skip


def _remedies(brand: Brand) -> Iterator[dict[str, Any]]:
    rows = Remedy.objects.filter(brand=brand).order_by("key").select_related("line__order", "coupon")
    for one in rows.iterator(CHUNK):
        yield {
            "id": one.key, "order": one.line.order.number, "position": one.line.position, "cause": one.cause,
            "kind": one.kind, "quantity": one.quantity, "amount": _amount(one.amount_minor, one.currency),
            "currency": one.currency, "coupon": one.coupon.code if one.coupon else None, "rule": one.rule,
            "by": one.actor_kind if one.actor_kind in DOERS else "system", "at": _moment(one.at),
        }  # fmt: skip


_RECORDS: Mapping[str, Callable[[Brand], Iterator[dict[str, Any]]]] = {
    "customers": _customers,
    "payment_methods": _payment_methods,
    "products": _products,
    "coupons": _coupons,
    "orders": _orders,
    "payments": _payments,
    "shipments": _shipments,
    "returns": _returns,
    "remedies": _remedies,
}
