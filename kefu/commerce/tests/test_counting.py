"""More, fewer or none of a line before the order leaves: stock, money and total move together."""

import pytest

from kefu.commerce import errors, services
from kefu.commerce.models import Order, Payment, Refund, Variant
from kefu.people.actors import SYSTEM


def count(order: Order, to: int, *, key: str = "k"):
    return services.change_quantity(order.lines.get(position=1), to=to, by=SYSTEM, key=key, rule="test")


def is_whole(order: Order) -> bool:
    goods = sum(line.quantity * line.unit_price_minor for line in order.lines.all())
    return order.total_minor == goods + order.shipping_minor - order.discount_minor


def test_two_instead_of_one_takes_stock_and_asks_for_the_price_of_one(shop):
    order = shop.order(quantity=1)
    price, stock = shop.jacket.price_minor, shop.jacket.stock
    made = count(order, 2)
    order.refresh_from_db()
    assert (made.difference_minor, order.item_changes) == (price, 1)
    assert order.lines.get().quantity == 2
    assert Payment.objects.get(external_id="kefu:k").amount_minor == price
    assert Variant.objects.get(pk=shop.jacket.pk).stock == stock - 1
    assert is_whole(order)


def test_one_of_two_gives_back_what_was_paid_for_it(shop):
    order = shop.order(quantity=2)
    worth = order.lines.get().unit_price_minor
    made = count(order, 1)
    order.refresh_from_db()
    assert made.difference_minor == -worth
    assert sum(one.amount_minor for one in Refund.objects.all()) == worth
    assert is_whole(order)


def test_pieces_added_later_cost_what_they_cost_today(shop):
    order = shop.order(quantity=1)
    bought_at = order.lines.get().unit_price_minor
    Variant.objects.filter(pk=shop.jacket.pk).update(price_minor=bought_at + 500)
    made = count(order, 2)
    order.refresh_from_db()
    assert made.difference_minor == bought_at + 500
    assert [line.unit_price_minor for line in order.lines.all()] == [bought_at, bought_at + 500]
    assert is_whole(order)


def test_the_same_key_changes_once(shop):
    order = shop.order(quantity=1)
    assert count(order, 2) == count(order, 2)
    assert order.lines.get().quantity == 2


@pytest.mark.parametrize(
    ("to", "refusal"), [(1, errors.NothingChanges), (0, errors.WholeOrder), (900, errors.NotInStock)]
)
def test_what_cannot_be_counted_so_is_refused_by_name(shop, to, refusal):
    order = shop.order(quantity=1)
    with pytest.raises(refusal):
        count(order, to)
    assert order.lines.get().quantity == 1


def test_an_order_that_has_left_keeps_its_number(shop):
    order = shop.order(quantity=1)
    Order.objects.filter(pk=order.pk).update(state="packing")
    with pytest.raises(errors.NotChangeable):
        count(order, 2)
