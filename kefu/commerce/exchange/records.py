"""One checked record on its way into the database."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from kefu.commerce.exchange.problems import Fault
from kefu.commerce.exchange.shapes import Parts, Values


@dataclass(slots=True)
class Record:
    """line: where it begins in its file. values: columns, references still by the shop's keys. parts: its lists."""

    line: int
    key: str
    values: Values
    parts: Parts


Refuse = Callable[[Record, Fault], None]
