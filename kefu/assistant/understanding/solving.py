"""Ridge regression on class targets in seconds: one Cholesky factor each, its inverse by blocks, no general inverse.

With `M = F'WF + ridge` the weights are `M^-1 F'W Y`, and `w f'M^-1 f` is how far an example pulls its own prediction,
which gives what it would get if it were left out. numpy has no triangular solver; a triangular inverse by halves
costs a third of a general one and runs at the speed of products.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]
Numbers = npt.NDArray[np.int64]
Doubles = npt.NDArray[np.float64]

#: below this a triangle is inverted as it is
_SMALL = 96
#: examples that are looked at together, so that memory stays bounded
_TOGETHER = 2048


def lower_inverse(lower: npt.NDArray[np.floating]) -> npt.NDArray[np.floating]:
    """Of a lower triangle."""
    size = len(lower)
    if size <= _SMALL:
        return np.tril(np.linalg.inv(lower))
    half = size // 2
    upper_left, lower_right = lower_inverse(lower[:half, :half]), lower_inverse(lower[half:, half:])
    found = np.zeros_like(lower)
    found[:half, :half], found[half:, half:] = upper_left, lower_right
    found[half:, :half] = -(lower_right @ (lower[half:, :half] @ upper_left))
    return found


def whitening(among: Floats) -> Floats:
    """m x m likenesses of landmarks -> the turn that makes their kernel a plain product."""
    doubled: Doubles = among.astype(np.float64)
    doubled[np.diag_indices_from(doubled)] += 1e-4  # two landmarks may be the same sentence
    return lower_inverse(np.linalg.cholesky(doubled)).T.astype(np.float32)


def fair_weights(targets: Numbers, labels: int) -> Floats:
    """Rare labels weigh as much as common ones, within a fourfold range."""
    count = np.bincount(targets, minlength=labels).clip(1)
    weights: Floats = np.sqrt(len(targets) / (labels * count[targets])).clip(0.5, 2.0).astype(np.float32)
    return weights


def ridge_on_all(features: Floats, targets: Numbers, labels: int, ridge: float) -> tuple[Floats, Floats, Floats]:
    """n x d features -> weights, bias and left-out scores."""
    weight = fair_weights(targets, labels)
    weighed = features * np.sqrt(weight)[:, None]
    half = _inverse_half(weighed.T @ weighed, ridge)
    wanted, middle = _wanted(targets, labels)
    weights = half @ (half.T @ (features.T @ ((wanted - middle) * weight[:, None])))
    pulls = np.concatenate([
        ((weighed[start : start + _TOGETHER] @ half) ** 2).sum(axis=1) for start in range(0, len(weighed), _TOGETHER)
    ])  # fmt: skip
    return weights, middle, _left_out(features @ weights + middle, wanted, pulls)


def ridge_on_few(rows: Sequence[tuple[Numbers, Floats]], size: int, targets: Numbers, labels: int,
                 ridge: float) -> tuple[Floats, Floats, Floats]:  # fmt: skip
    """The same where few of `size` features are not 0: of each example their places, none twice, and their values."""
    weight = fair_weights(targets, labels)
    wanted, middle = _wanted(targets, labels)
    used = np.unique(np.concatenate([at for at, _ in rows]))  # a place of no example weighs 0 and costs as much
    packed = [(np.searchsorted(used, at), of) for at, of in rows]
    products, aimed = np.zeros((len(used), len(used)), np.float32), np.zeros((len(used), labels), np.float32)
    for (at, of), label, weighs in zip(packed, targets, weight, strict=True):
        told = of * weighs
        products[np.ix_(at, at)] += np.outer(of, told)
        aimed[at, label] += told
    aimed -= aimed.sum(axis=1, keepdims=True) * middle
    half = _inverse_half(products, ridge)
    own = half @ (half.T @ aimed)
    scores = np.stack([of @ own[at] for at, of in packed])
    pulls = np.array([((of @ half[at]) ** 2).sum() for at, of in packed], np.float32) * weight
    weights = np.zeros((size, labels), np.float32)
    weights[used] = own
    return weights, middle, _left_out(scores + middle, wanted, pulls)


def ridge_among(kernel: Floats, targets: Numbers, labels: int, ridge: float) -> tuple[Floats, Floats, Floats]:
    """The same with an example a feature, from their n x n kernel (which is used up): no accuracy is lost to landmarks.

    With `M = kernel + ridge / w` the weights are `a = M^-1 Y`, and an example left out gets `y - a / diag(M^-1)`.
    """
    wanted, middle = _wanted(targets, labels)
    kernel[np.diag_indices_from(kernel)] += ridge / fair_weights(targets, labels)
    half = lower_inverse(np.linalg.cholesky(kernel))
    weights: Floats = half.T @ (half @ (wanted - middle))
    own = np.concatenate([  # by columns in pieces, for a square of the whole would need as much memory again
        (half[:, start : start + _TOGETHER] ** 2).sum(axis=0) for start in range(0, len(half), _TOGETHER)
    ])  # fmt: skip
    left_out: Floats = wanted - weights / own[:, None]
    return weights, middle, left_out


def _inverse_half(products: Floats, ridge: float) -> Floats:
    """`half` with half @ half' the inverse of products + ridge."""
    held = products.copy()
    held[np.diag_indices_from(held)] += ridge
    try:
        lower = np.linalg.cholesky(held)
    except np.linalg.LinAlgError:  # single numbers are too coarse for this one
        lower = np.linalg.cholesky(held.astype(np.float64)).astype(np.float32)
    return lower_inverse(lower).T.copy()


def _wanted(targets: Numbers, labels: int) -> tuple[Floats, Floats]:
    wanted = np.eye(labels, dtype=np.float32)[targets]
    middle: Floats = wanted.mean(axis=0)
    return wanted, middle


def _left_out(scores: Floats, wanted: Floats, pulls: Floats) -> Floats:
    without: Floats = wanted - (wanted - scores) / (1 - pulls.clip(0, 0.999))[:, None]
    return without
