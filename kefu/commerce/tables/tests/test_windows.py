from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from kefu.commerce.tables import tables_of
from kefu.commerce.tables.fees import way_out_refund
from kefu.commerce.tables.windows import return_promise, return_window

BERLIN = ZoneInfo("Europe/Berlin")
MARCH = date(2026, 3, 2)


@pytest.mark.parametrize(
    ("country", "terms", "last_day", "rule"),
    [
        ("DE", {"return_days": 30}, date(2026, 4, 1), "return.within_window"),
        ("DE", {"return_days": 7}, date(2026, 3, 16), "return.withdrawal_eu"),  # the law's 14 days are the floor
        ("DE", {"return_days": 14}, date(2026, 3, 16), "return.withdrawal_eu"),  # equal: the right goes first
        ("DE", {}, date(2026, 3, 16), "return.withdrawal_eu"),
        ("GB", {"return_days": 7}, date(2026, 3, 16), "return.withdrawal_gb"),
        ("CN", {"return_days": 0}, date(2026, 3, 9), "return.withdrawal_cn"),
        ("CN", {"return_days": 30, "return_days_CN": 10}, date(2026, 3, 12), "return.within_window"),
        ("KR", {"return_days": 3}, date(2026, 3, 9), "return.withdrawal_kr"),
        ("BR", {"return_days": 0}, date(2026, 3, 9), "return.withdrawal_br"),
        ("JP", {}, date(2026, 3, 10), "return.default_jp"),  # the shop says nothing, so the law does
        ("JP", {"return_days": 3}, date(2026, 3, 5), "return.within_window"),  # in Japan the shop's own word counts
        ("US", {}, date(2026, 3, 2), "return.within_window"),  # no law, no promise: the day itself
    ],
)
def test_the_return_window_is_the_shops_promise_or_the_law_whichever_is_longer(country, terms, last_day, rule):
    delivered = datetime(2026, 3, 2, 11, tzinfo=UTC)
    assert return_window(tables_of(), delivered, country, terms, BERLIN) == (last_day, rule)


def test_a_legal_window_in_the_eu_that_ends_on_a_weekend_ends_on_monday():
    saturday = datetime(2026, 2, 28, 11, tzinfo=UTC)
    assert return_window(tables_of(), saturday, "FR", {}, BERLIN)[0] == date(2026, 3, 16)
    assert return_window(tables_of(), saturday, "GB", {}, BERLIN)[0] == date(2026, 3, 14)


def test_the_day_of_delivery_is_the_brands_own_day():
    late_evening_in_berlin = datetime(2026, 3, 2, 23, 30, tzinfo=UTC)  # 3 March there
    window = return_window(tables_of(), late_evening_in_berlin, "DE", {"return_days": 30}, BERLIN)
    assert window[0] == date(2026, 4, 2)


@pytest.mark.parametrize(
    ("marketplace", "country", "terms", "days", "rule"),
    [
        ("amazon", "US", {"return_days": 14}, 30, "return.amazon_us"),  # the better one for the customer
        ("amazon", "US", {"return_days": 45}, 45, "return.within_window"),
        ("amazon", "US", {"return_days": 45, "marketplace_returns": "marketplace"}, 30, "return.amazon_us"),
        ("amazon", "US", {"return_days": 14, "marketplace_returns": "shop"}, 14, "return.within_window"),
        # whatever the shop says, the law is the floor
        ("amazon", "DE", {"return_days": 3, "marketplace_returns": "shop"}, 14, "return.withdrawal_eu"),
        ("tmall", "CN", {"return_days": 0}, 7, "return.withdrawal_cn"),
        ("jd", "CN", {"return_days": 15}, 15, "return.within_window"),
        ("somewhere", "US", {"return_days": 10}, 10, "return.within_window"),  # a marketplace no row speaks of
    ],
)
def test_where_law_marketplace_and_shop_meet_the_better_one_counts(marketplace, country, terms, days, rule):
    promise = return_promise(tables_of(), country, terms, marketplace=marketplace, on=MARCH)
    assert (promise.days, promise.rule) == (days, rule)


def test_a_guarantee_for_faulty_goods_gives_nobody_days_to_change_their_mind():
    usual = return_promise(tables_of(), "US", {"return_days": 14}, marketplace="ebay", on=MARCH)
    faulty = return_promise(tables_of(), "US", {"return_days": 14}, marketplace="ebay", on=MARCH, faulty=True)
    assert (usual.days, faulty.days, faulty.rule) == (14, 30, "return.ebay_guarantee")


def test_the_way_out_is_paid_back_when_everything_returns_where_the_law_says_so():
    def back(country: str, *, whole: bool = True) -> int:
        return way_out_refund(tables_of(), 490, country=country, is_whole_order=whole, on=date(2026, 11, 22))

    assert (back("DE"), back("GB"), back("DE", whole=False), back("US")) == (490, 490, 0, 0)
