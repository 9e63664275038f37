"""Each line of run.txt and dev.txt is one exact version; dev holds all of run; each .in is covered by its .txt."""

from __future__ import annotations

import re
import sys
from pathlib import Path

FOLDER = Path(__file__).resolve().parents[1] / "requirements"
_PIN = re.compile(r"([A-Za-z0-9._-]+)==[A-Za-z0-9.+!]+(\s*;\s*.+)?")


def main() -> int:
    faults: list[str] = []
    pins = {kind: _pins(FOLDER / f"{kind}.txt", faults) for kind in ("run", "dev")}
    for name, line in pins["run"].items():
        if pins["dev"].get(name) != line:
            faults.append(f"dev.txt must hold {line!r} as run.txt does, not {pins['dev'].get(name)!r}")
    for kind in ("run", "dev"):
        for wish in (FOLDER / f"{kind}.in").read_text().splitlines():
            found = re.match(r"[A-Za-z0-9._-]+", wish)
            if found and not wish.startswith("-") and _normal(found.group()) not in pins[kind]:
                faults.append(f"{kind}.in wants {found.group()}, {kind}.txt does not pin it: make pins")
    print("\n".join(faults) if faults else "all versions are pinned")
    return 1 if faults else 0


def _pins(file: Path, faults: list[str]) -> dict[str, str]:
    pins = {}
    for number, line in enumerate(file.read_text().splitlines(), start=1):
        if not line or line.startswith("#"):
            continue
        found = _PIN.fullmatch(line.strip())
        if found is None:
            faults.append(f"{file.name}:{number}: not an exact version: {line}")
        else:
            pins[_normal(found.group(1))] = line.strip()
    return pins


def _normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


if __name__ == "__main__":
    sys.exit(main())
