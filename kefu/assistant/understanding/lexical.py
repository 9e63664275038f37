"""Stage 5: n-grams of words and characters, weighed by the examples. Under a millisecond, no model needed."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass

import numpy as np

from kefu.assistant.understanding.heads import Floats, Head, Numbers, fit

_TOKEN = re.compile(r"[a-zß-ɏ']+|\d+|[㐀-鿿]|[^\s\w]")
#: letters of one stretch that are looked at
READ = 400


def grams(folded: str) -> list[str]:
    """Words, pairs of words, 3-5 letters inside words; for Chinese one to three characters in a row."""
    tokens = _TOKEN.findall(folded[:READ])
    found: list[str] = []
    for place, token in enumerate(tokens):
        found.append(token)
        if place + 1 < len(tokens):
            found.append(f"{token}_{tokens[place + 1]}")
        if place + 2 < len(tokens):
            found.append(f"{token}_{tokens[place + 1]}_{tokens[place + 2]}")
        if len(token) > 3 and token.isascii():
            padded = f"<{token}>"
            found += [padded[at : at + size] for size in (3, 4, 5) for at in range(len(padded) - size + 1)]
    return found


@dataclass(frozen=True, slots=True)
class LexicalHead:
    vocabulary: dict[str, int]
    rarity: Floats
    head: Head

    def __call__(self, folded: str) -> tuple[Floats, float]:
        """Probabilities over the labels, and how much of the text is known (0..1)."""
        places, values, known = self._weights(folded)
        if not len(places):
            return self.head.probabilities(self.head.bias), 0.0
        return self.head.probabilities(values @ self.head.weights[places] + self.head.bias), known

    def _weights(self, folded: str) -> tuple[Numbers, Floats, float]:
        counted = Counter(grams(folded))
        known = [(self.vocabulary[gram], count) for gram, count in counted.items() if gram in self.vocabulary]
        if not known:
            return np.zeros(0, np.int64), np.zeros(0, np.float32), 0.0
        places = np.fromiter((place for place, _ in known), np.int64, len(known))
        values = (1 + np.log(np.fromiter((count for _, count in known), np.float32, len(known)))) * self.rarity[places]
        values /= np.linalg.norm(values)
        return places, values.astype(np.float32), len(known) / max(1, len(counted))


def train(texts: list[str], targets: Numbers, labels: int) -> tuple[LexicalHead, Floats]:
    """From folded example texts; also the probabilities each example gets when left out."""
    bags = [Counter(grams(text)) for text in texts]
    seen = Counter(gram for bag in bags for gram in bag)
    kept = sorted(gram for gram, count in seen.items() if count >= 2)
    vocabulary = {gram: place for place, gram in enumerate(kept)}
    rarity = np.array([np.log((1 + len(bags)) / (1 + seen[gram])) + 1 for gram in kept], dtype=np.float32)
    empty = LexicalHead(vocabulary, rarity, Head(np.zeros((0, 0), np.float32), np.zeros(0, np.float32), 1.0))
    features = np.zeros((len(texts), len(kept)), np.float32)
    for row, text in enumerate(texts):
        places, values, _ = empty._weights(text)
        features[row, places] = values
    head, left_out = fit(features, targets, labels, ridge=1.0)
    return LexicalHead(vocabulary, rarity, head), left_out
