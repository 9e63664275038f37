"""Whether the files of a folder are still those that were read."""

from __future__ import annotations

import os
from pathlib import Path

#: (name, nanoseconds of the last change, bytes) of each file, by name; another stamp means other contents
Stamp = tuple[tuple[str, int, int], ...]


def stamp_of(folder: Path, ending: str = ".yaml") -> Stamp:
    """The stamp of the folder's own files with this ending, () for a folder that is not there; a key to keep under
    what was read from it. Raises OSError for a file that goes away.

    Asked several times in a turn, so without a Path for each file: making those costs ten times the look itself.
    """
    try:
        with os.scandir(folder) as entries:
            files = [(entry.name, entry.stat()) for entry in entries if entry.name.endswith(ending)]
    except FileNotFoundError:
        return ()
    return tuple(sorted((name, stat.st_mtime_ns, stat.st_size) for name, stat in files))
