"""Fields of one record, read strictly. All faults of a record are found at once."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Collection, Iterable
from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from babel.numbers import get_currency_precision, list_currencies

from kefu.commerce.exchange.problems import Fault

CURRENCIES = frozenset(list_currencies())
#: 12 digits before the point: more than any order, and far from the edge of a 64-bit integer
_MONEY = re.compile(r"\d{1,12}(\.\d{1,4})?")
_TOKEN = re.compile(r"[^\s\x00-\x1f\x7f=@'\"]([^\x00-\x1f\x7f]*[^\s\x00-\x1f\x7f])?")
_LANGUAGE = re.compile(r"[a-z]{2,3}(-[a-z]{2,4})?")
#: a NUL cannot be stored in PostgreSQL, half a surrogate pair is no character
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
MOST_ITEMS = 1000


class FloatText(str):
    """A JSON number with a point or an exponent, kept as it was written: 0.1 has no exact float."""


class Fields:
    """One record or one of its items. Readers return a value that fits the type even after a fault; the record is
    refused at the end when `faults` is not empty."""

    def __init__(
        self, raw: dict[str, Any], faults: list[Fault], *, zone: ZoneInfo, home: str = "", path: str = ""
    ) -> None:
        self._raw = raw
        self._read: set[str] = set()
        self._path = path
        self._zone = zone
        self.faults = faults
        #: the brand's own currency
        self.home = home

    def fault(self, name: str, what: str, cure: str) -> None:
        self.faults.append(Fault(what, cure, field=self._path + name))

    def _take(self, name: str) -> Any:
        self._read.add(name)
        value = self._raw.get(name)
        if isinstance(value, str):
            if _UNSTORABLE.search(value):
                self.fault(name, "holds a NUL or half a character", "remove it, or save the file as UTF-8 again")
                return None
            value = type(value)(value.strip())
        return None if value == "" else value

    def _text(self, name: str) -> str:
        value = self._take(name)
        if value is None:
            return ""
        if isinstance(value, bool) or not isinstance(value, str | int) or isinstance(value, FloatText):
            self.fault(name, f"{_short(value)} is not text", 'put it in quotation marks: "…"')
            return ""
        return str(value)

    def _missing(self, name: str, required: bool) -> None:
        # a fault found before says more than "is missing"
        if required and not any(fault.field == self._path + name for fault in self.faults):
            self.fault(name, "is missing", "fill it in")

    def text(self, name: str, most: int, *, required: bool = False) -> str:
        """Free text of at most `most` characters."""
        value = self._text(name)
        if len(value) > most:
            self.fault(name, f"has {len(value)} characters", f"shorten it to {most}")
            return ""
        if not value:
            self._missing(name, required)
        return value

    def token(self, name: str, most: int = 120, *, required: bool = True) -> str:
        """A key: one line that begins with neither "=" nor "@" nor a quotation mark, as formulas do."""
        value = self.text(name, most, required=required)
        if value and not _TOKEN.fullmatch(value):
            self.fault(name, f"{_short(value)} cannot be a key", "write the plain value, no formula and no line break")
            return ""
        return value

    def choice(self, name: str, of: Collection[str], default: str = "") -> str:
        value = self._text(name).lower() or default
        if not value:
            self._missing(name, True)
        elif value not in of:
            self.fault(name, f"{_short(value)} is unknown", f"write one of {', '.join(of)}")
            return next(iter(of))
        return value

    def integer(self, name: str, low: int, high: int, default: int | None = None) -> int:
        value = self._take(name)
        if value is None:
            if default is None:
                self._missing(name, True)
            return low if default is None else default
        if isinstance(value, bool) or not re.fullmatch(r"-?\d{1,12}", str(value)):
            self.fault(name, f"{_short(value)} is not a whole number", f"write one from {low} to {high}")
            return low
        if not low <= int(value) <= high:
            self.fault(name, f"{value} is out of range", f"write a whole number from {low} to {high}")
            return low
        return int(value)

    def truth(self, name: str, default: bool) -> bool:
        value = self._take(name)
        if value is None:
            return default
        if isinstance(value, bool):
            return value
        if str(value).lower() in ("true", "false"):
            return str(value).lower() == "true"
        self.fault(name, f"{_short(value)} is neither true nor false", "write true or false")
        return default

    def currency(self, name: str = "currency") -> str:
        value = self._text(name).upper()
        if not value:
            self._missing(name, True)
        elif value not in CURRENCIES:
            self.fault(name, f"{_short(value)} is not a currency", "write its ISO 4217 code: EUR, CNY, USD")
            return ""
        return value

    def money(self, name: str, currency: str, *, default: str | None = None, more_than_nothing: bool = False) -> int:
        """An amount as text in whole units ("129.00"), as minor units."""
        value = self._take(name)
        if value is None:
            if default is None:
                self._missing(name, True)
                return 0
            value = default
        if not isinstance(value, str) or isinstance(value, FloatText):
            self.fault(name, f"{_short(value)} is a bare number", f'put the amount in quotation marks: "{value}"')
            return 0
        if not _MONEY.fullmatch(value):
            cure = 'write it like "129.00": digits, a point, no sign, no currency, no thousands mark'
            self.fault(name, f"{_short(value)} is not an amount", cure)
            return 0
        places = get_currency_precision(currency) if currency else 2
        whole, _, fraction = value.partition(".")
        if len(fraction.rstrip("0")) > places:
            self.fault(name, f"{value} has more decimal places than {currency} has", f"round it to {places} places")
            return 0
        minor = int(whole) * 10**places + int(fraction.rstrip("0").ljust(places, "0") or 0)
        if more_than_nothing and minor == 0:
            self.fault(name, "is nothing", "write an amount above 0, or leave the row out")
        return minor

    def signed_money(self, name: str, currency: str) -> int:
        """An amount that may be below nothing ("-12.00"), as minor units; nothing when left out."""
        value = self._take(name)
        if isinstance(value, str) and not isinstance(value, FloatText) and value.lstrip("'").startswith("-"):
            inner = Fields({name: value.lstrip("'")[1:]}, self.faults, zone=self._zone, path=self._path)
            return -inner.money(name, currency)
        return self.money(name, currency, default="0")

    def moment(self, name: str, *, required: bool = False) -> datetime | None:
        """ISO 8601, e.g. 2026-03-01T10:00:00+01:00; without an offset it is read in the brand's time zone."""
        value = self._text(name)
        if not value:
            self._missing(name, required)
            return None
        try:
            if len(value) <= 10:
                raise ValueError
            moment = datetime.fromisoformat(value)
            moment = (moment if moment.tzinfo else moment.replace(tzinfo=self._zone)).astimezone(UTC)
        except (ValueError, OverflowError):
            self.fault(name, f"{_short(value)} is not a date with a time", "write it like 2026-03-01T10:00:00+01:00")
            return None
        return moment if self._is_of_our_time(name, moment.year) else None

    def day(self, name: str, *, required: bool = False) -> date | None:
        value = self._text(name)
        if not value:
            self._missing(name, required)
            return None
        try:
            if not re.fullmatch(r"\d{4}-\d{2}-\d{2}", value):
                raise ValueError
            day = date.fromisoformat(value)
        except ValueError:
            self.fault(name, f"{_short(value)} is not a date", "write it like 2026-03-01")
            return None
        return day if self._is_of_our_time(name, day.year) else None

    def _is_of_our_time(self, name: str, year: int) -> bool:
        if 1990 <= year <= 2100:
            return True
        self.fault(name, f"the year {year} cannot be meant", "write a year from 1990 to 2100")
        return False

    def read_by(self, name: str, read: Callable[..., str], *more: str, required: bool = False) -> str:
        """Text that `read` normalises or refuses with a ValueError that holds what and cure."""
        value = self._text(name)
        if not value:
            self._missing(name, required)
            return ""
        try:
            return read(value, *more)
        except ValueError as refused:
            what, _, cure = str(refused).partition("; ")
            self.fault(name, what, cure)
            return ""

    def country(self, name: str = "country", *, required: bool = False) -> str:
        value = self._text(name).upper()
        if not value:
            self._missing(name, required)
        elif not re.fullmatch("[A-Z]{2}", value):
            self.fault(name, f"{_short(value)} is not a country", "write its ISO 3166 code: DE, CN, US")
            return ""
        return value

    def language(self, name: str = "language") -> str:
        value = self._text(name).lower()
        if value and (len(value) > 8 or not _LANGUAGE.fullmatch(value)):
            self.fault(name, f"{_short(value)} is not a language", "write its code: en, zh")
            return ""
        return value

    def _map(self, name: str) -> dict[str, Any]:
        value = self._take(name)
        if value is None:
            return {}
        if not isinstance(value, dict):
            self.fault(name, f"{_short(value)} is not a map", 'write it like {"en": "…", "zh": "…"}')
            return {}
        return value

    def texts(self, name: str, most: int, *, required: bool = False) -> dict[str, str]:
        """Text by language: {"en": "Rain jacket", "zh": "雨衣"}."""
        raw = self._map(name)
        inner = Fields(raw, self.faults, zone=self._zone, path=f"{self._path}{name}.")
        texts = {}
        for language in raw:
            if not _LANGUAGE.fullmatch(str(language)):
                self.fault(f"{name}.{_short(language)}", "is not a language", "write its code: en, zh")
            elif text := inner.text(language, most):
                texts[language] = text
        if not texts:
            self._missing(name, required)
        return texts

    def named_texts(self, name: str, names: Iterable[str], most: int) -> dict[str, str]:
        """A map with these names only; those that are empty are left out."""
        inner = Fields(self._map(name), self.faults, zone=self._zone, path=f"{self._path}{name}.")
        texts = {key: text for key in names if (text := inner.text(key, most))}
        inner.no_others()
        return texts

    def json_map(self, name: str, most: int) -> dict[str, Any]:
        """A map of any JSON values; in CSV the cell holds JSON."""
        value = self._take(name)
        if isinstance(value, str) and not isinstance(value, FloatText):
            try:
                value = json.loads(value, parse_float=FloatText, parse_constant=_no_constant)
            except (ValueError, RecursionError):
                self.fault(name, f"{_short(value)} is not JSON", 'write it like {"material": "wool"}')
                return {}
        if value is None:
            return {}
        if not isinstance(value, dict):
            self.fault(name, f"{_short(value)} is not a map", 'write it like {"material": "wool"}')
            return {}
        try:
            plain: dict[str, Any] = _plain(value, depth=6)
        except ValueError as refused:
            self.fault(name, str(refused), "keep to text, numbers, lists and maps, at most six deep")
            return {}
        if len(json.dumps(plain, ensure_ascii=False)) > most:
            self.fault(name, "is too long", f"shorten it to {most} characters")
            return {}
        return plain

    def json_value(self, name: str) -> Any:
        """A map or a list of JSON values; in CSV the cell holds JSON."""
        value = self._raw.get(name)
        if isinstance(value, list) or (isinstance(value, str) and value.lstrip().startswith("[")):
            self._read.add(name)
            inner = Fields({name: f'{{"list": {value}}}' if isinstance(value, str) else {"list": value}}, self.faults,
                           zone=self._zone, path=self._path)  # fmt: skip
            return inner.json_map(name, 20_000).get("list", [])
        return self.json_map(name, 20_000)

    def text_map(self, name: str, most: int) -> dict[str, str]:
        """Names and texts of the shop's own choice: {"switch type": "clicky"}; in CSV the cell holds JSON."""
        found = {}
        for key, value in self.json_map(name, 4000).items():
            if not isinstance(value, str) or not key or len(key) > 60 or len(value) > most:
                cure = f'write it like {{"switch type": "clicky"}}, at most {most} characters each'
                self.fault(f"{name}.{_short(key)}", "is not a name with a text", cure)
            elif value.strip():
                found[key] = value.strip()
        return found

    def given(self, name: str) -> bool:
        """Whether the record says anything of this field at all."""
        return any(one == name or one.startswith(f"{name}.") for one in self._raw)

    def items(self, name: str, *, required: bool = False) -> list[Fields]:
        """The maps of a list, each with its own path for faults."""
        value = self._take(name)
        if value is None:
            value = []
        if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
            self.fault(name, f"{_short(value)} is not a list of maps", f"write {name} as [{{…}}, {{…}}]")
            return []
        if len(value) > MOST_ITEMS:
            self.fault(name, f"has {len(value)} items", f"keep to {MOST_ITEMS}")
            return []
        if not value:
            self._missing(name, required)
        return [
            Fields(item, self.faults, zone=self._zone, path=f"{self._path}{name}[{count}].")
            for count, item in enumerate(value, 1)
        ]

    def no_others(self) -> None:
        """Names that nobody read are typing mistakes more often than extras."""
        for name in self._raw:
            if name not in self._read:
                self.fault(_short(name).strip("'"), "is not a field of this kind", "correct its name or leave it out")

    def once(self, values: Iterable[object], name: str) -> None:
        """A fault when two items of this record share a key."""
        seen: set[object] = set()
        for value in values:
            if value in seen:
                self.fault(name, f"{_short(value)} stands twice", "leave one of them out")
            seen.add(value)


def _no_constant(name: str) -> Any:
    raise ValueError(f"{name} is not JSON")


def _plain(value: Any, depth: int) -> Any:
    if depth < 0:
        raise ValueError("is nested too deep")
    if isinstance(value, FloatText):
        if not math.isfinite(number := float(value)):
            raise ValueError(f"{_short(value)} is too large")
        return number
    if isinstance(value, str):
        if _UNSTORABLE.search(value):
            raise ValueError("holds a NUL or half a character")
        return value
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) > 2**53:
        raise ValueError("holds a number that is too large")
    if isinstance(value, dict):
        return {str(_plain(key, 0)): _plain(inner, depth - 1) for key, inner in value.items()}
    if isinstance(value, list):
        return [_plain(inner, depth - 1) for inner in value]
    return value


def _short(value: object) -> str:
    text = repr(str(value) if isinstance(value, str) else value)
    return text if len(text) <= 60 else text[:57] + "…"
