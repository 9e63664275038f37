"""What is asked of a product: the words are data, packs/<pack>/knowledge/aspects.yaml."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from kefu.assistant.actions.catalog.phrases import Phrases, by_language, knowledge_file
from kefu.knowledge.rules import stem, terms_of

_COLORS = frozenset(
    {"black", "white", "red", "blue", "navy", "green", "olive", "yellow", "orange", "purple", "pink", "brown", "grey",
     "gray", "beige"}
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Aspect:
    """attribute: the plain attribute that answers it, if one does. phrases: English, by `in_stems`; han: Chinese;
    others: of the other languages."""

    name: str
    attribute: str
    phrases: tuple[str, ...]
    han: tuple[str, ...]
    others: Phrases
    #: phrases that ask for this only when little else is said: "how much" is a price, "how much can it carry" is none
    alone: tuple[str, ...] = ()

    def is_asked(self, stems: str, text: str) -> bool:
        """stems: of the text's words, as `in_stems` writes them."""
        return (
            any(word in text for word in self.han)
            or any(phrase in stems for phrase in self.phrases)
            or self.others.in_text(text)
            or any(phrase in stems and not _says_more(text, phrase) for phrase in self.alone)
        )

    def without(self, text: str) -> str:
        """The text without the words that ask for it."""
        text = self.others.without(text)
        for word in sorted(self.han, key=len, reverse=True):
            text = text.replace(word, " ")
        words = text.split()
        phrases = [tuple(phrase.split()) for phrase in (*self.phrases, *self.alone)]
        for phrase in sorted(phrases, key=len, reverse=True):
            stems = [next(iter(stems_of(word)), "") for word in words]
            for at in range(len(words) - len(phrase), -1, -1):
                if tuple(stems[at : at + len(phrase)]) == phrase:
                    del words[at : at + len(phrase)]
                    del stems[at : at + len(phrase)]
        return " ".join(words)


def asked_aspects(pack: str, question: str) -> list[Aspect]:
    """The aspects that a question speaks of, the narrowest first."""
    text = question.lower()
    stems = in_stems(text)
    return [aspect for aspect in _aspects(pack) if aspect.is_asked(stems, text)]


def in_stems(text: str) -> str:
    """The stems of the words, a blank before and behind each: " how much doe it weigh "."""
    return f" {' '.join(stems_of(text))} "


def stems_of(text: str) -> list[str]:
    return [stem(word) for word in re.findall(r"[a-z0-9]+", text.lower())]


def _says_more(text: str, phrase: str) -> bool:
    return bool({term for term in terms_of(text) if term.isascii() and term.isalpha()} - set(phrase.split()) - _COLORS)


@lru_cache(maxsize=8)
def _aspects(pack: str) -> tuple[Aspect, ...]:
    return tuple(
        Aspect(
            name=str(name),
            attribute=str(words.get("attribute", "")),
            phrases=tuple(in_stems(str(phrase)) for phrase in words.get("en", [])),
            han=tuple(str(word).lower() for word in words.get("zh", [])),
            others=Phrases(
                (word, "") for word in by_language({k: v for k, v in words.items() if k not in ("en", "zh")})
            ),
            alone=tuple(in_stems(str(phrase)) for phrase in words.get("alone", [])),
        )
        for name, words in knowledge_file(pack, "aspects").items()
    )
