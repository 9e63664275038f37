"""Tables from YAML: all faults at once, each with file, line and cure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml
from django.conf import settings

from kefu.commerce.tables.columns import Column, by_language, day, text, word
from kefu.commerce.tables.shapes import TABLES, Row, Tables
from kefu.kernel import yaml_text
from kefu.kernel.errors import KefuError
from kefu.kernel.stamps import Stamp, stamp_of

OF_EVERY_ROW = ("id", "source", "date", "since", "until", "explanation")
LANGUAGES = ("en", "zh")
SIZE_AT_MOST = 400_000


@dataclass(frozen=True, slots=True, order=True)
class TableFault:
    """`file:line row: what is wrong; what to do`."""

    file: str
    line: int
    row: str
    text: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line} {self.row or 'table'}: {self.text}"


class BadTables(KefuError):
    """The tables have faults; nothing that rests on them is promised until they are mended. `faults` lists them."""

    code = "commerce.bad_tables"
    faults: list[TableFault]

    @property
    def sentence(self) -> str:
        return "tables have faults:\n" + "\n".join(str(fault) for fault in self.faults)


def tables_of(pack: str = "ecommerce") -> Tables:
    """The tables of a pack, read again when a file has changed. Raises BadTables."""
    folder = Path(settings.PACKS_DIR) / pack / "tables"
    return _cached(str(folder), stamp_of(folder))


@lru_cache(maxsize=16)
def _cached(folder: str, stamp: Stamp) -> Tables:
    return load(Path(folder))


def load(folder: Path) -> Tables:
    """All tables of a folder. Raises BadTables with every fault found; a pack without the folder has no rows."""
    sources: dict[str, str] = {}
    faults: list[TableFault] = []
    for file in sorted(folder.glob("*.yaml")):
        try:
            sources[file.name] = file.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            faults.append(TableFault(file.name, 1, "", "not readable as UTF-8; save it as UTF-8"))
    tables, more = read_sources(sources)
    if faults or more:
        raise BadTables(faults=sorted(faults + more))
    return tables


Shapes = Mapping[str, Mapping[str, Column]]


def read_sources(sources: Mapping[str, str], *, shapes: Shapes = TABLES) -> tuple[Tables, list[TableFault]]:
    """As load, from texts by file name ("returns.yaml"), with the faults given back; good to use when there are none.

    shapes: the tables there may be, and the columns of each.
    """
    faults: list[TableFault] = []
    rows: dict[str, tuple[Row, ...]] = {}
    for name, said in sources.items():
        file = Path(name)
        if file.stem not in shapes:
            faults.append(TableFault(name, 1, "", f"there is no such table; known are {', '.join(sorted(shapes))}"))
            continue
        rows[file.stem], found = _read_file(name, said, tuple(shapes[file.stem].items()))
        faults += found
    _ids_once(rows, faults)
    return Tables(rows), sorted(faults)


@lru_cache(maxsize=256)  # while a person types in one file, the others needn't be read again
def _read_file(
    name: str, said: str, known: tuple[tuple[str, Column], ...]
) -> tuple[tuple[Row, ...], tuple[TableFault, ...]]:
    faults: list[TableFault] = []
    rows = tuple(_rows_of(Path(name), said, dict(known), faults))
    return rows, tuple(faults)


def _rows_of(file: Path, said: str, known: Mapping[str, Column], faults: list[TableFault]) -> list[Row]:
    try:
        tree = yaml_text.compose(said) if len(said) <= SIZE_AT_MOST else None
    except (yaml.YAMLError, RecursionError) as error:
        mark = getattr(error, "problem_mark", None)
        problem = getattr(error, "problem", None) or error
        faults.append(TableFault(file.name, mark.line + 1 if mark else 1, "", f"not readable as YAML: {problem}"))
        return []
    if not isinstance(tree, yaml.SequenceNode):
        faults.append(TableFault(file.name, 1, "", 'the file must be a list of rows; begin each with "- id: …"'))
        return []
    read = (_row(file, node, known, faults) for node in tree.value)
    return [row for row in read if row is not None]


def _row(file: Path, node: yaml.Node, known: Mapping[str, Column], faults: list[TableFault]) -> Row | None:
    if not isinstance(node, yaml.MappingNode):
        faults.append(
            TableFault(file.name, node.start_mark.line + 1, "", 'a row is a list of columns; begin it with "- id: …"')
        )
        return None
    given, lines, sound = _cells(file, node, faults)
    name = str(given.get("id", ""))

    def fault(column: str, said: str) -> None:
        faults.append(TableFault(file.name, lines.get(column, node.start_mark.line + 1), name, said))

    before = len(faults)
    for column in sorted(set(given) - set(known) - set(OF_EVERY_ROW)):
        fault(column, f"unknown column {column}; known are {', '.join([*OF_EVERY_ROW, *known])}")
    for column in ("id", "source", "date", *(one for one, shape in known.items() if shape.is_required)):
        if column not in given:
            fault("", f"{column} is missing; add it")
    values: dict[str, Any] = {column: shape.default for column, shape in known.items()}
    common: dict[str, Any] = {"since": None, "until": None, "explanation": {}}
    readers = {"id": word, "source": text, "date": day, "since": day, "until": day, "explanation": by_language}
    for column, raw in given.items():
        reader = readers.get(column) or (known[column].read if column in known else None)
        if reader is None:
            continue
        try:
            (common if column in readers else values)[column] = reader(raw)
        except ValueError as error:
            fault(column, f"{column} {error}")
    for language in LANGUAGES:
        if "explanation" in given and isinstance(given["explanation"], dict) and not given["explanation"].get(language):
            fault("explanation", f"the explanation in {language} is missing; the desk shows it")
    if isinstance(common["since"], date) and isinstance(common["until"], date) and common["until"] < common["since"]:
        fault("until", "until is before since; correct one of them")
    if not sound or len(faults) > before:
        return None
    return Row(
        id=common["id"], table=file.stem, source=common["source"], dated=common["date"],
        explanation=common["explanation"], values=values, place=f"{file.name}:{node.start_mark.line + 1}",
        since=common["since"], until=common["until"],
    )  # fmt: skip


def _cells(file: Path, node: yaml.MappingNode, faults: list[TableFault]) -> tuple[dict[str, Any], dict[str, int], bool]:
    loader = yaml.SafeLoader("")
    given: dict[str, Any] = {}
    lines: dict[str, int] = {}
    sound = True
    for key, value in node.value:
        column = str(key.value)
        line = key.start_mark.line + 1
        if column in given:
            faults.append(TableFault(file.name, line, str(given.get("id", "")), f"{column} stands twice; keep one"))
            sound = False
        lines[column] = line
        try:
            given[column] = loader.construct_object(value, deep=True)
        except (yaml.YAMLError, ValueError) as error:
            faults.append(
                TableFault(file.name, line, str(given.get("id", "")), f"{column} cannot be read: {error}; correct it")
            )
            sound = False
    return given, lines, sound


def _ids_once(rows: dict[str, tuple[Row, ...]], faults: list[TableFault]) -> None:
    seen: dict[str, Row] = {}
    for row in (row for table in rows.values() for row in table):
        file, _, line = row.place.rpartition(":")
        if row.id in seen:
            faults.append(
                TableFault(
                    file, int(line), row.id, f"the id is taken at {seen[row.id].place}; ids are unique in a pack"
                )
            )
        seen.setdefault(row.id, row)
