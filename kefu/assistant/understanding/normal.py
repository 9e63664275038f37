"""Stage 1: one clean text, and beside it a folded twin of the same length to match words in."""

from __future__ import annotations

import html
import re
import unicodedata
from dataclasses import dataclass
from functools import cache
from pathlib import Path

#: characters of a message that are read; a longer one is cut (nobody's wish stands behind page three)
LIMIT = 4000

_TAG = re.compile(r"<[a-zA-Z/!][^<>]{0,300}>")
_INVISIBLE = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u00ad\u200b-\u200f\u2028-\u202f\u2060-\u206f\ufe0e\ufe0f\ufeff\ud800-\udfff]"
)
_BLANKS = re.compile(r"[^\S\n]+")
_LINES = re.compile(r"\s*\n\s*")
_DRAWN_OUT = re.compile(r"([^\W\d])\1{2,}")  # sooooo, 啊啊啊啊; never digits: 10000 is a number
_REPEATED = re.compile(r"([^\w\s])\1{2,}")  # !!!!!!
_ASCII_TWINS = str.maketrans("’‘‛´`“”„«»–—−‐‑、", "'''''\"\"\"\"\"-----,")


@dataclass(frozen=True, slots=True)
class Text:
    """`shown` keeps the writer's letters; `folded` is lower case and simplified, which is what examples teach; `plain`
    is folded without accents, which is what words are looked up in. An offset fits all three."""

    shown: str
    folded: str
    plain: str = ""

    def unaccented(self) -> Text:
        """The same text for looking words up in."""
        return Text(self.shown, self.plain, self.plain)

    def cut(self, start: int, end: int) -> str:
        return self.shown[start:end].strip()


@cache
def _simplified() -> dict[int, str]:
    """Traditional to simplified characters, one to one. Data: words/traditional.txt, a line of pairs each."""
    pairs = (Path(__file__).parent / "words" / "traditional.txt").read_text(encoding="utf-8").split()
    return {ord("。"): ";"} | {ord(pair[0]): pair[1] for pair in pairs if len(pair) == 2}


def fold(text: str) -> str:
    """Lower case, simplified characters, 。 as a plain end of sentence; never changes the length."""
    lower = text.lower()
    if len(lower) != len(text):  # a few letters (İ) grow when lowered
        lower = "".join(small if len(small := letter.lower()) == 1 else letter for letter in text)
    return lower.translate(_simplified())


@cache
def _bare_letters() -> dict[int, str]:
    """Accented Latin letters to bare ones, one to one: people leave accents out as often as they write them."""
    pairs = {}
    for code in [*range(0xC0, 0x250), *range(0x1E00, 0x1F00)]:
        bare = unicodedata.normalize("NFD", chr(code))[0]
        if bare != chr(code) and bare.isascii():
            pairs[code] = bare
    return pairs | {ord("ß"): "s", ord("ø"): "o", ord("ł"): "l", ord("ı"): "i", ord("đ"): "d"}


def without_accents(folded: str) -> str:
    """Never changes the length."""
    return folded if folded.isascii() else folded.translate(_bare_letters())


def normalise(text: str) -> Text:
    """Full-width to plain, tags and invisible characters out, blanks and drawn-out letters squeezed; linear time."""
    text = str(text)[:LIMIT]
    if "<" in text:
        text = _TAG.sub(" ", text)
    if "&" in text:
        text = html.unescape(text)
    text = _INVISIBLE.sub(lambda hit: " " if hit[0] == "\x00" else "", text)
    text = unicodedata.normalize("NFKC", text)[:LIMIT].translate(_ASCII_TWINS)
    text = _LINES.sub("\n", _BLANKS.sub(" ", text)).strip()
    text = _DRAWN_OUT.sub(r"\1\1", text)
    text = _REPEATED.sub(r"\1\1", text)
    folded = fold(text)
    return Text(text, folded, without_accents(folded))
