"""Django reads compiled catalogues (.mo); only their sources (.po) are kept in git."""

from __future__ import annotations

import os
from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

from kefu.kernel.home import BASE_DIR

LOCALE = BASE_DIR / "kefu" / "web" / "locale"


def compile_translations(folder: Path = LOCALE) -> list[Path]:
    """Compile each .po that is newer than its .mo; returns the .mo files written. Safe beside another process."""
    written = []
    for source in sorted(folder.glob("*/LC_MESSAGES/*.po")):
        target = source.with_suffix(".mo")
        if target.exists() and target.stat().st_mtime_ns >= source.stat().st_mtime_ns:
            continue
        with source.open("rb") as text:
            catalogue = read_po(text, locale=source.parents[1].name)
        fresh = target.with_suffix(f".{os.getpid()}.new")
        with fresh.open("wb") as out:
            write_mo(out, catalogue)
        fresh.replace(target)
        written.append(target)
    return written
