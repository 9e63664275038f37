"""Stage 5: n-grams of words and characters, weighed by the examples. Under a millisecond, no model needed."""

from __future__ import annotations

import math
import re
import zlib
from collections import Counter
from dataclasses import dataclass

import numpy as np

from kefu.assistant.understanding.heads import Floats, Head, Numbers, fit

_TOKEN = re.compile(r"[a-zß-ɏ']+|\d+|[぀-ヿ㐀-鿿가-힯]|[^\s\w]")
#: letters of one stretch that are looked at
READ = 400
#: places that all n-grams share; fewer cost accuracy where languages are many, for strangers meet at one place
PLACES = 6144
#: chosen on left-out examples
RIDGE = 1.0


def grams(folded: str) -> list[str]:
    """Words, two and three in a row, four letters inside words; a Chinese, Japanese or Korean sign counts as a word."""
    tokens = _TOKEN.findall(folded[:READ])
    found: list[str] = []
    for place, token in enumerate(tokens):
        found.append(token)
        if place + 1 < len(tokens):
            found.append(f"{token}_{tokens[place + 1]}")
        if place + 2 < len(tokens) and not token.isascii():
            found.append(f"{token}_{tokens[place + 1]}_{tokens[place + 2]}")
        if len(token) > 3:
            padded = f"<{token}>"
            found += [padded[at : at + 4] for at in range(len(padded) - 3)]
    return found


def _numbered(folded: str) -> Counter[int]:
    return Counter(zlib.crc32(gram.encode("utf-8", "replace")) for gram in grams(folded))


@dataclass(frozen=True, slots=True)
class LexicalHead:
    """`rarity`: number of an n-gram of the examples -> what it weighs."""

    rarity: dict[int, float]
    head: Head

    def __call__(self, folded: str) -> tuple[Floats, float]:
        """Scores over the labels, and how much of the text is known (0..1)."""
        places, values, familiar = _weighed(_numbered(folded), self.rarity)
        if not len(places):
            return self.head.bias, 0.0
        return values @ self.head.weights[places] + self.head.bias, familiar


def _weighed(bag: Counter[int], rarity: dict[int, float]) -> tuple[Numbers, Floats, float]:
    seen = [(number, count, weight) for number, count in bag.items() if (weight := rarity.get(number)) is not None]
    if not seen:
        return np.zeros(0, np.int64), np.zeros(0, np.float32), 0.0
    numbers = np.array([number for number, _, _ in seen], np.int64)
    values = np.array([weight * _loud(count) for _, count, weight in seen], np.float32)
    values *= np.where(numbers >> 20 & 1, 1, -1)  # signs let meetings cancel rather than add
    values /= np.linalg.norm(values)
    return numbers % PLACES, values.astype(np.float32), len(seen) / len(bag)


def _loud(count: int) -> float:
    return 1.0 if count == 1 else 1 + math.log(count)


def train(texts: list[str], targets: Numbers, labels: int) -> tuple[LexicalHead, Floats]:
    """From folded example texts; also the scores each example gets when left out."""
    bags = [_numbered(text) for text in texts]
    seen = Counter(number for bag in bags for number in bag)
    rarity = {number: math.log((1 + len(bags)) / (1 + count)) + 1 for number, count in seen.items() if count > 1}
    rows = [_together(*_weighed(bag, rarity)[:2]) for bag in bags]
    head, left_out = fit(rows, PLACES, targets, labels, ridge=RIDGE)
    return LexicalHead(rarity, head), left_out


def _together(places: Numbers, values: Floats) -> tuple[Numbers, Floats]:
    """n-grams that met at one place as one."""
    own, which = np.unique(places, return_inverse=True)
    return own, np.bincount(which, values, minlength=len(own)).astype(np.float32)
