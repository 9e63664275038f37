"""One fact as a person of that language writes it: money, days, moments, lists, texts by key."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from babel.core import Locale
from babel.dates import format_skeleton
from babel.lists import format_list
from babel.numbers import format_currency, format_decimal

from kefu.assistant.replies.texts import Style, Texts
from kefu.kernel.money import Money

_LOCALES = {"en": "en_GB", "zh": "zh_Hans_CN", "pt": "pt_BR"}
#: a text may name a text, which may name a text; deeper is a mistake in the pack
_DEEPEST = 4


@dataclass(frozen=True, slots=True)
class Wording:
    """How facts are worded for one reader. `today` and `zone` are the brand's."""

    texts: Texts
    language: str
    style: Style
    today: date
    zone: ZoneInfo

    @property
    def locale(self) -> Locale:
        return Locale.parse(_LOCALES.get(self.language, self.language))

    def text(self, key: str, facts: Mapping[str, Any], *, depth: int = 0) -> str:
        """The text of a key, filled. Raises KeyError when a fact that the text needs is not there: a reply with a
        hole in it is never sent."""
        if depth > _DEEPEST:
            raise KeyError(f"{key}: texts name each other in a circle")
        template = self.texts.template(key, self.language, self.style)
        words = {name: self.fact(value, depth=depth + 1) for name, value in facts.items()}
        return template.format_map(words)

    def fact(self, value: Any, *, depth: int = 0) -> str:
        """A JSON fact in words.

        {"minor","currency"} money; {"date"} a day; {"at"} a moment; {"text": {language: …}} a localised text;
        {"key": …, "facts": {…}} a text of the pack; a list of these is joined as the language does.
        """
        match value:
            case {"minor": int(minor), "currency": str(currency)}:
                money = Money(minor, currency)
                return str(format_currency(money.amount, currency, locale=self.locale))
            case {"date": str(day)}:
                return self._day(date.fromisoformat(day))
            case {"at": str(moment)}:
                return self._moment(datetime.fromisoformat(moment))
            case {"text": dict(by_language)}:
                return str(by_language.get(self.language) or by_language.get("en") or next(iter(by_language.values())))
            case {"key": str(key)}:
                return self.text(key, value.get("facts", {}), depth=depth)
            case list() | tuple():
                return str(format_list([self.fact(one, depth=depth + 1) for one in value], locale=self.locale))
            case bool() | None:
                return ""
            case int() | float():
                return str(format_decimal(value, locale=self.locale, group_separator=False))
            case _:
                return str(value)

    def _day(self, day: date) -> str:
        """Weekday, day and month; the year only when it is another one."""
        skeleton = "MMMEd" if day.year == self.today.year else "yMMMEd"
        return str(format_skeleton(skeleton, datetime(day.year, day.month, day.day), locale=self.locale))  # noqa: DTZ001

    def _moment(self, moment: datetime) -> str:
        local = moment.astimezone(self.zone)
        skeleton = "MMMd" if local.year == self.today.year else "yMMMd"
        day = format_skeleton(skeleton, local, tzinfo=self.zone, locale=self.locale)
        return f"{day}, {local:%H:%M}" if self.language != "zh" else f"{day} {local:%H:%M}"
