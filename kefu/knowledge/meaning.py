"""Finding by meaning, where an embedder is at hand: the vectors of a brand's passages, compared in memory."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from threading import Lock

import numpy as np
from django.db.models import Count, Max
from numpy.typing import NDArray

from kefu.knowledge.models import Passage
from kefu.knowledge.vectors import unpacked
from kefu.people.models import Brand

#: with more passages than this in one language, meaning only judges what words have found
MOST_IN_MEMORY = 3000
MOST_SHELVES = 16
NEAREST = 12
#: cosines of multilingual-e5-small crowd together high up; from this one on a passage answers. Measured on
#: tests/questions.yaml; 0.1 more is certainty
SURE = 0.915
WORDS_COUNT = 0.05


@dataclass(frozen=True, slots=True)
class _Shelf:
    stamp: tuple[int, int]
    owners: NDArray[np.int64]  # passage id of each row
    matrix: NDArray[np.float32]


_shelves: OrderedDict[tuple[int, str, str], _Shelf] = OrderedDict()
_lock = Lock()


def nearest(
    brand: Brand, language: str, question: NDArray[np.float32], *, embedder: str, total: int
) -> dict[int, float]:
    """Passage id -> highest cosine, for the NEAREST passages; {} where there are too many to compare them all.

    question: its vector, made by `embedder`; other embedders' vectors are not compared. total: how many passages
    the brand has in this language.
    """
    if total > MOST_IN_MEMORY:
        return {}
    asked = np.asarray(question, dtype=np.float32)
    shelf = _shelf(brand, language, embedder, width=len(asked))
    if not len(shelf.owners):
        return {}
    cosines = shelf.matrix @ (asked / (np.linalg.norm(asked) or 1.0))
    best: dict[int, float] = {}
    for row in np.argsort(-cosines)[: NEAREST * 6]:
        best.setdefault(int(shelf.owners[row]), float(cosines[row]))
    return dict(list(best.items())[:NEAREST])


def confidence(cosine: float, same: float) -> float:
    """Meaning, with shared words as a small help: 0.5 at SURE. Not cut to 0..1."""
    return 0.5 + (cosine + WORDS_COUNT * same - SURE) * 5


def _shelf(brand: Brand, language: str, embedder: str, *, width: int) -> _Shelf:
    """A brand's vectors in one language, kept until its passages change."""
    rows = Passage.objects.filter(brand=brand, language=language)
    stamp = rows.aggregate(newest=Max("pk"), count=Count("pk"))
    key, present = (brand.pk, language, embedder), (stamp["newest"] or 0, stamp["count"])
    with _lock:
        kept = _shelves.get(key)
        if kept is not None and kept.stamp == present:
            _shelves.move_to_end(key)
            return kept
    owners: list[int] = []
    parts: list[NDArray[np.float32]] = []
    for pk, raw in rows.filter(embedder=embedder).values_list("pk", "vectors")[:MOST_IN_MEMORY]:
        matrix = unpacked(bytes(raw), width=width)
        owners += [pk] * len(matrix)
        parts.append(matrix)
    shelf = _Shelf(present, np.asarray(owners, dtype=np.int64),
                   np.concatenate(parts) if parts else np.zeros((0, width), dtype=np.float32))  # fmt: skip
    with _lock:
        _shelves[key] = shelf
        while len(_shelves) > MOST_SHELVES:
            _shelves.popitem(last=False)
    return shelf
