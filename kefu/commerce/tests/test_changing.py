"""An order is changed before it leaves; goods come back together or are exchanged; money never goes astray."""

import threading

import pytest
from django.db import IntegrityError, close_old_connections, connection, transaction

from kefu.commerce import errors, services
from kefu.commerce.models import Order, OrderChange, Payment, PaymentMethod, Refund, Return, Variant
from kefu.commerce.services import ItemChange, Piece
from kefu.people.actors import SYSTEM
from kefu.people.models import Customer


def sister(of: Variant, sku: str, *, price: int | None = None, stock: int = 5, **more) -> Variant:
    return Variant.objects.create(
        brand=of.brand, product=of.product, sku=sku, price_minor=of.price_minor if price is None else price,
        currency=more.pop("currency", "EUR"), stock=stock, **more,
    )  # fmt: skip


def method(customer: Customer, kind: str = "card", *, balance: int | None = None, currency: str = "EUR"):
    return PaymentMethod.objects.create(
        brand_id=customer.brand_id, customer=customer, kind=kind, external_id=f"{kind}-{PaymentMethod.objects.count()}",
        label=kind, balance_minor=balance, currency=currency if balance is not None else "",
    )  # fmt: skip


def change(order: Order, sku: str, *, key: str = "k", pay_with=None, position: int = 1, quantity=None) -> OrderChange:
    line = order.lines.get(position=position)
    return services.change_items(
        order, [ItemChange(line, sku, quantity)], pay_with=pay_with, by=SYSTEM, key=key, rule="test"
    )


def test_a_dearer_variant_is_paid_and_the_stock_moves(shop):
    order, card = shop.order(quantity=1), method(shop.customer)
    dearer = sister(shop.jacket, "JACKET-L", price=14900)
    made = change(order, "JACKET-L", pay_with=card)
    order.refresh_from_db()
    assert made.difference_minor == 2000
    assert order.total_minor == 14900 + 490
    assert order.item_changes == 1
    taken = Payment.objects.get(external_id="kefu:k")
    assert (taken.amount_minor, taken.state, taken.paid_with) == (2000, "pending", card)
    assert Variant.objects.get(pk=dearer.pk).stock == 4
    assert Variant.objects.get(pk=shop.jacket.pk).stock == 6


def test_a_cheaper_variant_gives_the_difference_back_to_the_gift_card_at_once(shop):
    order, card = shop.order(quantity=1), method(shop.customer, "gift_card", balance=100)
    sister(shop.jacket, "JACKET-S", price=9900)
    change(order, "JACKET-S", pay_with=card)
    card.refresh_from_db()
    given = Refund.objects.get()
    assert card.balance_minor == 3100
    assert (given.amount_minor, given.state, given.refunded_to) == (3000, "done", card)


def test_what_was_bought_in_a_sale_keeps_its_advantage(shop):
    order = shop.order(quantity=1)
    order.lines.update(unit_price_minor=9900)
    sister(shop.jacket, "JACKET-L")
    assert change(order, "JACKET-L").difference_minor == 0
    assert order.lines.get().unit_price_minor == 9900


def test_a_discount_lessens_the_difference_too(shop):
    order = shop.order(quantity=1, discount=1290, shipping=0)
    sister(shop.jacket, "JACKET-L", price=13900)
    made = change(order, "JACKET-L", pay_with=method(shop.customer))
    order.refresh_from_db()
    assert made.difference_minor == 900
    assert order.total_minor == 13900 + order.shipping_minor - order.discount_minor


def test_some_of_the_pieces_change_and_the_rest_stays(shop):
    order = shop.order(quantity=3)
    sister(shop.jacket, "JACKET-L")
    change(order, "JACKET-L", quantity=1)
    assert [(one.position, one.variant.sku, one.quantity) for one in order.lines.all()] == [
        (1, "JACKET-M", 2), (2, "JACKET-L", 1),
    ]  # fmt: skip


