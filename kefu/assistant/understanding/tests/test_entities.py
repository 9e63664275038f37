"""Which things a message names, and which only look like it."""

from __future__ import annotations

import pytest

from kefu.assistant.language import ListeningFor
from kefu.assistant.understanding.entities import find_entities
from kefu.assistant.understanding.lexicon import lexicon
from kefu.assistant.understanding.normal import normalise


def found(said: str, kind: str, **asked: object) -> list[object]:
    text = normalise(said)
    language = "zh" if any("㐀" <= letter <= "鿿" for letter in said) else "en"
    words = lexicon("ecommerce").within(language)
    entities = find_entities(text.unaccented(), words, ListeningFor(**asked), language)  # type: ignore[arg-type]
    return [entity.value for entity in entities if entity.kind == kind]


@pytest.mark.parametrize(
    ("said", "numbers"),
    [
        ("where is KF-1042", ["KF-1042"]),
        ("kf1042 please", ["KF-1042"]),
        ("KF 1042", ["KF-1042"]),
        ("order 1042", ["1042"]),
        ("order number is 1042", ["1042"]),
        ("#1042", ["1042"]),
        ("1042", ["1042"]),
        ("where is 1042?", ["1042"]),
        ("订单号１０４２", ["1042"]),
        ("订单号：1042", ["1042"]),
        ("我的订单是1042", ["1042"]),
        ("1042和1043", ["1042", "1043"]),
        ("I ordered in 2024", []),  # a year
        ("ordered on May 3, 2025", []),
        ("it cost 1200 euros", []),  # a price
        ("it cost €1200", []),
        ("1200元", []),
        ("call me on 01512 345678", []),
        ("2500 ml bottle", []),
        ("a@b1042.com", []),
    ],
)
def test_order_numbers_are_told_from_years_prices_and_phones(said, numbers):
    assert found(said, "order_number") == numbers


@pytest.mark.parametrize(
    ("said", "kind", "value", "asked"),
    [
        ("write to MIRA@Example.com.", "email", "mira@example.com", {}),
        ("邮箱是mira@example.com谢谢", "email", "mira@example.com", {}),
        ("mira (at) example (dot) org", "email", "mira@example.org", {}),
        ("+49 151 23456789", "phone", "+4915123456789", {}),
        ("07911 123456", "phone", "+447911123456", {"kinds": ("phone",), "country": "GB"}),
        ("我的手机13812345678", "phone", "+8613812345678", {}),
        ("sw1a1aa", "postcode", "SW1A 1AA", {"kinds": ("postcode",)}),
        ("10115", "postcode", "10115", {"kinds": ("postcode",), "country": "DE"}),
        ("邮编200120", "postcode", "200120", {}),
        ("tracking 1Z999AA10123456784", "tracking_number", "1Z999AA10123456784", {}),
        ("运单SF1234567890123", "tracking_number", "SF1234567890123", {}),
        ("RR123456785DE", "tracking_number", "RR123456785DE", {}),
        ("I want two of them", "quantity", 2, {}),
        ("要3件", "quantity", 3, {}),
        ("x2 please", "quantity", 2, {}),
        ("size M", "size", "M", {}),
        ("换成XL码", "size", "XL", {}),
        ("42码的鞋", "size", "42", {}),
        ("a medium please", "size", "M", {}),
        ("the navy blue one", "color", "navy", {}),
        ("深蓝色的那件", "color", "navy", {}),
        ("红夹克", "color", "red", {}),
        ("the second one", "ordinal", 2, {}),
        ("my last order", "ordinal", -1, {}),
        ("最近的订单", "ordinal", -1, {}),
        ("第二个", "ordinal", 2, {}),
        ("it's much too small", "reason", "too_small", {}),
        ("不想要了", "reason", "changed_mind", {}),
        ("you sent the wrong colour", "reason", "wrong_item", {}),
        ("return my blue rain jacket", "item_words", "blue rain jacket", {}),
        ("return the Nordlys 300", "item_words", "Nordlys 300", {}),
        ("退那件蓝色的冲锋衣", "item_words", "那件蓝色的冲锋衣", {}),
        ("do you ship to Spain", "country", "ES", {}),
        ("能寄到日本吗", "country", "JP", {}),
        ("USA", "country", "US", {}),
    ],
)
def test_things_are_found_in_plain_and_noisy_writing(said, kind, value, asked):
    assert value in found(said, kind, **asked)


@pytest.mark.parametrize(
    ("said", "kind"),
    [
        ("one second please", "ordinal"),
        ("first of all, hello", "ordinal"),
        ("the jersey I bought", "country"),
        ("is it too small?? no, not too small", "size"),
        ("会不会太大吗", "reason"),
        ("明白了", "color"),
        ("where is my order", "item_words"),
        ("我的包裹到哪了", "item_words"),
    ],
)
def test_words_that_only_look_like_things_are_left_alone(said, kind):
    assert found(said, kind) == []


BOTH = {"kinds": ("order_number", "email", "phone", "postcode")}


@pytest.mark.parametrize(
    ("said", "orders", "postcodes"),
    [
        ("KF-1042 10115", ["KF-1042"], ["10115"]),
        ("10115, KF-1042", ["KF-1042"], ["10115"]),
        ("1042, 10115", ["1042"], ["10115"]),
        ("KF-1042", ["KF-1042"], []),
        ("1042 10115", ["1042"], ["10115"]),  # not a telephone number, though one was asked for, too
        ("10115", ["10115"], []),  # could be either; the order's number is asked for first
    ],
)
def test_an_order_number_and_a_postcode_in_one_message_are_told_apart(said, orders, postcodes):
    assert found(said, "order_number", **BOTH) == orders
    assert found(said, "postcode", **BOTH) == postcodes
