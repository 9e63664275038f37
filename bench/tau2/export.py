"""The brand's rows, written back as τ² rows: what the end state is judged by."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from django.db import connection

from bench.tau2.shop import STATES
from kefu.assistant.models import ActionRecord
from kefu.commerce.models import (
    ChangeKind,
    Exchange,
    Order,
    OrderChange,
    Return,
    Variant,
)
from kefu.people.models import Brand, Customer

Json = Any
_STATUS = {state: status for status, state in STATES.items()}
ITEM_MODIFIED, RETURNED, EXCHANGED = "pending (item modified)", "return requested", "exchange requested"


def export(brand: Brand, db: Json, *, users: Iterable[str] | None = None) -> Json:
    """{"orders": …, "users": …} as the database has them now.

    users: only these (and their orders) are read; the rest is taken from `db` as it was, for nothing else was touched
    when no other customer's rows were. None: everything.
    """
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")  # what only a commit would find is found here
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")
    wanted = None if users is None else set(users)
    customers = Customer.objects.filter(brand=brand)
    orders = Order.objects.filter(brand=brand)
    if wanted is not None:
        customers = customers.filter(external_id__in=wanted)
        orders = orders.filter(customer__external_id__in=wanted)
    state: Json = {"orders": dict(db["orders"]), "users": dict(db["users"])}
    for customer in customers.prefetch_related("payment_methods"):
        state["users"][customer.external_id] = _user(customer, db)
    for order in _whole(orders):
        state["orders"][f"#{order.number}"] = _order(order, db)
    return state


def _whole(orders: Any) -> list[Order]:
    return list(
        orders.select_related("customer", "cancellation").prefetch_related(
            "lines__variant__product", "payments__refunds__refunded_to", "payments__paid_with", "shipments__lines",
            "shipments__lines__line__variant", "changes", "returns__lines__line__variant", "returns__refund_to",
            "returns__exchange__lines__variant", "returns__exchange__payment_method",
        )
    )  # fmt: skip


def _user(customer: Customer, db: Json) -> Json:
    was = db["users"][customer.external_id]
    methods = {}
    for method in sorted(customer.payment_methods.all(), key=lambda one: one.pk):
        known = dict(was["payment_methods"][method.external_id])
        if method.balance_minor is not None:
            known["balance"] = method.balance_minor / 100
        methods[method.external_id] = known
    address = customer.address
    return {**was, "email": customer.email, "payment_methods": methods,
            "address": _address(address, address.get("postcode", ""), address.get("country", ""))}  # fmt: skip


def _address(address: Json, postcode: str, country: str) -> Json:
    return {
        "address1": address.get("street", ""), "address2": address.get("street2", ""), "city": address.get("city", ""),
        "country": {"US": "USA"}.get(country, country), "state": address.get("region", ""), "zip": postcode,
    }  # fmt: skip


def _order(order: Order, db: Json) -> Json:
    lines = sorted(order.lines.all(), key=lambda one: one.position)
    row = {
        "order_id": f"#{order.number}", "user_id": order.customer.external_id,
        "address": _address(order.address, order.postcode, order.country),
        "items": [_item(line.variant, line.unit_price_minor) for line in lines],
        "status": _STATUS[order.state], "fulfillments": [_fulfillment(one) for one in order.shipments.all()],
        "payment_history": _history(order),
    }  # fmt: skip
    if any(change.kind == ChangeKind.ITEMS for change in order.changes.all()) and row["status"] == "pending":
        row["status"] = ITEM_MODIFIED
    if order.state == "cancelled":
        row["cancel_reason"] = order.cancellation.reason
    for opened in order.returns.all():
        row |= _sent_back(opened)
    return row


def _item(variant: Variant, price_minor: int) -> Json:
    return {
        "name": variant.product.title("en"), "product_id": variant.product.external_id, "item_id": variant.sku,
        "price": price_minor / 100, "options": dict(variant.all_options),
    }  # fmt: skip


def _fulfillment(shipment: Any) -> Json:
    parts = sorted(shipment.lines.all(), key=lambda part: part.line.position)
    return {"tracking_id": [shipment.tracking_number], "item_ids": [part.line.variant.sku for part in parts]}


def _sent_back(opened: Return) -> Json:
    items = [part.line.variant.sku for part in opened.lines.all()]
    exchange = next(iter(Exchange.objects.filter(of_return=opened).select_related("payment_method")), None)
    if exchange is None:
        return {
            "status": RETURNED, "return_items": items,
            "return_payment_method_id": opened.refund_to.external_id if opened.refund_to else None,
        }  # fmt: skip
    return {
        "status": EXCHANGED, "exchange_items": items,
        "exchange_new_items": [part.variant.sku for part in exchange.lines.all()],
        "exchange_payment_method_id": exchange.payment_method.external_id if exchange.payment_method else None,
        "exchange_price_difference": exchange.difference_minor / 100,
    }  # fmt: skip


def _history(order: Order) -> list[Json]:
    """Payments and refunds in the order they were made; a change of items that cost nothing is a refund of nothing."""
    entries: list[tuple[Any, int, Json]] = []
    for payment in order.payments.all():
        if payment.state != "paid":
            continue
        method = payment.paid_with.external_id if payment.paid_with else None
        entries.append((payment.at, payment.pk, _entry("payment", payment.amount_minor, method)))
        by_key: dict[str, int] = defaultdict(int)
        first: dict[str, Any] = {}
        for refund in payment.refunds.all():
            to = refund.refunded_to.external_id if refund.refunded_to else method
            key = f"{to}"
            by_key[key] += refund.amount_minor
            first.setdefault(key, refund)
        for key, minor in by_key.items():
            entries.append((first[key].at, 10**12 + first[key].pk, _entry("refund", minor, key)))
    for change in order.changes.all():
        if change.kind == ChangeKind.ITEMS and change.difference_minor == 0:
            entries.append((change.at, 10**12 + change.pk, _entry("refund", 0, _method_of(change))))
    return _paid_first([entry for _, _, entry in sorted(entries, key=lambda one: one[:2])], order)


def _paid_first(history: list[Json], order: Order) -> list[Json]:
    """Where the payment was changed the tool writes the new payment before the refund of the old one."""
    if not any(change.kind == ChangeKind.PAYMENT for change in order.changes.all()):
        return history
    for place in range(1, len(history)):
        back, paid = history[place - 1], history[place]
        kinds = (back["transaction_type"], paid["transaction_type"])
        if kinds == ("refund", "payment") and back["amount"] == paid["amount"]:
            history[place - 1 : place + 1] = [paid, back]
    return history


def _method_of(change: OrderChange) -> str | None:
    """Nothing was paid, so no payment tells how: the deed's own record does."""
    record = ActionRecord.objects.filter(brand_id=change.brand_id, key=change.key).first()
    return record.args.get("payment") if record else None


def _entry(kind: str, minor: int, method: str | None) -> Json:
    return {"transaction_type": kind, "amount": minor / 100, "payment_method_id": method}
