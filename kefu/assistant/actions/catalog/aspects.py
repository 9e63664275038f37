"""What is asked of a product: the words are data, packs/<pack>/knowledge/aspects.yaml."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import yaml
from django.conf import settings

from kefu.knowledge.rules import stem


@dataclass(frozen=True, slots=True)
class Aspect:
    """attribute: the plain attribute that answers it, if one does. phrases: English, as stems; han: Chinese."""

    name: str
    attribute: str
    phrases: tuple[tuple[str, ...], ...]
    han: tuple[str, ...]

    def is_asked(self, stems: list[str], text: str) -> bool:
        return any(word in text for word in self.han) or any(_contains(stems, phrase) for phrase in self.phrases)


def asked_aspects(pack: str, question: str) -> list[Aspect]:
    """The aspects that a question speaks of, the narrowest first."""
    text = question.lower()
    stems = stems_of(text)
    return [aspect for aspect in _aspects(pack) if aspect.is_asked(stems, text)]


def stems_of(text: str) -> list[str]:
    return [stem(word) for word in re.findall(r"[a-z0-9]+", text.lower())]


def _contains(stems: list[str], phrase: tuple[str, ...]) -> bool:
    width = len(phrase)
    return any(tuple(stems[at : at + width]) == phrase for at in range(len(stems) - width + 1))


@lru_cache(maxsize=8)
def _aspects(pack: str) -> tuple[Aspect, ...]:
    file = Path(settings.PACKS_DIR) / pack / "knowledge" / "aspects.yaml"
    if not file.exists():
        return ()
    return tuple(
        Aspect(
            name=str(name),
            attribute=str(words.get("attribute", "")),
            phrases=tuple(tuple(stems_of(str(phrase))) for phrase in words.get("en", [])),
            han=tuple(str(word).lower() for word in words.get("zh", [])),
        )
        for name, words in yaml.safe_load(file.read_text(encoding="utf-8")).items()
    )
