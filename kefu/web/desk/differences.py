"""What a draft changes, line by line. Pure."""

from __future__ import annotations

import difflib
from typing import Literal

Line = tuple[Literal["was", "now", "same", "gap"], str]
#: lines around a change that are shown, and lines shown at most
AROUND, AT_MOST = 2, 200


def changed_lines(before: str, after: str) -> list[Line]:
    """(what the line is, its text): those that go, those that come, and some around them; "gap" parts two places."""
    found: list[Line] = []
    for line in difflib.unified_diff(before.splitlines(), after.splitlines(), lineterm="", n=AROUND):
        if line.startswith(("---", "+++")):
            continue
        if line.startswith("@@"):
            if found:
                found.append(("gap", ""))
            continue
        found.append(({"-": "was", "+": "now"}.get(line[:1], "same"), line[1:]))  # type: ignore[arg-type]
        if len(found) >= AT_MOST:
            break
    return found
