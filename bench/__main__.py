"""`make bench`: every measure, each written to docs/bench.md as soon as it has run. Those named (`make bench ARGS="path
book"`) are printed, and written with `--write`."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable
from importlib import import_module
from pathlib import Path

from bench.report import Table, write, written

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "bench.md"
#: name -> the function that measures; each gives its tables
MEASURES = {
    "understanding": "bench.understanding:tables",
    "mail": "bench.mail:tables",
    "path": "bench.path:tables",
    "events": "bench.events:tables",
    "tau2": "bench.tau2.measure:tables",
    "book": "bench.book:tables",
    "attacks": "bench.attacks:tables",
}


def measure_of(name: str) -> Callable[..., list[Table]]:
    module, _, function = MEASURES[name].partition(":")
    measure: Callable[..., list[Table]] = getattr(import_module(module), function)
    return measure


#: measures that take options of their own: `python -m bench tau2 --help`, `… book --help`
WITH_OPTIONS = frozenset({"tau2", "book", "attacks"})


def main() -> int:
    named, given = [one for one in sys.argv[1:] if one != "--write"], list[str]()
    is_written = not named or "--write" in sys.argv
    if named and named[0] in WITH_OPTIONS:
        named, given = named[:1], named[1:]
    unknown = [name for name in named if name not in MEASURES]
    if unknown:
        print(f"no measure {', '.join(unknown)}; there are {', '.join(MEASURES)}", file=sys.stderr)
        return 2
    if given and is_written:
        print("--write is for a whole measure, without options of its own", file=sys.stderr)
        return 2
    os.environ["OMP_NUM_THREADS"] = "1"
    os.environ.setdefault("KEFU_HOME", str(ROOT / "var" / "bench"))
    from kefu.command.database import django_ready, migrate

    with django_ready():
        migrate()
        for name in named or list(MEASURES):
            began = time.monotonic()
            print(f"{name} …", flush=True)
            measure = measure_of(name)
            tables = measure(given) if name in WITH_OPTIONS else measure()
            print(f"{name}: {time.monotonic() - began:.0f} s", flush=True)
            if is_written:
                write(name, tables, PAGE, list(MEASURES))
            if named:
                print(written(tables), flush=True)
    if is_written:
        print(PAGE.relative_to(ROOT))
    return 0


if __name__ == "__main__":
    sys.exit(main())
