"""Whether the files of a folder are still those that were read."""

from __future__ import annotations

from pathlib import Path

#: (name, nanoseconds of the last change, bytes) of each file, by name; another stamp means other contents
Stamp = tuple[tuple[str, int, int], ...]


def stamp_of(folder: Path, pattern: str = "*.yaml") -> Stamp:
    """The folder's stamp now; a key to keep under what was read from it. Raises OSError for a file that goes away."""
    found = ((file.name, file.stat()) for file in sorted(folder.glob(pattern)))
    return tuple((name, stat.st_mtime_ns, stat.st_size) for name, stat in found)
