"""Links in the documentation lead to a file, and to a heading that is there."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from urllib.parse import unquote

ROOT = Path(__file__).resolve().parents[1]
_LINK = re.compile(r"(?<!\\)\[[^\]]*\]\(<?([^)\s>]+)>?(?:\s+\"[^\"]*\")?\)")
_FENCE = re.compile(r"^(```|~~~).*?^\1", re.MULTILINE | re.DOTALL)
_CODE = re.compile(r"`[^`\n]*`")
_HEADING = re.compile(r"^#{1,6}\s+(.+?)\s*#*$", re.MULTILINE)
_SKIPPED = {".venv", "var", "build", ".git", "node_modules"}


def main() -> int:
    faults = [fault for page in pages() for fault in _faults(page)]
    print("\n".join(faults) if faults else "all links lead somewhere")
    return 1 if faults else 0


def pages() -> list[Path]:
    return sorted(page for page in ROOT.rglob("*.md") if not _SKIPPED & set(page.relative_to(ROOT).parts))


def _faults(page: Path) -> list[str]:
    text = _CODE.sub("", _FENCE.sub("", page.read_text(encoding="utf-8")))
    faults = []
    for target in _LINK.findall(text):
        if re.match(r"[a-z][a-z0-9+.-]*:", target):
            continue  # no network in checks
        path, _, anchor = unquote(target).partition("#")
        file = (ROOT / path.lstrip("/") if path.startswith("/") else page.parent / path).resolve() if path else page
        where = page.relative_to(ROOT)
        if not file.exists():
            faults.append(f"{where}: {target} is not there")
        elif anchor and file.suffix == ".md" and anchor not in _anchors(file):
            faults.append(f"{where}: {file.name} has no heading #{anchor}")
    return faults


def _anchors(page: Path) -> set[str]:
    """As GitHub makes them: lower case, punctuation dropped, blanks to hyphens."""
    text = _FENCE.sub("", page.read_text(encoding="utf-8"))
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in _HEADING.findall(text)}


if __name__ == "__main__":
    sys.exit(main())
