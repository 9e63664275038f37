from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest

from kefu.assistant.checks import CHECKS
from kefu.assistant.checks.accounts import data_right, due_on
from kefu.assistant.dialogue.tests.stage import MIRA, NOW, Shop, order, parcel
from kefu.assistant.facts import Facts
from kefu.kernel.money import Money


def facts(*orders: Any, **changes: Any) -> Facts:
    base = replace(Shop(orders=list(orders), verification=2).facts(), **changes)
    return base


def due(given: Facts, country: str = "", amount: str = "") -> Any:
    """amount: "60 EUR"."""
    number, _, currency = amount.partition(" ")
    told = {"amount": number, "currency": currency} if amount else None
    return CHECKS["customs.due"].run(given, {"country": country or None, "amount": told})


def words(value: Any) -> str:
    """Every text key, amount and percentage in a fact, flat."""
    return str(value)


@pytest.mark.parametrize(
    ("home", "country", "day", "outcome", "rule"),
    [
        ("DE", "FR", date(2026, 11, 1), "inside", "customs.inside"),
        ("DE", "DE", date(2026, 11, 1), "inside", "customs.inside"),
        ("CN", "DE", date(2026, 6, 30), "estimated", "customs.eu_low_until_2026"),
        ("CN", "DE", date(2026, 7, 1), "estimated", "customs.eu_low_2026"),  # the relief ends, three euros begin
        ("DE", "US", date(2025, 8, 28), "unlisted", ""),  # before that day nobody wrote the rule down
        ("DE", "US", date(2025, 8, 29), "estimated", "customs.us"),
        ("DE", "KE", date(2026, 11, 1), "unlisted", ""),
        ("US", "KR", date(2026, 11, 1), "estimated", "customs.kr_low_us"),
        ("DE", "KR", date(2026, 11, 1), "estimated", "customs.kr_low"),
    ],
)
def test_what_is_due_follows_the_way_and_the_day(home, country, day, outcome, rule) -> None:
    answer = due(facts(ships_from=home, today=day), country)
    assert (answer.outcome, answer.rule) == (outcome, rule)


def test_the_value_told_decides_the_side_of_the_limit_where_it_is_sure() -> None:
    low = due(facts(), "GB", "60 EUR")
    high = due(facts(), "GB", "400 EUR")
    unsure = due(facts(), "GB", "150 EUR")
    assert low.rule == "customs.gb_low"
    assert high.rule == "customs.gb_high"
    assert "customs.row_up_to" in words(unsure.values["parts"])  # both sides are told when nobody can tell which
    assert "customs.row_above" in words(unsure.values["parts"])


def test_the_tax_is_counted_on_the_goods_and_marked_as_an_estimate() -> None:
    answer = due(facts(), "CH", "100 CHF")
    assert "'minor': 810, 'currency': 'CHF'" in words(answer.values["parts"])
    assert answer.values["cite"] == "ch.ch"
    assert answer.values["as_of"] == {"date_of": "2026-03-01"}


def test_each_country_of_the_union_has_its_own_tax() -> None:
    answer = due(facts(ships_from="CN", today=date(2026, 11, 1)), "HU", "30 EUR")
    assert "27" in words(answer.values["parts"])
    assert "customs.duty.flat" in words(answer.values["parts"])


def test_without_a_country_the_order_under_way_tells_it() -> None:
    one = replace(order("KF-1", "paid"), country="GB")
    assert due(facts(one)).outcome == "estimated"
    assert due(facts(one, replace(order("KF-2", "paid"), country="CH"))).outcome == "untold"


def loss(*parcels: Any, state: str = "shipped", **changes: Any) -> Any:
    given = facts(replace(order("KF-1042", state, parcels=parcels), **changes))
    return CHECKS["parcel.loss"].run(given, {"order": "KF-1042"})


