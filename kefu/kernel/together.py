"""What one message changes, written by one statement.

Inside `together()` rows that are added or changed are collected and written at its end, all tables at once; outside,
each is written as it comes. The verbs that use it read the same either way:

    with transaction.atomic(), together():
        add(message)
        change(conversation, "status", "snippet")

Only inside a transaction, and only where an exception ends it whole: nothing of a block that raises is written, and
what is rolled back to a savepoint inside it is not taken out again. Whoever reads rows that may wait here says
`write_now()` first; taking a conversation's lock does.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import Model


@dataclass(slots=True)
class _Waiting:
    """Rows to add, by model and whether they have their ids, in their order; rows to change, with their fields."""

    added: dict[tuple[type[Model], bool], list[Model]] = field(default_factory=dict)
    changed: dict[tuple[type[Model], Any], tuple[Model, dict[str, None]]] = field(default_factory=dict)
    jobs: list[dict[str, Any]] = field(default_factory=list)
    #: ids drawn ahead, see together()
    ids: dict[type[Model], int] = field(default_factory=dict)
    draws: tuple[type[Model], ...] = ()

    def next_id(self, model: type[Model]) -> int:
        if model not in self.ids:
            models = tuple(dict.fromkeys((model, *self.draws)))
            self.ids |= _drawn(models)
            self.draws = ()
        return self.ids.pop(model)


_waiting: ContextVar[_Waiting | None] = ContextVar("rows that are written together", default=None)


@contextmanager
def together(*draws: type[Model]) -> Iterator[None]:
    """A block inside another one is part of it.

    draws: models of which one row is likely to be added. Their first ids are drawn by one statement, when the first of
    them is needed; one that is not used leaves a gap.
    """
    if _waiting.get() is not None:
        yield
        return
    token = _waiting.set(_Waiting(draws=draws))
    try:
        yield
        write_now()
    finally:
        _waiting.reset(token)


def add(row: Model, *, numbered: bool = True) -> None:
    """A new row. numbered: it gets its id at once; without, a row that waits has none, also after it was written."""
    waiting = _waiting.get()
    if waiting is None:
        row.save(force_insert=True)
        return
    if numbered and row.pk is None:
        row.pk = waiting.next_id(type(row))
    for one in type(row)._meta.concrete_fields:
        one.pre_save(row, True)  # fields that fill themselves in, such as the day a row is made
    waiting.added.setdefault((type(row), row.pk is not None), []).append(row)
    row._state.adding, row._state.db = False, "default"


def change(row: Model, *fields: str) -> None:
    """These fields of a row have changed."""
    waiting = _waiting.get()
    if waiting is None:
        row.save(update_fields=fields)
        return
    if any(one is row for one in waiting.added.get((type(row), True), ())):
        return  # it is written as it is then
    held, known = waiting.changed.get((type(row), row.pk), (row, {}))
    if held is not row:  # the same row read twice: each reading's changes are its own
        write_now()
        known = {}
    waiting.changed[type(row), row.pk] = (row, known | dict.fromkeys(fields))


def defer(task: Any, *, lock: str | None = None, **arguments: Any) -> None:
    """A job, in the caller's transaction. task: what `@job` declared."""
    waiting = _waiting.get()
    if waiting is None:
        task.configure(lock=lock).defer(**arguments)
        return
    waiting.jobs.append({"queue_name": task.queue, "task_name": task.name, "priority": task.priority, "lock": lock,
                         "queueing_lock": task.queueing_lock, "args": arguments})  # fmt: skip


