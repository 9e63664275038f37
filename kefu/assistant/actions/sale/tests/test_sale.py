"""What is told before the sale comes from the shop's rows and tables, or isn't told."""

from __future__ import annotations

from datetime import timedelta

import pytest

from kefu.assistant.models import StockNotice
from kefu.assistant.stock_notices import send_notice, waiting_notices
from kefu.assistant.tests.shop import product
from kefu.commerce.models import Coupon, Variant
from kefu.commerce.services import set_stock
from kefu.desk.models import Message
from kefu.kernel import clock
from kefu.people.actors import SYSTEM

pytestmark = pytest.mark.django_db
NOTICE = {"question": "is the Glacier rain jacket there in blue", "size": "L", "color": "blue"}


def said(result) -> str:
    assert result.ok, result
    return str(result.value["text"]["text"]["en"])


# ---- size


def test_the_size_comes_from_the_products_own_chart(do, talk, jacket) -> None:
    args = {"question": "what size of the Glacier rain jacket", "height": 174, "weight": 70}
    assert "size M" in said(do(talk, "catalog.size_advice", args))


def test_between_two_sizes_both_are_told_and_what_is_liked_decides(do, talk, jacket) -> None:
    args = {"question": "what size of the Glacier rain jacket", "height": 178}
    assert "between M and L" in said(do(talk, "catalog.size_advice", args))
    loose = {**args, "question": "what size of the Glacier rain jacket, I like it loose"}
    assert "As you like it loose: L" in said(do(talk, "catalog.size_advice", loose, key="2"))


def test_beyond_the_chart_no_size_is_recommended(do, talk, jacket) -> None:
    args = {"question": "what size of the Glacier rain jacket", "weight": 130}
    told = said(do(talk, "catalog.size_advice", args))
    assert "ends at L" in told
    assert "can't honestly recommend" in told


def test_a_measure_by_the_charts_own_name_counts(do, talk, jacket) -> None:
    args = {"question": "Glacier rain jacket, chest 95, which size"}
    assert "size M" in said(do(talk, "catalog.size_advice", args))


def test_what_is_missing_is_asked_for(do, talk, jacket) -> None:
    assert do(talk, "catalog.size_advice", {"question": "what size do I need"}).code == "sale.product_needed"
    asked = do(talk, "catalog.size_advice", {"question": "what size of the Glacier rain jacket"}, key="2")
    assert asked.code == "sale.body_needed"


# ---- which of several


def test_a_kind_alone_shows_what_there_is_of_it_to_pick_from(do, talk, jacket, tents, brand) -> None:
    product(brand, "cove-dry-bag", titles={"en": "Cove waterproof dry bag"})
    shown = do(talk, "catalog.candidates", {"question": "is this waterproof tent light"})
    assert shown.value["lines"]["text"]["en"] == "1. Fjord tent\n2. Tundra tent"
    talk.memory["about"] = {"products": shown.value["about"]}  # as the turn keeps it
    talk.save(update_fields=["memory"])
    picked = do(talk, "catalog.answer", {"question": "how heavy is this tent", "which": "2"}, key="2")
    assert "2050 g" in said(picked)
    assert "Tundra" in said(picked)


def test_only_a_question_that_points_at_one_thing_is_asked_which(do, talk, tents) -> None:
    assert not do(talk, "catalog.pointed_at", {"question": "are tents waterproof"}).value["found"]
    assert do(talk, "catalog.pointed_at", {"question": "is this tent waterproof"}, key="2").value["found"]


# ---- comparing and prices


def test_two_articles_side_by_side_by_what_is_stated(do, talk, tents) -> None:
    told = said(do(talk, "catalog.compare", {"question": "the Fjord tent or the Tundra tent"}))
    assert "Fjord tent: 1650 g; Tundra tent: 2050 g" in told
    assert "ripstop" not in told  # alike, so no difference
    assert "Rain" not in told  # stated of neither


def test_several_pieces_are_added_up(do, talk, tents) -> None:
    told = said(do(talk, "catalog.price", {"question": "how much is the Fjord tent", "quantity": 3}))
    assert "€867.00" in told


# ---- stock and its notice


def test_a_wish_for_a_notice_is_kept_once_with_its_consent_and_sent_once(do, talk, jacket) -> None:
    assert do(talk, "catalog.sold_out", NOTICE).value["found"]
    assert do(talk, "commerce.notify_stock", NOTICE, key="1").value["is_new"]
    assert not do(talk, "commerce.notify_stock", NOTICE, key="2").value["is_new"]
    notice = StockNotice.objects.get()
    assert notice.consented_at == clock.now()
    blue = Variant.objects.get(product=jacket, size="L", color="blue")
    assert waiting_notices([blue.pk]) == []
    set_stock(blue, to=3, by=SYSTEM)
    assert waiting_notices([blue.pk]) == [notice.pk]
    assert send_notice(notice.pk)
    assert not send_notice(notice.pk)
    told = Message.objects.filter(conversation=talk, text__contains="back in stock")
    assert told.count() == 1
    assert "€149.00" in told.get().text


def test_without_a_yes_no_notice_is_kept(do, talk, jacket) -> None:
    assert do(talk, "commerce.notify_stock", NOTICE, confirmed="").code == "actions.not_confirmed"
    assert not StockNotice.objects.exists()


