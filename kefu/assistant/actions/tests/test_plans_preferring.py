"""Hedged wishes are read as they are meant: further choices, what stays, more or less, slips of the fingers."""

from __future__ import annotations

import pytest

from kefu.assistant.actions.plans.preferring import (
    choices_told,
    degree_told,
    extreme_told,
    is_left_out,
    means_all_orders,
    mended,
    neighbour,
)
from kefu.assistant.actions.plans.reading import (
    Owned,
    Sister,
    left_out_of,
    mentions,
    numbers_named,
    plain,
    wanted_variant,
)

LAMP = Owned("KF-1/1", "L-B", 1, ("desk lamp", "lamp"), {"color": "black", "size": "M"}, 2000)
MUG = Owned("KF-1/2", "MUG", 2, ("mug",), {"color": "white"}, 900)
LAMPS = [
    Sister("L-B", 1, {"color": "black", "size": "M"}, 2000, True),
    Sister("L-R", 1, {"color": "red", "size": "M"}, 1500, True),
    Sister("L-G", 1, {"color": "green", "size": "M"}, 2500, False),
    Sister("L-BS", 1, {"color": "black", "size": "S"}, 1800, True),
    Sister("L-BL", 1, {"color": "black", "size": "L"}, 2600, True),
]


@pytest.mark.parametrize("words", [
    "green, or else red", "green, otherwise red", "green > red", "green, or red if that isn't available",
    "green, sonst red", "green, sinon red", "green, o si no red", "green, senão red", "green，没有的话就red",
    "green、なければred", "green, 없으면 red",
])  # fmt: skip
def test_what_cannot_be_had_gives_way_to_the_next_choice_told(words: str) -> None:
    assert [one.strip(" ,") for one in choices_told(words)][-1].startswith("red")
    found = wanted_variant(LAMP, words, LAMPS)
    assert isinstance(found, Sister)
    assert found.sku == "L-R"


def test_of_two_that_can_be_had_the_first_told_is_taken() -> None:
    found = wanted_variant(LAMP, "red, or else size L", LAMPS)
    assert isinstance(found, Sister)
    assert found.sku == "L-R"


@pytest.mark.parametrize(("words", "sku"), [
    ("one size smaller", "L-BS"), ("a bigger one", "L-BL"), ("一回り大きいサイズ、大きめ", "L-BL"), ("kleiner", "L-BS"),
    ("the cheapest one", "L-R"), ("最贵的", "L-BL"),
])  # fmt: skip
def test_a_little_more_or_less_and_the_ends_of_the_price_are_understood(words: str, sku: str) -> None:
    found = wanted_variant(LAMP, words, LAMPS)
    assert isinstance(found, Sister)
    assert found.sku == sku


@pytest.mark.parametrize("words", [
    "I want to return everything except the mug", "return all of it but not the mug",
    "alles zurück außer mug", "tout sauf le mug", "todo excepto mug", "除了mug都退",
])  # fmt: skip
def test_what_is_to_stay_is_not_meant(words: str) -> None:
    assert left_out_of([words], [LAMP, MUG]) == {"KF-1/2"}
    assert all(line.ref != "KF-1/2" for one in mentions([words], [LAMP, MUG]) for line in one.lines)


def test_a_second_thought_takes_back_what_was_named_before() -> None:
    texts = ["return the desk lamp and the mug", "actually leave the mug as it is, only the desk lamp please"]
    assert {line.ref for one in mentions(texts, [LAMP, MUG]) for line in one.lines} == {"KF-1/1"}


def test_one_more_thing_is_added_to_what_was_named() -> None:
    texts = ["return the desk lamp", "wait, the mug as well"]
    assert {line.ref for one in mentions(texts, [LAMP, MUG]) for line in one.lines} == {"KF-1/1", "KF-1/2"}


def test_numbers_come_in_the_order_of_the_text() -> None:
    assert numbers_named(["send KF-22222 where KF-11111 goes"], ["KF-11111", "KF-22222"]) == ["KF-22222", "KF-11111"]


@pytest.mark.parametrize("text", [
    "cancel all my pending orders", "alle meine Bestellungen stornieren", "annulez toutes mes commandes",
    "cancela todos mis pedidos", "cancele todos os pedidos",
    "所有订单都取消", "すべての注文をキャンセル", "모든 주문을 취소",
])  # fmt: skip
def test_all_orders_are_all_orders_in_eight_languages(text: str) -> None:
    assert means_all_orders([plain(text)])
    assert not means_all_orders(["cancel my order", "I want to return all items"])


def test_a_slip_of_the_finger_is_set_right_towards_one_known_word_only() -> None:
    assert mended("the blcak one", frozenset({"black", "white"})) == "the black one"
    assert mended("the boots", frozenset({"roots"})) == "the boots"
    assert mended("slack@example.com", frozenset({"black"})) == "slack@example.com"


def test_values_without_an_order_have_no_neighbours() -> None:
    assert neighbour("red", ["red", "blue"], "more") == []
    assert neighbour("750ml", ["500ml", "750ml", "1000ml"], "more") == ["1000ml"]
    assert degree_told("the same in red") == ""
    assert extreme_told("not expensive") == ""
    assert not is_left_out("please return the ", " today")
