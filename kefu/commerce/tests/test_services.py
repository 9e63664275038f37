from __future__ import annotations

import threading
from datetime import timedelta

import pytest
from django.db import connection

from kefu.commerce import events, services
from kefu.commerce.errors import (
    AlreadyCancelled,
    AlreadyShipped,
    KeyUsedElsewhere,
    MadeGood,
    NotDelivered,
    NotReturnable,
    RefundNeedsRule,
    RefundTooHigh,
    ReturnOver,
    ReturnWindowOver,
    TooManyPieces,
)
from kefu.commerce.models import (
    Cancellation,
    Order,
    OrderLine,
    OrderState,
    Refund,
    RefundState,
    Return,
    ReturnState,
    Shipment,
    Variant,
)
from kefu.kernel.errors import NotAllowed, Refused
from kefu.kernel.money import CurrencyMismatch, Money
from kefu.people.actors import SYSTEM, Actor, ActorKind, assistant


@pytest.fixture
def bot(brand) -> Actor:
    return assistant(brand.pk)


# -- cancelling ---------------------------------------------------------------


def test_cancelling_pays_everything_back_and_puts_the_pieces_on_the_shelf(shop, bot):
    order = shop.order(quantity=2)
    cancellation = services.cancel_order(
        order, reason="changed_mind", by=bot, key="deed-1", rule="cancel.before_dispatch"
    )
    order.refresh_from_db()
    assert order.state == OrderState.CANCELLED
    assert order.payments.get().refundable == Money(0, "EUR")
    refund = Refund.objects.get()
    assert (refund.amount, refund.rule, refund.state) == (order.total, "cancel.before_dispatch", RefundState.PENDING)
    assert Variant.objects.get(sku="JACKET-M").stock == 7
    assert (cancellation.actor_kind, cancellation.at) == ("assistant", shop.now)
    assert [kind for kind, _ in shop.heard] == [events.ORDER_CANCELLED]
    assert shop.heard[0][1]["refunded_minor"] == order.total_minor


def test_cancelling_again_with_the_same_key_does_nothing_more(shop, bot):
    order = shop.order()
    first = services.cancel_order(order, reason="", by=bot, key="deed-1")
    again = services.cancel_order(order, reason="", by=bot, key="deed-1")
    assert first == again
    assert Refund.objects.count() == 1
    assert Variant.objects.get(sku="JACKET-M").stock == 7
    assert len(shop.heard) == 1
    with pytest.raises(AlreadyCancelled):
        services.cancel_order(order, reason="", by=bot, key="deed-2")
    with pytest.raises(KeyUsedElsewhere):
        services.cancel_order(shop.order("KF-2"), reason="", by=bot, key="deed-1")


@pytest.mark.parametrize("state", [OrderState.PACKING, OrderState.SHIPPED, OrderState.DELIVERED])
def test_an_order_that_is_packed_or_gone_is_not_cancelled(shop, bot, state):
    order = shop.order(state=state)
    with pytest.raises(AlreadyShipped) as refused:
        services.cancel_order(order, reason="", by=bot, key="deed-1")
    assert refused.value.tells_customer == "cancel.already_shipped"
    assert Refund.objects.count() == 0
    assert shop.heard == []


def test_an_unpaid_order_is_cancelled_without_a_refund(shop, bot):
    order = shop.order(state=OrderState.UNPAID)
    order.payments.update(state="pending")
    services.cancel_order(order, reason="", by=bot, key="deed-1")
    assert Refund.objects.count() == 0
    assert Order.objects.get().is_cancelled


def test_what_was_refunded_before_is_not_refunded_again_by_cancelling(shop, bot):
    order = shop.order(paid=10000)
    services.refund(order, Money(2500, "EUR"), reason="late", by=bot, key="r", rule="refund.late")
    services.cancel_order(order, reason="", by=bot, key="deed-1")
    assert sorted(Refund.objects.values_list("amount_minor", flat=True)) == [2500, 7500]


