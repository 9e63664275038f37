"""What labelled texts teach: the words head, the meaning head, how they mix, and where the shop's business ends.

Knows nothing of packs, so that `kefu eval intents --train FILE` measures the very learner that answers customers.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from kefu.assistant.understanding import lexical
from kefu.assistant.understanding.heads import (
    Floats,
    Gate,
    MeaningHead,
    Numbers,
    fit_gate,
    fit_meaning,
    softmax,
)
from kefu.assistant.understanding.lexical import LexicalHead
from kefu.assistant.understanding.normal import normalise

#: how much the words count beside the meaning, in the exponent; chosen on left-out examples of several sets
WORDS_SHARE = 0.35
#: the lexical stage may settle a text alone where it was right this often on left-out examples
CLEAR = 0.97

_NUMBER = re.compile(r"(?:[a-z]{1,4}-?)?\d[\d -]{2,}\d|\d{3,}")
_MAIL = re.compile(r"[a-z0-9._%+-]{1,64}@[a-z0-9.-]{1,100}")
_KANA, _HANGUL, _HAN = re.compile("[぀-ヿ]"), re.compile("[가-힯]"), re.compile("[㐀-鿿]")
SCRIPTS = 4


def mask(folded: str) -> str:
    """Names of things out of the way: which order it is says nothing about the wish."""
    return _NUMBER.sub("1000", _MAIL.sub("email", folded)).strip(" .,;!\n")


def read(text: str) -> str:
    """A text as the learner sees it."""
    return mask(normalise(text).folded)


def script_of(text: str) -> int:
    if _KANA.search(text):
        return 2
    if _HANGUL.search(text):
        return 3
    return 1 if _HAN.search(text) else 0


def scripts_of(texts: list[str]) -> Numbers:
    return np.array([script_of(text) for text in texts], dtype=np.int64)


@dataclass(slots=True)
class Learnt:
    """`outside`: which of the labels are nobody's business here. Immutable in use; threads share it."""

    labels: tuple[str, ...]
    outside: npt.NDArray[np.bool_]
    words: LexicalHead
    clear_from: float
    meaning: MeaningHead | None = None
    gate: Gate | None = None

    def by_words(self, text: str) -> tuple[Floats, float]:
        """Probabilities over the labels, and how much of the text is known."""
        scores, familiar = self.words(text)
        return self.words.head.probabilities(scores), familiar

    def together(self, text: str, vector: Floats, by_words: Floats) -> tuple[Floats, float]:
        """Probabilities of words and meaning together, and the chance that the text is inside."""
        if self.meaning is None:
            return by_words, 1.0
        scores, likeness = self.meaning(vector[None], scripts_of([text]))
        mixed = mix(by_words[None], softmax(scores / self.meaning.temperature))
        return mixed[0], float(self._inside(scores, likeness, mixed)[0])

    def _inside(self, scores: Floats, likeness: Floats, mixed: Floats) -> Floats:
        if self.gate is None or self.meaning is None:
            return np.ones(len(mixed), np.float32)
        return self.gate(signs(self.meaning, self.outside, scores, likeness, mixed))

    def is_inside(self, chance: float) -> bool:
        return self.gate is None or chance >= self.gate.threshold

    def answer(self, text: str, vector: Floats | None, *, strangers: str = "") -> str:
        """One label for a text that `read` gave, an outside one where it is nobody's business.

        strangers: what to call that where no label for it was learnt; "": then every text gets a label that was.
        """
        by_words, _ = self.by_words(text)
        if vector is None:
            return self.labels[int(by_words.argmax())]
        mixed, chance = self.together(text, vector, by_words)
        if not self.is_inside(chance) and (strangers or self.outside.any()):
            return strangers or self.labels[int(np.where(self.outside, mixed, -1).argmax())]
        return self.labels[int(np.where(self.outside, -1, mixed).argmax())]


@dataclass(frozen=True, slots=True)
class LeftOut:
    """What each example gets when it is left out of the learning: the honest look at one's own examples."""

    mixed: Floats
    chance: Floats

    def answers(self, learnt: Learnt) -> Numbers:
        """The label of each example: outside where the gate says so, else the best inside."""
        best: Numbers = np.where(learnt.outside, -1, self.mixed).argmax(axis=1)
        if learnt.gate is None or not learnt.outside.any():
            return best
        strange = np.where(learnt.outside, self.mixed, -1).argmax(axis=1)
        return np.where(self.chance >= learnt.gate.threshold, best, strange)


def mix(by_words: Floats, by_meaning: Floats) -> Floats:
    both = by_words.clip(1e-4) ** WORDS_SHARE * by_meaning.clip(1e-4) ** (1 - WORDS_SHARE)
    mixed: Floats = both / both.sum(axis=-1, keepdims=True)
    return mixed


def signs(head: MeaningHead, outside: npt.NDArray[np.bool_], scores: Floats, likeness: Floats,
          mixed: Floats) -> Floats:  # fmt: skip
    """n x 4: how sure meaning is of the best inside label, how alike its examples are, how sure both stages are of it,
    and how alike the nearest outside example is."""
    best = np.where(outside, -1, mixed).argmax(axis=1)
    rows = np.arange(len(best))
    strange = outside[head.owners]
    nearest = likeness[:, strange].max(axis=1) if strange.any() else np.full(len(best), -1.0)
    found: Floats = np.stack([
        scores[rows, best], head.likeness_to(best, likeness), np.log(mixed[rows, best].clip(1e-4)), nearest,
    ], axis=1).astype(np.float32)  # fmt: skip
    return found


def learn(texts: list[str], targets: Numbers, labels: tuple[str, ...], outside: npt.NDArray[np.bool_],
          vectors: Floats | None) -> tuple[Learnt, LeftOut]:  # fmt: skip
    """From texts that `read` gave, their labels as places in `labels`, and their embeddings, if there are any."""
    words, words_left_out = lexical.train(texts, targets, len(labels))
    by_words = words.head.probabilities(words_left_out)
    learnt = Learnt(labels, outside, words, clear_from(by_words, targets))
    if vectors is None:
        return learnt, LeftOut(by_words, np.ones(len(texts), np.float32))
    head, scores, likeness = fit_meaning(vectors, scripts_of(texts), targets, len(labels), SCRIPTS)
    mixed = mix(by_words, softmax(scores / head.temperature))
    told = signs(head, outside, scores, likeness, mixed)
    is_outside = outside[targets]
    right = np.where(outside, -1, mixed).argmax(axis=1)[~is_outside] == targets[~is_outside]
    learnt.meaning, learnt.gate = head, fit_gate(told[~is_outside], right, told[is_outside])
    return learnt, LeftOut(mixed, learnt.gate(told))


def clear_from(left_out: Floats, targets: Numbers) -> float:
    """The lowest certainty from which the words alone were right in CLEAR of the left-out examples."""
    order = np.argsort(-left_out.max(1))
    right = (left_out.argmax(1) == targets)[order]
    share = np.cumsum(right) / np.arange(1, len(right) + 1)
    good = np.flatnonzero((share >= CLEAR) & (np.arange(len(share)) >= 20))
    return float(left_out.max(1)[order][good[-1]]) if len(good) else 1.1
