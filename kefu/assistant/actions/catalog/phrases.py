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
        self._labels: list[str] = [label for _, label in pairs]
        self._pattern = re.compile("|".join(f"({_pattern(phrase)})" for phrase, _ in pairs)) if pairs else None

    def hits(self, text: str) -> list[Hit]:
        """In the order of the text, none overlapping another."""
        if self._pattern is None:
            return []
        return [
            Hit(self._labels[(found.lastindex or 1) - 1], found.start(), found.end())
            for found in self._pattern.finditer(text.lower())
        ]

    def in_text(self, text: str) -> bool:
        return self._pattern is not None and self._pattern.search(text.lower()) is not None

    def without(self, text: str) -> str:
        """The text with a blank for each phrase."""
        return self._pattern.sub(" ", text.lower()) if self._pattern is not None else text.lower()


def _pattern(phrase: str) -> str:
    if not phrase.isascii():
        return re.escape(phrase)
    words = _GAP.join(re.escape(word) for word in re.split(r"[\s-]+", phrase))
    return rf"(?<![a-z0-9]){words}(?:['’]?s|es)?(?![a-z0-9])"


def by_language(words: Mapping[str, Sequence[Any]]) -> list[str]:
    """{"en": […], "zh": […]} as one list."""
    return [str(word) for language in ("en", "zh") for word in words.get(language, ())]


@lru_cache(maxsize=32)
def knowledge_file(pack: str, name: str) -> dict[str, Any]:
    """packs/<pack>/knowledge/<name>.yaml; {} where the pack has none."""
    file = Path(settings.PACKS_DIR) / pack / "knowledge" / f"{name}.yaml"
    return dict(yaml.safe_load(file.read_text(encoding="utf-8")) or {}) if file.exists() else {}
