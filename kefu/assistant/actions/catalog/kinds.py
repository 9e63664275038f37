"""Kinds of things, "a backpack", by all the names customers have for them: packs/<pack>/knowledge/kinds.yaml."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from kefu.assistant.actions.catalog.phrases import Hit, Phrases, by_language, knowledge_file


@dataclass(frozen=True, slots=True)
class Kinds:
    """includes: kind -> itself and the narrower ones. children: kind -> the same for children. names: kind -> what
    it is called, by language. materials: kinds that articles speak of and nobody chooses from."""

    words: Phrases
    includes: dict[str, frozenset[str]]
    children: dict[str, str]
    names: dict[str, dict[str, str]]
    materials: frozenset[str]

    def widened(self, kinds: Iterable[str]) -> frozenset[str]:
        """With the narrower kinds that they include: a rain jacket is a jacket."""
        return frozenset().union(*(self.includes.get(kind, frozenset({kind})) for kind in kinds))

    def are_alike(self, some: Iterable[str], others: Iterable[str]) -> bool:
        """Whether a thing can be of both: shoes and boots, but not boots and sandals."""
        return bool(self.widened(some) & self.widened(others))


@lru_cache(maxsize=8)
def kinds_of(pack: str) -> Kinds:
    told = knowledge_file(pack, "kinds")
    return Kinds(
        words=Phrases((word, kind) for kind, words in told.items() for word in by_language(words)),
        includes={kind: _narrower(kind, told) for kind in told},
        children={str(words["child_of"]): kind for kind, words in told.items() if words.get("child_of")},
        names={kind: _names(words) for kind, words in told.items()},
        materials=frozenset(kind for kind, words in told.items() if words.get("material")),
    )


def _names(words: dict[str, Any]) -> dict[str, str]:
    """What customers are told the kind is called: in English in the plural, else by its first word."""
    first = {language: str(said[0]) for language, said in words.items() if len(language) == 2 and said}
    return {**first, "en": _plural(first["en"])}


def _plural(word: str) -> str:
    return word if word.endswith("s") else f"{word}s"


def _narrower(kind: str, told: dict[str, dict[str, object]]) -> frozenset[str]:
    inside = told[kind].get("includes") or []
    return frozenset({kind, *(str(one) for one in inside)}) if isinstance(inside, list) else frozenset({kind})


@lru_cache(maxsize=60_000)
def kinds_in(pack: str, text: str) -> frozenset[str]:
    """The kinds that a text names."""
    return frozenset(hit.label for hit in kinds_of(pack).words.hits(text))


@lru_cache(maxsize=512)
def kind_hits(pack: str, text: str) -> tuple[Hit, ...]:
    return tuple(kinds_of(pack).words.hits(text))
