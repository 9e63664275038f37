"""Days, moments, sums, lengths of time and lists as people of each language write them.

Source of the patterns: CLDR by Babel, where it has what people write in a letter; `_DAY` where its short forms are
those of a calendar ("jue, 5 mar"). Checked by hand in eight languages, 2026-11.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date, datetime, time
from functools import lru_cache

from babel.core import Locale
from babel.dates import format_date
from babel.lists import format_list
from babel.numbers import format_currency, format_decimal
from babel.units import format_unit

from kefu.kernel.money import Money

_LOCALES = {"en": "en_GB", "zh": "zh_Hans_CN", "pt": "pt_BR"}
#: a day of this year, and of another one
_DAY = {
    "en": ("EEE d MMM", "EEE, d MMM y"),
    "zh": ("M月d日E", "y年M月d日E"),
    "es": ("EEEE d 'de' MMMM", "EEEE d 'de' MMMM 'de' y"),
    "fr": ("EEEE d MMMM", "EEEE d MMMM y"),
    "de": ("EEEE, d. MMMM", "EEEE, d. MMMM y"),
    "ja": ("M月d日（E）", "y年M月d日（E）"),
    "ko": ("M월 d일 EEEE", "y년 M월 d일 EEEE"),
    "pt": ("d 'de' MMMM (EEEE)", "d 'de' MMMM 'de' y (EEEE)"),
}
#: the same without the day of the week, for a moment
_DATE = {
    "en": ("d MMM", "d MMM y"),
    "zh": ("M月d日", "y年M月d日"),
    "es": ("d 'de' MMMM", "d 'de' MMMM 'de' y"),
    "fr": ("d MMMM", "d MMMM y"),
    "de": ("d. MMMM", "d. MMMM y"),
    "ja": ("M月d日", "y年M月d日"),
    "ko": ("M월 d일", "y년 M월 d일"),
    "pt": ("d 'de' MMMM", "d 'de' MMMM 'de' y"),
}
#: how a clock time follows its day
_MOMENT = {
    "en": "{day}, {clock}", "zh": "{day} {clock}", "es": "{day} a las {clock}", "fr": "{day} à {clock}",
    "de": "{day}, {clock} Uhr", "ja": "{day} {clock}", "ko": "{day} {clock}", "pt": "{day} às {clock}",
}  # fmt: skip
#: yesterday, today, tomorrow; the day itself is always said too, for a message may be read later
_NEAR = {
    "en": ("yesterday", "today", "tomorrow"),
    "zh": ("昨天", "今天", "明天"),
    "es": ("ayer", "hoy", "mañana"),
    "fr": ("hier", "aujourd'hui", "demain"),
    "de": ("gestern", "heute", "morgen"),
    "ja": ("昨日", "本日", "明日"),
    "ko": ("어제", "오늘", "내일"),
    "pt": ("ontem", "hoje", "amanhã"),
}
_WITH_NEAR = {"zh": "{near}（{day}）", "ja": "{near}{day}", "ko": "{day}({near})"}
_WORKING_DAY = {
    "en": ("working day", "working days"), "zh": "个工作日", "es": ("día laborable", "días laborables"),
    "fr": ("jour ouvré", "jours ouvrés"), "de": ("Werktag", "Werktage"), "ja": "営業日", "ko": "영업일",
    "pt": ("dia útil", "dias úteis"),
}  # fmt: skip
UNITS = frozenset({"minute", "hour", "day", "week", "month", "year", "working_day"})
_SOUNDS_LIKE_I = re.compile(r"h?[ií](?![aeo])", re.IGNORECASE)
_SOUNDS_LIKE_O = re.compile(r"(?:h?[oó])", re.IGNORECASE)


@lru_cache(maxsize=32)
def locale_of(language: str) -> Locale:
    """The country whose habits stand for a language, e.g. "pt" -> pt_BR."""
    return Locale.parse(_LOCALES.get(language, language))


def day(when: date, language: str, *, today: date, is_near_said: bool = False) -> str:
    """Day of the week, day and month; the year only when it is another one.

    is_near_said: "Thu 5 Mar (tomorrow)". The words for it stand so that any preposition before the day stays right.
    """
    patterns = _DAY.get(language, _DAY["en"])
    said = _dated(when, patterns, language, today)
    near = (when - today).days
    if not is_near_said or abs(near) > 1:
        return said
    word = _NEAR.get(language, _NEAR["en"])[near + 1]
    if language == "pt":  # two brackets behind each other read badly
        return f"{_dated(when, _DATE['pt'], language, today)} ({word})"
    return _WITH_NEAR.get(language, "{day} ({near})").format(day=said, near=word)


def full_date(when: date, language: str) -> str:
    """Day, month and year, as a source is dated."""
    return _dated(when, _DATE.get(language, _DATE["en"]), language, date.min)


def moment(when: datetime, language: str, *, today: date) -> str:
    """A moment of the reader's clock; `when` is already in their zone."""
    said = _dated(when.date(), _DATE.get(language, _DATE["en"]), language, today)
    return _MOMENT.get(language, _MOMENT["en"]).format(day=said, clock=_clock(when.time(), language))


