"""Phrases of a pack found in a text: those in letters as whole words with their endings, those of languages that put
no blanks between words anywhere."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from django.conf import settings

from kefu.kernel import yaml_text

_GAP = r"(?:['’]s?)?[\s-]+"
_ENDING = r"(?:['’]?s|es)?(?![a-z0-9])"
#: longer words also with the endings of the other languages: Zelte, Jacken, Rucksäcken
_LONG_ENDING = r"(?:['’]?s|es|n|en|e|er|x)?(?![a-z0-9])"
LONG = 5


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
        pairs = sorted({(fold(phrase), label) for phrase, label in phrases}, key=lambda pair: (-len(pair[0]), pair))
        # words in letters and others apart: the former are only tried where a word begins
        self._parts = [
            _Part([pair for pair in pairs if pair[0].isascii()], before=r"(?<![a-z0-9])(?=[a-z0-9])"),
            _Part([pair for pair in pairs if not pair[0].isascii()]),
        ]

    def hits(self, text: str) -> list[Hit]:
        """In the order of the text, none of one script overlapping another."""
        lower = fold(text)
        return sorted((hit for part in self._parts for hit in part.hits(lower)), key=lambda hit: hit.start)

    def in_text(self, text: str) -> bool:
        lower = fold(text)
        return any(True for part in self._parts for _ in part.hits(lower))

    def without(self, text: str) -> str:
        """The text, folded, with a blank for each phrase."""
        text = fold(text)
        for part in self._parts:
            for hit in reversed(list(part.hits(text))):
                text = f"{text[: hit.start]} {text[hit.end :]}"
        return text


class _Part:
    """Phrases of one kind of script, by their first character: a text is tried with those only that may begin where
    one of them could; one expression of all phrases tries each of them at each place."""

    def __init__(self, pairs: Sequence[tuple[str, str]], *, before: str = "") -> None:
        """pairs: (folded phrase, label), those meant rather first. before: what stands in front of each."""
        by_first: dict[str, list[tuple[str, str]]] = {}
        for phrase, label in pairs:
            if phrase:
                by_first.setdefault(phrase[0], []).append((phrase, label))
        self._beginnings = re.compile(f"{before}[{''.join(map(re.escape, by_first))}]") if by_first else None
        self._shapes = {
            first: (re.compile("|".join(f"({_pattern(phrase)})" for phrase, _ in some)), [label for _, label in some])
            for first, some in by_first.items()
        }

    def hits(self, lower: str) -> Iterator[Hit]:
        end = 0
        for beginning in self._beginnings.finditer(lower) if self._beginnings else ():
            start = beginning.start()
            if start < end:
                continue
            shape, labels = self._shapes[beginning.group()]
            if hit := shape.match(lower, start):
                end = hit.end()
                yield Hit(labels[(hit.lastindex or 1) - 1], start, end)


def _pattern(phrase: str) -> str:
    if not phrase.isascii():
        return re.escape(phrase)
    ending = _LONG_ENDING if len(phrase) >= LONG else _ENDING
    return _GAP.join(re.escape(word) for word in re.split(r"[\s-]+", phrase)) + ending


def fold(text: str) -> str:
    """Lower case, letters without their marks, as many characters as before: "Größe" -> "grosse" would be one more,
    so ß becomes one s."""
    return "".join(_folded(char) for char in text)


@lru_cache(maxsize=4096)
def _folded(char: str) -> str:
    lower = char.lower()
    if lower.isascii():
        return lower
    if lower == "ß":
        return "s"
    plain = unicodedata.normalize("NFKD", lower)[:1]
    return plain if plain.isascii() and plain.isprintable() else (lower if len(lower) == 1 else char)


def by_language(words: Mapping[str, Any]) -> list[str]:
    """{"en": […], "zh": […], "es": […]} as one list; keys that are no languages are left out."""
    return [
        str(word) for language, told in words.items() if len(language) == 2 and isinstance(told, list) for word in told
    ]


@lru_cache(maxsize=32)
def knowledge_file(pack: str, name: str) -> dict[str, Any]:
    """packs/<pack>/knowledge/<name>.yaml with what knowledge/words/<language>.yaml adds to it; {} where the pack has
    none."""
    folder = Path(settings.PACKS_DIR) / pack / "knowledge"
    file = folder / f"{name}.yaml"
    told = _read(file) if file.exists() else {}
    for words in sorted((folder / "words").glob("*.yaml")):
        _add(told, _read(words).get(name) or {}, words.stem)
    return told


def _read(file: Path) -> dict[str, Any]:
    return deepcopy(dict(yaml_text.load(file.read_text(encoding="utf-8")) or {}))


def _add(told: dict[str, Any], words: Mapping[str, Any], language: str) -> None:
    """Put one language's words beside the others: a leaf of `words` stands where `told` has its languages."""
    for key, more in words.items():
        there = told.setdefault(key, {})
        if isinstance(there, dict):
            if "en" in there or not isinstance(more, dict):
                there[language] = more
            else:
                _add(there, more, language)


@lru_cache(maxsize=32)
def labelled(pack: str, name: str) -> Phrases:
    """A knowledge file of the shape {label: {language: [phrases]}}, looked up at once."""
    told = knowledge_file(pack, name)
    return Phrases((word, str(label)) for label, words in told.items() for word in by_language(words))
