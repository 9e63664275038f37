"""As whom PostgreSQL runs. It refuses to run as root, so root lends it an account without rights."""

from __future__ import annotations

import os
import pwd
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kefu.kernel.postgres.errors import ForeignFolder, PostgresError


@dataclass(frozen=True, slots=True)
class Account:
    """`uid` and `gid` are set only when another account than our own runs the server."""

    uid: int | None = None
    gid: int | None = None

    @property
    def is_other(self) -> bool:
        return self.uid is not None

    def popen(self) -> dict[str, Any]:
        """Arguments for subprocess; supplementary groups of root are dropped too."""
        if self.uid is None:
            return {}
        return {"user": self.uid, "group": self.gid, "extra_groups": []}

    def give(self, path: Path) -> None:
        """Make `path` (one file or folder, not what is below) belong to the account."""
        if self.uid is not None and self.gid is not None:
            os.chown(path, self.uid, self.gid)

    def can_enter(self, folder: Path) -> bool:
        """True when the account may enter the folder, all the way from /."""
        command = ["/bin/sh", "-c", 'cd "$1"', "sh", str(folder)]
        return subprocess.run(command, cwd="/", capture_output=True, check=False, **self.popen()).returncode == 0


def account_for(data: Path) -> Account:
    """Who must run the server on the folder `data`, which need not exist yet.

    An existing folder decides: PostgreSQL accepts no owner but the one who runs it. Raises ForeignFolder.
    """
    owner = data.stat().st_uid if data.exists() else None
    if os.geteuid() != 0:
        if owner not in (None, os.geteuid()):
            raise ForeignFolder(folder=str(data), owner=_name(owner))
        return Account()
    if owner:
        return Account(owner, data.stat().st_gid)
    wanted = os.environ.get("KEFU_PG_USER", "nobody")
    try:
        entry = pwd.getpwnam(wanted)
    except KeyError:
        raise PostgresError(problem=f"KEFU_PG_USER names {wanted!r}, but there is no such account") from None
    if entry.pw_uid == 0:
        raise PostgresError(problem="KEFU_PG_USER must not be root")
    return Account(entry.pw_uid, entry.pw_gid)


def _name(uid: int | None) -> str:
    try:
        return pwd.getpwuid(uid or 0).pw_name
    except KeyError:
        return str(uid)
