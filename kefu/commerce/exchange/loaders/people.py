"""Customers, what they consented to, and what they pay with."""

from __future__ import annotations

from kefu.commerce.exchange.problems import Fault
from kefu.commerce.exchange.records import Record, Refuse
from kefu.commerce.exchange.rows import counted, held, no_customer
from kefu.commerce.models import PaymentMethod
from kefu.kernel.upsert import Tally, upsert
from kefu.people.models import Brand
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
            refuse(record, no_customer(customer))
        elif known and known.customer_id != customers[customer]:
            refuse(record, Fault("is another customer's", "give each method its own id", "customer"))
        else:
            wanted[record.key] = {"external_id": record.key, "customer_id": customers[customer], **values}
    _, tally, _ = upsert(PaymentMethod, wanted, existing, only_new={"brand": brand})
    return tally