def write_now() -> None:
    """Write what waits; nothing to do outside a block."""
    waiting = _waiting.get()
    if waiting is None or not (waiting.added or waiting.changed or waiting.jobs):
        return
    parts, values = [], []
    for (model, has_id), rows in waiting.added.items():
        fields = tuple(one.attname for one in model._meta.concrete_fields if has_id or not one.primary_key)
        parts.append(_adding(model, fields))
        values.append(_told(rows, fields))
    for model, fields, rows in _alike(waiting):
        parts.append(_changing(model, fields))
        values.append(_told(rows, (model._meta.pk.attname, *fields)))
    if waiting.jobs:
        parts.append(_JOBS)
        values.append(json.dumps(waiting.jobs))
    waiting.added, waiting.changed, waiting.jobs = {}, {}, []
    statement = ", ".join(f"w{n} AS ({part})" for n, part in enumerate(parts[:-1]))
    with connection.cursor() as cursor:
        cursor.execute(f"WITH {statement} {parts[-1]}" if statement else parts[-1], values)


def _alike(waiting: _Waiting) -> Iterator[tuple[type[Model], tuple[str, ...], list[Model]]]:
    """Changed rows of one model with the same changed fields go together."""
    groups: dict[tuple[type[Model], tuple[str, ...]], list[Model]] = {}
    for (model, _), (row, names) in waiting.changed.items():
        fields = tuple(sorted(_attname(model, name) for name in names))
        groups.setdefault((model, fields), []).append(row)
    for (model, fields), rows in groups.items():
        yield model, fields, rows


@lru_cache(maxsize=256)
def _adding(model: type[Model], fields: Sequence[str]) -> str:
    table, columns = model._meta.db_table, ", ".join(_columns(model, fields))
    return f"INSERT INTO {table} ({columns}) SELECT {columns} FROM {_rows_of(table)}"  # noqa: S608  models' own names


@lru_cache(maxsize=256)
def _changing(model: type[Model], fields: Sequence[str]) -> str:
    table, key = model._meta.db_table, model._meta.pk.column
    sets = ", ".join(f"{column} = new.{column}" for column in _columns(model, fields))
    return f"UPDATE {table} AS row SET {sets} FROM {_rows_of(table)} AS new WHERE row.{key} = new.{key}"  # noqa: S608


def _rows_of(table: str) -> str:
    """Rows told as one JSON value, so that the statement is the same for one row and for twenty."""
    return f"json_populate_recordset(NULL::{table}, %s::json)"


_JOBS = (
    "INSERT INTO procrastinate_jobs (queue_name, task_name, priority, lock, queueing_lock, args) "
    "SELECT queue_name, task_name, priority, lock, queueing_lock, args "
    "FROM json_populate_recordset(NULL::procrastinate_jobs, %s::json)"
)


def _columns(model: type[Model], fields: Sequence[str]) -> list[str]:
    return [connection.ops.quote_name(_column_of(model, name)) for name in fields]


def _told(rows: Sequence[Model], fields: Sequence[str]) -> str:
    told = [{_column_of(type(row), name): getattr(row, name) for name in fields} for row in rows]
    return json.dumps(told, default=_as_text)


@lru_cache(maxsize=1024)
def _column_of(model: type[Model], attname: str) -> str:
    return next(str(one.column) for one in model._meta.concrete_fields if one.attname == attname)


@lru_cache(maxsize=1024)
def _attname(model: type[Model], name: str) -> str:
    return next(one.attname for one in model._meta.concrete_fields if name in (one.name, one.attname))


def _as_text(value: Any) -> str:
    """What JSON does not know and PostgreSQL reads from text."""
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, UUID | Decimal):
        return str(value)
    raise TypeError(f"{type(value).__name__} is not written together")


def _drawn(models: tuple[type[Model], ...]) -> dict[type[Model], int]:
    with connection.cursor() as cursor:
        cursor.execute(_drawing(models))
        return dict(zip(models, cursor.fetchone(), strict=True))


@lru_cache(maxsize=64)
def _drawing(models: tuple[type[Model], ...]) -> str:
    """One id of each, from the same sequences as the tables' defaults."""
    drawn = ", ".join(
        f"nextval(pg_get_serial_sequence('{model._meta.db_table}', '{model._meta.pk.column}'))" for model in models
    )
    return f"SELECT {drawn}"
