"""A size is advised from the product's own chart, or it is said that the chart does not tell."""

from __future__ import annotations

import pytest

from kefu.commerce.sizing import advise, measurable

TOPS = {
    "unit": "cm",
    "columns": {"height": {"en": "height"}, "weight": {"en": "weight", "unit": "kg"}},
    "rows": {
        "L": {"height": [178, 186], "weight": [76, 86], "sleeve": 66},
        "S": {"height": [164, 172], "weight": [56, 65], "sleeve": 62},
        "M": {"height": [171, 179], "weight": [66, 75], "sleeve": 64},
    },
}
SHOES = {"columns": {"foot": {"en": "foot", "at_most": True}}, "rows": {"41": {"foot": 26.0}, "42": {"foot": 26.7}}}


@pytest.mark.parametrize(
    ("measures", "verdict", "sizes"),
    [
        ({"height": 174, "weight": 70}, "fits", ("M", "")),
        ({"height": 178, "weight": 74}, "fits", ("M", "")),  # M or L by height, M by weight
        ({"height": 178}, "between", ("M", "L")),  # the ranges overlap
        ({"weight": 75.5}, "between", ("M", "L")),  # and here they leave a gap
        ({"height": 166, "weight": 80}, "between", ("S", "L")),  # they disagree: it is told, not averaged
        ({"weight": 120}, "too_large", ("L", "")),
        ({"height": 120}, "too_small", ("S", "")),
        ({"sleeve": 64}, "unknown", ("", "")),  # a measure of the article, not of a body
        ({"foot": 26}, "unknown", ("", "")),
    ],
)
def test_a_body_finds_its_size_or_hears_that_there_is_none(measures, verdict, sizes) -> None:
    advice = advise(TOPS, measures)
    assert (advice.verdict, (advice.size, advice.larger)) == (verdict, sizes)


def test_beyond_the_chart_no_size_is_recommended_and_the_end_is_named() -> None:
    assert advise(TOPS, {"height": 174, "weight": 120}).limit == ("weight", 86)


@pytest.mark.parametrize(("foot", "size"), [(25.9, "41"), (26.0, "41"), (26.1, "42"), (26.7, "42")])
def test_a_shoe_is_never_shorter_than_the_foot(foot: float, size: str) -> None:
    assert advise(SHOES, {"foot": foot}).size == size


def test_a_foot_longer_than_every_shoe_gets_none() -> None:
    assert advise(SHOES, {"foot": 27.5}).verdict == "too_large"
    assert advise(SHOES, {"foot": 20.0}).verdict == "too_small"


def test_the_usual_size_counts_where_no_measure_does() -> None:
    assert advise(TOPS, {}, usual="m").verdict == "usual"
    assert advise(TOPS, {"weight": 80}, usual="M").size == "L"
    assert advise(TOPS, {}, usual="46").verdict == "unknown"


def test_what_is_no_chart_advises_nothing() -> None:
    assert advise({}, {"height": 170}).verdict == "unknown"
    assert measurable(TOPS) == ["height", "weight"]
