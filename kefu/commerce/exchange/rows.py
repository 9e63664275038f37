"""What the loaders share: rows held by their keys, and the count of records."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeVar

from django.db.models import Model, QuerySet

from kefu.commerce.exchange.problems import Fault
from kefu.commerce.exchange.records import Record, Refuse
from kefu.commerce.models import PaymentMethod
from kefu.kernel.upsert import Tally
from kefu.people.models import Brand

M = TypeVar("M", bound=Model)
Loader = Callable[[Brand, list[Record], Refuse], Tally]


def counted(batch: Iterable[Record], new: set[str], written: set[str]) -> Tally:
    """A record counts once, whatever many of its parts were written."""
    tally = Tally()
    for record in batch:
        if record.key in new:
            tally.new += 1
        elif record.key in written:
            tally.changed += 1
        else:
            tally.same += 1
    return tally


def held(rows: QuerySet[M], *names: str) -> dict[Any, M]:
    """Rows by one column or by several, held until the batch is in; by rising id, as the verbs hold them."""
    found = rows.select_for_update(of=("self",)).order_by("pk")
    if len(names) == 1:
        return {getattr(row, names[0]): row for row in found}
    return {tuple(getattr(row, name) for name in names): row for row in found}


def no_customer(external_id: str) -> Fault:
    """A record names a customer that the brand has not."""
    return Fault(f"no customer {external_id!r}", "import the customers first, or correct the id", "customer")


def methods_named(brand: Brand, named: Iterable[str]) -> dict[str, tuple[int, int]]:
    """A payment method's id in the shop -> our row's id and its customer's."""
    wanted = {one for one in named if one}
    if not wanted:
        return {}
    rows = PaymentMethod.objects.filter(brand=brand, external_id__in=wanted)
    return {name: (pk, customer) for name, pk, customer in rows.values_list("external_id", "pk", "customer_id")}


def method_fault(methods: dict[str, tuple[int, int]], name: str, customer_id: int, field: str) -> Fault | None:
    """What is wrong with naming this payment method for an order of this customer."""
    if not name:
        return None
    if name not in methods:
        cure = "import the payment methods first, or correct the id"
        return Fault(f"no payment method {name!r}", cure, field)
    if methods[name][1] != customer_id:
        return Fault(f"{name!r} is another customer's", "name a method of the order's customer", field)
    return None


def row_of(methods: Mapping[str, tuple[int, int]], name: str) -> int | None:
    """Our row's id of a payment method found by methods_named(); None for no name."""
    return methods[name][0] if name else None
