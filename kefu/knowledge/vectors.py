"""Embeddings as bytes: float16, unit length, one after the other."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

#: the likeness to a passage that has no vectors, or another embedder's
NO_VECTOR = -1.0


def packed(vectors: Sequence[Sequence[float]]) -> bytes:
    """Vectors of one length each, as bytes."""
    matrix = np.asarray(vectors, dtype=np.float32)
    lengths = np.linalg.norm(matrix, axis=1, keepdims=True)
    return bytes((matrix / np.where(lengths == 0, 1, lengths)).astype(np.float16).tobytes())


def unpacked(raw: bytes, *, width: int) -> NDArray[np.float32]:
    """The matrix again; no rows when the bytes were made with another embedder."""
    if not raw or len(raw) % (2 * width):
        return np.zeros((0, width), dtype=np.float32)
    return np.frombuffer(raw, dtype=np.float16).reshape(-1, width).astype(np.float32)


def likeness(question: Sequence[float], raw: bytes) -> float:
    """The highest cosine between the question and one of the packed vectors, -1..1; NO_VECTOR when there are none."""
    asked = np.asarray(question, dtype=np.float32)
    matrix = unpacked(raw, width=len(asked))
    if not len(matrix):
        return NO_VECTOR
    return float((matrix @ (asked / (np.linalg.norm(asked) or 1.0))).max())
