"""Questions over all versions of one product: how many there are, which is the cheapest or the dearest."""

from __future__ import annotations

from typing import Any

from kefu.assistant.actions.catalog.aspects import asked_aspects
from kefu.assistant.actions.catalog.saying import ColorWords, Saying, Wanted
from kefu.commerce.models import Product, Variant

Json = Any
#: aspects of all versions together
ASPECTS = ("cheapest", "dearest", "count")
#: values that say nothing without the name of their option
SHORTEST_VALUE = 4


def asks_over_versions(pack: str, question: str) -> bool:
    return any(aspect.name in ASPECTS for aspect in asked_aspects(pack, question))


def say_over_versions(aspect: str, product: Product, wanted: Wanted, colors: ColorWords) -> Saying | None:
    """None when the product has no versions, or is sold out where a price is asked."""
    variants = [one for one in product.variants.all()
                if wanted.size in ("", one.size) and wanted.color in ("", one.color)]  # fmt: skip
    there = [one for one in variants if one.stock]
    if aspect == "count":
        return Saying("catalog.count", {"count": len(variants), "there": len(there)}) if variants else None
    if not there or len({one.currency for one in there}) > 1:
        return None
    extreme = (max if aspect == "dearest" else min)(there, key=lambda one: one.price_minor)
    price = {"minor": extreme.price_minor, "currency": extreme.currency}
    facts: dict[str, Json] = {"price": price, "value": version_of(extreme, colors)}
    return Saying(f"catalog.{aspect}", facts)


def version_of(variant: Variant, colors: ColorWords) -> Json:
    """What tells a version from the others, its colour in the reader's language where the shop has the word."""
    told: list[Json] = []
    for name, value in variant.all_options.items():
        if value == variant.color and value in colors:
            told.append({"key": f"color.{value}"})
        else:
            says_little = len(value) < SHORTEST_VALUE or value in ("none", "basic")
            told.append(f"{name} {value}" if says_little else value)
    return told or variant.sku
