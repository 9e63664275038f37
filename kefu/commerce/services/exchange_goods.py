"""What becomes of an exchange's reserved goods and its price difference when its return moves on."""

from __future__ import annotations

from collections import Counter

from django.db import transaction

from kefu.commerce import events
from kefu.commerce.errors import NoSuchMethod, NotEnoughBalance, WrongCurrency
from kefu.commerce.models import Exchange, ExchangeLine, Order, Return
from kefu.commerce.services.charging import take
from kefu.commerce.services.stock import put_back
from kefu.commerce.signals import order_changed
from kefu.kernel.money import Money
from kefu.people.actors import Actor


def put_reserved_back(opened: Return, *, by: Actor) -> None:
    """The new goods of a return that was called off or rejected may be sold again."""
    pieces: Counter[int] = Counter()
    lines = ExchangeLine.objects.filter(exchange__of_return=opened, exchange__sent_at=None)
    for variant_id, quantity in lines.values_list("variant_id", "return_line__quantity"):
        pieces[variant_id] += quantity
    if pieces:
        put_back(pieces, by=by)


def take_difference(opened: Return, order: Order, *, by: Actor) -> None:
    """The goods are back: what the new ones cost more is taken now. When it cannot be (the gift card was emptied
    since), that is announced as PAYMENT_MISSING, for the goods are the shop's again already."""
    exchange = (
        Exchange.objects.filter(of_return=opened, difference_minor__gt=0).select_related("payment_method").first()
    )
    if exchange is None:
        return
    amount = Money(exchange.difference_minor, order.currency)
    try:
        with transaction.atomic():
            take(order, amount, method=exchange.payment_method, key=f"exchange:{opened.key}")
    except (NoSuchMethod, NotEnoughBalance, WrongCurrency):
        order_changed.send(
            sender=Order, order=order, kind=events.PAYMENT_MISSING, by=by,
            facts={"order": order.number, "amount_minor": amount.minor, "currency": amount.currency},
        )  # fmt: skip
