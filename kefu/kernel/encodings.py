"""Which encoding a file of text was saved in, told from its bytes."""

from __future__ import annotations

import codecs
from pathlib import Path

PIECE = 1 << 20


def detect_encoding(path: Path) -> str | None:
    """utf-8-sig, utf-16 (by its mark) or gb18030; None when it is none of them. Reads the file once, in pieces."""
    with path.open("rb") as file:
        start = file.read(4)
    if start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16" if decodes(path, "utf-16") else None
    if decodes(path, "utf-8"):
        return "utf-8-sig"
    return "gb18030" if decodes(path, "gb18030") and _looks_chinese(path) else None


def decodes(path: Path, encoding: str) -> bool:
    """Whether every byte of the file is of this encoding. Raises LookupError for an encoding that nobody knows."""
    decoder = codecs.getincrementaldecoder(encoding)()
    try:
        with path.open("rb") as file:
            while piece := file.read(PIECE):
                decoder.decode(piece)
        decoder.decode(b"", final=True)
    except UnicodeError:
        return False
    return True


def _looks_chinese(path: Path) -> bool:
    """GB18030 accepts nearly any bytes, so "Müller" in Latin-1 would come in as a rare character. Written Chinese
    stands in GB 2312's rows, where both bytes are at least A1; Latin letters leave the second byte below."""
    with path.open("rb") as file:
        sample = file.read(PIECE)
    common = rare = at = 0
    while at < len(sample) - 1:
        if sample[at] < 0x80:
            at += 1
            continue
        if sample[at + 1] >= 0xA1:
            common += 1
        else:
            rare += 1
        at += 2
    return common > 9 * rare
