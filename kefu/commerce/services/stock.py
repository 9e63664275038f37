"""Pieces that can be sold."""

from __future__ import annotations

from collections.abc import Mapping

from django.db import transaction

from kefu.commerce.errors import NotInStock
from kefu.commerce.models import Variant
from kefu.commerce.signals import stock_changed
from kefu.people.actors import Actor


@transaction.atomic
def set_stock(variant: Variant, *, to: int, by: Actor) -> Variant:
    """Say how many pieces there are. Raises ValueError below zero."""
    by.require("commerce.stock", on=variant)
    if to < 0:
        raise ValueError(f"stock {to}; count from 0")
    variant = Variant.objects.select_for_update().get(pk=variant.pk)
    variant.stock = to
    variant.save(update_fields=["stock"])
    stock_changed.send(sender=Variant, variant_ids=[variant.pk], by=by)
    return variant


def put_back(pieces: Mapping[int, int], *, by: Actor) -> None:
    """Add pieces to variants: {variant id: pieces}. Inside the caller's transaction."""
    move(pieces, by=by)


def move(pieces: Mapping[int, int], *, by: Actor) -> None:
    """Add pieces to variants or, below nothing, take them: {variant id: pieces}. Inside the caller's transaction.
    Raises NotInStock when fewer are there than are taken."""
    # by rising id: two deeds that share variants must not wait for each other
    variants = list(Variant.objects.select_for_update().filter(pk__in=pieces).order_by("pk"))
    for variant in variants:
        if variant.stock + pieces[variant.pk] < 0:
            raise NotInStock(sku=variant.sku, left=variant.stock)
        variant.stock += pieces[variant.pk]
    Variant.objects.bulk_update(variants, ["stock"])
    stock_changed.send(sender=Variant, variant_ids=[variant.pk for variant in variants], by=by)
