"""Tables for docs/bench.md."""

from __future__ import annotations

import os
import platform
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from kefu.kernel import clock


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
    """The page, in Markdown."""
    lines = [
        "# Measured",
        "",
        "Written by `make bench`; no figure here is typed by hand. Machines are noisy: ratios tell more than figures.",
        "",
        f"{clock.now():%Y-%m-%d %H:%M} UTC · {machine()}",
    ]
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


def write(tables: Sequence[Table], to: Path) -> None:
    to.write_text(written(tables), encoding="utf-8")
