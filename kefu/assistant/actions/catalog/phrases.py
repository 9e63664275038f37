"""Phrases of a pack found in a text: English ones as whole words with their plurals, Chinese ones anywhere."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml
from django.conf import settings

_GAP = r"(?:['’]s?)?[\s-]+"
_ENDING = r"(?:['’]?s|es)?(?![a-z0-9])"


@dataclass(frozen=True, slots=True)
class Hit:
    """`label` is what the phrase stands for; start and end are offsets in the text."""

    label: str
    start: int
    end: int


class Phrases:
    """Many phrases looked up at once; where two begin at one place, the longer one is meant."""

    def __init__(self, phrases: Iterable[tuple[str, str]]) -> None:
        """phrases: (phrase, label)."""
        pairs = sorted({(phrase.lower(), label) for phrase, label in phrases}, key=lambda pair: (-len(pair[0]), pair))
        # English words and Chinese ones apart: the former are only tried where a word begins
        self._parts = [
            part
            for part in (
                _part([pair for pair in pairs if pair[0].isascii()], r"(?<![a-z0-9])(?=[a-z0-9])", _ENDING),
                _part([pair for pair in pairs if not pair[0].isascii()], "", ""),
            )
            if part is not None
        ]

    def hits(self, text: str) -> list[Hit]:
        """In the order of the text, none overlapping another."""
        lower = text.lower()
        found = [
            Hit(labels[(hit.lastindex or 1) - 1], hit.start(), hit.end())
            for pattern, labels in self._parts
            for hit in pattern.finditer(lower)
        ]
        return sorted(found, key=lambda hit: hit.start)

    def in_text(self, text: str) -> bool:
        lower = text.lower()
        return any(pattern.search(lower) for pattern, _ in self._parts)

    def without(self, text: str) -> str:
        """The text with a blank for each phrase."""
        text = text.lower()
        for pattern, _ in self._parts:
            text = pattern.sub(" ", text)
        return text


def _part(pairs: list[tuple[str, str]], before: str, after: str) -> tuple[re.Pattern[str], list[str]] | None:
    if not pairs:
        return None
    shapes = "|".join(f"({_pattern(phrase)})" for phrase, _ in pairs)
    return re.compile(f"{before}(?:{shapes}){after}"), [label for _, label in pairs]


def _pattern(phrase: str) -> str:
    return _GAP.join(re.escape(word) for word in re.split(r"[\s-]+", phrase)) if phrase.isascii() else re.escape(phrase)


def by_language(words: Mapping[str, Sequence[Any]]) -> list[str]:
    """{"en": […], "zh": […]} as one list."""
    return [str(word) for language in ("en", "zh") for word in words.get(language, ())]


@lru_cache(maxsize=32)
def knowledge_file(pack: str, name: str) -> dict[str, Any]:
    """packs/<pack>/knowledge/<name>.yaml; {} where the pack has none."""
    file = Path(settings.PACKS_DIR) / pack / "knowledge" / f"{name}.yaml"
    return dict(yaml.safe_load(file.read_text(encoding="utf-8")) or {}) if file.exists() else {}
