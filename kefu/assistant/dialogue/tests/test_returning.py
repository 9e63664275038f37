"""Sending back: the item, the window, the reason, the condition, the amount."""

from __future__ import annotations

import pytest

from kefu.assistant.dialogue.tests.stage import Shop, Stage, delivered_order, keys, line, of_kind, order, parcel
from kefu.assistant.engine.effects import Ask, Confirm, HandOver, Task
from kefu.assistant.language import Affirm, Choose, Correct, Fill, Start

BACK = Start(0.9, "send it back", "return_item")
YES = Affirm(0.9, "yes")
BLUE = line("KF-1/1", color="blue")
RED = line("KF-1/2", color="red")
SOCKS = line("KF-1/3", "Wool socks", "羊毛袜", color="grey", size="L", quantity=3, price=1000)


def shop(*lines: object, days: int = 5) -> Stage:
    return Stage(Shop([delivered_order("KF-1", list(lines), days=days)], verification=2))  # type: ignore[arg-type]


def test_the_whole_way_of_a_return() -> None:
    stage = shop(BLUE, SOCKS)
    assert keys(stage.says(BACK, Fill(0.9, "the jacket", "item_words", "the jacket"))) == ["return.why"]
    assert keys(stage.says(Fill(0.9, "too small", "reason", "too_small"))) == ["return.condition"]
    shown = stage.says(Choose(1, "only tried on", "tried_on"))
    (confirm,) = of_kind(shown, Confirm)
    assert confirm.facts["refund"] == {"minor": 8900, "currency": "EUR"}
    done = stage.says(YES)
    assert keys(done) == ["return.opened"]
    assert stage.shop.done[0].args == {"line": "KF-1/1", "reason": "too_small"}
    assert [task.department for task in of_kind(done, Task)] == ["warehouse"]


def test_no_wait_the_blue_one() -> None:
    stage = shop(BLUE, RED)
    stage.says(BACK, Fill(1, "jacket", "item_words", "jacket"), Fill(1, "red", "color", "red"),
               Fill(1, "broken", "reason", "damaged"))  # fmt: skip
    changed = stage.says(Correct(0.9, "no wait, the blue one", "color", "blue"))
    assert of_kind(changed, Confirm)[0].deed.args["line"] == "KF-1/1"
    stage.says(YES)
    assert [act.args["line"] for act in stage.shop.done] == ["KF-1/1"]


def test_the_blue_one_after_a_button_means_the_same_article_in_blue() -> None:
    stage = shop(RED, BLUE, line("KF-1/4", "Wool socks", color="blue"))
    stage.says(BACK, Fill(1, "broken", "reason", "damaged"))
    stage.says(Choose(1, "red jacket", "KF-1/2"))
    changed = stage.says(Correct(0.9, "the blue one", "color", "blue"))
    assert of_kind(changed, Confirm)[0].deed.args["line"] == "KF-1/1"


def test_items_are_found_in_chinese_too() -> None:
    stage = shop(BLUE, SOCKS)
    stage.shop.language = "zh"
    asked = stage.says(BACK, Fill(0.9, "袜子", "item_words", "袜子"))
    assert keys(asked) == ["return.why"]
    assert stage.talk.cases["1"].slots["line"].value == "KF-1/3"


def test_an_ambiguous_word_is_asked_about_with_the_candidates() -> None:
    stage = shop(BLUE, RED, SOCKS)
    (ask,) = of_kind(stage.says(BACK, Fill(0.9, "jacket", "item_words", "jacket")), Ask)
    assert [value for value, _ in ask.options] == ["KF-1/1", "KF-1/2"]
    assert keys(stage.says(Fill(0.9, "the second one", "ordinal", 2))) == ["return.why"]
    assert stage.talk.cases["1"].slots["line"].value == "KF-1/2"


def test_of_several_pieces_it_asks_how_many_and_never_takes_more_than_there_are() -> None:
    stage = shop(SOCKS)
    assert keys(stage.says(BACK, Fill(1, "", "reason", "damaged"))) == ["return.how_many"]
    assert keys(stage.says(Fill(1, "4", "quantity", 4))) == ["return.too_many", "return.how_many"]
    shown = stage.says(Fill(1, "2", "quantity", 2))
    assert of_kind(shown, Confirm)[0].deed.amounts["refund"]["minor"] == 2000


@pytest.mark.parametrize(
    ("days", "returnable", "reason", "last"),
    [
        (40, True, "changed_mind", "person.offer"),
        (40, True, "damaged", "policy.return_faulty"),  # the seller answers two years for faulty goods
        (5, False, "changed_mind", "person.offer"),
        (5, False, "damaged", "policy.return_faulty"),
    ],
)
def test_what_is_over_or_not_returnable_is_told_with_a_way_on(
    days: int, returnable: bool, reason: str, last: str
) -> None:
    stage = shop(line("KF-1/1", is_returnable=returnable), days=days)
    told = stage.says(BACK, Fill(1, "", "reason", reason))
    assert keys(told)[-1] == last
    assert stage.shop.done == []


def test_used_goods_are_looked_at_by_a_person() -> None:
    stage = shop(BLUE)
    stage.says(BACK, Fill(1, "", "reason", "too_small"))
    assert of_kind(stage.says(Choose(1, "used", "used")), HandOver)


def test_what_has_not_left_yet_is_cancelled_instead() -> None:
    stage = Stage(Shop([order("KF-1")], verification=2))
    assert keys(stage.says(BACK)) == ["return.not_shipped"]
    shown = stage.says(YES)
    assert of_kind(shown, Confirm)[0].deed.action == "commerce.cancel_order"


def test_what_is_on_its_way_waits_for_its_arrival() -> None:
    stage = Stage(Shop([order("KF-1", "shipped", parcels=[parcel("KF-1")])], verification=2))
    assert keys(stage.says(BACK)) == ["return.on_its_way"]
