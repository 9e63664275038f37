"""What an action answers, as JSON facts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from datetime import date, datetime
from typing import Any

from kefu.kernel.money import Money

Json = Any


class Localised(dict[str, str]):
    """A text by language: {"en": "…", "zh": "…"}."""


def as_facts(answer: object) -> dict[str, Json]:
    """A dataclass as a JSON object, field by field. Money, days, moments and localised texts keep their kind:
    {"minor", "currency"}, {"date"}, {"at"}, {"text"}."""
    if not is_dataclass(answer):
        raise TypeError(f"an action answers with a dataclass, not {type(answer).__name__}")
    return {field.name: as_fact(getattr(answer, field.name)) for field in fields(answer)}


def as_fact(value: object) -> Json:
    if value is None or isinstance(value, str | bool | int):
        return value
    if isinstance(value, Money):
        return {"minor": value.minor, "currency": value.currency}
    if isinstance(value, datetime):
        return {"at": value.isoformat()}
    if isinstance(value, date):
        return {"date": value.isoformat()}
    if isinstance(value, Localised):
        return {"text": dict(value)}
    if isinstance(value, list | tuple):
        return [as_fact(item) for item in value]
    if isinstance(value, Mapping):
        return {str(key): as_fact(item) for key, item in value.items()}
    raise TypeError(f"{type(value).__name__} is no JSON fact; floats are missing on purpose")
