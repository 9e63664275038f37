"""A file becomes records: JSON Lines or CSV, whatever bytes it holds, in memory bounded by one batch."""

from __future__ import annotations

import codecs
import csv
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from kefu.commerce.exchange.fields import MOST_ITEMS, FloatText
from kefu.commerce.exchange.problems import Fault
from kefu.commerce.exchange.shapes import Kind
from kefu.kernel.encodings import detect_encoding

#: a longer line is no record of a shop
MOST_LINE = 1_000_000
#: a cell that a spreadsheet would run as a formula; writing.py puts an apostrophe before it
FORMULA = ("=", "+", "-", "@")


@dataclass(frozen=True, slots=True)
class Raw:
    """One record as the file has it, or the fault that kept it from being read."""

    line: int
    fields: dict[str, Any]
    fault: Fault | None = None


def read_file(path: Path, kind: Kind) -> Iterator[Raw]:
    """The records of a .jsonl (.ndjson, .json) or .csv file, in its order."""
    if path.suffix.lower() == ".csv":
        yield from _csv_records(path, kind)
    else:
        yield from _json_records(path)


# -- JSON Lines ---------------------------------------------------------------


def _json_records(path: Path) -> Iterator[Raw]:
    with path.open("rb") as file:
        number = 0
        while line := file.readline(MOST_LINE):
            number += 1
            if len(line) == MOST_LINE and not line.endswith(b"\n"):
                _skip_rest(file)
                yield Raw(number, {}, Fault("the line is longer than 1 MB", "write one record a line"))
            elif line.strip() and line != codecs.BOM_UTF8:
                yield _json_record(number, line)


def _skip_rest(file: IO[bytes]) -> None:
    while (rest := file.readline(MOST_LINE)) and not rest.endswith(b"\n"):
        pass


def _json_record(number: int, line: bytes) -> Raw:
    try:
        value = json.loads(
            line.decode("utf-8-sig" if number == 1 else "utf-8"),
            parse_float=FloatText,
            parse_constant=_no_constant,
            object_pairs_hook=_once_each,
        )
    except UnicodeDecodeError:
        return Raw(number, {}, Fault("is not UTF-8", "save the file as UTF-8"))
    except RecursionError:
        return Raw(number, {}, Fault("is nested too deep", "write one flat record a line"))
    except json.JSONDecodeError as broken:
        what = f"is not JSON at column {broken.colno}: {broken.msg}"
        return Raw(number, {}, Fault(what, "write one JSON map a line"))
    except ValueError as refused:
        return Raw(number, {}, Fault(str(refused)[:200], "write one JSON map a line"))
    if not isinstance(value, dict):
        return Raw(number, {}, Fault("is no map", 'write one JSON map a line: {"id": "C-1", …}'))
    return Raw(number, value)


def _no_constant(name: str) -> Any:
    raise ValueError(f"{name} is not JSON")


def _once_each(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    value = dict(pairs)
    if len(value) != len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise ValueError(f"the name {twice[:40]!r} stands twice in one map")
    return value


# -- CSV ----------------------------------------------------------------------


def _csv_records(path: Path, kind: Kind) -> Iterator[Raw]:
    encoding = detect_encoding(path)
    if encoding is None:
        yield Raw(1, {}, Fault("is neither UTF-8 nor GB18030", 'save it as "CSV UTF-8" and import it again'))
        return
    with path.open(encoding=encoding, errors="replace", newline="") as file:
        header = file.readline(MOST_LINE)
        delimiter = max(",;\t", key=header.count)
        columns = [name.strip() for name in next(csv.reader([header], delimiter=delimiter), [])]
        if fault := _bad_header(columns, kind):
            yield Raw(1, {}, fault)
            return
        yield from _grouped(_rows(file, columns, delimiter), kind)


def _bad_header(columns: list[str], kind: Kind) -> Fault | None:
    if kind.key not in columns:
        cure = f"begin the file with the column names of {kind.name}"
        return Fault(f"the first line names no column {kind.key!r}", cure)
    if len(set(columns)) != len(columns):
        twice = next(name for name in columns if columns.count(name) > 1)
        return Fault(f"the column {twice[:40]!r} stands twice", "leave one of them out")
    return None


def _rows(file: IO[str], columns: list[str], delimiter: str) -> Iterator[tuple[int, dict[str, str] | Fault]]:
    lines = _Lines(file)
    reader = csv.reader(lines, delimiter=delimiter, strict=True)
    while True:
        line = lines.number + 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as broken:
            cure = 'close quotation marks, and double those inside a cell: ""'
            yield line, Fault(f"is not CSV ({broken})", cure)
            continue
        if not any(cells):
            continue
        if len(cells) > len(columns):
            what = f"has {len(cells)} cells, the first line {len(columns)}"
            yield line, Fault(what, "put cells with commas in quotation marks")
            continue
        yield line, {name: _plain(cell) for name, cell in zip(columns, cells, strict=False) if cell.strip()}


class _Lines:
    """The lines of a file with their number; an endless line is cut, so that it becomes a fault and not our memory."""

    def __init__(self, file: IO[str]) -> None:
        self._file = file
        self.number = 1

    def __iter__(self) -> _Lines:
        return self

    def __next__(self) -> str:
        line = self._file.readline(MOST_LINE)
        if not line:
            raise StopIteration
        if line.endswith(("\n", "\r")) or len(line) < MOST_LINE:
            self.number += 1
        return line


def _plain(cell: str) -> str:
    """A cell without the apostrophe that keeps a spreadsheet from running it."""
    return cell[1:] if cell.startswith("'") and cell.lstrip("'").startswith(FORMULA) else cell


def _grouped(rows: Iterator[tuple[int, dict[str, str] | Fault]], kind: Kind) -> Iterator[Raw]:
    """Rows that follow each other with the same key are one record with several items."""
    record: dict[str, Any] = {}
    start, key = 0, None
    is_broken = False  # then the rest of the record is passed over: half an order is worse than none
    for line, row in rows:
        if isinstance(row, Fault):
            yield Raw(line, {}, row)
            continue
        if not start or key is None or row.get(kind.key) != key:
            if start and not is_broken:
                yield Raw(start, record)
            record = {}
            start, key, is_broken = line, row.get(kind.key), False
        if not is_broken and (fault := _add(record, row, kind)):
            is_broken = True
            yield Raw(line, {}, fault)
    if start and not is_broken:
        yield Raw(start, record)


def _add(record: dict[str, Any], row: dict[str, str], kind: Kind) -> Fault | None:
    items: dict[str, dict[str, Any]] = {}
    for column, cell in row.items():
        name, _, rest = column.partition(".")
        if name in kind.lists and rest:
            inner, _, entry = rest.partition(".")
            item = items.setdefault(name, {})
            if inner in kind.lists[name] and entry:
                item.setdefault(inner, {})[entry] = cell
            else:
                item[rest] = cell
            continue
        holder, last = (record.setdefault(name, {}), rest) if name in kind.maps and rest else (record, column)
        if holder.setdefault(last, cell) != cell:
            cure = "repeat the value, or leave the cell empty"
            return Fault("differs from the first row of the same record", cure, column)
    for name, item in items.items():
        listed = record.setdefault(name, [])
        if len(listed) >= MOST_ITEMS:
            return Fault(f"has more than {MOST_ITEMS} {name}", "split the record")
        listed.append(item)
    return None
