"""Where this installation lives. Read before Django's settings are, so nothing here may import Django."""

from __future__ import annotations

import os
from pathlib import Path

BASE_DIR = Path(__file__).resolve().parents[2]


def kefu_home() -> Path:
    """KEFU_HOME, else `var/` in the checkout: the embedded database, keys, uploaded files, logs."""
    return Path(os.environ.get("KEFU_HOME") or BASE_DIR / "var").resolve()
