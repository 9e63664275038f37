"""A closed-form classifier: ridge on class targets, its certainty calibrated on predictions left out of the fit.

Used over n-grams (lexical.py) and over embeddings (meaning.py) alike. Leave-one-out predictions of ridge cost
nothing extra (the hat matrix gives them), so thresholds need no second data set. Source: Golub, Heath, Wahba 1979.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Head:
    """`weights`: features x labels; `bias`: labels; `temperature` turns scores into honest probabilities."""

    weights: Floats
    bias: Floats
    temperature: float

    def probabilities(self, scores: Floats) -> Floats:
        return softmax(scores / self.temperature)

    def __call__(self, features: Floats) -> Floats:
        return self.probabilities(features @ self.weights + self.bias)


def softmax(scores: Floats) -> Floats:
    shifted = np.exp(scores - scores.max(axis=-1, keepdims=True))
    return np.asarray(shifted / shifted.sum(axis=-1, keepdims=True), dtype=np.float32)


def fit(features: Floats, targets: npt.NDArray[np.int64], labels: int, *, ridge: float) -> tuple[Head, Floats]:
    """The head, and the probabilities each example gets when it is left out.

    features: n x d; targets: n label numbers. Rare labels weigh as much as common ones. Solved in whichever of
    n and d is smaller. Raises numpy.linalg.LinAlgError on non-finite features.
    """
    count = np.bincount(targets, minlength=labels).clip(1)
    weight = np.sqrt(len(targets) / (labels * count[targets])).clip(0.5, 2.0).astype(np.float64)
    wanted = np.where(np.arange(labels)[None, :] == targets[:, None], 1.0, 0.0)
    mean = (features * weight[:, None]).sum(0, dtype=np.float64) / weight.sum()
    middle = (wanted * weight[:, None]).sum(0) / weight.sum()
    root = np.sqrt(weight)[:, None]
    x = ((features - mean) * root).astype(np.float64)
    y = (wanted - middle) * root
    if x.shape[1] <= x.shape[0]:
        inverse = np.linalg.inv(x.T @ x + ridge * np.eye(x.shape[1]))
        solution = inverse @ (x.T @ y)
        leverage = np.einsum("ij,jk,ik->i", x, inverse, x, optimize=True)
    else:
        kernel = x @ x.T
        inverse = np.linalg.inv(kernel + ridge * np.eye(len(x)))
        solution = x.T @ (inverse @ y)
        leverage = np.einsum("ij,ji->i", kernel, inverse, optimize=True)
    bias = middle - mean @ solution
    fitted = x @ solution
    left_out = (fitted - leverage[:, None] * y) / (1 - leverage.clip(0, 0.999))[:, None] / root + middle
    scores = left_out.astype(np.float32)
    temperature = _temperature(scores, targets)
    head = Head(solution.astype(np.float32), bias.astype(np.float32), temperature)
    return head, head.probabilities(scores)


def _temperature(scores: Floats, targets: npt.NDArray[np.int64]) -> float:
    """The one that makes the left-out probabilities likeliest."""
    grid = np.geomspace(0.02, 1.0, 40)
    rows = np.arange(len(targets))
    losses = [-np.log(softmax((scores / step).astype(np.float32))[rows, targets].clip(1e-6)).mean() for step in grid]
    return float(grid[int(np.argmin(losses))])
