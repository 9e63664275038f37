"""The tables as they hold for one brand. What a brand has made of them is kept in a room above, which says so here."""

from __future__ import annotations

from collections.abc import Callable

from kefu.commerce.tables.loader import tables_of
from kefu.commerce.tables.shapes import Tables
from kefu.people.models import Brand

Reader = Callable[[Brand], Tables | None]
_readers: list[Reader] = []


def own_tables_come_from(reader: Reader) -> None:
    """Who keeps the brands' own editions; told once when the process starts. reader: None for a brand without any."""
    _readers[:] = [reader]


def own_tables(brand: Brand) -> Tables | None:
    """The brand's edition of the tables, None where the pack's hold for it."""
    return next((found for reader in _readers if (found := reader(brand)) is not None), None)


def tables_for(brand: Brand) -> Tables:
    """The tables that hold for the brand. Raises BadTables for a broken pack."""
    return own_tables(brand) or tables_of(brand.pack)
