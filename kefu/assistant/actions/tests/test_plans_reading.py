"""What customers' own words name among the things they own."""

from __future__ import annotations

import pytest

from kefu.assistant.actions.plans.places import address_told
from kefu.assistant.actions.plans.reading import (
    Method,
    Owned,
    Sister,
    mentions,
    method_named,
    named_options,
    names_of,
    numbers_named,
    wanted_variant,
)

LAMP = Owned("KF-1/1", "L1", 1, ("desk lamp", "台灯"), {"color": "black", "power": "battery"}, 5000)
LAMP_2 = Owned("KF-1/2", "L2", 1, ("desk lamp", "台灯"), {"color": "white", "power": "usb"}, 5500)
BOTTLE = Owned("KF-2/1", "B1", 2, ("water bottle", "水壶"), {"capacity": "500ml", "color": "blue"}, 2000)
KEYS = Owned(
    "KF-3/1", "K1", 3, ("keyboard", "键盘"), {"switch type": "linear", "backlight": "RGB", "size": "80%"}, 9000
)
SISTERS = [
    Sister("K1", 3, {"switch type": "linear", "backlight": "RGB", "size": "80%"}, 9000, True),
    Sister("K2", 3, {"switch type": "clicky", "backlight": "RGB", "size": "80%"}, 9500, True),
    Sister("K3", 3, {"switch type": "clicky", "backlight": "none", "size": "80%"}, 8000, True),
    Sister("K4", 3, {"switch type": "tactile", "backlight": "none", "size": "60%"}, 7000, False),
    Sister("K5", 3, {"switch type": "tactile", "backlight": "white", "size": "60%"}, 7500, True),
]
CARDS = [Method("c1", "card", "Visa ending 1234"), Method("c2", "card", "Mastercard ending 9999"),
         Method("p1", "paypal", "PayPal"), Method("g1", "gift_card", "gift card")]  # fmt: skip


def refs(*texts: str, lines: list[Owned] | None = None) -> list[list[str]]:
    return [[line.ref for line in one.lines] for one in mentions(texts, lines or [LAMP, LAMP_2, BOTTLE])]


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("I want to return the water bottle", [["KF-2/1"]]),
        ("send back the water bottle and the desk lamp (white)", [["KF-2/1"], ["KF-1/2"]]),
        ("我想退水壶", [["KF-2/1"]]),
        ("the white desk lamp please", [["KF-1/2"]]),
        ("the desk lamp", [["KF-1/1", "KF-1/2"]]),  # which of the two isn't said: neither is taken alone
        ("everything except the water bottle", []),
    ],
)
def test_items_are_known_by_name_and_by_what_is_said_of_them(said, meant):
    assert refs(said) == meant


def test_a_no_that_names_items_takes_back_what_was_named_before():
    assert refs("return the water bottle", "no, I mean the desk lamp (white)") == [["KF-1/2"]]


def test_an_option_that_says_little_counts_only_with_its_name():
    options = [one.options for one in SISTERS]
    assert named_options("clicky, backlight none", options) == {"switch type": "clicky", "backlight": "none"}
    assert named_options("none of them", options) == {}
    assert named_options("it's nice", [{"size": "S"}]) == {}


@pytest.mark.parametrize(
    ("said", "sku"),
    [
        ("to clicky", "K2"),  # what isn't named stays as it is
        ("clicky, backlight none", "K3"),
        ("the cheapest one", "K5"),  # what isn't there isn't the cheapest
        ("the most expensive one", "K2"),
        ("K5 please", "K5"),
        ("the same item again, it is damaged", "K1"),
    ],
)
def test_the_wanted_variant_is_found(said, sku):
    found = wanted_variant(KEYS, said, SISTERS)
    assert isinstance(found, Sister)
    assert found.sku == sku


@pytest.mark.parametrize(("said", "why"), [("", "unsaid"), ("linear", "same"), ("60%, backlight none", "unavailable")])
def test_what_cannot_be_told_is_asked_with_what_there_is(said, why):
    found = wanted_variant(KEYS, said, SISTERS)
    assert isinstance(found, tuple)
    assert found[0] == why
    assert all(one.in_stock for one in found[1])


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("use my PayPal", "p1"),
        ("the visa", None),  # half a name is no name
        ("Visa ending 1234", "c1"),
        ("the one with 9999", "c2"),
        ("my gift card", "g1"),  # and no credit card
        ("礼品卡", "g1"),
    ],
)
def test_a_payment_method_is_known_by_its_name(said, meant):
    found = method_named([said], CARDS)
    assert (found.id if isinstance(found, Method) else None) == meant


def test_one_of_two_cards_is_never_guessed():
    assert [one.id for one in method_named(["my credit card"], CARDS)] == ["c1", "c2"]  # type: ignore[union-attr]


def test_the_newest_number_is_the_order_meant():
    assert numbers_named(["order KF-1", "sorry, #2"], ["KF-1", "KF-2"]) == ["KF-2", "KF-1"]


HOME = {"street": "1 Elm Street", "city": "Berlin", "postcode": "10115", "country": "DE"}


@pytest.mark.parametrize(
    ("said", "street", "postcode"),
    [
        ("please use 12 Oak Avenue, Suite 3, Chicago, IL, 60612", "12 Oak Avenue", "60612"),
        ("No, the address is 12 Oak Avenue, Chicago, IL 60612", "12 Oak Avenue", "60612"),
        ("send it to my default address", "1 Elm Street", "10115"),
        ("to 1 elm street", "1 Elm Street", "10115"),
    ],
)
def test_an_address_is_read_or_found_among_those_the_shop_has(said, street, postcode):
    found = address_told([said], [], HOME, country="US")
    assert found is not None
    assert (found["street"], found["postcode"]) == (street, postcode)


def test_no_address_is_made_of_other_words():
    assert address_told(["I moved, please change it"], [], HOME, country="US") is None


def test_people_call_things_by_the_end_of_their_name():
    assert names_of("Glacier rain jacket") == ["glacier rain jacket", "rain jacket", "jacket"]
    assert "冲锋衣" in names_of("冰川冲锋衣")
    assert names_of("Pet bed") == ["pet bed"]


def test_a_detail_in_brackets_names_no_other_item():
    laptop = Owned("KF-4/1", "N1", 4, ("laptop",), {"ram": "8GB"}, 90000)
    bag = Owned("KF-4/2", "R1", 5, ("backpack",), {"color": "navy", "compartment": "laptop"}, 9000)
    assert refs("return the backpack (navy, laptop)", lines=[laptop, bag]) == [["KF-4/2"]]


def test_one_picked_as_it_was_shown_is_that_one_though_two_options_share_their_values():
    def glasses(sku: str, frame: str, lens: str) -> Sister:
        return Sister(sku, 6, {"lens color": lens, "frame color": frame}, 9000, True)

    own = Owned("KF-5/1", "G1", 6, ("sunglasses",), {"lens color": "blue", "frame color": "black"}, 9000)
    sisters = [glasses("G1", "black", "blue"), glasses("G2", "black", "brown"), glasses("G3", "brown", "brown")]
    found = wanted_variant(own, "brown, black", sisters)
    assert isinstance(found, Sister)
    assert found.sku == "G2"
