"""Days as people say them: 15/03, 13 de noviembre, 上周五, "vor drei Tagen". Always one day, ISO 8601.

Understanding has no clock: words like "yesterday" count from `listening.extras["today"]`, and without it say nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, timedelta
from functools import lru_cache

from kefu.assistant.language import ListeningFor
from kefu.assistant.understanding.entities.found import Entity, Taken
from kefu.assistant.understanding.lexicon import Lexicon, any_of
from kefu.assistant.understanding.normal import Text

_ISO = re.compile(r"(?<![\d-])(20\d\d)[-/.](\d{1,2})[-/.](\d{1,2})(?![\d-])")
_EAST = re.compile(r"(?:(20\d\d)(?:年|년) ?)?(?<!\d)(\d{1,2})(?:月|월) ?(\d{1,2})(?:日|号|일)")
_SLASHED = re.compile(r"(?<![\d/.-])(\d{1,2})([/.])(\d{1,2})(?:\2(20\d\d|\d\d)|\.)?(?![\d/-])")
#: a day without a year is the nearest one that is no further ahead than this
AHEAD = timedelta(days=62)


def days(text: Text, words: Lexicon, listening: ListeningFor, language: str, taken: Taken) -> Iterator[Entity]:
    today = _today(listening)
    folded = text.folded
    for hit in _ISO.finditer(folded):
        yield from _made(int(hit[1]), int(hit[2]), int(hit[3]), hit)
    for hit in _EAST.finditer(folded):
        yield from _made(int(hit[1]) if hit[1] else None, int(hit[2]), int(hit[3]), hit, today)
    if any(letter.isdigit() for letter in folded):
        yield from _slashed(folded, listening, language, today)
        yield from _named_months(folded, words, today)
    if today is None:
        return
    yield from _relative(folded, words, language, today, asked="date" in listening.kinds)


def _today(listening: ListeningFor) -> date | None:
    given = listening.extras.get("today")
    if isinstance(given, date):
        return given
    try:
        return date.fromisoformat(str(given)[:10]) if given else None
    except ValueError:
        return None


def _made(year: int | None, month: int, day: int, hit: re.Match[str], today: date | None = None) -> Iterator[Entity]:
    try:
        if year is None:
            if today is None:
                return
            value = date(today.year, month, day)
            if value > today + AHEAD:
                value = date(today.year - 1, month, day)
        else:
            value = date(year if year > 99 else 2000 + year, month, day)
    except ValueError:  # the 31st of June
        return
    yield Entity("date", value.isoformat(), hit.start(), hit.end(), 0.9)


def _slashed(folded: str, listening: ListeningFor, language: str, today: date | None) -> Iterator[Entity]:
    for hit in _SLASHED.finditer(folded):
        if hit[2] == "." and not hit[4] and not hit[0].endswith("."):
            continue  # 7.5 is a size
        first, second = int(hit[1]), int(hit[3])
        month_first = language in ("zh", "ja", "ko") or listening.country == "US"
        if (month_first and first <= 12) or second > 12:
            first, second = second, first
        yield from _made(int(hit[4]) if hit[4] else None, second, first, hit, today)


def _named_months(folded: str, words: Lexicon, today: date | None) -> Iterator[Entity]:
    months = words.map("months")
    if not months or not words.has("months", folded):
        return
    for hit in _month_shape(frozenset(months)).finditer(folded):
        month = int(months[hit["month"] or hit["month2"]])
        year = hit["year"] or hit["year2"]
        yield from _made(int(year) if year else None, month, int(hit["day"] or hit["day2"]), hit, today)


@lru_cache(maxsize=64)
def _month_shape(months: frozenset[str]) -> re.Pattern[str]:
    name = any_of([*months])
    return re.compile(
        rf"(?<!\d)(?P<day>\d{{1,2}})(?:\.|st|nd|rd|th|er|º)? ?(?:de |of )?(?P<month>{name})\.?"
        r"(?:,? (?:de )?(?P<year>20\d\d))?"
        rf"|(?P<month2>{name})\.? (?P<day2>\d{{1,2}})(?:st|nd|rd|th)?(?!\d)(?:,? (?P<year2>20\d\d))?"
    )


def _relative(folded: str, words: Lexicon, language: str, today: date, *, asked: bool) -> Iterator[Entity]:
    offsets, weekdays = words.map("day_words"), words.map("weekdays")
    for hit in words.pattern("day_words").finditer(folded):
        before = folded[max(0, hit.start() - 9) : hit.start()]
        if re.search(r"(?:guten|heute|schonen|jeden|am|la|esta|de) $", before) and hit[0] in ("morgen", "manana"):
            continue  # "guten Morgen", "por la mañana"
        value = today + timedelta(days=int(offsets[hit[0]]))
        yield Entity("date", value.isoformat(), hit.start(), hit.end(), 0.85)
    if words.has("weekdays", folded):
        for hit in _weekday_shape(words).finditer(folded):
            name = hit["name"] or hit["name2"] or hit["name3"]
            back = hit["last"] or hit["last2"]
            ahead = hit["next"] or hit["next2"]
            if not (back or ahead or hit["this"]) and not asked:
                continue
            is_week = language in ("zh", "ja", "ko")
            value = _weekday(today, int(weekdays[name]), -1 if back else 1 if ahead else 0, is_week=is_week)
            yield Entity("date", value.isoformat(), hit.start(), hit.end(), 0.85)
    if (shape := _ago_shape(words)) is not None:
        for hit in shape.finditer(folded):
            count = hit["count"] or hit["count2"]
            number = int(count) if count.isdigit() else int(words.map("numbers").get(count, 0))
            unit = int(words.map("day_units")[hit["unit"] or hit["unit2"]])
            if 0 < number * unit <= 730:
                value = today - timedelta(days=number * unit)
                yield Entity("date", value.isoformat(), hit.start(), hit.end(), 0.85)


def _weekday(today: date, weekday: int, direction: int, *, is_week: bool) -> date:
    """上周五 is the Friday of last week; "last Friday" is the latest one before today."""
    if is_week:
        return today + timedelta(days=weekday - today.weekday() + 7 * direction)
    if direction > 0:
        return today + timedelta(days=(weekday - today.weekday() - 1) % 7 + 1)
    return today - timedelta(days=(today.weekday() - weekday - 1) % 7 + 1)


@lru_cache(maxsize=64)
def _weekday_shape(words: Lexicon) -> re.Pattern[str]:
    name, last, ahead, this = (
        _source(words, group) for group in ("weekdays", "last_words", "next_words", "this_words")
    )
    return re.compile(
        rf"(?:(?P<last>{last})|(?P<next>{ahead})|(?P<this>{this})) ?(?P<name>{name})"
        rf"|(?P<name2>{name}) (?:(?P<last2>{last})|(?P<next2>{ahead}))|(?P<name3>{name})"
    )


@lru_cache(maxsize=64)
def _ago_shape(words: Lexicon) -> re.Pattern[str] | None:
    """ "3 days ago", "3天前", and "hace 3 días", "vor 3 Tagen"."""
    if not words.group("ago_words"):
        return None
    count = rf"\d{{1,3}}|{any_of([*words.map('numbers')])}"
    unit, ago = _source(words, "day_units"), _source(words, "ago_words")
    return re.compile(
        rf"(?<!\d)(?P<count>{count}) ?(?P<unit>{unit})(?: ago\b|(?:之|以)?前| ?전)"
        rf"|{ago} (?P<count2>{count}) (?P<unit2>{unit})"
    )


def _source(words: Lexicon, group: str) -> str:
    return any_of([*words.group(group), *words.map(group)])
