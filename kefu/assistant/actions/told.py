"""Arguments that hold what a customer told, as language.FillKind says: measures, budgets, codes, sizes, colours."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from typing import ClassVar, Self

from kefu.assistant.actions.arguments import Text, _text


@dataclass(frozen=True, slots=True)
class _Measure:
    value: float

    least: ClassVar[float]
    most: ClassVar[float]

    @classmethod
    def read(cls, raw: object) -> Self:
        if isinstance(raw, bool) or not isinstance(raw, int | float) or not cls.least <= raw <= cls.most:
            raise ValueError(f"must be a number from {cls.least:g} to {cls.most:g}")
        return cls(float(raw))


class Height(_Measure):
    """Of a person, in centimetres."""

    kind = "height"
    least, most = 40, 250


class Weight(_Measure):
    """Of a person, in kilograms."""

    kind = "weight"
    least, most = 2, 400


class FootLength(_Measure):
    """In centimetres."""

    kind = "foot_length"
    least, most = 5, 40


@dataclass(frozen=True, slots=True)
class Budget:
    """What something may cost: {"at_least": "30" or "", "at_most": "50" or "", "currency": "EUR" or ""}."""

    at_least: Decimal | None
    at_most: Decimal | None
    currency: str

    kind = "budget"

    @classmethod
    def read(cls, raw: object) -> Self:
        if not isinstance(raw, dict) or not set(raw) <= {"at_least", "at_most", "currency"}:
            raise ValueError('must be {"at_least": "30", "at_most": "50", "currency": "EUR"}')
        currency = str(raw.get("currency") or "")
        if currency and not re.fullmatch(r"[A-Z]{3}", currency):
            raise ValueError("currency must be three capital letters")
        return cls(_amount(raw.get("at_least")), _amount(raw.get("at_most")), currency)


def _amount(raw: object) -> Decimal | None:
    if raw in (None, ""):
        return None
    if not re.fullmatch(r"\d{1,9}(?:\.\d{1,4})?", str(raw)):
        raise ValueError("amounts must be decimal text like 49.90")
    return Decimal(str(raw))


@dataclass(frozen=True, slots=True)
class Told:
    """Money that was told of: {"amount": "59.90", "currency": "EUR" or ""}."""

    amount: Decimal
    currency: str

    kind = "amount"

    @classmethod
    def read(cls, raw: object) -> Self:
        if not isinstance(raw, dict) or not set(raw) <= {"amount", "currency"}:
            raise ValueError('must be {"amount": "59.90", "currency": "EUR"}')
        amount = _amount(raw.get("amount"))
        if amount is None:
            raise ValueError("amount must be decimal text like 49.90")
        return cls(amount, str(raw.get("currency") or "")[:3].upper())


@dataclass(frozen=True, slots=True)
class Ordinal:
    """Which of what was told, counted from 1; -1 is the last."""

    value: int

    kind = "ordinal"

    @classmethod
    def read(cls, raw: object) -> Self:
        if isinstance(raw, bool) or not isinstance(raw, int) or not -1 <= raw <= 99 or raw == 0:
            raise ValueError("must be -1, or a number from 1 to 99")
        return cls(raw)


class CouponCode(Text):
    """As it is printed, in any case of letters."""

    kind = "coupon_code"

    @classmethod
    def read(cls, raw: object) -> Self:
        return cls(_text(raw, longest=40).upper())


class SizeName(Text):
    """A size as the shop writes it: "M", "42"."""

    kind = "size"

    @classmethod
    def read(cls, raw: object) -> Self:
        return cls(_text(raw, longest=20))


class ColorName(Text):
    """A colour by its English name, lower case."""

    kind = "color"

    @classmethod
    def read(cls, raw: object) -> Self:
        return cls(_text(raw, longest=40).lower())


class CountryCode(Text):
    """ISO 3166-1 alpha-2."""

    kind = "country"

    @classmethod
    def read(cls, raw: object) -> Self:
        if not isinstance(raw, str) or not re.fullmatch("[A-Z]{2}", raw):
            raise ValueError("must be a country's two letters")
        return cls(raw)
