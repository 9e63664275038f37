"""One fact as a person of that language writes it: money, days, moments, lists, texts by key."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from kefu.assistant.replies import figures
from kefu.assistant.replies.polish import polish
from kefu.assistant.replies.texts import Style, Texts
from kefu.kernel.money import Money

#: a text may name a text, which may name a text; deeper is a mistake in the pack
_DEEPEST = 4


class _Word(str):
    """A fact in words that still knows its number, for {days:day|days}."""

    amount: float | None
    language: str

    def __new__(cls, said: str, amount: float | None, language: str) -> _Word:
        word = super().__new__(cls, said)
        word.amount, word.language = amount, language
        return word

    def __format__(self, spec: str) -> str:
        if "|" not in spec:
            return str(self)
        forms = spec.split("|")
        return forms[-1] if self.amount is None else figures.plural(self.amount, forms, self.language)


@dataclass(frozen=True, slots=True)
class Wording:
    """How facts are worded for one reader. `today` and `zone` are the brand's."""

    texts: Texts
    language: str
    style: Style
    today: date
    zone: ZoneInfo

    def text(self, key: str, facts: Mapping[str, Any], *, depth: int = 0) -> str:
        """The text of a key, filled. Raises KeyError when a fact that the text needs is not there: a reply with a
        hole in it is never sent."""
        if depth > _DEEPEST:
            raise KeyError(f"{key}: texts name each other in a circle")
        template = self.texts.template(key, self.language, self.style)
        words = {name: self._word(value, depth=depth + 1) for name, value in facts.items()}
        said = template.format_map(words)
        return said if depth else polish(said, self.language)

    def _word(self, value: Any, *, depth: int) -> _Word:
        is_number = isinstance(value, int | float) and not isinstance(value, bool)
        return _Word(self.fact(value, depth=depth), value if is_number else None, self.language)

    def fact(self, value: Any, *, depth: int = 0) -> str:
        """A JSON fact in words.

        {"minor","currency"} money; {"date"} a day; {"date_of"} the date of a document; {"at"} a moment; {"span": 3,
        "unit": "working_day"} a length of time, units as in figures.UNITS; {"text": {language: …}} a localised text;
        {"key": …, "facts": {…}} a text of the pack; a list of these is joined as the language does, {"any": […]} with
        "or".
        """
        match value:
            case {"minor": int(minor), "currency": str(currency)}:
                return figures.money(Money(minor, currency), self.language)
            case {"date": str(day)}:
                # a letter may be read tomorrow: there "tomorrow" would be wrong
                is_chat = self.style == "chat"
                return figures.day(date.fromisoformat(day), self.language, today=self.today, is_near_said=is_chat)
            case {"date_of": str(day)}:
                return figures.full_date(date.fromisoformat(day), self.language)
            case {"at": str(moment)}:
                local = datetime.fromisoformat(moment).astimezone(self.zone)
                return figures.moment(local, self.language, today=self.today)
            case {"span": int(length), "unit": str(unit)}:
                return figures.span(length, unit, self.language)
            case {"text": dict(by_language)}:
                return str(by_language.get(self.language) or by_language.get("en") or next(iter(by_language.values())))
            case {"key": str(key)}:
                return self.text(key, value.get("facts", {}), depth=depth)
            case {"any": list(several)}:
                return figures.joined(
                    [self.fact(one, depth=depth + 1) for one in several], self.language, is_choice=True
                )
            case list() | tuple():
                return figures.joined([self.fact(one, depth=depth + 1) for one in value], self.language)
            case bool() | None:
                return ""
            case int() | float():
                return figures.number(value, self.language)
            case _:
                return str(value)
