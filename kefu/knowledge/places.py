"""Which countries a text speaks of, in the languages of the shop: names, large cities, and the regions they lie in."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from babel import Locale

from kefu.kernel import yaml_text

_FILE = Path(__file__).parent / "places.yaml"
_LANGUAGES = ("en", "zh", "es", "fr", "de", "ja", "ko", "pt")
#: codes in Babel's lists that are no countries
_WITH_THE = frozenset({"GB", "US", "NL", "AE", "PH", "MV", "BS", "DO", "KY", "VI", "CF", "IM", "GM"})
_NO_COUNTRIES = frozenset({"EU", "EZ", "UN", "ZZ", "XA", "XB", "QO"})


@dataclass(frozen=True, slots=True)
class Places:
    """Countries that a text names (ISO 3166-1 alpha-2); whether it speaks of all others too; the members of regions
    it names, and of regions it says it is outside of."""

    countries: frozenset[str]
    has_others: bool
    inside: frozenset[str]
    outside: frozenset[str]

    def speak_of(self, country: str) -> bool:
        """Whether such a text answers for that country. One that names no place answers for all."""
        if self.has_others or country in self.countries:
            return True
        if self.outside and country not in self.outside:
            return True
        if self.inside:
            return country in self.inside
        return not self.countries and not self.outside


def places_in(text: str) -> Places:
    """What a text says of places."""
    told = _told()
    lower = text.lower()
    inside: set[str] = set()
    outside: set[str] = set()
    for region in told["regions"].values():
        for hit in _pattern(tuple(region["names"])).finditer(lower):
            around = (lower[max(0, hit.start() - 14) : hit.start()].split(".")[-1], lower[hit.end() : hit.end() + 2])
            is_outside = any(word in part for word in told["outside"] for part in around if not word.isascii()) or any(
                around[0].rstrip().endswith((word, f"{word} the")) for word in told["outside"] if word.isascii()
            )
            (outside if is_outside else inside).update(region["members"])
    has_others = any(word in lower for word in told["others"])
    return Places(countries_in(text), has_others, frozenset(inside), frozenset(outside))


@lru_cache(maxsize=512)
def countries_in(text: str) -> frozenset[str]:
    """ISO 3166-1 alpha-2 codes of the countries that a text names: "shipping to the UK and 加拿大" -> {"GB", "CA"}."""
    names, found = _names(), set[str]()
    lower = text.lower()
    for hit in _country_pattern().finditer(lower):
        name = hit.group()
        if name in _told()["ambiguous"] and not _is_meant(text, lower, hit.start()):
            continue
        found.add(names[name])
    if re.search(r"\bUS\b", text):  # "us" is a pronoun
        found.add("US")
    return frozenset(found)


def without_countries(text: str) -> str:
    """The text with a blank for each country."""
    return _country_pattern().sub(" ", text.lower())


def country_name(code: str, language: str, *, with_article: bool = False) -> str:
    """What a country is called, e.g. ("CA", "zh") -> 加拿大, ("US", "en") -> "the United States" with its article."""
    own = {"HK": {"en": "Hong Kong", "zh": "香港"}, "MO": {"en": "Macao", "zh": "澳门"}}
    if code in own:
        return own[code].get(language, own[code]["en"])
    name = str(Locale.parse(language).territories.get(code, code))
    return f"the {name}" if with_article and language == "en" and code in _WITH_THE else name


def _is_meant(text: str, lower: str, start: int) -> bool:
    before = lower[:start].split()
    return text[start].isupper() or bool(before and before[-1] in _told()["before"])


@lru_cache(maxsize=1)
def _told() -> dict[str, Any]:
    return dict(yaml_text.load(_FILE.read_text(encoding="utf-8")))


@lru_cache(maxsize=1)
def _names() -> dict[str, str]:
    names: dict[str, str] = {}
    for language in _LANGUAGES:
        for code, name in Locale.parse(language).territories.items():
            if len(code) == 2 and code.isalpha() and code not in _NO_COUNTRIES:
                names[name.lower()] = code
    for group in ("names", "cities"):
        for code, words in _told()[group].items():
            names.update({str(word).lower(): str(code) for word in words})
    return names


@lru_cache(maxsize=1)
def _country_pattern() -> re.Pattern[str]:
    return _pattern(tuple(_names()))


@lru_cache(maxsize=16)
def _pattern(words: tuple[str, ...]) -> re.Pattern[str]:
    longest_first = sorted((word.lower() for word in words), key=len, reverse=True)
    return re.compile("|".join(_shape(word) for word in longest_first))


def _shape(word: str) -> str:
    return rf"(?<![a-z]){re.escape(word)}(?![a-z])" if word[0].isascii() else re.escape(word)
