"""Tables for docs/bench.md."""

from __future__ import annotations

import os
import platform
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from kefu.kernel import clock

HEAD = """# Measured

Written by `make bench`; no figure here is typed by hand. Machines are noisy: ratios tell more than figures.
"""
#: stands before what one measure has found
_MARK = re.compile(r"^<!-- (\w+) -->$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Table:
    """One measure. `rows` hold texts; `bar` tells what is expected and whether it was met; `not_run` why it wasn't."""

    title: str
    columns: Sequence[str] = ()
    rows: Sequence[Sequence[str]] = ()
    notes: Sequence[str] = ()
    not_run: str = ""


def milliseconds(seconds: float) -> str:
    return f"{seconds * 1000:.0f} ms" if seconds >= 0.01 else f"{seconds * 1000:.2f} ms"


def percentiles(seconds: Sequence[float]) -> list[str]:
    """p50, p95, p99 as texts."""
    ordered = sorted(seconds)
    return [milliseconds(ordered[min(len(ordered) - 1, int(share * len(ordered)))]) for share in (0.5, 0.95, 0.99)]


def machine() -> str:
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    system = f"{platform.system()} {platform.machine()}, Python {platform.python_version()}"
    return f"{os.cpu_count()} cores, {memory:.0f} GiB, {system}"


def written(tables: Sequence[Table]) -> str:
    """The page of these tables, in Markdown."""
    return f"{HEAD}\n{_section(tables)}"


def write(name: str, tables: Sequence[Table], to: Path, order: Sequence[str]) -> None:
    """Put the tables of one measure in the place that `order` gives it, with when and where they were measured; the
    other measures' stay as they are."""
    parts = _parts(to.read_text(encoding="utf-8")) if to.exists() else {}
    parts[name] = _section(tables)
    told = [f"<!-- {one} -->\n{parts[one].strip()}\n" for one in order if one in parts]
    to.write_text("\n".join([HEAD, *told]), encoding="utf-8")


def _parts(page: str) -> dict[str, str]:
    """Measure -> what the page tells of it."""
    pieces = _MARK.split(page)[1:]
    return dict(zip(pieces[::2], pieces[1::2], strict=True))


def _section(tables: Sequence[Table]) -> str:
    lines = [f"{clock.now():%Y-%m-%d %H:%M} UTC · {machine()}"]
    for table in tables:
        lines += ["", f"## {table.title}"]
        if table.not_run:
            lines += ["", f"Not run: {table.not_run}"]
            continue
        if table.columns:
            lines += ["", "| " + " | ".join(table.columns) + " |", "|" + "---|" * len(table.columns)]
            lines += ["| " + " | ".join(cell.replace("|", "\\|") for cell in row) + " |" for row in table.rows]
        for note in table.notes:
            lines += ["", note]
    return "\n".join(lines) + "\n"
