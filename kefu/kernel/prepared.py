"""Querysets whose SQL is made once: for the few reads that every message makes.

Making the SQL of a queryset costs more than running it. Written as any queryset, so that it follows the models:

    conversation_by_pk = Prepared(lambda pk: Conversation.objects.select_related("brand").filter(pk=pk), pk=-1)
    conversation_by_pk.one(pk=7)

The example values tell where each value stands in the SQL. They must differ from each other and from every other value
of the queryset, be of the type that is asked with, and the queryset must not look at them. For `__in` the example is a
list of one, and lists of any length are asked with.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Generic, TypeVar

from django.db import connection
from django.db.models import Model, QuerySet
from django.db.models.query import get_related_populators

Row = TypeVar("Row", bound=Model)


def _any_of(sql: str, place: int) -> str:
    """The n-th value of `IN (%s)` becomes a whole list."""
    parts = sql.split("%s")
    if not (parts[place].endswith(" IN (") and parts[place + 1].startswith(")")):
        raise ValueError(f"no list stands at {place} in {sql}")
    parts[place] = parts[place].removesuffix(" IN (") + " = ANY("
    return "%s".join(parts)


@dataclass(frozen=True, slots=True)
class _Made:
    """SQL with its values, where the asked values stand in it, and how a row of the answer becomes the model's."""

    sql: str
    values: list[Any]
    places: dict[int, str]
    model: Any
    #: the model's own columns among those that are selected, and their fields
    own: slice
    fields: list[str]
    #: (column, step, expression) in their order
    converters: list[tuple[int, Callable[..., Any], Any]]
    populators: list[Any]


class Prepared(Generic[Row]):
    """Rows of one model, with what `select_related` brings. No annotations, no `values()`, no prefetching."""

    def __init__(self, queryset: Callable[..., QuerySet[Row]], **examples: Any) -> None:
        self._queryset, self._examples = queryset, examples

    @cached_property
    def _made(self) -> _Made:
        query = self._queryset(**self._examples).query
        compiler = query.get_compiler("default")
        sql, values = compiler.as_sql()
        places: dict[int, str] = {}
        for name, example in self._examples.items():
            is_list = isinstance(example, list)
            sought = example[0] if is_list else example
            found = [n for n, value in enumerate(values) if value == sought and type(value) is type(sought)]
            if not found:
                raise ValueError(f"{name}: the example value {example!r} does not stand in {sql}")
            places |= dict.fromkeys(found, name)
            for n in found if is_list else ():
                sql = _any_of(sql, n)
        kinds, select = compiler.klass_info, compiler.select
        own = slice(kinds["select_fields"][0], kinds["select_fields"][-1] + 1)
        converters = compiler.get_converters([column for column, _, _ in select])
        return _Made(
            sql, list(values), places,
            model=kinds["model"],
            own=own,
            fields=[column.target.attname for column, _, _ in select[own]],
            converters=[(n, step, expression) for n, (steps, expression) in converters.items() for step in steps],
            populators=get_related_populators(kinds, select, "default"),  # type: ignore[call-arg]  # Django 5.2
        )  # fmt: skip

    def all(self, **values: Any) -> list[Row]:
        return list(self._rows(values))

    def first(self, **values: Any) -> Row | None:
        return next(self._rows(values), None)

    def one(self, **values: Any) -> Row:
        """Raises the model's DoesNotExist."""
        found = self.first(**values)
        if found is None:
            raise self._made.model.DoesNotExist(f"nothing with {values}")
        return found

    def _rows(self, given: dict[str, Any]) -> Iterator[Row]:
        made = self._made
        asked = list(made.values)
        for n, name in made.places.items():
            asked[n] = given[name]
        with connection.cursor() as cursor:
            cursor.execute(made.sql, asked)
            found = cursor.fetchall()
        for values_of_row in found:
            row = list(values_of_row)
            for n, step, expression in made.converters:
                row[n] = step(row[n], expression, connection)
            one = made.model.from_db("default", made.fields, row[made.own])
            for populator in made.populators:
                populator.populate(row, one)
            yield one
