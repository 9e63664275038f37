"""How many pieces of a line an order holds, before it leaves: more, fewer, or none of them."""

from __future__ import annotations

from dataclasses import dataclass

from django.db import transaction

from kefu.commerce import rules
from kefu.commerce.errors import NothingChanges, NotInStock, WholeOrder, WrongCurrency
from kefu.commerce.models import ChangeKind, Order, OrderChange, OrderLine, OrderState, PaymentMethod, Variant
from kefu.commerce.services.changing import kept_change, made_before, pay_back_at_most, require_changeable
from kefu.commerce.services.charging import require_cover, take, usual_method
from kefu.commerce.services.locking import locked_order
from kefu.commerce.services.stock import move
from kefu.kernel.money import Money
from kefu.people.actors import Actor

MOST_PIECES = 999


@dataclass(frozen=True, slots=True)
class CountQuote:
    """What another number of pieces means. difference: above nothing, the customer pays it; below, it goes back."""

    line: OrderLine
    to: int
    difference: Money
    total: Money
    method: PaymentMethod | None


def quote_quantity(line: OrderLine, *, to: int) -> CountQuote:
    """The terms, changing nothing. Raises as change_quantity does."""
    require_changeable(line.order)
    return _quote(line.order, line, line.variant, to)


def _quote(order: Order, line: OrderLine, variant: Variant, to: int) -> CountQuote:
    if not 0 <= to <= MOST_PIECES:
        raise ValueError(f"{to} pieces; say 0 to {MOST_PIECES}")
    more = to - line.quantity
    if more == 0:
        raise NothingChanges()
    if to == 0 and not order.lines.exclude(pk=line.pk).exists():
        raise WholeOrder(number=order.number)
    if more > 0 and (variant.currency != order.currency or not variant.product.is_sold):
        raise WrongCurrency()
    if variant.stock < more:
        raise NotInStock(sku=variant.sku, left=variant.stock)
    # pieces that are added cost what they cost today; those that go are worth what was paid for them
    raw = more * (variant.price_minor if more > 0 else line.unit_price_minor)
    goods = sum(one.quantity * one.unit_price_minor for one in order.lines.all())
    minor = raw if more > 0 else rules.share_after_discount(raw, goods, order.discount_minor)
    difference, method = Money(minor, order.currency), usual_method(order)
    if minor > 0 and order.state != OrderState.UNPAID:
        require_cover(method, difference)
    return CountQuote(line, to, difference, order.total + difference, method)


@transaction.atomic
def change_quantity(line: OrderLine, *, to: int, by: Actor, key: str, rule: str = "") -> OrderChange:
    """Let a line of an order that is not being packed yet hold `to` pieces; 0 takes it out. Stock and money follow.

    Added pieces cost today's price (as a line of their own where that is another one); shipping stays as it was
    agreed. The difference is taken with what the order was paid with, or goes back there. Raises NotChangeable,
    NothingChanges, WholeOrder (the last line: that is a cancellation), NotInStock, WrongCurrency, NotEnoughBalance,
    KeyUsedElsewhere.
    """
    by.require("commerce.change", on=line.order)
    order = locked_order(line.order)
    if known := made_before(order, key, ChangeKind.ITEMS):
        return known
    require_changeable(order)
    line = order.lines.select_related("variant__product").get(pk=line.pk)
    variant = Variant.objects.select_for_update(of=("self",)).select_related("product").get(pk=line.variant_id)
    quote = _quote(order, line, variant, to)
    more = to - line.quantity
    was = [{"position": line.position, "sku": variant.sku, "quantity": line.quantity,
            "unit_price_minor": line.unit_price_minor}]  # fmt: skip
    became = [{"position": line.position, "sku": variant.sku, "quantity": to,
               "unit_price_minor": variant.price_minor if more > 0 else line.unit_price_minor}]  # fmt: skip
    if order.state != OrderState.UNPAID:
        if quote.difference.minor > 0:
            take(order, quote.difference, method=quote.method, key=key)
        else:
            pay_back_at_most(order, Money(-quote.difference.minor, order.currency), to=None, by=by, key=key, rule=rule)
    raw = more * (variant.price_minor if more > 0 else line.unit_price_minor)
    _count(order, line, variant, to)
    order.total_minor = quote.total.minor
    order.discount_minor += raw - quote.difference.minor  # total stays lines + shipping - discount
    order.save(update_fields=["total_minor", "discount_minor"])
    move({variant.pk: -more}, by=by)
    return kept_change(order, ChangeKind.ITEMS, was, became, difference=quote.difference.minor, by=by, key=key,
                       rule=rule)  # fmt: skip


def _count(order: Order, line: OrderLine, variant: Variant, to: int) -> None:
    if to == 0:
        line.delete()
    elif to < line.quantity or variant.price_minor == line.unit_price_minor:
        line.quantity = to
        line.save(update_fields=["quantity"])
    else:
        last = order.lines.order_by("-position").values_list("position", flat=True)[0]
        OrderLine.objects.create(
            brand_id=order.brand_id, order=order, position=last + 1, variant=variant, titles=line.titles,
            quantity=to - line.quantity, unit_price_minor=variant.price_minor,
        )  # fmt: skip
