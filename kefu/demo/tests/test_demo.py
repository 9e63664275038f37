from __future__ import annotations

import json
from collections import Counter
from datetime import UTC, date, datetime, timedelta
from typing import Any

import phonenumbers
import pytest

from kefu.commerce import queries, rules, services
from kefu.commerce.errors import AlreadyShipped, NotReturnable, ReturnWindowOver
from kefu.commerce.models import Order, Product
from kefu.demo import shop
from kefu.demo.pack import declared
from kefu.kernel import clock
from kefu.people.actors import assistant
from kefu.people.models import Brand

TODAY = date(2026, 3, 2)
NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


@pytest.fixture(scope="module")
def made(tmp_path_factory) -> dict[str, list[Any]]:
    """Lumen's records by kind, as written."""
    folder = tmp_path_factory.mktemp("demo")
    shop.write_demo(folder, TODAY)
    return {file.stem: [json.loads(line) for line in file.open()] for file in (folder / "lumen").glob("*.jsonl")}


def test_the_shop_is_as_large_as_promised(made):
    assert len(made["products"]) >= 200
    assert len(made["customers"]) >= 2000
    assert len({customer["country"] for customer in made["customers"]}) >= 8
    assert len(made["orders"]) >= 5000
    placed = sorted(order["placed_at"] for order in made["orders"])
    assert placed[0] < "2024-10-01"
    assert placed[-1] <= "2026-03-02"


def test_everything_that_happens_to_orders_happens_in_the_demo(made):
    assert set(Counter(order["state"] for order in made["orders"])) == {
        "unpaid", "paid", "packing", "shipped", "delivered", "cancelled",
    }  # fmt: skip
    parcels: Counter[str] = Counter()
    for shipment in made["shipments"]:
        events = [
            rules.Tracking(datetime.fromisoformat(event["at"]), event["code"], event["place"])
            for event in shipment["tracking"]
        ]
        told = rules.parcel_situation(
            events, promised_on=date.fromisoformat(shipment["promised_on"]), today=TODAY, zone=UTC
        )
        parcels[told.situation] += 1
        parcels["late when delivered"] += told.situation == "delivered" and told.days_late > 0
    for situation in rules.Situation:
        assert parcels[situation] > 0, situation
    assert parcels["late when delivered"] > 50
    assert max(Counter(one["order"] for one in made["shipments"]).values()) > 1
    assert {one["state"] for one in made["returns"]} >= {"open", "refunded"}


def test_nothing_in_the_demo_lies_in_the_future(made):
    midnight = "2026-03-02T00:00:00Z"
    assert max(order["placed_at"] for order in made["orders"]) <= midnight
    assert max(event["at"] for one in made["shipments"] for event in one["tracking"]) <= midnight
    assert max(refund["at"] for one in made["payments"] for refund in one["refunds"]) <= midnight


def test_the_same_day_gives_the_same_shop_and_another_day_the_same_shop_moved(made, tmp_path):
    shop.write_demo(tmp_path / "again", TODAY)
    shop.write_demo(tmp_path / "later", TODAY + timedelta(days=100))
    for kind, records in made.items():
        again = [json.loads(line) for line in (tmp_path / "again" / "lumen" / f"{kind}.jsonl").open()]
        assert again == records
    later = [json.loads(line) for line in (tmp_path / "later" / "lumen" / "orders.jsonl").open()]
    assert [order["number"] for order in later] == [order["number"] for order in made["orders"]]
    assert [order["state"] for order in later] == [order["state"] for order in made["orders"]]
    first, moved = made["orders"][0]["placed_at"], later[0]["placed_at"]
    assert datetime.fromisoformat(moved) - datetime.fromisoformat(first) == timedelta(days=100)


def test_every_product_speaks_english_and_chinese(made):
    for product in made["products"]:
        for field in ("titles", "descriptions"):
            assert any("\u4e00" <= sign <= "\u9fff" for sign in product[field]["zh"]), product["handle"]
            assert not any("\u4e00" <= sign <= "\u9fff" for sign in product[field]["en"]), product["handle"]
    assert len({product["titles"]["en"] for product in made["products"]}) == len(made["products"])
    assert len({product["titles"]["zh"] for product in made["products"]}) == len(made["products"])


def test_what_a_thing_can_do_is_made_of_and_needs_is_told_in_eight_languages(made):
    eight = {"en", "zh", "es", "fr", "de", "ja", "ko", "pt"}
    for product in made["products"]:
        for name in ("material", "care"):
            assert set(product["attributes"].get(name, eight)) == eight, (product["handle"], name)
        assert set(product["descriptions"]) == eight, product["handle"]
        told = [*product["attributes"]["features"], *product["attributes"].get("compatible_with", [])]
        assert all(set(one) == eight for one in told), product["handle"]


