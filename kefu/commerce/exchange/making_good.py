"""What happened to an order since it was placed, into the database: changes, exchanges and remedies. All three are
history: a record that is there already is never written over."""

from __future__ import annotations

from collections.abc import Mapping

from kefu.commerce.exchange.problems import Fault
from kefu.commerce.exchange.records import Record, Refuse
from kefu.commerce.exchange.rows import counted, held, row_of
from kefu.commerce.models import (
    Coupon,
    Exchange,
    ExchangeLine,
    Order,
    OrderChange,
    OrderLine,
    Remedy,
    Return,
    ReturnLine,
    Variant,
)
from kefu.kernel.upsert import Tally, upsert
from kefu.people.actors import ActorKind
from kefu.people.models import Brand


def keep_changes(brand: Brand, batch: list[Record], orders: Mapping[str, Order]) -> set[str]:
    """The changes of orders, each once. Gives the keys of the orders that got one."""
    keys = {part["key"] for record in batch for part in record.parts["changes"]}
    if not keys:
        return set()
    known = set(OrderChange.objects.filter(brand=brand, key__in=keys).values_list("key", flat=True))
    rows, written = [], set()
    for record in batch:
        for part in record.parts["changes"]:
            if part["key"] not in known:
                known.add(part["key"])
                written.add(record.key)
                rows.append(OrderChange(brand=brand, order=orders[record.key], actor_kind=ActorKind.SYSTEM, **part))
    OrderChange.objects.bulk_create(rows)
    return written


def keep_exchanges(
    brand: Brand, batch: list[Record], returns: Mapping[str, Return], methods: Mapping[str, tuple[int, int]]
) -> set[str]:
    """What is sent in place of the goods of these returns; the variants are known to be there."""
    batch = [record for record in batch if record.parts["exchange"]]
    if not batch:
        return set()
    keys = {returns[record.key].pk: record.key for record in batch}
    existing = held(Exchange.objects.filter(of_return_id__in=list(keys)), "of_return_id")
    wanted = {}
    for record in batch:
        exchange = dict(record.parts["exchange"][0])
        method = exchange.pop("payment_method")
        of_return = returns[record.key].pk
        wanted[of_return] = {
            **exchange, "of_return_id": of_return, "payment_method_id": row_of(methods, method),
        }  # fmt: skip
    rows, _, written = upsert(Exchange, wanted, existing, only_new={"brand": brand})
    variants = variants_named(brand, batch)
    lines = {
        (part.of_return_id, part.line.position): part.pk
        for part in ReturnLine.objects.filter(of_return_id__in=list(keys)).select_related("line")
    }
    there = held(ExchangeLine.objects.filter(exchange__in=list(rows.values())), "return_line_id")
    new = {
        lines[(returns[record.key].pk, part["position"])]: {
            "exchange_id": rows[returns[record.key].pk].pk,
            "return_line_id": lines[(returns[record.key].pk, part["position"])],
            "variant_id": variants[part["new_sku"]],
            "unit_price_minor": part["new_price_minor"],
        }
        for record in batch
        for part in record.parts["lines"]
        if part["new_sku"]
    }
    _, _, changed = upsert(ExchangeLine, new, there, only_new={"brand": brand})
    of_line = {line: of_return for (of_return, _), line in lines.items()}
    return {keys[of_return] for of_return in written} | {keys[of_line[line]] for line in changed}


def variants_named(brand: Brand, batch: list[Record]) -> dict[str, int]:
    """The variants that returns name as sent instead."""
    skus = {part["new_sku"] for record in batch for part in record.parts["lines"] if part["new_sku"]}
    return dict(Variant.objects.filter(brand=brand, sku__in=skus).values_list("sku", "pk")) if skus else {}


def load_remedies(brand: Brand, batch: list[Record], refuse: Refuse) -> Tally:
    numbers = {record.values["order"] for record in batch}
    lines = {
        (line.order.number, line.position): line
        for line in OrderLine.objects.filter(brand=brand, order__number__in=numbers).select_related("order")
    }
    codes = {record.values["coupon"] for record in batch if record.values["coupon"]}
    coupons = dict(Coupon.objects.filter(brand=brand, code__in=codes).values_list("code", "pk"))
    existing = held(Remedy.objects.filter(brand=brand, key__in=[record.key for record in batch]), "key")
    rows, good = [], []
    for record in batch:
        values = dict(record.values)
        order, position = values.pop("order"), values.pop("position")
        code, by = values.pop("coupon"), values.pop("by")
        line = lines.get((order, position))
        fault = None
        if line is None:
            fault = Fault(f"no line {position} in an order {order!r}", "import the orders first", "order")
        elif values["currency"] != line.order.currency:
            fault = Fault("is not in the order's currency", "correct the currency", "currency")
        elif code and code not in coupons:
            fault = Fault(f"no coupon {code!r}", "import the coupons first, or correct the code", "coupon")
        elif (known := existing.get(record.key)) and _is_rewritten(known, line, values):
            fault = Fault("what was made good never changes", "give another deed its own id", "id")
        if fault or line is None:
            refuse(record, fault or Fault("cannot be read", "correct the row"))
            continue
        good.append(record)
        if record.key not in existing:
            rows.append(Remedy(brand=brand, key=record.key, customer_id=line.order.customer_id, line=line,
                               coupon_id=coupons.get(code), actor_kind=by, **values))  # fmt: skip
    Remedy.objects.bulk_create(rows)
    return counted(good, {row.key for row in rows}, set())


def _is_rewritten(known: Remedy, line: OrderLine, values: Mapping[str, object]) -> bool:
    return known.line_id != line.pk or any(getattr(known, name) != value for name, value in values.items())