@pytest.mark.parametrize("state", ["packing", "shipped", "delivered", "cancelled"])
def test_what_is_packed_or_gone_stays_as_it_is(shop, state):
    order = shop.order(state=state)
    sister(shop.jacket, "JACKET-L")
    with pytest.raises(errors.NotChangeable):
        change(order, "JACKET-L")
    with pytest.raises(errors.NotChangeable):
        services.change_address(order, address={"street": "Elsewhere 1", "city": "Bonn"}, postcode="53111",
                                country="DE", by=SYSTEM, key="a")  # fmt: skip
    with pytest.raises(errors.NotChangeable):
        services.change_payment(order, pay_with=method(shop.customer), by=SYSTEM, key="p")


def test_only_other_variants_of_the_same_product_that_are_there_and_in_the_same_money(shop):
    order = shop.order(quantity=2)
    sister(shop.jacket, "JACKET-XL", stock=1)
    sister(shop.jacket, "JACKET-USD", currency="USD")
    for sku, refusal in [
        ("BOXERS-M", errors.OtherProduct), ("NOBODYS", errors.OtherProduct), ("JACKET-M", errors.SameVariant),
        ("JACKET-XL", errors.NotInStock), ("JACKET-USD", errors.WrongCurrency),
    ]:  # fmt: skip
        with pytest.raises(refusal):
            change(order, sku)
    assert OrderChange.objects.count() == 0
    assert Variant.objects.get(sku="JACKET-XL").stock == 1


@pytest.mark.parametrize("quantity", [0, -1, 3, 10**9])
def test_no_more_and_no_fewer_pieces_change_than_there_are(shop, quantity):
    order = shop.order(quantity=2)
    sister(shop.jacket, "JACKET-L", stock=100)
    with pytest.raises(errors.LineElsewhere):
        change(order, "JACKET-L", quantity=quantity)


def test_all_lines_change_or_none_and_each_once(shop):
    order, other = shop.order(quantity=1), shop.order("KF-2000", quantity=1)
    sister(shop.jacket, "JACKET-L")
    own, strange = order.lines.get(), other.lines.get()
    for pair in ([own, own], [own, strange]):
        with pytest.raises(errors.LineElsewhere):
            services.change_items(order, [ItemChange(one, "JACKET-L") for one in pair], by=SYSTEM, key="x")
    assert own.order.lines.get().variant == shop.jacket
    assert Variant.objects.get(sku="JACKET-L").stock == 5


def test_a_gift_card_pays_no_more_than_is_on_it(shop):
    order, card = shop.order(quantity=1), method(shop.customer, "gift_card", balance=1999)
    sister(shop.jacket, "JACKET-L", price=14900)
    with pytest.raises(errors.NotEnoughBalance) as refused:
        change(order, "JACKET-L", pay_with=card)
    assert refused.value.left.minor == 1999
    with pytest.raises(IntegrityError), transaction.atomic():
        PaymentMethod.objects.filter(pk=card.pk).update(balance_minor=-1)


def test_another_customers_card_is_no_card_and_the_database_says_so_too(shop):
    order = shop.order(quantity=1)
    olga = Customer.objects.create(brand=shop.brand, external_id="C-9", name="Olga")
    theirs = method(olga, "gift_card", balance=99999)
    sister(shop.jacket, "JACKET-L", price=14900)
    with pytest.raises(errors.NoSuchMethod):
        change(order, "JACKET-L", pay_with=theirs)
    with pytest.raises(errors.NoSuchMethod):
        services.change_payment(order, pay_with=theirs, by=SYSTEM, key="p")
    with pytest.raises(IntegrityError), transaction.atomic():
        Payment.objects.filter(order=order).update(paid_with=theirs)


def test_the_same_key_changes_once_and_is_of_one_deed(shop):
    order = shop.order(quantity=1)
    sister(shop.jacket, "JACKET-L", price=14900)
    card = method(shop.customer)
    assert change(order, "JACKET-L", pay_with=card) == change(order, "JACKET-L", pay_with=card)
    assert Payment.objects.filter(external_id="kefu:k").count() == 1
    with pytest.raises(errors.KeyUsedElsewhere):
        services.change_payment(order, pay_with=card, by=SYSTEM, key="k")


