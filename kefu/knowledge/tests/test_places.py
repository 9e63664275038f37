"""Countries in texts, and which texts answer for which country."""

from __future__ import annotations

import pytest

from kefu.knowledge.places import countries_in, country_name, places_in, without_countries


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("do you ship to canada", {"CA"}),
        ("发货到加拿大吗，运费多少", {"CA"}),
        ("UK or northern ireland?", {"GB"}),
        ("republic of ireland", {"IE"}),
        ("can you send it to us", set()),  # the pronoun
        ("delivery to the US", {"US"}),
        ("to the states", {"US"}),
        ("寄到国内", {"CN"}),
        ("香港和台湾", {"HK", "TW"}),
        ("a jersey for my son", set()),  # a shirt
        ("ship to turkey", {"TR"}),
        ("how much to Vienna or 维也纳", {"AT"}),  # a city stands for its country
        ("", set()),
        ("x" * 10_000, set()),
    ],
)
def test_countries_are_known_by_every_name_customers_use(text: str, codes: set[str]) -> None:
    assert countries_in(text) == codes


@pytest.mark.parametrize(
    ("text", "for_them", "not_for_them"),
    [
        ("To Austria it costs 6.90, to France 7.90.", {"AT", "FR"}, {"ES", "US"}),
        ("Within the European Union there are no duties.", {"DE", "PL"}, {"GB", "CH", "US"}),
        ("A parcel to a country outside the European Union is taxed.", {"GB", "US", "CN"}, {"PL", "DE"}),
        ("寄往欧盟以外的国家或地区时，由收件人承担。", {"GB", "CN"}, {"FR"}),
        ("Returns from Germany are free. From other countries you pay.", {"DE", "CH", "US"}, set()),
        ("A coupon works once.", {"DE", "CN"}, set()),  # names no place, so it holds everywhere
    ],
)
def test_a_text_answers_for_the_countries_it_speaks_of(text: str, for_them: set[str], not_for_them: set[str]) -> None:
    places = places_in(text)
    assert {code for code in for_them | not_for_them if places.speak_of(code)} == for_them


def test_a_country_is_named_as_its_language_does() -> None:
    assert country_name("GB", "en", with_article=True) == "the United Kingdom"
    assert country_name("CA", "zh") == "加拿大"
    assert country_name("HK", "zh") == "香港"
    assert without_countries("and to Spain?").split() == ["and", "to", "?"]
