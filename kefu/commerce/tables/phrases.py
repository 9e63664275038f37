"""Which row a customer's words name: the longest phrase found, Latin ones only as whole words."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache

from kefu.commerce.tables.shapes import Row

#: letters of a message that are read
READ = 1000


def named_in(text: str, rows: Iterable[Row]) -> Row | None:
    """The row whose longest phrase stands in the text; None when none does."""
    said = text[:READ].lower().replace("’", "'")
    best: tuple[int, Row] | None = None
    for row in rows:
        found = max((len(hit[0]) for hit in _pattern(_phrases(row)).finditer(said)), default=0)
        if found and (best is None or found > best[0]):
            best = (found, row)
    return best[1] if best else None


def _phrases(row: Row) -> tuple[str, ...]:
    return tuple(phrase for said in (row["phrases"] or {}).values() for phrase in said)


@lru_cache(maxsize=512)
def _pattern(phrases: tuple[str, ...]) -> re.Pattern[str]:
    longest_first = sorted(phrases, key=len, reverse=True)
    return re.compile("|".join(_shape(phrase) for phrase in longest_first) or r"(?!)")


def _shape(phrase: str) -> str:
    is_latin = phrase[0] < "\u3000" and phrase[-1] < "\u3000"
    return rf"(?<!\w){re.escape(phrase)}(?!\w)" if is_latin else re.escape(phrase)
