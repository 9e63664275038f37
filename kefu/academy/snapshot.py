"""What a talk has done to the world: all rows of some brands before and after, and what differs.

    before = photograph([brand])
    ...
    for change in changed(before, photograph([brand])): print(change)

A field that nobody thought of is compared like any other: a new table or column needs no line here.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, Literal

from django.apps import apps
from django.core.exceptions import FieldDoesNotExist
from django.db import connection
from django.db.models import Model

from kefu.people.models import Brand

Json = Any
#: model label -> row id -> column -> value as JSON
Snapshot = Mapping[str, Mapping[int, Mapping[str, Json]]]

#: what every talk writes about itself: its messages, its memory, its log. They say what was said, not what was done.
OF_THE_TALK = frozenset(
    {
        "assistant.ProofAttempt", "channels.RawMail", "channels.RawWebhook", "desk.Attachment", "desk.Case",
        "desk.Closure", "desk.Conversation", "desk.Counter", "desk.Delivery", "desk.Event", "desk.Message",
    }
)  # fmt: skip
#: rooms whose tables are looked at
ROOMS = ("people", "commerce", "desk", "channels", "knowledge", "assistant")
#: large and of no consequence for anybody's rights or money: what help articles are found by, and what was learnt
_LEFT_OUT = frozenset({"knowledge.Passage", "knowledge.Term", "assistant.TrainedModel"})


@dataclass(frozen=True, slots=True)
class Change:
    """One row that differs. `fields`: column -> (before, after); of a row that came or went only one side is set."""

    kind: Literal["made", "changed", "gone"]
    model: str
    row: int
    fields: Mapping[str, tuple[Json, Json]]

    def became(self, field: str) -> Json:
        """The column's value afterwards; None when the row is gone or the column did not change."""
        return self.fields.get(field, (None, None))[1]

    def __str__(self) -> str:
        if self.kind == "made":
            told = ", ".join(
                f"{name}={now!r}" for name, (_, now) in self.fields.items() if now not in (None, "", [], {})
            )
        elif self.kind == "changed":
            told = ", ".join(f"{name} {was!r} → {now!r}" for name, (was, now) in self.fields.items())
        else:
            told = ""
        return f"{self.model} {self.row} {self.kind}{': ' if told else ''}{told}"


def photograph(brands: Iterable[Brand], *, of_the_talk: bool = False) -> Snapshot:
    """Every row of these brands in one statement, read inside the caller's transaction; rows of no brand are left out
    but for the brands themselves. of_the_talk: the talks' own tables too. Meant for shops of a test's size."""
    pks = [brand.pk for brand in brands]
    found: dict[str, dict[int, dict[str, Json]]] = {label: {} for label in _tables(of_the_talk)}
    with connection.cursor() as cursor:
        cursor.execute(_statement(of_the_talk), {"brands": pks})
        for label, pk, row in cursor.fetchall():
            found[label][pk] = row if isinstance(row, dict) else _loaded(row)
    return found


def changed(before: Snapshot, after: Snapshot, *, but: Collection[str] = ()) -> list[Change]:
    """What differs, table by table, oldest row first. but: models ("commerce.Order") or columns
    ("commerce.Variant.stock") that are not looked at."""
    return [change for change in _differences(before, after) if change.model not in but and not _only(change, but)]


def _only(change: Change, but: Collection[str]) -> bool:
    return change.kind == "changed" and all(f"{change.model}.{name}" in but for name in change.fields)


def _differences(before: Snapshot, after: Snapshot) -> Iterator[Change]:
    for label in sorted({*before, *after}):
        old, new = before.get(label, {}), after.get(label, {})
        for pk in sorted({*old, *new}):
            was, now = old.get(pk), new.get(pk)
            if was is None and now is not None:
                yield Change("made", label, pk, {name: (None, value) for name, value in now.items()})
            elif now is None and was is not None:
                yield Change("gone", label, pk, {name: (value, None) for name, value in was.items()})
            elif was is not None and now is not None and was != now:
                names = [name for name in {**was, **now} if was.get(name) != now.get(name)]
                yield Change("changed", label, pk, {name: (was.get(name), now.get(name)) for name in names})


@cache
def _tables(of_the_talk: bool) -> dict[str, tuple[str, str]]:
    """Label -> (table, the column that names the brand)."""
    found = {}
    for room in ROOMS:
        for model in apps.get_app_config(room).get_models():
            label = model._meta.label
            if label in _LEFT_OUT or (label in OF_THE_TALK and not of_the_talk):
                continue
            if column := _brand_column(model):
                found[label] = (model._meta.db_table, column)
    return found


def _brand_column(model: type[Model]) -> str:
    if model is Brand:
        return "id"
    try:
        model._meta.get_field("brand")
    except FieldDoesNotExist:
        return ""
    return "brand_id"


@cache
def _statement(of_the_talk: bool) -> str:
    # names of tables and columns come from the models, never from anybody's words
    return " UNION ALL ".join(
        f"SELECT '{label}', id, to_jsonb({table}.*) FROM {table} WHERE {column} = ANY(%(brands)s)"  # noqa: S608
        for label, (table, column) in _tables(of_the_talk).items()
    )


def _loaded(row: str) -> dict[str, Json]:
    loaded: dict[str, Json] = json.loads(row)
    return loaded
