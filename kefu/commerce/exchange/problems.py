"""What is wrong with a row, and how to mend it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Fault:
    """`field` as in the file ("lines[2].unit_price"), "" for the row as a whole."""

    what: str
    cure: str
    field: str = ""

    def __str__(self) -> str:
        where = f"{self.field}: " if self.field else ""
        return f"{where}{self.what}; {self.cure}"


@dataclass(frozen=True, slots=True)
class Problem:
    """A row that did not go in. line counts from 1, as editors do."""

    file: str
    line: int
    fault: Fault

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.fault}"
