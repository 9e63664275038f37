"""How often something may be done, counted in PostgreSQL so that it holds over processes and machines.

The generic cell rate algorithm: one row a key holds the moment until which its allowance is spent ("due"); each deed
moves it on by one step, and is refused when that would reach further ahead than the burst allows. No counters to
reset, no window whose edge lets twice as much through. Source: ITU-T I.371, annex A.
"""

from __future__ import annotations

import hashlib
import hmac
import math
import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import connection

from kefu.kernel import clock

#: further ahead than the burst allows and this: a clock was set back, and the row counts for nothing
CLOCKS_DIFFER = timedelta(minutes=10)
#: one call in so many sweeps what is spent and past, at most SWEPT rows
SWEEP_EVERY = 200
SWEPT = 2_000


@dataclass(frozen=True, slots=True)
class Rate:
    """`burst` at once, then `per_minute` evenly."""

    per_minute: int
    burst: int

    @property
    def step(self) -> timedelta:
        return timedelta(minutes=1) / self.per_minute


def spend(charges: Sequence[tuple[str, Rate]]) -> int:
    """Do one deed against each (subject, rate). 0 when all allow it, else the seconds (rounded up) until all will.

    Subjects are kept as keyed hashes: an address counted here cannot be read back. When one refuses, those that
    allowed have been spent all the same; a refused caller is asked to wait anyway.
    """
    asked = {_key(subject): rate for subject, rate in charges}
    if not asked:
        return 0
    now = clock.now()
    keys = sorted(asked)  # everybody locks in the same order, so nobody deadlocks
    steps = [asked[key].step for key in keys]
    rooms = [asked[key].step * (asked[key].burst - 1) for key in keys]
    values: list[Any] = [now, keys, steps, rooms, CLOCKS_DIFFER, now, now, now, CLOCKS_DIFFER]
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO kernel_rate AS rate (key, due, room) "
            "SELECT key, %s::timestamptz + step, room "
            "FROM unnest(%s::text[], %s::interval[], %s::interval[]) AS asked(key, step, room) ORDER BY key "
            "ON CONFLICT (key) DO UPDATE "
            "SET due = CASE WHEN rate.due > excluded.due + excluded.room + %s THEN excluded.due "
            "               ELSE greatest(rate.due, %s) + (excluded.due - %s) END, room = excluded.room "
            "WHERE rate.due <= %s::timestamptz + excluded.room "
            "   OR rate.due > excluded.due + excluded.room + %s RETURNING key",
            values,
        )
        refused = set(keys) - {key for (key,) in cursor.fetchall()}
        if random.randrange(SWEEP_EVERY) == 0:
            sweep()
        if not refused:
            return 0
        cursor.execute("SELECT max(due - room) FROM kernel_rate WHERE key = ANY(%s)", [sorted(refused)])
        (free_at,) = cursor.fetchone()
    return max(1, math.ceil((free_at - now).total_seconds()) if free_at else 1)


def sweep() -> None:
    """Forget allowances that have long been whole again. Rows in use are left for the next time."""
    with connection.cursor() as cursor:
        cursor.execute(
            "DELETE FROM kernel_rate WHERE key IN "
            "(SELECT key FROM kernel_rate WHERE due < %s LIMIT %s FOR UPDATE SKIP LOCKED)",
            [clock.now() - timedelta(minutes=10), SWEPT],
        )


def _key(subject: str) -> str:
    return hmac.digest(settings.SECRET_KEY.encode(), f"kefu:rate:{subject}".encode(), hashlib.sha256).hex()[:40]
