"""Finding by meaning, where an embedder is at hand: the vectors of a brand's passages, compared in memory."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from threading import Lock

import numpy as np
from django.db.models import Count, Max
from numpy.typing import NDArray

from kefu.knowledge.models import Passage
from kefu.knowledge.services import Embed
from kefu.knowledge.vectors import unpacked
from kefu.people.models import Brand

#: with more passages than this in one language, meaning only judges what words have found
MOST_IN_MEMORY = 3000
MOST_SHELVES = 16
NEAREST = 12
#: cosines of multilingual-e5-small crowd together high up: unrelated texts lie near 0.78, the same question in
#: other words near 0.9; measured on kefu/knowledge/tests/questions.yaml
UNRELATED, SAME = 0.82, 0.91


@dataclass(frozen=True, slots=True)
class _Shelf:
    stamp: tuple[int, int]
    owners: NDArray[np.int64]  # passage id of each row
    matrix: NDArray[np.float32]


_shelves: OrderedDict[tuple[int, str, int], _Shelf] = OrderedDict()
_lock = Lock()


def nearest(brand: Brand, language: str, question: str, *, total: int, embed: Embed) -> dict[int, float]:
    """Passage id -> highest cosine, for the NEAREST passages; {} where there are too many to compare them all."""
    if total > MOST_IN_MEMORY or not question.strip():
        return {}
    asked = np.asarray(embed([question])[0], dtype=np.float32)
    shelf = _shelf(brand, language, width=len(asked))
    if not len(shelf.owners):
        return {}
    cosines = shelf.matrix @ (asked / (np.linalg.norm(asked) or 1.0))
    best: dict[int, float] = {}
    for row in np.argsort(-cosines)[: NEAREST * 4]:
        best.setdefault(int(shelf.owners[row]), float(cosines[row]))
    return dict(list(best.items())[:NEAREST])


def confidence(words: float, cosine: float | None) -> float:
    """Words and meaning together, 0..1: either may carry the answer, both together carry it further."""
    near = 0.0 if cosine is None else min(1.0, max(0.0, (cosine - UNRELATED) / (SAME - UNRELATED)))
    return min(1.0, 0.65 * near + 0.55 * words)


def _shelf(brand: Brand, language: str, *, width: int) -> _Shelf:
    """A brand's vectors in one language, kept until its passages change."""
    rows = Passage.objects.filter(brand=brand, language=language)
    stamp = rows.aggregate(newest=Max("pk"), count=Count("pk"))
    key, present = (brand.pk, language, width), (stamp["newest"] or 0, stamp["count"])
    with _lock:
        kept = _shelves.get(key)
        if kept is not None and kept.stamp == present:
            _shelves.move_to_end(key)
            return kept
    owners: list[int] = []
    parts: list[NDArray[np.float32]] = []
    for pk, raw in rows.values_list("pk", "vectors")[:MOST_IN_MEMORY]:
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
