"""Rows held for the rest of the transaction, always in the same order: desk/services/locking.py tells it."""

from __future__ import annotations

from kefu.commerce.models import Order


def locked_order(order: Order) -> Order:
    """The order as it stands now, held. Two deeds on one order take turns here."""
    return Order.objects.select_for_update(of=("self",)).select_related("brand", "customer").get(pk=order.pk)
