"""Which size of a product's own chart fits a body. Pure: a chart and measures in, an advice out.

A chart is {"unit": "cm", "columns": {"chest": {"en": "chest"}, "weight": {"en": "body weight", "unit": "kg"}},
"rows": {"M": {"chest": [93, 99], "weight": [66, 76], "sleeve": 64}}}. A range is what the size is made for. A single
number is a measure of the article itself and advises nothing, unless its column says `at_most: true`: the size then
fits all that is no larger, as a shoe fits a foot.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

_LETTERS = ("XXS", "XS", "S", "M", "L", "XL", "XXL", "XXXL")

Verdict = Literal["fits", "between", "too_large", "too_small", "usual", "unknown"]


@dataclass(frozen=True, slots=True)
class ByMeasure:
    """What one measure alone says: the sizes whose range holds it, or the two around it."""

    column: str
    value: float
    sizes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Advice:
    """verdict: fits: `size`; between: `size` sits closer, `larger` leaves more room; too_large, too_small: the body is
    beyond the chart's end `size`; usual: the size named as the usual one; unknown: the chart has no such column.

    used: what was compared. limit: for beyond the end, the column and its last value there.
    """

    verdict: Verdict
    size: str = ""
    larger: str = ""
    used: tuple[ByMeasure, ...] = ()
    limit: tuple[str, float] | None = None


UNKNOWN = Advice("unknown")


def size_order(size: str) -> tuple[int, float, str]:
    """XS before M before XL, 36 before 104; for sorting."""
    if size.upper() in _LETTERS:
        return 0, _LETTERS.index(size.upper()), ""
    number = re.match(r"\d+(?:\.\d+)?", size)
    return 1, float(number.group()) if number else 0.0, size


def sizes_of(chart: Mapping[str, Any]) -> list[str]:
    """The chart's sizes, the smallest first; [] where it is no chart."""
    rows = chart.get("rows")
    return sorted((str(size) for size in rows), key=size_order) if isinstance(rows, Mapping) else []


def measurable(chart: Mapping[str, Any]) -> list[str]:
    """The columns that a body can be compared with, in the chart's order."""
    found: list[str] = []
    for size in sizes_of(chart):
        for name, value in chart["rows"][size].items():
            if name not in found and _range(chart, name, value, -1.0) is not None:
                found.append(name)
    return found


def advise(chart: Mapping[str, Any], measures: Mapping[str, float], usual: str = "") -> Advice:
    """The size for these measures ({"height": 178, "weight": 74}), in the units of the chart's columns.

    Measures that the chart has no column for are left out. usual: the size somebody wears elsewhere, which counts
    when no measure does. Nobody is sent between more than two sizes: what lies farther apart is told as the range.
    """
    sizes = sizes_of(chart)
    used: list[ByMeasure] = []
    for column, value in measures.items():
        found = _by_measure(chart, sizes, column, value)
        if isinstance(found, Advice):
            return found
        if found is not None:
            used.append(found)
    if used:
        held = [size for size in sizes if all(size in one.sizes for one in used)]
        named = sorted({size for one in used for size in one.sizes}, key=sizes.index)
        if len(held) == 1:
            return Advice("fits", held[0], used=tuple(used))
        ends = held or named
        if len(ends) == 1:
            return Advice("fits", ends[0], used=tuple(used))
        return Advice("between", ends[0], ends[-1], tuple(used))
    own = next((size for size in sizes if size.upper() == usual.upper()), "") if usual else ""
    return Advice("usual", own) if own else UNKNOWN


def _by_measure(chart: Mapping[str, Any], sizes: list[str], column: str, value: float) -> ByMeasure | Advice | None:
    ranges: dict[str, tuple[float, float]] = {}
    below = -1.0
    for size in sizes:
        found = _range(chart, column, chart["rows"][size].get(column), below)
        if found is not None:
            ranges[size] = found
            below = found[1]
    if not ranges:
        return None
    inside = tuple(size for size, (least, most) in ranges.items() if least <= value <= most)
    if inside:
        return ByMeasure(column, value, inside)
    smaller = [size for size, (_, most) in ranges.items() if most < value]
    larger = [size for size, (least, _) in ranges.items() if least > value]
    if not smaller:
        return Advice("too_small", larger[0], limit=(column, ranges[larger[0]][0]))
    if not larger:
        return Advice("too_large", smaller[-1], limit=(column, ranges[smaller[-1]][1]))
    return ByMeasure(column, value, (smaller[-1], larger[0]))


def _range(chart: Mapping[str, Any], column: str, value: Any, below: float) -> tuple[float, float] | None:
    if isinstance(value, list) and len(value) == 2 and all(_is_number(one) for one in value):
        return float(value[0]), float(value[1])
    told = (chart.get("columns") or {}).get(column)
    if _is_number(value) and isinstance(told, Mapping) and told.get("at_most"):
        # the smallest size of all fits down to a fifteenth less, no further: the next smaller would be that much less
        least = float(value) * (1 - 1 / 15) if below < 0 else below + 1e-6
        return least, float(value)
    return None


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
