"""Payments and the refunds of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from kefu.commerce.exchange.loaders.of_orders import columns_of, with_orders
from kefu.commerce.exchange.problems import Fault
from kefu.commerce.exchange.records import Record, Refuse
from kefu.commerce.exchange.rows import counted, held, method_fault, methods_named, row_of
from kefu.commerce.models import Payment, Refund
from kefu.kernel.upsert import Tally, upsert
from kefu.people.actors import ActorKind
from kefu.people.models import Brand


def load_payments(brand: Brand, batch: list[Record], refuse: Refuse) -> Tally:
    batch, orders = with_orders(brand, batch, refuse)
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
            "paid_with_id": row_of(methods, r.values["paid_with"]),
            **columns_of(r, orders[r.values["order"]], without=("paid_with",)),
        }
        for r in good
    }
    payments, _, written = upsert(Payment, wanted, existing, only_new={"brand": brand})
    keys = {payments[record.key].pk: record.key for record in good}
    wanted_refunds = {
        (payments[record.key].pk, part["key"]): {
            **{name: value for name, value in part.items() if name != "refunded_to"},
            "refunded_to_id": row_of(methods, part["refunded_to"]),
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


def _is_rewritten(refund: Refund | None, part: Mapping[str, Any]) -> bool:
    return refund is not None and any(getattr(refund, name) != part[name] for name in ("amount_minor", "at", "rule"))
