"""Changing one row of a table's text and leaving every other line as its author wrote it, comments too. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import yaml

#: columns that end a row, in this order
LAST = ("source", "date", "explanation")


@dataclass(frozen=True, slots=True)
class RowText:
    """A row as it stands: lines `first` to `end` (exclusive, counted from 0), and what its columns hold."""

    id: str
    first: int
    end: int
    columns: Mapping[str, Any]


def rows_in(text: str) -> list[RowText]:
    """The rows of a table's text in order; [] for a text that is no list of rows."""
    try:
        tree = yaml.compose(text, Loader=yaml.SafeLoader)
    except (yaml.YAMLError, RecursionError):
        return []
    if not isinstance(tree, yaml.SequenceNode):
        return []
    lines, loader = text.splitlines(), yaml.SafeLoader("")
    starts = [node.start_mark.line for node in tree.value] + [len(lines)]
    found = []
    for node, first, after in zip(tree.value, starts, starts[1:], strict=False):
        if not isinstance(node, yaml.MappingNode):
            continue
        end = after
        while end > first + 1 and (not lines[end - 1].strip() or lines[end - 1].startswith("#")):
            end -= 1  # what stands before the next row belongs to that one
        try:
            columns = {str(key.value): loader.construct_object(value, deep=True) for key, value in node.value}
        except (yaml.YAMLError, ValueError):
            continue
        found.append(RowText(str(columns.get("id", "")), first, end, columns))
    return found


def with_row(text: str, row_id: str, columns: Mapping[str, Any]) -> str:
    """The text with this row in place of the one called `row_id`; at the end where there is none."""
    lines, written = text.splitlines(), written_row(columns).splitlines()
    known = next((row for row in rows_in(text) if row.id == row_id), None)
    if known is None:
        while lines and not lines[-1].strip():
            lines.pop()
        return "\n".join([*lines, *([""] if lines else []), *written]) + "\n"
    return "\n".join([*lines[: known.first], *written, *lines[known.end :]]) + "\n"


def without_row(text: str, row_id: str) -> str:
    lines = text.splitlines()
    for row in rows_in(text):
        if row.id == row_id:
            del lines[row.first : row.end]
            break
    return "\n".join(lines) + "\n"


def moved(text: str, row_id: str, *, by: int) -> str:
    """The row `by` places further down (negative: up), where the order of rows decides."""
    rows = rows_in(text)
    place = next((place for place, row in enumerate(rows) if row.id == row_id), None)
    if place is None or not 0 <= place + by < len(rows) or by == 0:
        return text
    lines = text.splitlines()
    blocks = [lines[row.first : row.end] for row in rows]
    order = list(range(len(rows)))
    order.insert(place + by, order.pop(place))
    out, at = list[str](), 0
    for slot, row in enumerate(rows):
        out += lines[at : row.first] + blocks[order[slot]]
        at = row.end
    return "\n".join(out + lines[at:]) + "\n"


def written_row(columns: Mapping[str, Any]) -> str:
    """A row as authors write it: one column a line, lists in brackets, explanations by language below each other."""
    names = [
        "id",
        *(one for one in columns if one != "id" and one not in LAST),
        *(one for one in LAST if one in columns),
    ]
    lines = []
    for name in names:
        value, lead = columns[name], "- " if name == "id" else "  "
        if isinstance(value, dict) and value:
            lines.append(f"{lead}{name}:")
            lines += [f"    {key}: {_flow(inner)}" for key, inner in value.items()]
        else:
            lines.append(f"{lead}{name}: {_flow(value)}")
    return "\n".join(lines)


def _flow(value: Any) -> str:
    said = yaml.safe_dump(value, default_flow_style=True, allow_unicode=True, width=1_000_000, sort_keys=False)
    return said.removesuffix("\n").removesuffix("\n...").strip()
