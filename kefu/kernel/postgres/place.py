"""Where the database's files lie: in KEFU_HOME, unless the account that must own them cannot get there."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

from kefu.kernel.postgres.account import account_for


def data_folder(folder: Path) -> Path:
    """`folder`/data; for root in a closed place (a checkout in /root) /var/lib/kefu/<hash>/data, noted in `folder`.

    KEFU_PG_DATA overrides both.
    """
    if given := os.environ.get("KEFU_PG_DATA"):
        return Path(given).resolve()
    usual, note = folder / "data", folder / "data-is-elsewhere"
    if note.exists():
        return Path(note.read_text().strip())
    if usual.exists():
        return usual
    account = account_for(usual)
    if not account.is_other or account.can_enter(folder):
        return usual
    elsewhere = Path("/var/lib/kefu") / hashlib.sha256(str(folder).encode()).hexdigest()[:12] / "data"
    elsewhere.parent.mkdir(mode=0o755, parents=True, exist_ok=True)
    note.write_text(f"{elsewhere}\n")
    return elsewhere
