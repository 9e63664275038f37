"""What may stand in a column: each reader turns a YAML value into what code works with, or says what is wrong."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from kefu.commerce.rules import EU
from kefu.kernel.money import Money

#: a row for every country; a row that names the country goes before it
EVERYWHERE = "*"
_COUNTRY = re.compile(r"[A-Z]{2}")
_WORD = re.compile(r"[a-z][a-z0-9_]*(\.[a-z0-9_]+)*")


@dataclass(frozen=True, slots=True, eq=False)  # by identity: a default may be a mapping, which has no hash
class Column:
    """`read` raises ValueError with the cure. `default` is what a row without this column holds."""

    read: Callable[[Any], Any]
    is_required: bool = False
    default: Any = None


def text(value: Any) -> str:
    if not isinstance(value, str) or not value.strip():
        raise ValueError("must be text; put it in quotes")
    return " ".join(value.split())


def word(value: Any) -> str:
    if not isinstance(value, str) or not _WORD.fullmatch(value):
        raise ValueError("must be a word of small letters, digits, _ and points, like customs.invoice")
    return value


def words(value: Any) -> tuple[str, ...]:
    listed = [value] if isinstance(value, str) else value
    if not isinstance(listed, list) or not listed:
        raise ValueError("must be a list of words: [invoice, tax_number]")
    return tuple(word(one) for one in listed)


@dataclass(frozen=True, slots=True)
class EachOf:
    """A list of words out of the known ones, each once, in the order given."""

    known: tuple[str, ...]

    def __call__(self, value: Any) -> tuple[str, ...]:
        listed = [value] if isinstance(value, str) else value
        if not isinstance(listed, list) or not listed:
            raise ValueError(f"must be a list out of {', '.join(self.known)}")
        for one in listed:
            if one not in self.known:
                raise ValueError(f"knows no {one}; it knows {', '.join(self.known)}")
        if len(set(listed)) < len(listed):
            raise ValueError("names something twice; keep one")
        return tuple(listed)


@dataclass(frozen=True, slots=True)
class OneOf:
    known: tuple[str, ...]

    def __call__(self, value: Any) -> str:
        if value not in self.known:
            raise ValueError(f"must be one of {', '.join(self.known)}")
        return str(value)


@dataclass(frozen=True, slots=True)
class Whole:
    least: int
    most: int

    def __call__(self, value: Any) -> int:
        if isinstance(value, bool) or not isinstance(value, int) or not self.least <= value <= self.most:
            raise ValueError(f"must be a whole number from {self.least} to {self.most}")
        return value


def each_of(*known: str) -> EachOf:
    return EachOf(known)


def one_of(*known: str) -> OneOf:
    return OneOf(known)


def whole(least: int = 0, most: int = 100_000) -> Whole:
    return Whole(least, most)


def percent(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= 300:
        raise ValueError("must be a percentage from 0 to 300, like 20 or 8.1")
    return float(value)


def percents(value: Any) -> tuple[float, float]:
    if not isinstance(value, list) or len(value) != 2:
        raise ValueError("must be the lowest and the highest percentage: [0, 12]")
    low, high = percent(value[0]), percent(value[1])
    if low > high:
        raise ValueError("must begin with the lower percentage: [0, 12]")
    return low, high


def number(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or value <= 0:
        raise ValueError("must be a number above zero, like 0.85")
    return float(value)


def truth(value: Any) -> bool:
    if not isinstance(value, bool):
        raise ValueError("must be true or false")
    return value


def day(value: Any) -> date:
    if not isinstance(value, date):
        raise ValueError("must be a day like 2026-07-01, without quotes")
    return value


def money(value: Any) -> Money:
    amount, _, currency = str(value).strip().partition(" ")
    if not re.fullmatch(r"[A-Z]{3}", currency):
        raise ValueError('must be an amount with its currency, like "150.00 EUR"')
    try:
        return Money.of(amount, currency)
    except ValueError:
        raise ValueError('must be an amount with its currency, like "150.00 EUR"') from None


def amounts(value: Any) -> tuple[Money, ...]:
    """One amount a currency."""
    listed = [value] if isinstance(value, str) else value
    if not isinstance(listed, list) or not listed:
        raise ValueError("must be a list of amounts: [60.00 EUR, 65.00 USD]")
    found = tuple(money(one) for one in listed)
    if any(one.minor < 0 for one in found):
        raise ValueError("must hold no amount below zero")
    if len({one.currency for one in found}) < len(found):
        raise ValueError("names a currency twice; keep one amount of each")
    return found


def currency(value: Any) -> str:
    if not isinstance(value, str) or not re.fullmatch(r"[A-Z]{3}", value):
        raise ValueError("must be the three letters of a currency, like GBP")
    return value


def countries(value: Any) -> frozenset[str]:
    """Codes; EU stands for its members, * for every country."""
    listed = [value] if isinstance(value, str) else value
    if not isinstance(listed, list) or not listed:
        raise ValueError("must be a list of countries: [DE, FR], [EU] or ['*']")
    found: set[str] = set()
    for one in listed:
        if one == "EU":
            found |= EU
        elif one == EVERYWHERE:
            found.add(EVERYWHERE)
        elif isinstance(one, str) and _COUNTRY.fullmatch(one):
            found.add(one)
        elif one is False:  # YAML reads NO as a truth
            found.add("NO")
        else:
            raise ValueError(f"{one!r} is no country; write two capital letters like DE, or EU, or '*'")
    return frozenset(found)


def by_language(value: Any) -> Mapping[str, str]:
    if (
        not isinstance(value, dict)
        or not value
        or not all(isinstance(one, str) and one.strip() for one in value.values())
    ):
        raise ValueError("must be text by language: {en: …, zh: …}")
    if "en" not in value:
        raise ValueError("must have English, which stands in where a language is missing")
    return {str(key): " ".join(said.split()) for key, said in value.items()}


def phrases(value: Any) -> Mapping[str, tuple[str, ...]]:
    if not isinstance(value, dict) or not value:
        raise ValueError("must be phrases by language: {en: [battery, power bank]}")
    found: dict[str, tuple[str, ...]] = {}
    for language, said in value.items():
        if not isinstance(said, list) or not all(isinstance(one, str) and one.strip() for one in said):
            raise ValueError(f"{language} must be a list of phrases; put those that look like numbers in quotes")
        found[str(language)] = tuple(one.strip().lower() for one in said)
    return found
