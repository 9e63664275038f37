"""Dates, spans, numbers and money as people of one language say them, in one time zone."""

from __future__ import annotations

from contextvars import ContextVar
from datetime import date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import format_date, format_time, format_timedelta
from babel.numbers import format_currency, format_decimal
from django.utils import translation
from django.utils.translation import gettext as _

from kefu.kernel import clock
from kefu.kernel.money import Money

UTC = ZoneInfo("UTC")
_zone: ContextVar[ZoneInfo | None] = ContextVar("kefu_page_zone", default=None)


@lru_cache(maxsize=16)
def _locale(language: str) -> Locale:
    # Babel's "en" is American; people here expect 24 hours and the day before the month
    return Locale.parse("en-GB" if language == "en" else language, sep="-")


# Babel takes 30-60 µs a call and lists repeat the same minutes: remember what was said
@lru_cache(maxsize=4096)
def _clock(minute: datetime, locale: Locale) -> str:
    return format_time(minute, "short", tzinfo=minute.tzinfo, locale=locale)


@lru_cache(maxsize=4096)
def _span(amount: int, unit: str, locale: Locale) -> str:
    span = timedelta(**{unit: amount})
    return format_timedelta(span, unit[:-1], threshold=10**6, format="narrow", locale=locale)  # type: ignore[arg-type]


class Moments:
    """Formats for one language and zone. All moments are aware, in any zone."""

    def __init__(self, language: str, zone: ZoneInfo) -> None:
        self.locale = _locale(language)
        self.zone = zone

    def _local(self, moment: datetime) -> datetime:
        return moment.astimezone(self.zone)

    def short(self, moment: datetime) -> str:
        """14:05"""
        return _clock(self._local(moment).replace(second=0, microsecond=0), self.locale)

    def day(self, moment: datetime) -> str:
        """Today, Yesterday, else Monday 2 March, with the year when it is another."""
        local, today = self._local(moment).date(), self._local(clock.now()).date()
        if local == today:
            return _("Today")
        if local == today - timedelta(days=1):
            return _("Yesterday")
        return self.date(local)

    def date(self, day: date) -> str:
        """Mon 2 Mar, or with the year when it is another."""
        same_year = day.year == self._local(clock.now()).year
        if self.locale.language == "zh":
            return format_date(day, "M月d日 EEE" if same_year else "y年M月d日", locale=self.locale)
        return format_date(day, "EEE d MMM" if same_year else "d MMM y", locale=self.locale)

    def day_and_time(self, moment: datetime) -> str:
        """14:05 today, else 2 Mar, 14:05."""
        local = self._local(moment)
        if local.date() == self._local(clock.now()).date():
            return self.short(moment)
        return f"{self.date(local.date())} {self.short(moment)}"

    def exact(self, moment: datetime) -> str:
        """To the second, with the zone: what stands in the hover."""
        return f"{self._local(moment):%Y-%m-%d %H:%M:%S %Z}"

    def since(self, moment: datetime, *, least: int = 0) -> str:
        """The largest whole unit: now, 12m, 3h, 2d; never less than `least` seconds."""
        seconds = max(least, abs(int((clock.now() - moment).total_seconds())))
        if seconds < 60:
            return _("now")
        if seconds < 3600:
            return _span(seconds // 60, "minutes", self.locale)
        if seconds < 86_400:
            return _span(seconds // 3600, "hours", self.locale)
        return _span(seconds // 86_400, "days", self.locale)

    def number(self, number: int) -> str:
        return format_decimal(number, locale=self.locale)

    def money(self, amount: Money) -> str:
        return format_currency(amount.amount, amount.currency, locale=self.locale)


def stand_in(zone: ZoneInfo) -> None:
    """From here on this request's moments are told in `zone` (the brand's)."""
    _zone.set(zone)


def here() -> Moments:
    """The formats of this request: the active language, the zone that `stand_in` named."""
    return _told_in(translation.get_language() or "en", _zone.get() or UTC)


@lru_cache(maxsize=64)
def _told_in(language: str, zone: ZoneInfo) -> Moments:
    return Moments(language, zone)
