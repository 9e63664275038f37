"""Reads that other rooms call."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from kefu.people.models import Brand, Consent, Customer


def ids_by_external_id(brand: Brand, external_ids: Iterable[str]) -> dict[str, int]:
    """The shop's customer id -> our row's id, for those that exist. One query."""
    rows = Customer.objects.filter(brand=brand, external_id__in=set(external_ids)).values_list("external_id", "pk")
    return {external_id: pk for external_id, pk in rows if external_id}


def customers_of_the_shop(brand: Brand) -> Iterator[Customer]:
    """Customers that the shop itself knows (they have its id), in the order of that id; reads 1,000 at a time."""
    return Customer.objects.filter(brand=brand, external_id__isnull=False).order_by("external_id").iterator(1000)


def consents_of(customer_ids: Iterable[int]) -> dict[int, list[Consent]]:
    """Everything these customers have agreed to or taken back, oldest first. One query."""
    found: dict[int, list[Consent]] = {}
    for one in Consent.objects.filter(customer_id__in=list(customer_ids)).order_by("at", "topic", "id"):
        found.setdefault(one.customer_id, []).append(one)
    return found