@pytest.mark.django_db(transaction=True)
def test_ten_cancels_at_once_make_one_cancellation_and_one_refund(shop, bot):
    order = shop.order()
    gate, outcomes = threading.Barrier(10), []

    def cancel(number: int) -> None:
        gate.wait(10)
        try:
            services.cancel_order(order, reason="", by=bot, key=f"deed-{number % 2}")
            outcomes.append("done")
        except Refused as refused:
            outcomes.append(refused.code)
        finally:
            connection.close()

    threads = [threading.Thread(target=cancel, args=[number]) for number in range(10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert sorted(outcomes) == ["commerce.already_cancelled"] * 5 + ["done"] * 5  # one key's five are the one deed
    assert (Cancellation.objects.count(), Refund.objects.count()) == (1, 1)
    assert Variant.objects.get(sku="JACKET-M").stock == 7


# -- refunds ------------------------------------------------------------------


def test_a_refund_draws_on_the_oldest_payment_first(shop, bot):
    order = shop.order(paid=3000)
    shop.payment(order, 5000)
    made = services.refund(order, Money(4000, "EUR"), reason="late", by=bot, key="deed-1", rule="refund.late")
    assert [one.amount_minor for one in made] == [3000, 1000]
    assert services.refund(order, Money(4000, "EUR"), reason="late", by=bot, key="deed-1", rule="refund.late") == made
    with pytest.raises(RefundTooHigh) as refused:
        services.refund(order, Money(4001, "EUR"), reason="late", by=bot, key="deed-2", rule="refund.late")
    assert refused.value.left == Money(4000, "EUR")


def test_money_moves_by_a_rule_or_by_a_person(shop, bot, ines, tomas):
    order = shop.order(paid=10000)
    with pytest.raises(RefundNeedsRule):
        services.refund(order, Money(100, "EUR"), reason="", by=bot, key="a")
    with pytest.raises(RefundNeedsRule):
        services.refund(order, Money(100, "EUR"), reason="", by=SYSTEM, key="a")
    with pytest.raises(NotAllowed):  # an agent has no right to refund; a supervisor has
        services.refund(order, Money(100, "EUR"), reason="", by=tomas.actor(), key="a")
    [made] = services.refund(order, Money(100, "EUR"), reason="", by=ines.actor(), key="a")
    assert made.approved_by == ines


def test_another_brands_agent_may_do_nothing_here(shop, olek):
    order, stranger = shop.order(delivered_days_ago=2), olek.actor()
    for attempt in (
        lambda: services.cancel_order(order, reason="", by=stranger, key="a"),
        lambda: services.refund(order, Money(1, "EUR"), reason="", by=stranger, key="a"),
        lambda: services.open_return(order.lines.get(), quantity=1, reason="damaged", by=stranger, key="a"),
        lambda: services.set_stock(shop.jacket, to=1, by=stranger),
        lambda: services.cancel_order(order, reason="", by=Actor(ActorKind.CUSTOMER, id=1), key="a"),
    ):
        with pytest.raises(NotAllowed):
            attempt()


@pytest.mark.parametrize("amount", [0, -100])
def test_a_refund_of_nothing_or_less_is_no_refund(shop, bot, amount):
    with pytest.raises(ValueError, match="more than nothing"):
        services.refund(shop.order(), Money(amount, "EUR"), reason="", by=bot, key="a", rule="r")


def test_a_refund_in_another_currency_is_refused(shop, bot):
    with pytest.raises(CurrencyMismatch):
        services.refund(shop.order(), Money(100, "USD"), reason="", by=bot, key="a", rule="r")


def test_a_refund_that_the_provider_refused_can_be_made_again(shop, bot):
    order = shop.order(paid=10000)
    [made] = services.refund(order, Money(10000, "EUR"), reason="", by=bot, key="a", rule="r")
    services.settle_refund(made, state=RefundState.FAILED, by=bot)
    [again] = services.refund(order, Money(10000, "EUR"), reason="", by=bot, key="b", rule="r")
    assert services.settle_refund(again, state=RefundState.DONE, by=bot).state == RefundState.DONE


# -- returns ------------------------------------------------------------------


def test_a_return_promises_what_was_paid_and_pays_it_when_the_goods_are_back(shop, bot):
    order = shop.order(state=OrderState.DELIVERED, quantity=2, discount=1000, delivered_days_ago=6)
    line = order.lines.get()
    quote = services.quote_return(line, quantity=1, reason="too_small")
    opened = services.open_return(line, quantity=1, reason="too_small", by=bot, key="deed-1")
    assert opened.refund_minor == quote.refund.minor == 12900 - 500
    assert (opened.number, opened.deadline) == ("KF-1042-R1", (shop.now + timedelta(days=14)).date())
    assert (quote.refund_to, quote.last_day) == ("card", (shop.now + timedelta(days=24)).date())
    assert Refund.objects.count() == 0
    received = services.receive_return(opened, by=bot)
    services.receive_return(opened, by=bot)
    assert received.state == ReturnState.REFUNDED
    assert Refund.objects.get().amount == quote.refund
    assert Variant.objects.get(sku="JACKET-M").stock == 6


def test_returning_everything_in_the_eu_pays_the_way_out_back_too(shop):
    order = shop.order(state=OrderState.DELIVERED, quantity=2, delivered_days_ago=6)
    assert services.quote_return(order.lines.get(), quantity=2, reason="changed_mind").refund == order.total
    abroad = shop.order("KF-2", state=OrderState.DELIVERED, delivered_days_ago=6, country="US")
    assert services.quote_return(abroad.lines.get(), quantity=2, reason="changed_mind").refund == Money(25800, "EUR")


def _two_things(shop, *, delivered_days_ago: int | None = 6):
    """A jacket for 129.00 and boxers for 39.00, 4.90 for the way, paid."""
    order = shop.order(state=OrderState.DELIVERED, quantity=1, paid=12900 + 3900 + 490)
    OrderLine.objects.create(
        brand=shop.brand, order=order, position=2, variant=shop.boxers, titles={"en": "boxers"}, quantity=1,
        unit_price_minor=3900,
    )  # fmt: skip
    Order.objects.filter(pk=order.pk).update(total_minor=12900 + 3900 + 490)
    order.refresh_from_db()
    if delivered_days_ago is not None:
        shop.parcel(order, delivered_at=shop.now - timedelta(days=delivered_days_ago))
    return order, order.lines.get(position=1), order.lines.get(position=2)


@pytest.mark.parametrize(
    ("given", "back"),
    [
        ("nothing", 12900),
        ("half of the jacket, for a tear", 12900 - 6450),
        ("half of the boxers, for a tear", 12900),  # they are kept, and cost half
        ("20.00 that nobody says for what", 12900 - 2000),
        ("the jacket's whole price, that nobody says for what", 0),
    ],
)
def test_what_went_back_before_is_taken_off_a_return(shop, bot, given, back):
    order, jacket, boxers = _two_things(shop)
    if given.startswith("half"):
        line, amount = (jacket, 6450) if "jacket" in given else (boxers, 1950)
        services.pay_for_fault(line, Money(amount, "EUR"), cause="damaged", quantity=1, is_whole=False, by=bot,
                               key="half", rule="r")  # fmt: skip
    elif given != "nothing":
        amount = 2000 if "20.00" in given else 12900
        services.refund(order, Money(amount, "EUR"), reason="", by=bot, key="g", rule="r")
    quote = services.quote_return(jacket, quantity=1, reason="too_small")
    assert (quote.refund.minor, quote.given_before.minor) == (back, 12900 - back)


def test_piece_by_piece_no_more_goes_back_than_was_paid(shop, bot):
    order, jacket, boxers = _two_things(shop)
    services.refund(order, Money(2000, "EUR"), reason="", by=bot, key="g", rule="r")
    first = services.open_return(jacket, quantity=1, reason="too_small", by=bot, key="a")
    second = services.open_return(boxers, quantity=1, reason="damaged", by=bot, key="b")  # the first is still under way
    assert (first.refund_minor, second.refund_minor) == (10900, 3900 + 490)
    services.receive_return(first, by=bot)
    services.receive_return(second, by=bot)
    assert sum(one.amount_minor for one in Refund.objects.all()) == order.total_minor


def test_money_for_a_lost_parcel_does_not_lessen_what_comes_back_of_another(shop, bot):
    order, jacket, boxers = _two_things(shop, delivered_days_ago=None)
    for line, state in ((jacket, "delivered"), (boxers, "lost")):
        parcel = shop.parcel(order, delivered_at=None, state=state)
        parcel.lines.exclude(line=line).delete()
        if state == "delivered":
            Shipment.objects.filter(pk=parcel.pk).update(delivered_at=shop.now - timedelta(days=6))
    services.refund(order, Money(3900, "EUR"), reason="lost", by=bot, key="lost", rule="r")
    assert services.quote_return(jacket, quantity=1, reason="too_small").refund.minor == 12900


def test_what_was_sent_again_does_not_come_back_for_money_unless_a_person_looked(shop, bot, ines):
    order = shop.order(state=OrderState.DELIVERED, quantity=2, delivered_days_ago=6)
    line = order.lines.get()
    services.resend(line, cause="damaged", quantity=1, by=bot, key="again-1")
    with pytest.raises(MadeGood):
        services.open_return(line, quantity=2, reason="changed_mind", by=bot, key="deed-2")
    opened = services.open_return(line, quantity=None, reason="changed_mind", by=bot, key="deed-1")
    assert opened.lines.get().quantity == 1  # the piece that nothing was done for
    with pytest.raises(MadeGood):
        services.quote_return(line, quantity=1, reason="damaged")
    assert (
        services.open_return(line, quantity=1, reason="damaged", by=ines.actor(), key="deed-3").lines.get().quantity
        == 1
    )


def test_the_same_key_opens_one_return(shop, bot):
    line = shop.order(delivered_days_ago=6).lines.get()
    first = services.open_return(line, quantity=1, reason="too_small", by=bot, key="deed-1")
    assert services.open_return(line, quantity=1, reason="too_small", by=bot, key="deed-1") == first
    assert Return.objects.count() == 1
    other = shop.order("KF-2", delivered_days_ago=6).lines.get()
    with pytest.raises(KeyUsedElsewhere):
        services.open_return(other, quantity=1, reason="too_small", by=bot, key="deed-1")


def test_no_more_pieces_return_than_were_bought(shop, bot):
    line = shop.order(quantity=2, delivered_days_ago=6).lines.get()
    services.open_return(line, quantity=1, reason="too_small", by=bot, key="a")
    for quantity in (2, 0, -1):
        with pytest.raises(TooManyPieces) as refused:
            services.open_return(line, quantity=quantity, reason="too_small", by=bot, key="b")
        assert refused.value.left == 1
    second = services.open_return(line, quantity=1, reason="too_small", by=bot, key="c")
    assert second.number == "KF-1042-R2"


def test_a_return_called_off_frees_its_pieces(shop, bot):
    line = shop.order(quantity=1, delivered_days_ago=6).lines.get()
    opened = services.open_return(line, quantity=1, reason="too_small", by=bot, key="a")
    services.cancel_return(opened, by=bot)
    assert services.cancel_return(opened, by=bot).state == ReturnState.CANCELLED
    with pytest.raises(ReturnOver):
        services.receive_return(opened, by=bot)
    services.open_return(line, quantity=1, reason="too_small", by=bot, key="b")


@pytest.mark.parametrize(("days", "is_open"), [(30, True), (31, False)])
def test_the_last_day_of_the_window_still_counts(shop, bot, days, is_open):
    line = shop.order(delivered_days_ago=days).lines.get()
    if is_open:
        services.open_return(line, quantity=1, reason="too_small", by=bot, key="a")
        return
    with pytest.raises(ReturnWindowOver) as refused:
        services.open_return(line, quantity=1, reason="too_small", by=bot, key="a")
    assert refused.value.last_day == (shop.now - timedelta(days=1)).date()


def test_a_supervisor_may_take_back_what_the_window_no_longer_covers(shop, ines, tomas):
    line = shop.order(delivered_days_ago=90).lines.get()
    with pytest.raises(NotAllowed):
        services.open_return(line, quantity=1, reason="damaged", by=tomas.actor(), key="a", beyond_terms=True)
    services.open_return(line, quantity=1, reason="damaged", by=ines.actor(), key="a", beyond_terms=True)


def test_hygiene_goods_come_back_only_damaged_or_wrong(shop, bot):
    line = shop.order(variant=shop.boxers, delivered_days_ago=3).lines.get()
    with pytest.raises(NotReturnable):
        services.open_return(line, quantity=1, reason="changed_mind", by=bot, key="a")
    services.open_return(line, quantity=1, reason="damaged", by=bot, key="b")


def test_what_has_not_arrived_cannot_be_sent_back(shop, bot):
    order = shop.order(state=OrderState.SHIPPED)
    with pytest.raises(NotDelivered):
        services.open_return(order.lines.get(), quantity=1, reason="too_small", by=bot, key="a")
    shop.parcel(order, delivered_at=None)
    with pytest.raises(NotDelivered):
        services.open_return(order.lines.get(), quantity=1, reason="too_small", by=bot, key="a")


def test_the_window_has_not_begun_while_another_parcel_is_under_way(shop, bot):
    order = shop.order(state=OrderState.SHIPPED, delivered_days_ago=60)
    shop.parcel(order, delivered_at=None)
    services.open_return(order.lines.get(), quantity=1, reason="too_small", by=bot, key="a")


def test_goods_that_come_back_unfit_are_not_refunded(shop, bot):
    line = shop.order(delivered_days_ago=3).lines.get()
    opened = services.open_return(line, quantity=1, reason="too_small", by=bot, key="a")
    assert services.receive_return(opened, by=bot, is_fit=False).state == ReturnState.REJECTED
    assert Refund.objects.count() == 0
    assert Variant.objects.get(sku="JACKET-M").stock == 5


def test_stock_is_counted_from_zero(shop):
    assert services.set_stock(shop.jacket, to=9, by=SYSTEM).stock == 9
    with pytest.raises(ValueError, match="count from 0"):
        services.set_stock(shop.jacket, to=-1, by=SYSTEM)
