"""Embeddings: the port behind which they are made, and how they are kept: float16, unit length, one after the other."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray


class Embedder(Protocol):
    """Turns texts into vectors. `name` changes whenever the vectors would."""

    name: str

    def vectors(self, texts: list[str]) -> NDArray[np.float32]:
        """n texts -> n x d. Raises LookupError when it cannot, for these texts."""
        ...


#: the likeness to a passage that has no vectors, or another embedder's
NO_VECTOR = -1.0


def packed(vectors: NDArray[np.float32] | Sequence[Sequence[float]]) -> bytes:
    """Vectors of one length each, as bytes."""
    matrix = np.asarray(vectors, dtype=np.float32)
    lengths = np.linalg.norm(matrix, axis=1, keepdims=True)
    return bytes((matrix / np.where(lengths == 0, 1, lengths)).astype(np.float16).tobytes())


def unpacked(raw: bytes, *, width: int) -> NDArray[np.float32]:
    """The matrix again; no rows when the bytes were made with another embedder."""
    if not raw or len(raw) % (2 * width):
        return np.zeros((0, width), dtype=np.float32)
    return np.frombuffer(raw, dtype=np.float16).reshape(-1, width).astype(np.float32)


def likeness(question: NDArray[np.float32] | Sequence[float], raw: bytes) -> float:
    """The highest cosine between the question and one of the packed vectors, -1..1; NO_VECTOR when there are none."""
    asked = np.asarray(question, dtype=np.float32)
    matrix = unpacked(raw, width=len(asked))
    if not len(matrix):
        return NO_VECTOR
    return float((matrix @ (asked / (np.linalg.norm(asked) or 1.0))).max())


class ShippedVectors:
    """Vectors that a pack brings along, so that a fresh installation embeds nothing before its first answer. Texts
    they lack go to `otherwise`, or are left out where there is none."""

    def __init__(self, file: Path, otherwise: Embedder | None = None) -> None:
        with np.load(file, allow_pickle=False) as kept:
            self.name = str(kept["embedder"])
            self._rows = dict(zip(kept["keys"].tolist(), kept["rows"].astype(np.float32), strict=True))
        self._otherwise = otherwise if otherwise is not None and otherwise.name == self.name else None

    def vectors(self, texts: list[str]) -> NDArray[np.float32]:
        rows = [self._rows[key] for text in texts if (key := _key(text)) in self._rows]
        missing = [text for text in texts if _key(text) not in self._rows]
        if missing and self._otherwise is not None:
            rows += list(self._otherwise.vectors(missing))
        if not rows:
            raise LookupError("none of these texts is shipped")
        return np.stack(rows)


def ship(file: Path, texts: list[str], embedder: Embedder) -> None:
    """Write the vectors of `texts` for ShippedVectors, one signed byte a number."""
    matrix = embedder.vectors(texts)
    scaled = np.rint(matrix / np.abs(matrix).max(axis=1, keepdims=True) * 127).astype(np.int8)
    np.savez_compressed(
        file, embedder=np.array(embedder.name), keys=np.array([_key(text) for text in texts]), rows=scaled
    )


def _key(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:16]