@pytest.mark.parametrize(
    ("shipped", "country", "outcome"),
    [
        (11, "DE", "lost"),  # ten days of silence since the parcel's last news on the day it left
        (10, "DE", "lost"),
        (9, "DE", "too_early"),
        (15, "GB", "too_early"),  # abroad the carrier's row gives it twenty
        (21, "GB", "lost"),
    ],
)
def test_a_silent_parcel_counts_as_lost_by_carrier_and_way(shipped, country, outcome) -> None:
    sent = parcel(codes=["picked_up"], shipped=shipped, promised=-3)
    answer = loss(sent, country=country)
    assert (answer.outcome, answer.rule) == (outcome, "carrier.dhl")


def test_a_parcel_the_carrier_gave_up_is_lost_at_once_and_one_in_time_never() -> None:
    assert loss(parcel(codes=["picked_up", "lost"], shipped=2, promised=3)).outcome == "lost"
    assert loss(parcel(codes=["picked_up"], shipped=2, promised=3)).outcome == "waiting"
    assert loss(parcel(codes=["picked_up"], shipped=60, promised=3)).outcome == "waiting"


def test_of_two_parcels_only_the_lost_one_is_paid_back() -> None:
    from kefu.assistant.dialogue.tests.stage import line

    lines = [line("KF-1042/1", price=3000), line("KF-1042/2", "Wool socks", price=1000)]
    gone = parcel(codes=["picked_up", "lost"], refs=["KF-1042/1"])
    there = parcel(codes=["picked_up", "delivered"], delivered=2, refs=["KF-1042/2"])
    given = facts(order("KF-1042", "shipped", lines, parcels=[gone, there]))
    answer = CHECKS["parcel.loss"].run(given, {"order": "KF-1042"})
    assert answer.values["refund"] == {"minor": 3000, "currency": "EUR"}


def test_what_has_been_paid_back_is_not_paid_twice() -> None:
    sent = parcel(codes=["picked_up", "lost"])
    paid = order("KF-1042", "shipped", parcels=[sent])
    given = facts(replace(paid, refunded=paid.paid))
    assert CHECKS["parcel.loss"].run(given, {"order": "KF-1042"}).outcome == "paid_back"
    part = facts(replace(paid, refunded=Money(1, "EUR")))
    assert CHECKS["parcel.loss"].run(part, {"order": "KF-1042"}).values["refund"]["minor"] == paid.paid.minor - 1


@pytest.mark.parametrize(
    ("country", "today", "last"),
    [
        ("DE", date(2026, 1, 31), date(2026, 2, 28)),  # a month that has no 31st ends on its last day
        ("DE", date(2026, 12, 5), date(2027, 1, 5)),
        ("BR", date(2026, 3, 2), date(2026, 3, 17)),
        ("KR", date(2026, 3, 2), date(2026, 3, 12)),
        ("US", date(2026, 3, 2), date(2026, 4, 16)),
        ("KE", date(2026, 3, 2), date(2026, 4, 2)),  # nobody's law: as the EU has it
    ],
)
def test_a_request_about_own_data_is_due_by_the_law_of_the_customers_country(country, today, last) -> None:
    given = facts(customer=replace(MIRA, country=country), today=today)
    assert due_on(data_right(given), today) == last


@pytest.mark.parametrize(
    ("said", "outcome"),
    [
        ("the power bank exploded", "harm"), ("孩子被烫伤了", "harm"), ("ich habe einen Stromschlag bekommen", "harm"),
        ("やけどをしました", "harm"), ("my lawyer writes to you", "other"), ("我是记者", "other"),
    ],
)  # fmt: skip
def test_who_may_be_harmed_is_told_to_stop_using_it(said, outcome) -> None:
    answer = CHECKS["urgent.kind"].run(facts(), {"question": said})
    assert (answer.outcome, answer.rule) == (outcome, "urgent.at_once")


def test_points_are_told_to_nobody_but_their_owner() -> None:
    shop = Shop(verification=2, points=1200, terms={"loyalty": "on"})
    assert CHECKS["loyalty.points"].run(shop.facts(), {}).values["worth"] == {"minor": 1200, "currency": "EUR"}
    shop.verification = 1
    assert CHECKS["loyalty.points"].run(shop.facts(), {}).outcome == "unknown"


def test_the_clock_of_the_stage_is_the_one_these_days_count_from() -> None:
    assert datetime(2026, 3, 2, 10, tzinfo=UTC) == NOW
