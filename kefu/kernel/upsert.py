"""Many rows brought to the state they should have, in a few queries."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from django.db import connection, models

M = TypeVar("M", bound=models.Model)
K = TypeVar("K", bound=Hashable)


@dataclass(slots=True)
class Tally:
    """How many rows were made, changed, and found as they should be."""

    new: int = 0
    changed: int = 0
    same: int = 0

    def __iadd__(self, other: Tally) -> Tally:
        self.new += other.new
        self.changed += other.changed
        self.same += other.same
        return self


def upsert(
    model: type[M],
    wanted: Mapping[K, Mapping[str, Any]],
    existing: Mapping[K, M],
    *,
    only_new: Mapping[str, Any],
    is_leaf: bool = False,
) -> tuple[dict[K, M], Tally, set[K]]:
    """Make each row of `wanted` stand; rows that already agree are not written.

    wanted: key -> column values; existing: key -> the row read (and, where others write too, locked) beforehand;
    only_new: values that every new row gets. Returns all rows by key, the tally, and the keys that were written.
    New rows of a leaf table, to which nothing refers (is_leaf), go in by COPY, which is several times faster but tells
    no ids: they are not among the rows returned.
    """
    tally, rows, written = Tally(), dict(existing), set()
    fresh: list[M] = []
    leaves: list[Mapping[str, Any]] = []
    stale: list[M] = []
    columns: set[str] = set()
    for key, values in wanted.items():
        row = existing.get(key)
        if row is None:
            written.add(key)
            if is_leaf:
                leaves.append(values)
            else:
                rows[key] = model(**only_new, **values)
                fresh.append(rows[key])
            continue
        differing = [name for name, value in values.items() if getattr(row, name) != value]
        if not differing:
            tally.same += 1
            continue
        for name in differing:
            setattr(row, name, values[name])
        columns.update(differing)
        stale.append(row)
        written.add(key)
    if fresh:
        model._default_manager.bulk_create(fresh, batch_size=2000)
    if stale:
        model._default_manager.bulk_update(stale, sorted(columns), batch_size=500)
    if leaves:
        _copy(model, leaves, only_new)
    tally.new, tally.changed = len(fresh) + len(leaves), len(stale)
    return rows, tally, written


def _copy(model: type[models.Model], rows: list[Mapping[str, Any]], same: Mapping[str, Any]) -> None:
    """COPY rows that share their columns; columns not given get the model's default. Source: PostgreSQL, "COPY"."""
    named = {name: field for field in model._meta.concrete_fields for name in (field.name, field.attname)}
    given = {named[name].attname for name in (*rows[0], *same)}
    fields = [field for field in model._meta.concrete_fields if not field.primary_key]
    constant = {named[name].attname: getattr(value, "pk", value) for name, value in same.items()}
    constant |= {field.attname: field.get_default() for field in fields if field.attname not in given}
    fixed = {name: named[name].get_db_prep_save(value, connection) for name, value in constant.items()}
    quote = connection.ops.quote_name
    columns = ", ".join(quote(field.column or "") for field in fields)
    with (
        connection.wrap_database_errors,
        connection.cursor() as cursor,
        cursor.copy(f"COPY {quote(model._meta.db_table)} ({columns}) FROM STDIN") as copy,
    ):
        for row in rows:
            copy.write_row(
                [
                    fixed[field.attname]
                    if field.attname in fixed
                    else field.get_db_prep_save(row[field.attname], connection)
                    for field in fields
                ]
            )
