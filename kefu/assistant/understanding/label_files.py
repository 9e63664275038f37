"""Rows of a labelled file, whatever people have: CSV, TSV, JSON Lines or JSON, in any of the usual encodings."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from kefu.kernel.encodings import decodes, detect_encoding
from kefu.kernel.errors import BadInput

#: what a column may be called, the likeliest first
TEXT = ("text", "utterance", "message", "query", "sentence", "question", "instruction", "content", "input", "文本")
LABEL = ("label_text", "intent_name", "label", "labels", "intent", "intents", "category", "class", "标签", "意图")
LANGUAGE = ("language", "lang", "locale", "语言")
#: letters of one message, and of one line of a file
MOST_TEXT, MOST_LINE = 20_000, 1_000_000
#: bytes of a JSON document that is one value: it is read whole; a longer one is to be JSON Lines
MOST_DOCUMENT = 200 << 20
_LANGUAGES = {
    "english": "en", "chinese": "zh", "中文": "zh", "cn": "zh", "spanish": "es", "español": "es", "french": "fr",
    "français": "fr", "german": "de", "deutsch": "de", "japanese": "ja", "日本語": "ja", "jp": "ja", "korean": "ko",
    "한국어": "ko", "kr": "ko", "portuguese": "pt", "português": "pt", "br": "pt",
}  # fmt: skip


class BadData(BadInput):
    """A labelled file cannot be used: each row needs a text and a label. See docs/reference/command.md."""

    code = "assistant.bad_data"


@dataclass(frozen=True, slots=True)
class Columns:
    """Which columns to read, by name, or by number from 1 in a file without a first line of names; "": found by name.

    part: which list of a JSON document that holds several.
    """

    text: str = ""
    label: str = ""
    language: str = ""
    encoding: str = ""
    part: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """As the file has it; labels: several where the message holds several wishes."""

    line: int
    text: str
    labels: tuple[str, ...]
    language: str


def rows_of(file: Path, columns: Columns) -> Iterator[Row]:
    """The rows of a file one after the other; blank lines are passed over. Raises BadData."""
    encoding = _encoding(file, columns)
    try:
        with file.open(encoding=encoding, newline="") as opened:
            reader = _csv_rows if _is_table(file, opened) else _json_rows
            yield from reader(file, opened, columns)
    except OSError as fault:
        raise BadData(file=file.name, row=0, fault=str(fault)) from fault


def _encoding(file: Path, columns: Columns) -> str:
    try:
        if not columns.encoding:
            found = detect_encoding(file)
        else:
            found = columns.encoding if decodes(file, columns.encoding) else None
    except OSError as fault:
        raise BadData(file=file.name, row=0, fault=str(fault)) from fault
    except LookupError:
        raise BadData(file=file.name, row=0, fault=f"there is no encoding {columns.encoding!r}; try cp1252, shift_jis, "
                      "euc_kr, big5") from None  # fmt: skip
    if found is None:
        tried = columns.encoding or "UTF-8, UTF-16 or GB18030"
        raise BadData(file=file.name, row=0, fault=f"it is not {tried}; save it as UTF-8, or say --encoding cp1252, "
                      "shift_jis, euc_kr …")  # fmt: skip
    return "utf-8-sig" if found.lower().replace("_", "-") in ("utf-8", "utf8") else found


def _is_table(file: Path, opened: IO[str]) -> bool:
    """By the name, else by the first letter: JSON begins with a bracket."""
    if file.suffix.lower() in (".csv", ".tsv", ".tab"):
        return True
    if file.suffix.lower() in (".json", ".jsonl", ".ndjson"):
        return False
    start = opened.read(200).lstrip()
    opened.seek(0)
    return not start.startswith(("{", "["))


def _csv_rows(file: Path, opened: IO[str], columns: Columns) -> Iterator[Row]:
    head = opened.readline(MOST_LINE)
    delimiter = "\t" if file.suffix.lower() in (".tsv", ".tab") and "\t" in head else max("\t,;|", key=head.count)
    names = next(csv.reader([head], delimiter=delimiter), [])
    is_numbered = any(one.isdigit() for one in (columns.text, columns.label, columns.language))
    if is_numbered:
        names = [str(place) for place in range(1, len(names) + 1)]
        opened.seek(0)
    text, label, language = _chosen(file, [name.strip().lower() for name in names], columns)
    reader = csv.reader(_lines(opened, file), delimiter=delimiter)
    before = 0 if is_numbered else 1
    while True:
        line = before + reader.line_num + 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as fault:
            raise BadData(file=file.name, row=line, fault=f"{fault}: a quotation mark is not closed; double those "
                          'inside a cell: ""') from fault  # fmt: skip
        if any(cell.strip() for cell in cells):
            cell = dict(enumerate(cells)).get
            yield _row(line, cell(text, ""), cell(label, ""), cell(language, "") if language is not None else "")


def _lines(opened: IO[str], file: Path) -> Iterator[str]:
    while line := opened.readline(MOST_LINE):
        if len(line) == MOST_LINE and not line.endswith("\n"):
            raise BadData(file=file.name, row=0, fault="a line is longer than a million letters")
        # no cell holds a NUL, and csv reads none
        yield line.replace("\0", "")


def _chosen(file: Path, names: Sequence[str], columns: Columns) -> tuple[int, int, int | None]:
    """Where text, label and language stand."""
    found: list[int | None] = []
    for said, usual, option in ((columns.text, TEXT, "text"), (columns.label, LABEL, "label"),
                                (columns.language, LANGUAGE, "language")):  # fmt: skip
        wanted = [said.strip().lower()] if said else [] if columns.text.isdigit() else usual
        place = next((names.index(name) for name in wanted if name in names), None)
        if place is None and (said or option != "language"):
            there = ", ".join(name[:40] for name in names[:30]) or "nothing"
            raise BadData(file=file.name, row=1, fault=f"no column is known as its {option} (there is: {there}); name "
                          f"it with --{option}-column, by number where the first line holds no names")  # fmt: skip
        found.append(place)
    text, label, language = found
    return text or 0, label or 0, language


def _json_rows(file: Path, opened: IO[str], columns: Columns) -> Iterator[Row]:
    first = opened.readline(MOST_LINE)
    while first and not first.strip():
        first = opened.readline(MOST_LINE)
    try:
        # a .json whose first line is a whole map is JSON Lines, where more lines follow it
        is_lines = isinstance(json.loads(first), dict) and (file.suffix.lower() != ".json" or _has_more(opened))
    except ValueError:
        is_lines = not first.lstrip().startswith("[") and file.suffix.lower() != ".json"
    except RecursionError:
        raise BadData(file=file.name, row=1, fault="it is nested too deep") from None
    opened.seek(0)
    pairs = enumerate(_lines(opened, file), start=1) if is_lines else _document(file, opened, columns)
    for number, value in pairs:
        if isinstance(value, str) and is_lines:
            if not value.strip():
                continue
            value = _value(file, number, value)
        yield _json_row(file, number, value, columns)


def _has_more(opened: IO[str]) -> bool:
    return any(line.strip() for line in (opened.readline(MOST_LINE), opened.readline(MOST_LINE)))


def _value(file: Path, number: int, line: str) -> Any:
    try:
        return json.loads(line)
    except (ValueError, RecursionError) as fault:
        said = str(fault)[:200] or "nested too deep"
        raise BadData(file=file.name, row=number, fault=f"it is not JSON ({said}); write one map a line, "
                      '{"text": "…", "label": "…"}') from fault  # fmt: skip


def _document(file: Path, opened: IO[str], columns: Columns) -> Iterator[tuple[int, Any]]:
    """The items of a JSON file that is one value: a list of maps or of pairs, or a map of such lists."""
    if file.stat().st_size > MOST_DOCUMENT:
        raise BadData(file=file.name, row=0, fault="it is too long for one JSON value; write JSON Lines, a map a line")
    value = _value(file, 1, opened.read())
    if isinstance(value, dict) and not any(isinstance(one, list) for one in value.values()):
        value = [value]
    if isinstance(value, dict):
        parts = {name: part for name, part in value.items() if isinstance(part, list)}
        wanted = columns.part or (next(iter(parts)) if len(parts) == 1 else "")
        if wanted not in parts:
            raise BadData(
                file=file.name, row=0, fault=f"it holds several lists; say --part with one of {', '.join(parts)}"
            )
        value = parts[wanted]
    if not isinstance(value, list):
        raise BadData(file=file.name, row=0, fault='it is no list of {"text": "…", "label": "…"}')
    yield from enumerate(value, start=1)


def _json_row(file: Path, number: int, value: Any, columns: Columns) -> Row:
    if isinstance(value, list) and 2 <= len(value) <= 3:
        value = dict(zip(("text", "label", "language"), value, strict=False))
    if not isinstance(value, dict):
        raise BadData(file=file.name, row=number, fault='each row is to be {"text": "…", "label": "…"}')
    cells = {str(name).strip().lower(): cell for name, cell in value.items()}

    def cell(said: str, usual: Sequence[str]) -> Any:
        return next((cells[name] for name in ([said.lower()] if said else usual) if cells.get(name) is not None), "")

    text, label = cell(columns.text, TEXT), cell(columns.label, LABEL)
    named = (
        {columns.text.lower()} if columns.text else set(TEXT),
        {columns.label.lower()} if columns.label else set(LABEL),
    )
    if number == 1 and not all(names & set(cells) for names in named):
        there = ", ".join(list(cells)[:20])
        raise BadData(file=file.name, row=number, fault=f"there is no text or no label (there is: {there}); name them "
                      "with --text-column and --label-column")  # fmt: skip
    return _row(number, text, label, cell(columns.language, LANGUAGE))


def _row(line: int, text: Any, label: Any, language: Any) -> Row:
    labels = label if isinstance(label, list) else [label]
    plain = tuple(one for each in labels if (one := _text(each)))
    return Row(line, _text(text)[:MOST_TEXT], plain, language_code(_text(language)))


def _text(value: Any) -> str:
    return "" if value is None or isinstance(value, (list, dict)) else str(value).strip()


def language_code(said: str) -> str:
    """ISO 639-1 of what a column says: "EN", "zh-CN", "pt_BR", "German"."""
    plain = said.strip().lower()
    return _LANGUAGES.get(plain) or re.split(r"[-_]", plain)[0][:8]
