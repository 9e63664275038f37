"""Closed-form classifiers: ridge on class targets, certainty calibrated on predictions left out of the fit.

`Head` is linear (over n-grams, lexical.py); `KernelHead` weighs likeness to every example (over embeddings).
Leave-one-out predictions of ridge cost nothing extra, so thresholds need no second data set.
Source: Golub, Heath, Wahba 1979 (leave-one-out by the diagonal of the inverse).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]
Numbers = npt.NDArray[np.int64]

#: how fast likeness fades with distance, and the ridge; chosen on left-out examples, see docs/why/understanding.md
FADE, RIDGE = 0.5, 0.02


def softmax(scores: Floats) -> Floats:
    shifted = np.exp(scores - scores.max(axis=-1, keepdims=True))
    return np.asarray(shifted / shifted.sum(axis=-1, keepdims=True), dtype=np.float32)


@dataclass(frozen=True, slots=True)
class Head:
    """`weights`: features x labels; `bias`: labels; `temperature` turns scores into honest probabilities."""

    weights: Floats
    bias: Floats
    temperature: float

    def probabilities(self, scores: Floats) -> Floats:
        return softmax(scores / self.temperature)


@dataclass(frozen=True, slots=True)
class KernelHead:
    """`anchors`: the examples' centred unit vectors, n x d; `centres`: the mean vector of each script, 2 x d.

    An embedding says in which script a text is written before it says what it means; taking each script's mean away
    lets examples of one language teach the other.
    """

    anchors: Floats
    weights: Floats
    bias: Floats
    centres: Floats
    temperature: float

    def centred(self, vectors: Floats, is_han: npt.NDArray[np.bool_]) -> Floats:
        moved = vectors - self.centres[is_han.astype(int)]
        lengths: Floats = np.linalg.norm(moved, axis=1, keepdims=True).clip(1e-6)
        return moved / lengths

    def __call__(self, vectors: Floats, is_han: npt.NDArray[np.bool_]) -> tuple[Floats, Floats]:
        """n x d unit vectors -> n x labels probabilities, and n x examples likeness (-1..1)."""
        likeness = self.centred(vectors, is_han) @ self.anchors.T
        near = np.exp(2 * FADE * (likeness - 1))
        return softmax((near @ self.weights + self.bias) / self.temperature), likeness


def fit(features: Floats, targets: Numbers, labels: int, *, ridge: float) -> tuple[Head, Floats]:
    """A linear head from n x d features, d larger than n, and the probabilities of each example when left out."""
    kernel = features @ features.T
    solution, bias, left_out, temperature = _solve(kernel, targets, labels, ridge)
    return Head(features.T @ solution, bias, temperature), softmax(left_out / temperature)


def fit_kernel(vectors: Floats, is_han: npt.NDArray[np.bool_], targets: Numbers,
               labels: int) -> tuple[KernelHead, Floats]:  # fmt: skip
    """A kernel head from n x d unit vectors, and the probabilities of each example when left out."""
    middle = vectors.mean(axis=0)
    centres = np.stack([vectors[side].mean(axis=0) if side.any() else middle for side in (~is_han, is_han)])
    empty = np.zeros((0, 0), np.float32)
    anchors = KernelHead(empty, empty, empty, centres, 1.0).centred(vectors, is_han)
    near = np.exp(2 * FADE * (anchors @ anchors.T - 1))
    solution, bias, left_out, temperature = _solve(near, targets, labels, RIDGE)
    return KernelHead(anchors, solution, bias, centres, temperature), softmax(left_out / temperature)


def _solve(kernel: Floats, targets: Numbers, labels: int, ridge: float) -> tuple[Floats, Floats, Floats, float]:
    """Weights over the examples, bias, left-out scores and temperature. Rare labels weigh as much as common ones."""
    count = np.bincount(targets, minlength=labels).clip(1)
    root = np.sqrt(np.sqrt(len(targets) / (labels * count[targets])).clip(0.5, 2.0))[:, None]
    wanted = np.eye(labels)[targets]
    middle = wanted.mean(axis=0)
    inverse = np.linalg.inv(kernel.astype(np.float64) * root * root.T + ridge * np.eye(len(kernel)))
    pull = inverse @ ((wanted - middle) * root)
    missed = pull / np.diag(inverse)[:, None]
    left_out = (wanted - missed / root).astype(np.float32)
    temperature = _temperature(left_out, targets)
    return (root * pull).astype(np.float32), middle.astype(np.float32), left_out, temperature


def _temperature(scores: Floats, targets: Numbers) -> float:
    """The one that makes the left-out probabilities likeliest."""
    rows = np.arange(len(targets))
    steps = [float(step) for step in np.geomspace(0.02, 1.0, 40)]
    return min(steps, key=lambda step: -float(np.log(softmax(scores / step)[rows, targets].clip(1e-6)).mean()))
