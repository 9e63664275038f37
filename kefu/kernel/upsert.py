"""Many rows brought to the state they should have, in a few queries."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from django.db import models

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
    model: type[M], wanted: Mapping[K, Mapping[str, Any]], existing: Mapping[K, M], *, only_new: Mapping[str, Any]
) -> tuple[dict[K, M], Tally, set[K]]:
    """Make each row of `wanted` stand; rows that already agree are not written.

    wanted: key -> column values; existing: key -> the row read (and, where others write too, locked) beforehand;
    only_new: values that every new row gets. Returns all rows by key, the tally, and the keys that were written.
    One INSERT and at most one UPDATE for each 500 rows.
    """
    tally, rows, written = Tally(), dict(existing), set()
    fresh: list[M] = []
    stale: list[M] = []
    columns: set[str] = set()
    for key, values in wanted.items():
        row = existing.get(key)
        if row is None:
            rows[key] = model(**only_new, **values)
            fresh.append(rows[key])
            written.add(key)
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
    tally.new, tally.changed = len(fresh), len(stale)
    return rows, tally, written
