"""What a message is about is known by the thing it names, when its words say no wish."""

from __future__ import annotations

import pytest

from kefu.assistant.gather import gather
from kefu.assistant.language import OutOfScope, Social, Start, Understanding
from kefu.assistant.turn.asides import questions_only
from kefu.commerce.models import Coupon
from kefu.kernel import clock

pytestmark = pytest.mark.django_db


def wishes(talk, text: str, *commands) -> list[str]:
    (read,) = questions_only(talk, [Understanding(text, "en", commands)], gather(talk, language="en"))
    return [one.intent for one in read.commands if isinstance(one, Start)]


@pytest.mark.parametrize(
    ("text", "intent"),
    [
        ("Glacier rain jacket, how heavy?", "product_question"),
        ("Glacier rain jacket in black?", "stock_question"),
        ("my Glacier rain jacket came yesterday", ""),
        ("lovely weather", ""),
    ],
)
def test_a_product_of_the_shop_is_a_question_about_it(talk, jacket, text: str, intent: str) -> None:
    assert wishes(talk, text, OutOfScope(0.6)) == ([intent] if intent else [])


def test_a_code_of_the_shop_is_a_question_about_it(talk, brand) -> None:
    Coupon.objects.create(brand=brand, code="HIKE5", percent=5, starts_on=clock.today(), ends_on=clock.today())
    assert wishes(talk, "HIKE5 still on?") == ["coupon_question"]
    assert wishes(talk, "HIKE9 still on?") == []


def test_what_goes_on_about_the_product_told_of_means_it(talk, jacket) -> None:
    assert wishes(talk, "and in black?") == []
    talk.memory["about"] = {"products": [f"product:{jacket.pk}"]}
    assert wishes(talk, "and in black?") == ["stock_question"]
    assert wishes(talk, "hello", Social(0.9)) == []
    talk.memory["talk"] = {"listening": {"kinds": ["color"]}}
    assert wishes(talk, "and in black?") == []  # an answer to what was asked
