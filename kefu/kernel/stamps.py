"""Whether the files of a folder are still those that were read."""

from __future__ import annotations

import os
import time
from pathlib import Path

from django.conf import settings

#: (name, nanoseconds of the last change, bytes) of each file, by name; another stamp means other contents
Stamp = tuple[tuple[str, int, int], ...]

#: (folder, ending) -> when it was looked at, and what was seen
_seen: dict[tuple[Path, str], tuple[float, Stamp]] = {}
#: folders remembered; a Kefu has a handful, only tests make more
_MOST = 256


def stamp_of(folder: Path, ending: str = ".yaml") -> Stamp:
    """The stamp of the folder's own files with this ending, () for a folder that is not there; a key to keep under
    what was read from it. At most settings.PACK_FILES_SECONDS old. Raises OSError for a file that goes away."""
    now = time.monotonic()
    looked_at, stamp = _seen.get((folder, ending), (float("-inf"), ()))
    if now - looked_at < settings.PACK_FILES_SECONDS:
        return stamp
    if len(_seen) >= _MOST:
        _seen.clear()
    stamp = _look(folder, ending)
    _seen[folder, ending] = (now, stamp)
    return stamp


def _look(folder: Path, ending: str) -> Stamp:
    try:
        with os.scandir(folder) as entries:  # a Path for each file would cost ten times the look itself
            files = [(entry.name, entry.stat()) for entry in entries if entry.name.endswith(ending)]
    except FileNotFoundError:
        return ()
    return tuple(sorted((name, stat.st_mtime_ns, stat.st_size) for name, stat in files))
