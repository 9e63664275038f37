"""A row of a table as a plain form: which fields it has, what stands in them, and the row that comes back. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.http import QueryDict

from kefu.commerce.tables import columns as c
from kefu.commerce.tables.columns import Column, EachOf, OneOf, Whole
from kefu.web.desk import table_words

#: lists are typed with commas, Chinese ones too, or line by line
_PARTS = re.compile(r"[,;，、；\n]")
_LISTS = (c.words, c.countries, c.amounts)
#: columns in which the order of what is chosen counts
ORDERED = ("ladder",)
NUMBERS = (c.number, c.percent)


@dataclass(frozen=True, slots=True)
class Field:
    """kind: text, number, day, truth, choice, choices, ordered, list, languages. value: as it is shown; for languages
    (language, text) pairs. options: (value, word) pairs."""

    name: str
    label: str
    hint: str
    kind: str
    value: Any
    options: tuple[tuple[str, str], ...] = ()
    is_required: bool = False
    problem: str = field(default="", compare=False)


def fields_of(
    shape: Mapping[str, Column], columns: Mapping[str, Any], problems: Mapping[str, str], languages: list[str]
) -> list[Field]:
    """The form for one row. columns: what YAML holds. problems: by column."""
    found = [_field(name, column, columns.get(name), languages) for name, column in shape.items()]
    found += [
        _plain("since", "day", columns.get("since")),
        _plain("until", "day", columns.get("until")),
        _plain("source", "text", columns.get("source"), is_required=True),
        _plain("date", "day", columns.get("date"), is_required=True),
        Field("explanation", *table_words.column("explanation"), "languages",
              _by_language(columns.get("explanation"), ["en", "zh"])),
    ]  # fmt: skip
    return [_with_problem(one, problems.get(one.name, "")) for one in found]


def _with_problem(one: Field, problem: str) -> Field:
    return Field(one.name, one.label, one.hint, one.kind, one.value, one.options, one.is_required, problem)


def _plain(name: str, kind: str, value: Any, *, is_required: bool = False) -> Field:
    return Field(name, *table_words.column(name), kind, "" if value is None else str(value), (), is_required)


def _field(name: str, column: Column, value: Any, languages: list[str]) -> Field:
    label, hint = table_words.column(name)
    required, read = column.is_required, column.read
    if isinstance(read, OneOf):
        options = tuple((one, table_words.value(name, one)) for one in read.known)
        shown = value if value is not None else column.default or ""
        blank = () if required or column.default else (("", "–"),)
        return Field(name, label, hint, "choice", str(shown), (*blank, *options), required)
    if isinstance(read, EachOf):
        chosen = [value] if isinstance(value, str) else list(value or ())
        options = tuple((one, table_words.value(name, one)) for one in read.known)
        return Field(name, label, hint, "ordered" if name in ORDERED else "choices", chosen, options, required)
    if read is c.truth:
        return Field(name, label, hint, "truth", bool(value), (), required)
    if isinstance(read, Whole) or read in NUMBERS:
        return Field(name, label, hint, "number", "" if value is None else str(value), (), required)
    if read in _LISTS or read is c.percents:
        listed = [value] if isinstance(value, str) else value or []
        return Field(name, label, hint, "list", ", ".join(_said(one) for one in listed), (), required)
    if read is c.by_language:
        return Field(name, label, hint, "languages", _by_language(value, languages), (), required)
    if read is c.phrases:
        said = {key: ", ".join(map(str, one)) for key, one in (value or {}).items() if isinstance(one, list)}
        return Field(name, label, hint, "languages", _by_language(said, languages), (), required)
    if read is c.day:
        return Field(name, label, hint, "day", "" if value is None else str(value), (), required)
    return Field(name, label, hint, "text", "" if value is None else str(value), (), required)


def _said(one: Any) -> str:
    return "NO" if one is False else str(one)  # YAML reads NO as a truth


def _by_language(value: Any, languages: list[str]) -> list[tuple[str, str]]:
    said = value if isinstance(value, dict) else {}
    return [(one, str(said.get(one, ""))) for one in dict.fromkeys([*languages, *said])]


def row_from(post: QueryDict, shape: Mapping[str, Column], row_id: str) -> dict[str, Any]:
    """The row that the form says, as YAML would hold it; what was left empty is left out. It may have faults."""
    row: dict[str, Any] = {"id": row_id}
    for name, column in shape.items():
        value = _typed(post, name, column)
        if value not in (None, "", [], {}):
            row[name] = value
    for name in ("since", "until", "source", "date"):
        said = post.get(name, "").strip()
        if said:
            row[name] = said if name == "source" else _day(said)
    if told := _languages(post, "explanation"):
        row["explanation"] = told
    return row


def _typed(post: QueryDict, name: str, column: Column) -> Any:
    read, said = column.read, post.get(name, "").strip()
    if read is c.truth:
        return True if said else None
    if isinstance(read, EachOf):
        return [one for one in post.getlist(name) if one]
    if read is c.by_language:
        return _languages(post, name)
    if read is c.phrases:
        return {key: _parts(one) for key, one in _languages(post, name).items()}
    if isinstance(read, OneOf):
        return None if said == column.default else said
    if isinstance(read, Whole) or read in NUMBERS:
        return _number(said)
    if read is c.percents:
        return [_number(one) for one in _parts(said)]
    if read in _LISTS:
        return _parts(said)
    return _day(said) if read is c.day else said


def _languages(post: QueryDict, name: str) -> dict[str, str]:
    lead = f"{name}."
    return {
        key.removeprefix(lead): " ".join(value.split())
        for key in post
        if key.startswith(lead) and len(key) <= len(lead) + 8 and (value := post.get(key, "")).strip()
    }


def _parts(said: str) -> list[str]:
    return [part for one in _PARTS.split(said) if (part := " ".join(one.split()))]


def _number(said: str) -> int | float | str | None:
    """A number as people type it; what is none goes on as it is, so that the fault can name it."""
    plain = said.replace(",", ".").removesuffix("%").strip()
    if not plain:
        return None
    if re.fullmatch(r"-?\d{1,9}", plain):
        return int(plain)
    return float(plain) if re.fullmatch(r"-?\d{1,9}\.\d{1,6}", plain) else said


def _day(said: str) -> date | str:
    try:
        return date.fromisoformat(said)
    except ValueError:
        return said
