"""Where is my parcel: who asks, which order, what is told, and what is done about it."""

from __future__ import annotations

import pytest

from kefu.assistant.dialogue.tests.stage import Shop, Stage, delivered_order, keys, of_kind, order, parcel
from kefu.assistant.engine.effects import Ask, Close, HandOver, Say, Task
from kefu.assistant.language import Affirm, Choose, Deny, Fill, Start

WHERE = Start(0.9, "where is my parcel", "order_status")


def test_nothing_is_told_before_the_order_is_proven() -> None:
    stage = Stage(Shop([order("KF-1042", "shipped", parcels=[parcel()])]))
    first = stage.says(WHERE)
    assert keys(first) == ["verify.both"]
    told = stage.proves()
    assert keys(told) == ["order.on_time"]
    assert of_kind(told, Close)


def test_number_and_proof_in_the_first_message_are_answered_at_once() -> None:
    stage = Stage(Shop([order("KF-1042", "shipped", parcels=[parcel()])]))
    told = stage.says(WHERE, Fill(1, "1042", "order_number", "1042"), Fill(1, "mira", "email", "mira@example.com"))
    assert keys(told) == ["order.on_time"]
    (say,) = of_kind(told, Say)
    assert say.facts["tracking_number"] == "TNKF-1042"
    assert "shipment:KF-1042" in say.cites


def test_a_wrong_proof_gets_the_same_answer_whether_the_order_exists_or_not() -> None:
    answers = []
    for number in ("KF-1042", "KF-9999"):
        stage = Stage()
        stage.says(WHERE)
        answers.append(
            [(type(e).__name__, getattr(e, "facts", {})) for _, e in stage.proves(number, "o@x.org").effects]
        )
    assert answers[0] == answers[1]
    assert [name for name, _ in answers[0]] == ["Say", "Ask"]


def test_who_cannot_prove_it_in_two_tries_gets_a_person() -> None:
    stage = Stage()
    stage.says(WHERE)
    stage.proves(email="a@x.org")
    last = stage.says(Fill(1, "b", "email", "b@x.org"))
    assert of_kind(last, HandOver)
    assert "mira" not in str(last.effects)


@pytest.mark.parametrize(
    ("codes", "promised", "key", "department"),
    [
        (("picked_up",), 2, "order.on_time", None),
        (("picked_up", "out_for_delivery"), 0, "order.out_for_delivery", None),
        (("picked_up",), -3, "order.late", "logistics"),
        (("picked_up", "customs_held"), 2, "order.customs_held", "logistics"),
        (("picked_up", "delivery_failed"), 2, "order.delivery_failed", "logistics"),
    ],
)
def test_the_parcel_is_told_as_it_is(codes: tuple[str, ...], promised: int, key: str, department: str | None) -> None:
    stage = Stage(Shop([order("KF-1042", "shipped", parcels=[parcel(codes=codes, promised=promised)])], verification=2))
    told = stage.says(WHERE)
    assert keys(told) == [key, *(["customs.papers"] if key == "order.customs_held" else [])]
    assert [task.department for task in of_kind(told, Task)] == ([department] if department else [])
    assert of_kind(told, Close)


def test_a_lost_parcel_is_said_so_and_the_customer_chooses_what_instead() -> None:
    stage = Stage(Shop([order("KF-1042", "shipped", parcels=[parcel(codes=("picked_up", "lost"))])], verification=2))
    told = stage.says(WHERE)
    assert keys(told) == ["order.lost", "order.instead"]
    assert [task.kind for task in of_kind(told, Task)] == ["lost_parcel"]
    chosen = stage.says(Choose(1, "money back", "money_back"))
    (given,) = of_kind(chosen, HandOver)
    assert keys(chosen) == ["order.money_back"]
    assert given.summary["order"] == "KF-1042"
    assert not of_kind(chosen, Task)


def test_delivered_but_not_there_sets_logistics_to_work() -> None:
    stage = Stage(Shop([delivered_order()], verification=2))
    assert keys(stage.says(WHERE)) == ["order.delivered", "order.have_you_got_it"]
    told = stage.says(Deny(0.9, "no"))
    assert keys(told) == ["order.not_here"]
    assert [task.kind for task in of_kind(told, Task)] == ["trace_delivered"]


def test_delivered_and_there_is_settled() -> None:
    stage = Stage(Shop([delivered_order()], verification=2))
    stage.says(WHERE)
    assert keys(stage.says(Affirm(0.9, "yes"))) == ["order.glad"]


def test_of_several_orders_the_one_under_way_is_meant() -> None:
    orders = [delivered_order("KF-1"), order("KF-2", "shipped", parcels=[parcel("KF-2")]), delivered_order("KF-3")]
    told = Stage(Shop(orders, verification=2)).says(WHERE)
    assert keys(told) == ["order.on_time"]


def test_between_two_orders_under_way_it_asks_which() -> None:
    orders = [order(f"KF-{n}", "shipped", parcels=[parcel(f"KF-{n}")]) for n in (1, 2)]
    stage = Stage(Shop(orders, verification=2))
    asked = stage.says(WHERE)
    (ask,) = of_kind(asked, Ask)
    assert [value for value, _ in ask.options] == ["KF-1", "KF-2"]
    told = stage.says(Fill(0.9, "the second one", "ordinal", 2))
    assert of_kind(told, Say)[0].facts["order_number"] == "KF-2"