def test_another_way_to_pay_pays_all_and_the_old_one_has_its_money_back(shop):
    order, card = shop.order(quantity=1), method(shop.customer, "gift_card", balance=50000)
    services.change_payment(order, pay_with=card, by=SYSTEM, key="p")
    card.refresh_from_db()
    assert card.balance_minor == 50000 - order.total_minor
    assert sum(one.refundable.minor for one in order.payments.all()) == order.total_minor
    with pytest.raises(errors.SameMethod):
        services.change_payment(order, pay_with=card, by=SYSTEM, key="again")
    services.cancel_order(order, reason="no longer needed", by=SYSTEM, key="c")
    card.refresh_from_db()
    assert card.balance_minor == 50000


def test_an_unpaid_order_is_paid_with_a_gift_card(shop):
    order = shop.order(quantity=1, state="unpaid")
    order.payments.all().delete()
    services.change_payment(order, pay_with=method(shop.customer, "gift_card", balance=50000), by=SYSTEM, key="p")
    order.refresh_from_db()
    assert order.state == "paid"


def test_what_was_still_to_be_taken_of_a_cancelled_order_is_not_taken(shop):
    order, card = shop.order(quantity=1), method(shop.customer)
    sister(shop.jacket, "JACKET-L", price=14900)
    change(order, "JACKET-L", pay_with=card)
    services.cancel_order(order, reason="", by=SYSTEM, key="c")
    taken = Payment.objects.get(external_id="kefu:k")
    assert taken.state == "void"
    assert services.settle_payment(taken, state="paid", by=SYSTEM).state == "void"


def test_an_address_is_changed_and_what_it_was_is_kept(shop):
    order = shop.order(address={"name": "Mira Berg", "street": "Lange Str. 1", "city": "Berlin"})
    made = services.change_address(order, address={"street": "Am Markt 2", "city": "Bonn"}, postcode="53111",
                                   country="DE", by=SYSTEM, key="a", rule="r")  # fmt: skip
    order.refresh_from_db()
    assert order.address == {"name": "Mira Berg", "street": "Am Markt 2", "city": "Bonn"}
    assert (order.postcode, order.address_changes, made.was["city"]) == ("53111", 1, "Berlin")
    told = dict(shop.heard)["commerce.order_changed"]
    assert "Bonn" not in str(told)
    assert "Berlin" not in str(told)


def test_a_change_is_history(shop):
    order = shop.order(quantity=1)
    sister(shop.jacket, "JACKET-L")
    made = change(order, "JACKET-L")
    for spoil in (lambda: OrderChange.objects.filter(pk=made.pk).update(difference_minor=1), made.delete,
                  lambda: Order.objects.filter(pk=order.pk).update(item_changes=0)):  # fmt: skip
        with pytest.raises(IntegrityError), transaction.atomic():
            spoil()


def delivered(shop):
    order = shop.order(quantity=2, delivered_days_ago=3, state="delivered")
    line = order.lines.create(brand=shop.brand, position=2, variant=sister(shop.jacket, "JACKET-S", price=9900),
                              titles={"en": "jacket"}, quantity=1, unit_price_minor=9900)  # fmt: skip
    order.shipments.get().lines.create(brand=shop.brand, line=line, quantity=1)
    order.total_minor += 9900
    order.save(update_fields=["total_minor"])
    shop.payment(order, 9900)
    return order


def test_several_things_come_back_in_one_return_and_the_refund_goes_where_it_was_promised(shop):
    order, card = delivered(shop), method(shop.customer, "gift_card", balance=0)
    first, second = order.lines.all()
    pieces = [Piece(first, 1, "too_small"), Piece(second)]
    opened = services.open_returns(order, pieces, refund_to=card, by=SYSTEM, key="r")
    assert opened.refund_minor == 12900 + 9900
    assert opened.lines.count() == 2
    assert services.open_returns(order, pieces, refund_to=card, by=SYSTEM, key="r") == opened
    services.receive_return(opened, by=SYSTEM)
    card.refresh_from_db()
    assert card.balance_minor == 22800


