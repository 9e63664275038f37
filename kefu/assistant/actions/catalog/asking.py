"""How a question about products is asked, apart from what it asks for: packs/<pack>/knowledge/asking.yaml."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

from kefu.assistant.actions.catalog.phrases import Phrases, by_language, knowledge_file

_CLAUSE_END = re.compile(r"(?<!\d)[,，](?!\d)|[?？!！。;；、\n]|(?<=[a-z])\.(?:\s|$)|\band\b|\balso\b|还有|另外")
_MONEY = r"(?:€|eur|欧)?\s*(\d{1,5}(?:[.,]\d{2})?)\s*(?:€|euros?|eur|bucks|欧元|欧|块|元)?"
_HAN_NUMBERS = {"一百": "100", "两百": "200", "二百": "200", "三百": "300", "四百": "400", "五百": "500"}
LONGEST_CLAUSES = 6
_GROUPS = ("pronouns", "owned", "children", "choosing", "elsewhere", "fillers", "possible", "bought",
           "occasions")  # fmt: skip


@dataclass(frozen=True, slots=True)
class Limits:
    """What a product may cost, in whole units of the shop's currency; None where nothing was said."""

    least: float | None = None
    most: float | None = None


@dataclass(frozen=True, slots=True)
class Asking:
    pronouns: Phrases
    owned: Phrases
    children: Phrases
    choosing: Phrases
    elsewhere: Phrases
    fillers: Phrases
    possible: Phrases
    bought: Phrases
    occasions: Phrases
    under: tuple[str, ...]
    over: tuple[str, ...]
    most: Phrases
    #: phrase -> attributes with their sign: "biggest" -> ("+capacity_l", "+persons")
    ends: dict[str, tuple[str, ...]]
    numbers: dict[str, tuple[str, ...]]
    counts: dict[str, int]

    def limits(self, text: str) -> tuple[Limits, str]:
        """The budget, and the text without it: "under 200 euros", "200欧以内"."""
        text = text.lower()
        for word, digits in _HAN_NUMBERS.items():
            text = text.replace(word, digits)
        found: dict[str, float] = {}
        for name, words in (("most", self.under), ("least", self.over)):
            before = "|".join(re.escape(word) for word in words)
            for shape in (rf"(?:{before})\s*{_MONEY}", rf"{_MONEY}\s*(?:{before})"):
                if hit := re.search(shape, text):
                    found[name] = float(hit.group(1).replace(",", "."))
                    text = f"{text[: hit.start()]} {text[hit.end() :]}"
                    break
        return Limits(**found), text

    def wanted_ends(self, text: str) -> tuple[str, ...]:
        """What shall be most or least, as signed attributes, e.g. ("-price",)."""
        return tuple(sign for hit in self.most.hits(text) for sign in self.ends[hit.label])

    def wanted_numbers(self, text: str) -> dict[str, int]:
        """Numbers asked for, by attribute: "a tent for 4 people" -> {"persons": 4}."""
        counts = "|".join([r"\d{1,3}", *(re.escape(word) for word in self.counts)])
        found = {}
        for attribute, shapes in self.numbers.items():
            for shape in shapes:
                pattern = re.escape(shape).replace(r"\{n\}", f"({counts})").replace(r"\ ", r"[\s-]?")
                edge = r"(?<![a-z0-9])" if shape.isascii() else r"(?<!\d)"
                end = r"(?![a-z])" if shape.isascii() else ""
                if hit := re.search(edge + pattern + end, text.lower()):
                    found[attribute] = int(self.counts.get(hit.group(1)) or hit.group(1))
                    break
        return found


@lru_cache(maxsize=8)
def asking_of(pack: str) -> Asking:
    told = knowledge_file(pack, "asking")
    ends: dict[str, tuple[str, ...]] = {}
    for sign, words in (told.get("most") or {}).items():
        for word in by_language(words):
            ends[word] = (*ends.get(word, ()), str(sign))
    return Asking(
        **{name: _group(told, name) for name in _GROUPS},
        under=tuple(by_language(told.get("under") or {})),
        over=tuple(by_language(told.get("over") or {})),
        most=Phrases((word, word) for word in ends),
        ends=ends,
        numbers={str(name): tuple(by_language(words)) for name, words in (told.get("numbers") or {}).items()},
        counts={str(word): int(n) for words in (told.get("counts") or {}).values() for word, n in words.items()},
    )


def _group(told: dict[str, dict[str, list[str]]], name: str) -> Phrases:
    return Phrases((word, name) for word in by_language(told.get(name) or {}))


def clauses(text: str) -> list[str]:
    """A message's questions: "what colours, and can I return it?" has two. The whole text when it is one."""
    edges = [0, *(hit.end() for hit in _CLAUSE_END.finditer(text.lower())), len(text)]
    pieces = [text[start:end].strip(" ,，?？!！。;；、\n") for start, end in pairwise(edges)]
    return [piece for piece in pieces if piece][:LONGEST_CLAUSES] or [text]
