"""Word lists by language, read from YAML: adding a language is adding files, never code.

`words/<language>.yaml` beside this file holds what every trade shares (yes, no, hello, ordinals);
`packs/<pack>/intents/words/<language>.yaml` holds the trade's own (colours, sizes, reasons, items).
Matching always looks through all languages: people mix them.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml
from django.conf import settings

from kefu.assistant.understanding.normal import fold

_HAN = re.compile(r"[぀-ヿ㐀-鿿가-힯]")
HERE = Path(__file__).parent / "words"


def any_of(phrases: list[str]) -> str:
    """A regex source that matches the longest of the phrases; Latin ones only as whole words."""
    parts = []
    for phrase in sorted(set(phrases), key=len, reverse=True):
        source = re.escape(phrase).replace(r"\ ", r"[ ]").replace("'", "'?")
        if not _HAN.search(phrase):
            source = (r"(?<![a-z0-9])" if phrase[0].isalnum() else "") + source
            source += r"(?![a-z0-9])" if phrase[-1].isalnum() else ""
        parts.append(source)
    return "(?:" + "|".join(parts) + ")" if parts else "(?!)"


@dataclass(frozen=True, eq=False)  # one object a pack: functions cache by its identity
class Lexicon:
    """`groups`: name of a list -> its phrases over all languages, folded; `maps`: name -> phrase -> value."""

    languages: tuple[str, ...]
    groups: dict[str, frozenset[str]]
    maps: dict[str, dict[str, Any]]
    own: dict[str, dict[str, frozenset[str]]]  # language -> group -> phrases
    _compiled: dict[str, re.Pattern[str]] = field(default_factory=dict)

    def group(self, name: str) -> frozenset[str]:
        return self.groups.get(name, frozenset())

    def map(self, name: str) -> dict[str, Any]:
        return self.maps.get(name, {})

    def pattern(self, name: str) -> re.Pattern[str]:
        """One compiled alternation of a group or of a map's phrases."""
        if name not in self._compiled:  # compiled twice by two threads is harmless
            self._compiled[name] = re.compile(any_of([*self.group(name), *self.map(name)]))
        return self._compiled[name]

    def has(self, name: str, text: str) -> bool:
        return self.pattern(name).search(text) is not None


def _folded(phrase: object) -> str:
    return fold(str(phrase)).replace("’", "'")


@lru_cache(maxsize=8)
def lexicon(pack: str) -> Lexicon:
    """All words of all languages of a pack. Raises OSError or yaml.YAMLError when a file cannot be read."""
    groups: dict[str, set[str]] = {}
    maps: dict[str, dict[str, Any]] = {}
    own: dict[str, dict[str, frozenset[str]]] = {}
    shared = sorted(HERE.glob("*.yaml"))
    of_pack = sorted((Path(settings.PACKS_DIR) / pack / "intents" / "words").glob("*.yaml"))
    for file in [*shared, *of_pack]:
        data = yaml.safe_load(file.read_text(encoding="utf-8")) or {}
        mine = own.setdefault(file.stem, {})
        for name, content in data.items():
            if isinstance(content, dict):  # value -> its words
                into = maps.setdefault(name, {})
                for value, words in content.items():
                    into.update({_folded(word): value for word in words})
            else:
                phrases = frozenset(_folded(word) for word in content)
                groups.setdefault(name, set()).update(phrases)
                mine[name] = mine.get(name, frozenset()) | phrases
    languages = tuple(file.stem for file in shared)
    return Lexicon(languages, {name: frozenset(words) for name, words in groups.items()}, maps, own)
