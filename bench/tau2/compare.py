"""Two end states of one task, row by row: what differs, said so that a person sees why."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

Json = Any
#: the tools keep these sorted or in the caller's order; as sets of items they are the same
_UNORDERED = frozenset({"return_items", "exchange_items", "exchange_new_items"})


def expected_state(db: Json, changed: Mapping[str, Mapping[str, Json]]) -> Json:
    """The whole shop with the changed rows in their place."""
    return {table: {**rows, **changed.get(table, {})} for table, rows in db.items()}


def differences(have: Json, want: Json) -> list[str]:
    """ "orders #W1 status: 'pending', expected 'cancelled'" for each field that differs; [] when all is right."""
    found = []
    for table in ("orders", "users"):
        for key in sorted(set(have[table]) | set(want[table])):
            ours, theirs = have[table].get(key), want[table].get(key)
            if ours is theirs:
                continue
            if ours is None or theirs is None:
                found.append(f"{table} {key}: {'missing' if ours is None else 'not expected'}")
                continue
            found += [f"{table} {key} {field}" for field in _fields(ours, theirs)]
    return found


def _fields(ours: Mapping[str, Json], theirs: Mapping[str, Json]) -> Iterator[str]:
    for name in sorted(set(ours) | set(theirs)):
        a, b = _plain(name, ours.get(name)), _plain(name, theirs.get(name))
        if a != b:
            yield f"{name}: {a!r}, expected {b!r}"


def _plain(name: str, value: Json) -> Json:
    """Money to the cent, unordered lists sorted, empty as nothing: what a shop would call the same."""
    if isinstance(value, float | int) and not isinstance(value, bool):
        return round(float(value), 2) + 0.0
    if isinstance(value, dict):
        return {key: _plain(key, one) for key, one in sorted(value.items()) if one not in (None, "", [])}
    if isinstance(value, list):
        plain = [_plain("", one) for one in value]
        return sorted(plain) if name in _UNORDERED else plain
    return None if value in ("", [], {}) else value
