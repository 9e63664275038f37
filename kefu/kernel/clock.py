"""The one clock. Everything that asks for the time asks here, so that tests can hold it still."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, date, datetime

_held: ContextVar[datetime | None] = ContextVar("kefu_held_clock", default=None)


def now() -> datetime:
    """The moment, aware, in UTC."""
    return _held.get() or datetime.now(UTC)


def today() -> date:
    """The day in UTC; a brand's own day is `now().astimezone(brand.zone).date()`."""
    return now().date()


@contextmanager
def held_at(moment: datetime) -> Iterator[datetime]:
    """Hold the clock at `moment` (aware) inside the block. For tests and for generating demo data."""
    if moment.tzinfo is None:
        raise ValueError("the clock is held at an aware moment; give it a time zone")
    token = _held.set(moment.astimezone(UTC))
    try:
        yield moment
    finally:
        _held.reset(token)
