"""Which offered option an answer picks."""

from __future__ import annotations

import pytest

from kefu.assistant.language import Choose, ListeningFor
from kefu.assistant.understanding import understand
from kefu.assistant.understanding.choices import _telling_word

BEDS = ["large, memory foam, beige", "medium, fleece, grey", "medium, polyester, beige"]


@pytest.mark.parametrize(
    ("said", "place"),
    [
        ("the fleece one please", 1),
        ("polyester", 2),
        ("fleece, medium", 1),
        ("i'd like size large, fleece, beige.", None),
    ],
)
def test_a_word_that_one_option_alone_has_picks_it_unless_they_ask_for_what_it_lacks(
    said: str, place: int | None
) -> None:
    assert _telling_word(said, BEDS) == place


JACKETS = (("1", "Rain jacket, blue, M"), ("2", "Rain jacket, red, L"), ("3", "Rain jacket, red, S"))


@pytest.mark.parametrize(
    ("said", "picked"),
    [
        ("the blue one", "1"),
        ("red in L", "2"),
        ("the red one in S please", "3"),
        ("the blue one in L", None),  # there is none: the colour alone must not pick M
        ("blue or the red one in S", None),
    ],
)
def test_what_is_named_must_all_meet_in_the_option_that_is_picked(said: str, picked: str | None) -> None:
    heard = understand(said, ListeningFor(kinds=("item_words",), options=JACKETS, language="en"))
    assert next((one.option for one in heard.commands if isinstance(one, Choose)), None) == picked
