"""Orders with their lines, their cancellation and what was changed in them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from kefu.commerce.exchange.making_good import keep_changes
from kefu.commerce.exchange.problems import Fault
from kefu.commerce.exchange.records import Record, Refuse
from kefu.commerce.exchange.rows import counted, held, no_customer
from kefu.commerce.models import Cancellation, Order, OrderLine, OrderState, Variant
from kefu.kernel.upsert import Tally, upsert
from kefu.people.actors import ActorKind
from kefu.people.models import Brand
from kefu.people.queries import ids_by_external_id


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
        fault = no_customer(customer)
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
