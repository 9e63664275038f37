"""The verbs of this room: the only door through which customers' rows change in number."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any
from zoneinfo import available_timezones

from django.db import transaction

from kefu.kernel.upsert import Tally, upsert
from kefu.people.models import Brand, Customer


@transaction.atomic
def upsert_customers(brand: Brand, wanted: Mapping[str, Mapping[str, Any]]) -> tuple[Tally, set[str]]:
    """Bring many customers to the state their shop says. wanted: the shop's id -> name, email, phone, language,
    country, tier, all normalised (contact.py). Returns the tally and the ids that were written."""
    existing = {
        customer.external_id or "": customer
        for customer in Customer.objects.select_for_update()
        .filter(brand=brand, external_id__in=list(wanted))
        .order_by("pk")
    }
    values = {key: {"external_id": key, **fields} for key, fields in wanted.items()}
    _, tally, written = upsert(Customer, values, existing, only_new={"brand": brand})
    return tally, written


@transaction.atomic
def add_brand(
    slug: str,
    name: str,
    *,
    languages: list[str],
    currency: str,
    country: str,
    time_zone: str,
    settings: Mapping[str, Any],
    pack: str = "ecommerce",
) -> Brand:
    """A new shop to serve. settings: see docs/reference/import-format.md, "The brand's terms". Raises ValueError when
    the slug is taken or no slug, or the time zone unknown."""
    if not re.fullmatch(r"[a-z0-9][a-z0-9-]{0,48}", slug):
        raise ValueError(f"{slug!r} is no short name; write lower-case letters, digits and hyphens: my-shop")
    if time_zone not in available_timezones():
        raise ValueError(f"{time_zone!r} is no time zone; write it like Europe/Berlin")
    if Brand.objects.filter(slug=slug).exists():
        raise ValueError(f"there is a brand {slug!r} already")
    return Brand.objects.create(
        slug=slug, name=name, pack=pack, languages=languages, currency=currency, country=country,
        time_zone=time_zone, settings=dict(settings),
    )  # fmt: skip
