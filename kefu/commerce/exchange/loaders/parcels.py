"""Shipments on their way out, and returns on their way back."""

from __future__ import annotations

from collections.abc import Mapping

from kefu.commerce.exchange.loaders.of_orders import columns_of, with_lines, with_orders
from kefu.commerce.exchange.making_good import keep_exchanges, variants_named
from kefu.commerce.exchange.problems import Fault
from kefu.commerce.exchange.records import Record, Refuse
from kefu.commerce.exchange.rows import counted, held, method_fault, methods_named, row_of
from kefu.commerce.models import Order, Return, ReturnLine, Shipment, ShipmentLine, TrackingEvent
from kefu.kernel.upsert import Tally, upsert
from kefu.people.actors import ActorKind
from kefu.people.models import Brand


def load_shipments(brand: Brand, batch: list[Record], refuse: Refuse) -> Tally:
    batch, orders = with_orders(brand, batch, refuse)
    batch, line_ids = with_lines(batch, orders, refuse)
    existing = held(Shipment.objects.filter(brand=brand, external_id__in=[r.key for r in batch]), "external_id")
    wanted = {r.key: {"external_id": r.key, **columns_of(r, orders[r.values["order"]])} for r in batch}
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
    batch, orders = with_orders(brand, batch, refuse)
    batch, line_ids = with_lines(batch, orders, refuse)
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
        columns = columns_of(record, orders[record.values["order"]], without=("currency", "refund_to"))
        columns["refund_to_id"] = row_of(methods, record.values["refund_to"])
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
