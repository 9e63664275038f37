"""One loader a kind: a batch of records becomes rows. Each reads what it refers to once, writes only what differs,
and never deletes: what a file leaves out stays as it is."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db.models import Model

from kefu.commerce.exchange.making_good import keep_changes, keep_exchanges, load_remedies, variants_named
from kefu.commerce.exchange.problems import Fault
from kefu.commerce.exchange.records import Record, Refuse
from kefu.commerce.exchange.rows import Loader, counted, held, method_fault, methods_named
from kefu.commerce.models import (
    Cancellation,
    Coupon,
    Order,
    OrderLine,
    OrderState,
    Payment,
    PaymentMethod,
    Product,
    Refund,
    Remedy,
    Return,
    ReturnLine,
    Shipment,
    ShipmentLine,
    TrackingEvent,
    Variant,
)
from kefu.commerce.signals import stock_changed
from kefu.kernel.upsert import Tally, upsert
from kefu.people.actors import SYSTEM, ActorKind
from kefu.people.models import Brand, Customer
from kefu.people.queries import ids_by_external_id
from kefu.people.services import keep_consents, upsert_customers


def load_customers(brand: Brand, batch: list[Record], refuse: Refuse) -> Tally:
    wanted = {record.key: record.values for record in batch}
    new = set(wanted) - set(ids_by_external_id(brand, wanted))
    _, written = upsert_customers(brand, wanted)
    written |= keep_consents(brand, {record.key: record.parts["consents"] for record in batch})
    return counted(batch, new, written)


def load_payment_methods(brand: Brand, batch: list[Record], refuse: Refuse) -> Tally:
    customers = ids_by_external_id(brand, (record.values["customer"] for record in batch))
    existing = held(PaymentMethod.objects.filter(brand=brand, external_id__in=[r.key for r in batch]), "external_id")
    wanted = {}
    for record in batch:
        values = dict(record.values)
        customer = values.pop("customer")
        known = existing.get(record.key)
        if customer not in customers:
            cure = "import the customers first, or correct the id"
            refuse(record, Fault(f"no customer {customer!r}", cure, "customer"))
        elif known and known.customer_id != customers[customer]:
            refuse(record, Fault("is another customer's", "give each method its own id", "customer"))
        else:
            wanted[record.key] = {"external_id": record.key, "customer_id": customers[customer], **values}
    _, tally, _ = upsert(PaymentMethod, wanted, existing, only_new={"brand": brand})
    return tally


def load_products(brand: Brand, batch: list[Record], refuse: Refuse) -> Tally:
    existing = held(Product.objects.filter(brand=brand, external_id__in=[r.key for r in batch]), "external_id")
    skus = {part["sku"] for record in batch for part in record.parts["variants"]}
    variants = held(Variant.objects.filter(brand=brand, sku__in=skus), "sku")
    owners = {sku: variant.product_id for sku, variant in variants.items()}
    stock_before = {sku: variant.stock for sku, variant in variants.items()}
    taken: dict[str, str] = {}
    good = []
    for record in batch:
        product = existing.get(record.key)
        own = [part["sku"] for part in record.parts["variants"]]
        if any(sku in taken or (sku in owners and (not product or owners[sku] != product.pk)) for sku in own):
            refuse(record, Fault("another product has one of its skus", "give each variant its own sku", "variants"))
            continue
        taken |= dict.fromkeys(own, record.key)
        good.append(record)
    wanted = {record.key: {"external_id": record.key, **record.values} for record in good}
    products, _, written = upsert(Product, wanted, existing, only_new={"brand": brand})
    wanted_variants = {
        part["sku"]: {**part, "product_id": products[record.key].pk}
        for record in good
        for part in record.parts["variants"]
    }
    rows, _, changed = upsert(Variant, wanted_variants, variants, only_new={"brand": brand})
    written |= {taken[sku] for sku in changed}
    moved = [rows[sku].pk for sku in changed if sku in stock_before and rows[sku].stock != stock_before[sku]]
    if moved:
        stock_changed.send(sender=Variant, variant_ids=moved, by=SYSTEM)
    return counted(good, set(wanted) - set(existing), written)


def load_coupons(brand: Brand, batch: list[Record], refuse: Refuse) -> Tally:
    existing = held(Coupon.objects.filter(brand=brand, code__in=[record.key for record in batch]), "code")
    customers = ids_by_external_id(brand, (r.values["customer"] for r in batch if r.values["customer"]))
    wanted = {}
    for record in batch:
        values = dict(record.values)
        customer = values.pop("customer")
        if customer and customer not in customers:
            cure = "import the customers first, or correct the id"
            refuse(record, Fault(f"no customer {customer!r}", cure, "customer"))
        else:
            wanted[record.key] = {"code": record.key, "customer_id": customers.get(customer), **values}
    _, tally, _ = upsert(Coupon, wanted, existing, only_new={"brand": brand})
    return tally


# -- orders -------------------------------------------------------------------


def load_orders(brand: Brand, batch: list[Record], refuse: Refuse) -> Tally:
    existing = held(Order.objects.filter(brand=brand, number__in=[record.key for record in batch]), "number")
    customers = ids_by_external_id(brand, (record.values["customer"] for record in batch))
    skus = {part["sku"] for record in batch for part in record.parts["lines"]}
    variants = {
        sku: (pk, titles)
        for sku, pk, titles in Variant.objects.filter(brand=brand, sku__in=skus).values_list(
            "sku", "pk", "product__titles"
        )
    }
    good = [r for r in batch if not _order_fault(r, existing.get(r.key), customers, variants, refuse)]
    ours = ("customer", "cancelled_at", "cancel_reason")
    wanted = {
        record.key: {
            "number": record.key,
            "customer_id": customers[record.values["customer"]],
            **{name: value for name, value in record.values.items() if name not in ours},
        }
        for record in good
    }
    orders, _, written = upsert(Order, wanted, existing, only_new={"brand": brand})
    written |= _lines_of_orders(brand, good, orders, variants)
    written |= _cancellations(brand, good, orders)
    written |= keep_changes(brand, good, orders)
    return counted(good, set(wanted) - set(existing), written)


def _order_fault(
    record: Record, order: Order | None, customers: Mapping[str, int], variants: Mapping[str, Any], refuse: Refuse
) -> bool:
    fault = None
    customer = record.values["customer"]
    unknown = next((part["sku"] for part in record.parts["lines"] if part["sku"] not in variants), None)
    if customer not in customers:
        fault = Fault(f"no customer {customer!r}", "import the customers first, or correct the id", "customer")
    elif unknown is not None:
        fault = Fault(f"no variant {unknown!r}", "import the products first, or correct the sku", "lines.sku")
    elif order and order.is_cancelled and record.values["state"] != OrderState.CANCELLED:
        # the refund is on its way: a file written before the cancellation must not bring the order back
        fault = Fault("was cancelled here", "cancel it in the shop too, then import it with its new state", "state")
    if fault:
        refuse(record, fault)
    return fault is not None


def _lines_of_orders(
    brand: Brand, batch: list[Record], orders: Mapping[str, Order], variants: Mapping[str, tuple[int, Any]]
) -> set[str]:
    keys = {orders[record.key].pk: record.key for record in batch}
    existing = held(OrderLine.objects.filter(order_id__in=list(keys)), "order_id", "position")
    wanted = {}
    for record in batch:
        for part in record.parts["lines"]:
            variant_id, titles = variants[part["sku"]]
            order_id = orders[record.key].pk
            before = existing.get((order_id, part["position"]))
            wanted[(order_id, part["position"])] = {
                "order_id": order_id,
                "position": part["position"],
                "variant_id": variant_id,
                # bought under this name; a product renamed since keeps its old name here
                "titles": part["titles"] or (before.titles if before and before.variant_id == variant_id else titles),
                "quantity": part["quantity"],
                "unit_price_minor": part["unit_price_minor"],
            }
    _, _, written = upsert(OrderLine, wanted, existing, only_new={"brand": brand}, is_leaf=True)
    return {keys[order_id] for order_id, _ in written}


def _cancellations(brand: Brand, batch: list[Record], orders: Mapping[str, Order]) -> set[str]:
    cancelled = {orders[r.key].pk: r for r in batch if r.values["state"] == OrderState.CANCELLED}
    existing = held(Cancellation.objects.filter(order_id__in=list(cancelled)), "order_id")
    wanted = {
        order_id: {
            "order_id": order_id,
            "at": record.values["cancelled_at"],
            "reason": record.values["cancel_reason"],
            "key": existing[order_id].key if order_id in existing else f"import:{record.key}",
        }
        for order_id, record in cancelled.items()
    }
    only_new = {"brand": brand, "actor_kind": ActorKind.SYSTEM}
    _, _, written = upsert(Cancellation, wanted, existing, only_new=only_new)
    return {cancelled[order_id].key for order_id in written}


# -- what hangs on an order ---------------------------------------------------


def _with_orders(brand: Brand, batch: list[Record], refuse: Refuse) -> tuple[list[Record], dict[str, Order]]:
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


def _columns(record: Record, order: Order, *, without: tuple[str, ...] = ()) -> dict[str, Any]:
    rest = {name: value for name, value in record.values.items() if name != "order" and name not in without}
    return {"order_id": order.pk, **rest}


def load_payments(brand: Brand, batch: list[Record], refuse: Refuse) -> Tally:
    batch, orders = _with_orders(brand, batch, refuse)
    existing = held(Payment.objects.filter(brand=brand, external_id__in=[r.key for r in batch]), "external_id")
    refunds = held(Refund.objects.filter(payment__in=list(existing.values())), "payment_id", "key")
    methods = methods_named(brand, (name for record in batch for name in _methods_of(record)))
    good = []
    for record in batch:
        payment = existing.get(record.key)
        buyer = orders[record.values["order"]].customer_id
        faults = (method_fault(methods, name, buyer, "paid_with") for name in _methods_of(record))
        if fault := next((one for one in faults if one), None):
            refuse(record, fault)
        elif payment and any(_is_rewritten(refunds.get((payment.pk, p["key"])), p) for p in record.parts["refunds"]):
            cure = "keep its amount, date and rule; only its state may change"
            refuse(record, Fault("a refund never changes once it is made", cure, "refunds"))
        else:
            good.append(record)
    wanted = {
        r.key: {
            "external_id": r.key,
            "paid_with_id": _row_of(methods, r.values["paid_with"]),
            **_columns(r, orders[r.values["order"]], without=("paid_with",)),
        }
        for r in good
    }
    payments, _, written = upsert(Payment, wanted, existing, only_new={"brand": brand})
    keys = {payments[record.key].pk: record.key for record in good}
    wanted_refunds = {
        (payments[record.key].pk, part["key"]): {
            **{name: value for name, value in part.items() if name != "refunded_to"},
            "refunded_to_id": _row_of(methods, part["refunded_to"]),
            "payment_id": payments[record.key].pk, "currency": record.values["currency"],
        }
        for record in good
        for part in record.parts["refunds"]
    }  # fmt: skip
    only_new = {"brand": brand, "actor_kind": ActorKind.SYSTEM}
    _, _, changed = upsert(Refund, wanted_refunds, refunds, only_new=only_new, is_leaf=True)
    written |= {keys[payment_id] for payment_id, _ in changed}
    return counted(good, set(wanted) - set(existing), written)


def _methods_of(record: Record) -> list[str]:
    named = [record.values["paid_with"], *(part["refunded_to"] for part in record.parts["refunds"])]
    return [name for name in named if name]


def _row_of(methods: Mapping[str, tuple[int, int]], name: str) -> int | None:
    return methods[name][0] if name else None


def _is_rewritten(refund: Refund | None, part: Mapping[str, Any]) -> bool:
    return refund is not None and any(getattr(refund, name) != part[name] for name in ("amount_minor", "at", "rule"))


def _line_ids(batch: list[Record], orders: Mapping[str, Order], refuse: Refuse) -> tuple[list[Record], dict[Any, int]]:
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


def load_shipments(brand: Brand, batch: list[Record], refuse: Refuse) -> Tally:
    batch, orders = _with_orders(brand, batch, refuse)
    batch, line_ids = _line_ids(batch, orders, refuse)
    existing = held(Shipment.objects.filter(brand=brand, external_id__in=[r.key for r in batch]), "external_id")
    wanted = {r.key: {"external_id": r.key, **_columns(r, orders[r.values["order"]])} for r in batch}
    shipments, _, written = upsert(Shipment, wanted, existing, only_new={"brand": brand})
    keys = {shipments[record.key].pk: record.key for record in batch}
    known = [shipment.pk for shipment in existing.values()]

    lines, events = {}, {}
    for record in batch:
        shipment_id, order_id = shipments[record.key].pk, orders[record.values["order"]].pk
        for part in record.parts["lines"]:
            line_id = line_ids[(order_id, part["position"])]
            lines[(shipment_id, line_id)] = {
                "shipment_id": shipment_id, "line_id": line_id, "quantity": part["quantity"],
            }  # fmt: skip
        for part in record.parts["tracking"]:
            events[(shipment_id, part["at"], part["code"])] = {"shipment_id": shipment_id, **part}
    lines_there = held(ShipmentLine.objects.filter(shipment_id__in=known), "shipment_id", "line_id")
    _, _, changed_lines = upsert(ShipmentLine, lines, lines_there, only_new={"brand": brand}, is_leaf=True)
    events_there = held(TrackingEvent.objects.filter(shipment_id__in=known), "shipment_id", "at", "code")
    _, _, changed_events = upsert(TrackingEvent, events, events_there, only_new={"brand": brand}, is_leaf=True)
    written |= {keys[key[0]] for key in changed_lines} | {keys[key[0]] for key in changed_events}
    return counted(batch, set(wanted) - set(existing), written)


def load_returns(brand: Brand, batch: list[Record], refuse: Refuse) -> Tally:
    batch, orders = _with_orders(brand, batch, refuse)
    batch, line_ids = _line_ids(batch, orders, refuse)
    methods = methods_named(
        brand,
        (name for r in batch for name in (r.values["refund_to"], *(x["payment_method"] for x in r.parts["exchange"]))),
    )
    variants = variants_named(brand, batch)
    good = []
    for record in batch:
        if fault := _return_fault(record, orders[record.values["order"]], methods, variants):
            refuse(record, fault)
        else:
            good.append(record)
    existing = held(Return.objects.filter(brand=brand, number__in=[r.key for r in good]), "number")
    wanted = {}
    for record in good:
        columns = _columns(record, orders[record.values["order"]], without=("currency", "refund_to"))
        columns["refund_to_id"] = _row_of(methods, record.values["refund_to"])
        key = existing[record.key].key if record.key in existing else f"import:{record.key}"
        wanted[record.key] = {"number": record.key, "key": key, **columns}
    only_new = {"brand": brand, "actor_kind": ActorKind.SYSTEM}
    returns, _, written = upsert(Return, wanted, existing, only_new=only_new)
    keys = {returns[record.key].pk: record.key for record in good}
    lines = {}
    for record in good:
        for part in record.parts["lines"]:
            line_id = line_ids[(orders[record.values["order"]].pk, part["position"])]
            lines[(returns[record.key].pk, line_id)] = {
                "of_return_id": returns[record.key].pk, "line_id": line_id,
                "quantity": part["quantity"], "reason": part["reason"],
            }  # fmt: skip
    there = held(ReturnLine.objects.filter(of_return_id__in=list(keys)), "of_return_id", "line_id")
    _, _, changed = upsert(ReturnLine, lines, there, only_new={"brand": brand}, is_leaf=True)
    written |= {keys[return_id] for return_id, _ in changed}
    written |= keep_exchanges(brand, good, returns, methods)
    return counted(good, set(wanted) - set(existing), written)


def _return_fault(
    record: Record, order: Order, methods: dict[str, tuple[int, int]], variants: Mapping[str, int]
) -> Fault | None:
    if record.values["currency"] != order.currency:
        return Fault("is not in the order's currency", "correct the currency", "currency")
    new = [part["new_sku"] for part in record.parts["lines"] if part["new_sku"]]
    if unknown := next((sku for sku in new if sku not in variants), None):
        return Fault(f"no variant {unknown!r}", "import the products first, or correct the sku", "lines.new_sku")
    named = [(record.values["refund_to"], "refund_to")]
    named += [(exchange["payment_method"], "pay_difference_with") for exchange in record.parts["exchange"]]
    return next(
        (fault for name, field in named if (fault := method_fault(methods, name, order.customer_id, field))), None
    )


#: the tables that each kind fills
TABLES: Mapping[str, tuple[type[Model], ...]] = {
    "customers": (Customer,),
    "payment_methods": (PaymentMethod,),
    "products": (Product, Variant),
    "coupons": (Coupon,),
    "orders": (Order, OrderLine, Cancellation),
    "payments": (Payment, Refund),
    "shipments": (Shipment, ShipmentLine, TrackingEvent),
    "returns": (Return, ReturnLine),
    "remedies": (Remedy,),
}
LOADERS: Mapping[str, Loader] = {
    "customers": load_customers,
    "payment_methods": load_payment_methods,
    "products": load_products,
    "coupons": load_coupons,
    "orders": load_orders,
    "payments": load_payments,
    "shipments": load_shipments,
    "returns": load_returns,
    "remedies": load_remedies,
}