def test_what_is_there_needs_no_notice(do, talk, jacket) -> None:
    there = {"question": "is the Glacier rain jacket there in blue", "size": "M", "color": "blue"}
    assert not do(talk, "catalog.sold_out", there).value["found"]
    assert do(talk, "commerce.notify_stock", there).code == "sale.product_needed"


# ---- coupons


@pytest.fixture
def coupons(held_clock, brand) -> None:
    today = clock.today()
    rows = {
        "TEN": {"percent": 10, "least_total_minor": 5000},
        "FIVER": {"amount_minor": 500, "currency": "EUR", "is_public": True},
        "CAMPUS": {"percent": 15, "is_public": True, "audience": "student"},
        "OLD": {"percent": 50, "ends_on": today - timedelta(days=1)},
    }
    for code, more in rows.items():
        dates = {"starts_on": today - timedelta(days=30), "ends_on": today + timedelta(days=30)}
        Coupon.objects.create(brand=brand, code=code, **(dates | more))


@pytest.mark.parametrize(
    ("question", "amount", "words"),
    [
        ("is TEN valid", None, "TEN is valid"),
        ("does ten work", "40", "only good for orders of €50.00"),
        ("TEN or FIVER?", "80", "Best for your basket is TEN: it takes off €8.00"),
        ("OLD does not work", None, "OLD was valid until"),
        ("is SUMMER99 good", None, "I don't find a code SUMMER99"),
        ("student discount?", None, "CAMPUS is valid"),
        ("any coupons?", None, "FIVER is valid"),
    ],
)
def test_a_coupon_is_judged_by_its_row(do, talk, coupons, question: str, amount: str | None, words: str) -> None:
    args = {"question": question} | ({"amount": {"amount": amount, "currency": ""}} if amount else {})
    assert words in said(do(talk, "commerce.check_coupon", args))


def test_a_discount_that_the_shop_lacks_is_not_promised(do, talk, coupons) -> None:
    assert do(talk, "commerce.check_coupon", {"question": "do pensioners get a discount"}).value["found"] is False


def test_somebody_elses_coupon_is_told_like_none(do, stranger_talk, coupons, brand, mira) -> None:
    Coupon.objects.filter(code="TEN").update(customer=mira)
    assert "I don't find a code" in said(do(stranger_talk, "commerce.check_coupon", {"question": "is TEN10 valid"}))
    told = do(stranger_talk, "commerce.check_coupon", {"question": "is it valid", "coupon_code": "TEN"})
    assert "I don't find a code TEN" in said(told)


# ---- delivery and basket

TABLE = {
    "currency": "EUR",
    "countries": {
        "DE": {"cost": "4.90", "days": [1, 3], "free_from": "99.00", "carriers": ["DHL"], "saturday": True},
        "US": {"cost": "24.90", "days": [6, 12], "carriers": ["DHL Express"], "saturday": False},
    },
}


@pytest.fixture
def table(brand) -> None:
    brand.settings = {**brand.settings, "shipping": TABLE}
    brand.save()


@pytest.mark.parametrize(
    ("question", "words"),
    [
        ("what is delivery to Germany", "costs €4.90 and takes 1 to 3 days. From €99.00 on, delivery is free"),
        ("do you deliver to the US on saturdays", "Nothing is delivered on Saturdays"),
        ("shipping to Norway?", "don't deliver to Norway"),
    ],
)
def test_delivery_is_told_from_the_table(do, talk, table, question: str, words: str) -> None:
    assert words in said(do(talk, "commerce.shipping", {"question": question}))


def test_without_a_table_nothing_is_told_of_delivery(do, talk) -> None:
    assert do(talk, "commerce.shipping", {"question": "shipping to Germany"}).value["found"] is False


def test_the_basket_link_comes_from_the_brands_pattern_or_not_at_all(do, talk, jacket, brand) -> None:
    args = {"question": "the Glacier rain jacket", "size": "M", "color": "blue", "quantity": 2}
    assert do(talk, "commerce.basket_link", args).value["found"] is False
    brand.settings = {**brand.settings, "basket_url": "https://shop.example/cart?sku={sku}&n={quantity}"}
    brand.save()
    link = do(talk, "commerce.basket_link", args, key="2").value["link"]
    assert link == "https://shop.example/cart?sku=GLACIER-RAIN-JACKET-BLUE-M&n=2"


@pytest.mark.parametrize(
    ("more", "code"),
    [
        ({}, "sale.size_needed"),
        ({"size": "M"}, "sale.color_needed"),
        ({"size": "XXL", "color": "blue"}, "sale.size_needed"),
        ({"size": "L", "color": "blue"}, "sale.sold_out"),
        ({"size": "M", "color": "blue", "quantity": 6}, "sale.sold_out"),
    ],
)
def test_what_is_open_is_asked_before_a_basket_is_made(do, talk, jacket, more: dict, code: str) -> None:
    assert do(talk, "commerce.basket_link", {"question": "the Glacier rain jacket", **more}).code == code


@pytest.mark.parametrize(
    "pattern", ["javascript:alert({sku})", "https://x.example/{sku.__class__}", "https://x.example/cart", "{sku}", "{"]
)
def test_a_pattern_that_is_no_web_address_makes_no_link(do, talk, jacket, brand, pattern: str) -> None:
    brand.settings = {**brand.settings, "basket_url": pattern}
    brand.save()
    args = {"question": "the Glacier rain jacket", "size": "M", "color": "blue"}
    assert do(talk, "commerce.basket_link", args).value["found"] is False
