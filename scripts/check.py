"""`make check`: everything that can be said about the code without running it. All steps run; all faults are shown."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
BIN = Path(sys.executable).parent

#: what is checked -> command; the slow ones first, for two run at a time
STEPS: dict[str, list[str]] = {
    "types": [f"{BIN}/mypy", "kefu", "scripts"],
    "rooms import downwards only": [f"{BIN}/lint-imports", "--no-cache"],
    "migrations are up to date": [sys.executable, "-m", "django", "makemigrations", "--check", "--dry-run"],
    "style": [f"{BIN}/ruff", "check", "--quiet", "."],
    "layout": [f"{BIN}/ruff", "format", "--check", "--quiet", "."],
    "translations are complete": [sys.executable, "-m", "kefu.web.translations", "check"],
    "links of the docs lead somewhere": [sys.executable, "scripts/check_docs.py"],
    "versions are pinned": [sys.executable, "scripts/check_pins.py"],
}


@dataclass(frozen=True)
class Outcome:
    name: str
    is_good: bool
    said: str
    seconds: float


def main() -> int:
    with ThreadPoolExecutor(2) as two:
        outcomes = []
        for outcome in two.map(_run, STEPS.items()):
            print(f"{'ok  ' if outcome.is_good else 'BAD '} {outcome.name} ({outcome.seconds:.1f} s)", flush=True)
            if not outcome.is_good:
                print("\n".join(f"     {line}" for line in outcome.said.strip().splitlines()[-80:]), flush=True)
            outcomes.append(outcome)
    bad = [outcome.name for outcome in outcomes if not outcome.is_good]
    print(
        f"{len(outcomes) - len(bad)} of {len(outcomes)} checks are good" + (f"; bad: {', '.join(bad)}" if bad else "")
    )
    return 1 if bad else 0


def _run(step: tuple[str, list[str]]) -> Outcome:
    name, command = step
    began = time.monotonic()
    environment = os.environ | {
        "DJANGO_SETTINGS_MODULE": "kefu.kernel.settings",
        "KEFU_SECRET_KEY": "only for checks",
        "KEFU_DB_POOL": "0",
        # no server listens there: makemigrations then compares files only, and says so in a warning
        "DATABASE_URL": "postgresql://nobody@127.0.0.1:9/none",
        "PYTHONWARNINGS": "ignore::RuntimeWarning",
    }
    done = subprocess.run(
        command, cwd=ROOT, env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False
    )
    return Outcome(name, done.returncode == 0, done.stdout + done.stderr, time.monotonic() - began)


if __name__ == "__main__":
    sys.exit(main())