def test_orders_of_each_marketplace_are_there_and_most_are_the_shops_own(made):
    sold = Counter(one["marketplace"] for one in made["orders"])
    assert set(sold) == {"", "amazon", "ebay", "aliexpress", "taobao", "tmall", "jd", "pinduoduo"}
    assert sold[""] > len(made["orders"]) / 2


def test_phones_could_ring_and_mails_reach_nobody(made):
    for customer in made["customers"]:
        assert phonenumbers.is_valid_number(phonenumbers.parse(customer["phone"])), customer
        assert customer["email"].rpartition("@")[2] in ("example.com", "example.org", "example.net")


# -- loaded -------------------------------------------------------------------


@pytest.fixture
def small(monkeypatch, db) -> Brand:
    """The demo loaded, with a few of its many customers and orders, at noon of TODAY."""
    brands = [{**brand, "customers": 12, "orders": 25} for brand in declared("brands")]
    monkeypatch.setattr(shop, "declared", lambda name: brands if name == "brands" else declared(name))
    with clock.held_at(NOON):
        return shop.load_demo(TODAY)[0]


def story(key: str) -> tuple[shop.Story, Order]:
    told = next(one for one in shop.stories() if one.key == key)
    return told, Order.objects.get(brand__slug="lumen", number=told.number)


def test_the_stories_stand_as_they_are_told(small):
    with clock.held_at(NOON):
        bot = assistant(small.pk)
        for told in shop.stories():
            for order in told.orders:
                found = queries.find_order(small, order.number)
                assert found is not None
                for proof in (told.email, told.phone, told.postcode):
                    assert queries.matches_proof(found, proof), told.key
        for prefix in ("", "zh_"):
            _, blue = story(f"{prefix}delivered" if prefix else "mira")
            line = blue.lines.select_related("variant").get(position=1)
            assert (line.variant.color, blue.state) == ("blue", "delivered")
            assert services.quote_return(line, quantity=1, reason="too_small").refund.minor > 0
            with pytest.raises(ReturnWindowOver):
                services.quote_return(story(f"{prefix}window_over")[1].lines.get(), quantity=1, reason="too_small")
            hygiene = story(f"{prefix}hygiene")[1].lines.get(position=1)
            with pytest.raises(NotReturnable):
                services.quote_return(hygiene, quantity=1, reason="changed_mind")
            services.cancel_order(story(f"{prefix}cancellable")[1], reason="", by=bot, key=f"{prefix}c")
        with pytest.raises(AlreadyShipped):
            services.cancel_order(story("packing")[1], reason="", by=bot, key="p")


def test_a_storys_parcel_is_where_the_story_says(small):
    wanted = {
        "mira": "delivered", "late": "late", "customs": "customs_held", "lost": "lost",
        "not_at_home": "delivery_failed", "damaged": "delivered", "zh_delivered": "delivered",
        "zh_late": "late", "zh_customs": "customs_held", "zh_lost": "lost",
    }  # fmt: skip
    for key, situation in wanted.items():
        shipment = story(key)[1].shipments.get()
        events = [rules.Tracking(event.at, event.code, event.place) for event in shipment.tracking.all()]
        told = rules.parcel_situation(
            events, promised_on=shipment.promised_on, today=TODAY, zone=small.zone,
            shipped_at=shipment.shipped_at, delivered_at=shipment.delivered_at,
        )  # fmt: skip
        assert told.situation == situation, key


def test_the_other_brand_has_its_own_1042(small):
    other = Brand.objects.get(slug="nordlicht")
    ours, theirs = queries.find_order(small, "1042"), queries.find_order(other, "1042")
    assert ours is not None
    assert theirs is not None
    assert (ours.number, theirs.number) == ("KF-1042", "NL-1042")
    assert queries.find_order(other, "KF-1042") is None
    assert Product.objects.filter(brand=other).count() < 20


def test_loading_again_changes_nothing_and_keeps_the_terms(small):
    before = Order.objects.count()
    small.settings["terms"]["return_days"] = 45
    small.save()
    with clock.held_at(NOON):
        again = shop.load_demo(TODAY)[0]
    assert Order.objects.count() == before
    assert again.settings["terms"] == {
        "return_days": 45,
        "refund_days": 5,
        "return_parcel_days": 14,
        "marketplace_returns": "marketplace",
    }
    assert again.settings["order_prefix"] == "KF-"


@pytest.mark.slow
@pytest.mark.django_db
def test_the_whole_demo_goes_in():
    lines: list[str] = []
    shop.load_demo(TODAY, progress=lines.append)
    assert len(lines) == 14
    assert Order.objects.filter(brand__slug="lumen").count() >= 5000
