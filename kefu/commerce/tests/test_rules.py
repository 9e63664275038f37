from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kefu.commerce import rules
from kefu.commerce.rules import PricedLine, Situation, Tracking

BERLIN = ZoneInfo("Europe/Berlin")
DAY = date(2026, 3, 10)


def at(days_ago: int, hour: int = 12) -> datetime:
    return datetime(2026, 3, 10, hour, tzinfo=UTC) - timedelta(days=days_ago)


@pytest.mark.parametrize(
    ("state", "shipments", "obstacle"),
    [
        ("unpaid", [], None),
        ("paid", [], None),
        ("paid", ["preparing"], None),  # a label is printed, nobody has packed
        ("packing", [], "packing"),
        ("packing", ["preparing"], "packing"),
        ("paid", ["in_transit"], "shipped"),  # the carrier is quicker than the shop's own state
        ("shipped", [], "shipped"),
        ("shipped", ["delivered", "preparing"], "shipped"),
        ("delivered", ["delivered"], "shipped"),
        ("cancelled", [], "already_cancelled"),
        ("cancelled", ["in_transit"], "already_cancelled"),
    ],
)
def test_an_order_can_be_cancelled_until_it_is_packed(state, shipments, obstacle):
    assert rules.cancel_obstacle(state, shipments) == obstacle
    assert rules.cancellable(state, shipments) is (obstacle is None)


def test_of_several_parcels_the_last_one_counts():
    assert rules.arrived_at([at(5), at(3)]) == at(3)
    assert rules.arrived_at([at(5), None]) is None
    assert rules.arrived_at([]) is None


LINES = [PricedLine(1, 3, 1000), PricedLine(2, 1, 333)]


@pytest.mark.parametrize(
    ("discount", "position", "quantity", "already", "cents"),
    [
        (0, 1, 1, 0, 1000),
        (0, 1, 3, 0, 3000),
        (100, 1, 3, 0, 2910),  # 100 * 3000/3333 = 90.009
        (100, 2, 1, 0, 323),
        (100, 1, 1, 0, 970),
        (100, 1, 1, 2, 970),
        (1, 1, 1, 0, 999),  # the lost cent belongs to the first line
        (1, 1, 1, 1, 1000),
        (1, 1, 1, 2, 1000),
        (9999, 1, 3, 0, 0),  # a discount above the goods gives nothing back
    ],
)
def test_a_lines_refund_is_what_was_paid_for_it(discount, position, quantity, already, cents):
    assert rules.line_refund(LINES, discount, position=position, quantity=quantity, already=already) == cents


@pytest.mark.parametrize(("quantity", "already"), [(0, 0), (4, 0), (2, 2), (1, -1), (-1, 0)])
def test_pieces_that_were_never_bought_have_no_refund(quantity, already):
    with pytest.raises(ValueError, match="pieces"):
        rules.line_refund(LINES, 0, position=1, quantity=quantity, already=already)


@given(
    prices=st.lists(st.tuples(st.integers(1, 9), st.integers(0, 99999)), min_size=1, max_size=6),
    discount=st.integers(0, 50000),
)
def test_piece_by_piece_refunds_add_up_to_the_cent(prices, discount):
    lines = [PricedLine(at, quantity, price) for at, (quantity, price) in enumerate(prices, 1)]
    goods = sum(line.quantity * line.unit_price_minor for line in lines)
    pieces = [
        rules.line_refund(lines, discount, position=line.position, quantity=1, already=done)
        for line in lines
        for done in range(line.quantity)
    ]
    assert sum(pieces) == goods - min(discount, goods)
    assert all(piece >= 0 for piece in pieces)


@pytest.mark.parametrize(
    ("codes", "situation", "state"),
    [
        ([], "not_shipped", "preparing"),
        (["label_created"], "not_shipped", "preparing"),
        (["label_created", "picked_up"], "on_time", "in_transit"),
        (["picked_up", "customs_in"], "on_time", "in_transit"),
        (["picked_up", "customs_held"], "customs_held", "customs_held"),
        (["picked_up", "customs_held", "customs_released"], "on_time", "in_transit"),
        (["picked_up", "out_for_delivery"], "out_for_delivery", "out_for_delivery"),
        (["picked_up", "out_for_delivery", "delivery_failed"], "delivery_failed", "in_transit"),
        (["picked_up", "exception_damaged"], "damaged", "in_transit"),
        (["picked_up", "lost"], "lost", "lost"),
        (["picked_up", "lost", "in_transit"], "on_time", "in_transit"),  # found again
        (["picked_up", "delivery_failed", "returning"], "returning", "returned"),
        (["picked_up", "delivered"], "delivered", "delivered"),
        (["picked_up", "delivered", "in_transit"], "delivered", "delivered"),  # a late scan
        (["picked_up", "delivered", "returning"], "returning", "returned"),
    ],
)
def test_a_parcels_situation_follows_from_its_tracking(codes, situation, state):
    events = [Tracking(at(len(codes) - step), code) for step, code in enumerate(codes)]
    told = rules.parcel_situation(events, promised_on=DAY + timedelta(days=2), today=DAY, zone=BERLIN)
    assert told.situation == situation
    assert told.days_late == 0
    assert rules.shipment_state(events) == state
    assert rules.shipment_state(events[::-1]) == state  # whatever order the carrier sends them in


def test_a_late_parcel_says_how_late_and_how_silent():
    events = [Tracking(at(8), "picked_up"), Tracking(at(3), "in_transit", "Hannover")]
    told = rules.parcel_situation(events, promised_on=DAY - timedelta(days=4), today=DAY, zone=BERLIN)
    assert (told.situation, told.days_late, told.days_silent) == (Situation.LATE, 4, 3)
    assert told.last is not None
    assert told.last.place == "Hannover"


def test_held_at_customs_is_told_as_such_even_when_late():
    events = [Tracking(at(8), "picked_up"), Tracking(at(3), "customs_held")]
    told = rules.parcel_situation(events, promised_on=DAY - timedelta(days=1), today=DAY, zone=BERLIN)
    assert (told.situation, told.days_late) == (Situation.CUSTOMS_HELD, 1)


def test_a_shop_without_tracking_still_knows_shipped_and_delivered():
    told = rules.parcel_situation([], promised_on=None, today=DAY, zone=BERLIN, shipped_at=at(3))
    assert told.situation == Situation.ON_TIME
    told = rules.parcel_situation([], promised_on=DAY, today=DAY, zone=BERLIN, shipped_at=at(3), delivered_at=at(1))
    assert (told.situation, told.since) == (Situation.DELIVERED, at(1))


@pytest.mark.parametrize(
    ("promised_on", "delivered_on", "late"),
    [
        (DAY, None, False),  # the promised day itself is in time
        (DAY - timedelta(days=1), None, True),
        (DAY - timedelta(days=1), DAY - timedelta(days=1), False),
        (DAY - timedelta(days=2), DAY - timedelta(days=1), True),
        (None, None, False),
    ],
)
def test_late_means_after_the_promised_day(promised_on, delivered_on, late):
    assert rules.is_late(promised_on, delivered_on, DAY) is late
