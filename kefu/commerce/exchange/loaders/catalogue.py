"""Products with their variants, and coupons."""

from __future__ import annotations

from kefu.commerce.exchange.problems import Fault
from kefu.commerce.exchange.records import Record, Refuse
from kefu.commerce.exchange.rows import counted, held, no_customer
from kefu.commerce.models import Coupon, Product, Variant
from kefu.commerce.signals import stock_changed
from kefu.kernel.upsert import Tally, upsert
from kefu.people.actors import SYSTEM
from kefu.people.models import Brand
from kefu.people.queries import ids_by_external_id


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
            refuse(record, no_customer(customer))
        else:
            wanted[record.key] = {"code": record.key, "customer_id": customers.get(customer), **values}
    _, tally, _ = upsert(Coupon, wanted, existing, only_new={"brand": brand})
    return tally