def test_one_thing_that_may_not_come_back_keeps_the_others(shop):
    order = delivered(shop)
    first, second = order.lines.all()
    with pytest.raises(errors.TooManyPieces):
        services.open_returns(order, [Piece(first, 1), Piece(second, 2)], by=SYSTEM, key="r")
    with pytest.raises(errors.LineElsewhere):
        services.open_returns(order, [Piece(first, 1), Piece(first, 1)], by=SYSTEM, key="r")
    assert Return.objects.count() == 0


def exchange(order, sku, *, key="x", **more):
    return services.exchange_items(order, [ItemChange(order.lines.get(position=2), sku)], by=SYSTEM, key=key, **more)


def test_an_exchange_reserves_the_new_goods_and_settles_when_the_old_ones_are_back(shop):
    order, card = delivered(shop), method(shop.customer, "gift_card", balance=5000)
    new = sister(shop.jacket, "JACKET-L", price=11900)
    made = exchange(order, "JACKET-L", pay_with=card)
    new.refresh_from_db()
    card.refresh_from_db()
    assert (made.difference_minor, new.stock, card.balance_minor) == (2000, 4, 5000)
    assert exchange(order, "JACKET-L", pay_with=card) == made
    with pytest.raises(errors.TooManyPieces):  # the piece is on its way back already
        exchange(order, "JACKET-M", key="y")
    services.receive_return(made.of_return, by=SYSTEM)
    card.refresh_from_db()
    assert card.balance_minor == 3000


def test_a_cheaper_exchange_gives_back_when_it_is_received_and_a_called_off_one_frees_the_goods(shop):
    order = delivered(shop)
    new = sister(shop.jacket, "JACKET-XS", price=8900)
    made = exchange(order, "JACKET-XS")
    assert made.difference_minor == -1000
    assert made.of_return.refund_minor == 1000
    services.cancel_return(made.of_return, by=SYSTEM)
    new.refresh_from_db()
    assert new.stock == 5
    again = exchange(order, "JACKET-XS", key="y")
    services.receive_return(again.of_return, by=SYSTEM)
    assert sum(Refund.objects.values_list("amount_minor", flat=True)) == 1000


def test_a_gift_card_emptied_since_does_not_stop_the_parcel_and_people_hear_of_it(shop):
    order, card = delivered(shop), method(shop.customer, "gift_card", balance=2000)
    sister(shop.jacket, "JACKET-L", price=11900)
    made = exchange(order, "JACKET-L", pay_with=card)
    PaymentMethod.objects.filter(pk=card.pk).update(balance_minor=0)
    services.receive_return(made.of_return, by=SYSTEM)
    assert ("commerce.payment_missing", {"order": order.number, "amount_minor": 2000, "currency": "EUR"}) in shop.heard


@pytest.mark.django_db(transaction=True)
def test_two_workers_draw_one_gift_card_once(shop):
    card = method(shop.customer, "gift_card", balance=2500)
    orders = [shop.order(f"KF-{n}", quantity=1) for n in (1, 2)]
    sister(shop.jacket, "JACKET-L", price=14900)
    refused = []

    def work(n: int) -> None:
        try:
            change(orders[n], "JACKET-L", key=f"k{n}", pay_with=card)
        except errors.NotEnoughBalance as no:
            refused.append(no)
        finally:
            close_old_connections()
            connection.close()

    threads = [threading.Thread(target=work, args=(n,)) for n in (0, 1)]
    [one.start() for one in threads]
    [one.join(20) for one in threads]
    card.refresh_from_db()
    assert len(refused) == 1
    assert card.balance_minor == 500
    assert OrderChange.objects.count() == 1


def test_the_last_piece_goes_to_one_of_two_orders(shop):
    sister(shop.jacket, "JACKET-L", stock=1)
    change(shop.order("KF-1", quantity=1), "JACKET-L", key="a")
    with pytest.raises(errors.NotInStock):
        change(shop.order("KF-2", quantity=1), "JACKET-L", key="b")