#: one answer is worded in every language of the pack, and the same sums come again and again
@lru_cache(maxsize=8192)
def money(sum_: Money, language: str) -> str:
    """A sum, as shops of that language print it."""
    if (language, sum_.currency) in (("ja", "JPY"), ("ko", "KRW")):
        return f"{format_decimal(sum_.amount, locale=locale_of(language))}{'円' if language == 'ja' else '원'}"
    return str(format_currency(sum_.amount, sum_.currency, locale=locale_of(language)))


@lru_cache(maxsize=8192, typed=True)
def number(value: float, language: str) -> str:
    """A number with the decimal sign of the language and no mark between thousands: a size may be 1000."""
    return str(format_decimal(value, locale=locale_of(language), group_separator=False))


@lru_cache(maxsize=8192)
def span(length: int, unit: str, language: str) -> str:
    """So many minutes, hours, days, working days, weeks, months or years: 3, "working_day" -> "3 Werktage".

    Raises ValueError on a unit that is none of UNITS.
    """
    if unit not in UNITS:
        raise ValueError(f"{unit} is no length of time")
    if unit == "working_day":
        words = _WORKING_DAY.get(language, _WORKING_DAY["en"])
        if isinstance(words, str):
            return f"{length}{words}"
        return f"{number(length, language)} {plural(length, words, language)}"
    locale, name = locale_of(language), f"duration-{unit}"
    said = str(format_unit(length, name, length="long", locale=locale))
    if name in said:  # where CLDR's long form is its short one, Babel 2.18 writes the name of the unit instead
        said = str(format_unit(length, name, length="short", locale=locale))
    return said.replace(" ", "") if language == "ja" else said


def plural(count: float, forms: Sequence[str], language: str) -> str:
    """The form for one or for more: 1, ("day", "days") -> "day". French and Portuguese count none as one."""
    return forms[0] if locale_of(language).plural_form(count) == "one" else forms[-1]


def joined(words: Sequence[str], language: str, *, is_choice: bool = False) -> str:
    """ "a, b and c"; is_choice: "a, b or c"."""
    if language == "es" and len(words) > 1:
        return _spanish(words, is_choice=is_choice)
    if language == "ko" and not is_choice:  # CLDR's 및 is for decrees
        return ", ".join(words)
    return str(format_list(list(words), style="or" if is_choice else "standard", locale=locale_of(language)))


def _spanish(words: Sequence[str], *, is_choice: bool) -> str:
    """Before the sound of i "y" becomes "e", before the sound of o "o" becomes "u"."""
    if is_choice:
        link = "u" if _SOUNDS_LIKE_O.match(words[-1]) else "o"
    else:
        link = "e" if _SOUNDS_LIKE_I.match(words[-1]) else "y"
    return f"{', '.join(words[:-1])} {link} {words[-1]}"


def _dated(when: date, patterns: tuple[str, str], language: str, today: date) -> str:
    said = str(format_date(when, patterns[when.year != today.year], locale=locale_of(language)))
    if language == "fr" and when.day == 1:
        return re.sub(r"\b1\b", "1er", said, count=1)
    return said


def _clock(at: time, language: str) -> str:
    return f"{at.hour} h {at:%M}" if language == "fr" else f"{at:%H:%M}"
