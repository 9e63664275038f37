"""What the checks answer: one row a case, odd rows with their reason. And each keeps to what it promised."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest

from kefu.assistant.checks import CHECKS
from kefu.assistant.dialogue.tests.stage import NOW, PACK, TODAY, Shop, delivered_order, line, order, parcel
from kefu.assistant.engine.specs import CheckResult, Json
from kefu.assistant.facts import Facts, OrderFact
from kefu.assistant.replies.texts import load_texts
from kefu.assistant.replies.wording import Wording
from kefu.kernel.money import Money


def facts(*orders: OrderFact, verification: int = 2) -> Facts:
    return replace(Shop(list(orders), verification=2).facts(), verification=verification)


def ask(name: str, given: Facts, **args: Json) -> CheckResult:
    """The answer, which is held to its promise: a known outcome with all the values it must return."""
    spec = CHECKS[name]
    result = spec.run(given, {arg: args.get(arg) for arg in spec.args})
    assert spec.outcomes[result.outcome] <= set(result.values)
    return result


SHIPPED = ("picked_up", "in_transit")


@pytest.mark.parametrize(
    ("made", "outcome"),
    [
        (order(state="unpaid", paid=False), "unpaid"),
        (order(state="cancelled"), "cancelled"),
        (order(), "not_shipped"),
        (order(days_ago=10), "not_shipped_slow"),
        (order(days_ago=4), "not_shipped"),  # placed on Thursday, today is Monday: two working days
        (order(state="shipped", parcels=[parcel(codes=SHIPPED)]), "on_time"),
        (order(state="shipped", parcels=[replace(parcel(codes=SHIPPED), promised_on=None)]), "on_the_way"),
        (order(state="shipped", parcels=[parcel(codes=SHIPPED, promised=0)]), "on_time"),  # the last day is in time
        (order(state="shipped", parcels=[parcel(codes=SHIPPED, promised=-1)]), "late"),
        (order(state="shipped", parcels=[parcel(codes=("picked_up", "out_for_delivery"))]), "out_for_delivery"),
        (order(state="shipped", parcels=[parcel(codes=("picked_up", "customs_held"))]), "customs_held"),
        (order(state="shipped", parcels=[parcel(codes=("picked_up", "delivery_failed"))]), "delivery_failed"),
        (order(state="shipped", parcels=[parcel(codes=("picked_up", "exception_damaged"))]), "damaged"),
        (order(state="shipped", parcels=[parcel(codes=("picked_up", "lost"))]), "lost"),
        (order(state="shipped", parcels=[parcel(codes=("picked_up", "returning"))]), "returning"),
        (delivered_order(), "delivered"),
        # two parcels alike are told as one; different ones as a list
        (order(state="shipped", parcels=[parcel(codes=SHIPPED), parcel(codes=SHIPPED)]), "on_time"),
        (order(state="shipped", parcels=[parcel(codes=SHIPPED), parcel(delivered=1, codes=("delivered",))]), "split"),
        (order(state="shipped", parcels=[parcel(codes=SHIPPED), parcel(codes=("lost",))]), "split_trouble"),
    ],
)
def test_a_parcel_is_in_the_situation_it_is_in(made: OrderFact, outcome: str) -> None:
    result = ask("parcel.situation", facts(made), order=made.number)
    assert result.outcome == outcome
    assert made.row in result.rows


@pytest.mark.parametrize("count", [2, 3, 5])
@pytest.mark.parametrize("language", ["en", "zh"])
def test_an_order_in_many_parcels_can_be_told_with_the_lost_one_among_them(count: int, language: str) -> None:
    parcels = [parcel(codes=SHIPPED, shipped=n) for n in range(1, count)] + [parcel("KF-LOST", codes=("lost",))]
    told = ask("parcel.situation", facts(order(state="shipped", parcels=parcels)), order="KF-1042")
    assert told.values["count"] == count
    wording = Wording(load_texts(PACK / "replies"), language, "chat", TODAY, ZoneInfo("Europe/Berlin"))
    assert "TNKF-LOST" in wording.text("order.split_trouble", told.values)


def test_whoever_asks_the_carrier_answers_within_two_working_days() -> None:
    late = order(state="shipped", parcels=[parcel(codes=SHIPPED, promised=-1)])
    friday = replace(facts(late), today=TODAY + timedelta(days=4), now=NOW + timedelta(days=4))
    assert ask("parcel.situation", friday, order=late.number).values["reply_by"] == {"date": "2026-03-10"}


@pytest.mark.parametrize(
    ("made", "outcome"),
    [
        (order(), "cancellable"),
        (order(state="unpaid", paid=False), "cancellable"),
        (order(parcels=[parcel(codes=())]), "cancellable"),  # a label alone stops nothing
        (order(state="packing"), "packing"),
        (order(parcels=[parcel(codes=SHIPPED)]), "shipped"),  # the parcel is faster than the order's own state
        (order(state="shipped", parcels=[parcel()]), "shipped"),
        (delivered_order(), "delivered"),
        (order(state="cancelled"), "already_cancelled"),
    ],
)
def test_an_order_can_be_cancelled_until_it_is_packed(made: OrderFact, outcome: str) -> None:
    assert ask("orders.cancellable", facts(made), order=made.number).outcome == outcome


def test_what_goes_back_is_what_was_paid_and_not_given_back_yet() -> None:
    made = replace(order(), refunded=Money(900, "EUR"))
    values = ask("orders.cancellable", facts(made), order=made.number).values
    assert values["refund"] == {"minor": 8000, "currency": "EUR"}
    nothing = ask("orders.cancellable", facts(order(paid=False)), order="KF-1042").values
    assert nothing["refund_note"] == {"key": "cancel.nothing_paid"}


@pytest.mark.parametrize(
    ("made", "outcome"),
    [
        (delivered_order(days=5), "allowed"),
        (delivered_order(days=30), "allowed"),  # the last day counts
        (delivered_order(days=31), "too_late"),
        (delivered_order(lines=[line("KF-1042/1", is_returnable=False)]), "not_returnable"),
        (delivered_order(lines=[line("KF-1042/1", returned=1)]), "already_returned"),
        (order(state="cancelled"), "cancelled"),
        (order(), "not_shipped"),
        (order(state="shipped", parcels=[parcel()]), "on_its_way"),
    ],
)
def test_a_line_may_come_back_within_its_window(made: OrderFact, outcome: str) -> None:
    assert ask("returns.allowed", facts(made), line="KF-1042/1").outcome == outcome


def test_the_window_has_not_begun_while_another_parcel_is_under_way() -> None:
    lines = [line("KF-1042/1"), line("KF-1042/2")]
    here = parcel(codes=("delivered",), shipped=60, delivered=50, refs=["KF-1042/1"])
    there = parcel(codes=SHIPPED, refs=["KF-1042/2"])
    made = order(state="shipped", lines=lines, parcels=[here, there])
    assert ask("returns.allowed", facts(made), line="KF-1042/1").outcome == "allowed_open"
    assert ask("returns.allowed", facts(made), line="KF-1042/2").outcome == "on_its_way"


@pytest.mark.parametrize(
    ("quantity", "discount", "outcome", "refund"),
    [
        (1, 0, "priced", 1000),
        (None, 0, "priced", 3000),  # all that are left
        (1, 300, "priced", 900),  # each piece carries its share of the discount
        (4, 0, "too_many", None),
        (0, 0, "too_many", None),
    ],
)
def test_a_piece_is_worth_what_was_paid_for_it(
    quantity: int | None, discount: int, outcome: str, refund: int | None
) -> None:
    made = replace(delivered_order(lines=[line("KF-1042/1", quantity=3, price=1000)]), discount_minor=discount)
    result = ask("returns.worth", facts(made), line="KF-1042/1", quantity=quantity)
    assert result.outcome == outcome
    assert result.values.get("refund", {}).get("minor") == refund


def test_the_way_out_is_paid_back_when_all_comes_back() -> None:
    made = replace(delivered_order(lines=[line("KF-1042/1", quantity=2, price=1000)]), shipping_minor=490)
    assert ask("returns.worth", facts(made), line="KF-1042/1", quantity=2).values["refund"]["minor"] == 2490
    assert ask("returns.worth", facts(made), line="KF-1042/1", quantity=1).values["refund"]["minor"] == 1000


@pytest.mark.parametrize(
    ("orders", "verification", "number", "outcome"),
    [
        ([], 0, None, "unknown"),
        ([], 0, "KF-1042", "unknown"),
        ([], 2, None, "none"),
        ([order()], 1, None, "seen"),
        ([order()], 1, "kf-1042", "seen"),
        ([order()], 1, "1042", "seen"),  # people leave the letters out
        ([order()], 1, "#1042", "seen"),
        ([order()], 2, "KF-9999", "unseen"),
        ([order("KF-1042"), order("AB-1042")], 2, "1042", "unseen"),  # which of the two isn't guessed
    ],
)
def test_only_what_is_proved_is_seen(
    orders: Sequence[OrderFact], verification: int, number: str | None, outcome: str
) -> None:
    assert ask("orders.seen", facts(*orders, verification=verification), order_number=number).outcome == outcome


@pytest.mark.parametrize("name", sorted(CHECKS))
def test_what_is_not_in_the_facts_is_told_as_gone_and_never_raises(name: str) -> None:
    args = {"order": "KF-0", "line": "KF-0/1", "reason": "x", "condition": "x", "quantity": None, "order_number": "x"}
    assert ask(name, facts(), **args).outcome in CHECKS[name].outcomes
