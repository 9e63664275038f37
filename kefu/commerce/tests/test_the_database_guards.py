"""The limits hold for whoever connects: raw SQL, no code of ours in between."""

from __future__ import annotations

import threading

import psycopg
import pytest
from django.db import IntegrityError, connection, transaction

from kefu.commerce.models import Order, Payment, Refund, Return, ReturnLine, Variant

REFUND = (
    "INSERT INTO commerce_refund "
    "(brand_id, payment_id, amount_minor, currency, reason, key, rule, actor_kind, state, at)"
    " VALUES (%s, %s, %s, %s, '', %s, 'test', 'system', 'pending', now())"
)


def raw() -> psycopg.Connection:
    """A connection that knows nothing of Django."""
    wanted = connection.get_connection_params()
    names = ("host", "port", "user", "password", "dbname")
    return psycopg.connect(**{name: wanted[name] for name in names if wanted.get(name)})


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("isolation", ["READ COMMITTED", "REPEATABLE READ", "SERIALIZABLE"])
def test_two_refunds_at_once_never_give_back_more_than_was_paid(shop, isolation):
    payment = shop.order(paid=10000).payments.get()
    with raw() as first, raw() as second:
        for one in (first, second):
            one.execute(f"SET TRANSACTION ISOLATION LEVEL {isolation}")
            one.execute("SELECT 1 FROM commerce_payment")  # the snapshot is taken: each sees an unrefunded payment
        first.execute(REFUND, [shop.brand.pk, payment.pk, 6000, "EUR", "a"])
        outcome: list[str] = []

        def refund_too() -> None:
            try:
                second.execute(REFUND, [shop.brand.pk, payment.pk, 6000, "EUR", "b"])
                second.commit()
                outcome.append("paid")
            except psycopg.Error as refused:
                outcome.append(type(refused).__name__)

        waiting = threading.Thread(target=refund_too)
        waiting.start()
        waiting.join(0.3)
        assert waiting.is_alive()  # it waits for the first at the payment's row
        first.commit()
        waiting.join(10)
        assert outcome in (["CheckViolation"], ["SerializationFailure"])
    payment.refresh_from_db()
    assert payment.refunded_minor == 6000
    assert Refund.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_ten_raw_refunds_at_once_stop_at_what_was_paid(shop):
    payment = shop.order(paid=10000).payments.get()
    gate = threading.Barrier(10)

    def refund(number: int) -> None:
        with raw() as one:
            gate.wait(10)
            try:
                one.execute(REFUND, [shop.brand.pk, payment.pk, 3000, "EUR", f"k{number}"])
            except psycopg.Error:
                one.rollback()

    threads = [threading.Thread(target=refund, args=[number]) for number in range(10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    payment.refresh_from_db()
    assert payment.refunded_minor == 9000
    assert Refund.objects.count() == 3


def refused(sql: str, *values: object) -> bool:
    """Whether the database refuses; constraints between tables are asked at once, not at the end."""
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            cursor.execute(sql, values)
    except IntegrityError:
        return True
    return False


def test_the_database_refuses_each_way_round_the_refund_limit(shop):
    order = shop.order(paid=10000)
    paid, pending = order.payments.get(), shop.payment(order, 5000, state="pending")
    brand = shop.brand.pk
    assert refused(REFUND, brand, paid.pk, 10001, "EUR", "a")
    assert refused(REFUND, brand, paid.pk, 0, "EUR", "a")
    assert refused(REFUND, brand, paid.pk, -5, "EUR", "a")
    assert refused(REFUND, brand, paid.pk, 100, "USD", "a")
    assert refused(REFUND, brand, pending.pk, 100, "EUR", "a")
    assert not refused(REFUND, brand, paid.pk, 10000, "EUR", "a")
    assert refused(REFUND, brand, paid.pk, 1, "EUR", "b")
    assert refused("UPDATE commerce_payment SET amount_minor = 9999 WHERE id = %s", paid.pk)
    assert refused("UPDATE commerce_payment SET refunded_minor = 0 WHERE id = %s", paid.pk)
    assert refused("UPDATE commerce_payment SET state = 'pending' WHERE id = %s", paid.pk)
    assert refused("UPDATE commerce_payment SET currency = 'USD' WHERE id = %s", paid.pk)
    assert refused("UPDATE commerce_refund SET amount_minor = 1")
    assert refused("UPDATE commerce_refund SET payment_id = %s", pending.pk)
    assert refused("DELETE FROM commerce_refund")
    assert refused("UPDATE commerce_order SET currency = 'USD' WHERE id = %s", order.pk)


def test_a_refund_without_rule_or_person_is_refused(shop):
    payment = shop.order(paid=10000).payments.get()
    assert refused(REFUND.replace("'test'", "''"), shop.brand.pk, payment.pk, 100, "EUR", "a")


def test_a_failed_refund_counts_as_not_given_back(shop):
    payment = shop.order(paid=10000).payments.get()
    assert not refused(REFUND, shop.brand.pk, payment.pk, 10000, "EUR", "a")
    assert not refused("UPDATE commerce_refund SET state = 'failed'")
    payment.refresh_from_db()
    assert payment.refunded_minor == 0
    assert not refused(REFUND, shop.brand.pk, payment.pk, 10000, "EUR", "b")
    assert refused("UPDATE commerce_refund SET state = 'done' WHERE key = 'a'")  # it would be twice


def _return(shop, order: Order, quantity: int, *, state: str = "open", number: str = "R1") -> Return:
    opened = Return.objects.create(
        brand=shop.brand, order=order, number=number, state=state, opened_at=shop.now, deadline=shop.now.date(),
        key=number, actor_kind="system",
    )  # fmt: skip
    ReturnLine.objects.create(
        brand=shop.brand, of_return=opened, line=order.lines.get(), quantity=quantity, reason="too_small"
    )
    return opened


def test_more_pieces_than_were_bought_cannot_come_back(shop):
    order = shop.order(quantity=2)
    opened = _return(shop, order, 2)
    with pytest.raises(IntegrityError), transaction.atomic():
        _return(shop, order, 1, number="R2")
    assert refused("UPDATE commerce_returnline SET quantity = 3")
    assert refused("UPDATE commerce_orderline SET returned_quantity = 0")
    assert refused("UPDATE commerce_orderline SET quantity = 1")
    opened.state = "cancelled"
    opened.save()
    assert order.lines.get().returned_quantity == 0
    _return(shop, order, 2, number="R3")
    assert refused("UPDATE commerce_return SET state = 'open' WHERE number = 'R1'")


def test_a_return_takes_only_lines_of_its_own_order(shop):
    one, other = shop.order("KF-1"), shop.order("KF-2")
    opened = _return(shop, one, 1)
    assert refused(
        "INSERT INTO commerce_returnline (brand_id, of_return_id, line_id, quantity, reason) "
        "VALUES (%s, %s, %s, 1, 'x')",
        shop.brand.pk, opened.pk, other.lines.get().pk,
    )  # fmt: skip


def test_one_brands_rows_never_hang_on_anothers(shop, other_brand):
    order = shop.order()
    for table in ("orderline", "payment", "shipment"):
        if table == "shipment":
            shop.parcel(order, delivered_at=None)
        assert refused(f"UPDATE commerce_{table} SET brand_id = %s", other_brand.pk), table
    assert refused("UPDATE commerce_order SET brand_id = %s", other_brand.pk)
    assert refused("UPDATE commerce_variant SET brand_id = %s", other_brand.pk)


def test_stock_and_prices_are_never_negative(shop):
    assert refused("UPDATE commerce_variant SET stock = -1")
    assert refused("UPDATE commerce_variant SET price_minor = -1")
    assert refused("UPDATE commerce_order SET total_minor = -1") is False  # no order yet
    shop.order()
    assert refused("UPDATE commerce_order SET total_minor = -1")
    assert Variant.objects.filter(stock__lt=0).count() == 0


def test_an_order_number_is_one_orders_whatever_the_case_of_letters(shop):
    shop.order("KF-1042")
    with pytest.raises(IntegrityError), transaction.atomic():
        shop.order("kf-1042")


def test_a_payment_saved_from_an_old_copy_does_not_forget_refunds(shop):
    stale = shop.order(paid=10000).payments.get()
    assert not refused(REFUND, shop.brand.pk, stale.pk, 4000, "EUR", "a")
    with pytest.raises(IntegrityError), transaction.atomic():
        stale.save()
    assert Payment.objects.get().refunded_minor == 4000
