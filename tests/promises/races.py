"""Deeds that begin in the same moment, each in a thread and a database connection of its own."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from django.db import connection

TEN = 10


def at_once(what: Callable[[int], Any], times: int = TEN) -> list[Any]:
    """Do it so often in as many threads that start together; the results in order. An exception is the test's."""
    gate = threading.Barrier(times)

    def one(number: int) -> Any:
        try:
            gate.wait(timeout=20)
            return what(number)
        finally:
            connection.close()

    with ThreadPoolExecutor(times) as pool:
        return list(pool.map(one, range(times)))
