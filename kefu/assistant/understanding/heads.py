"""Closed-form classifiers: ridge on class targets, certainty calibrated on predictions left out of the fit.

`Head` is linear (over n-grams, lexical.py); `MeaningHead` weighs likeness to some of the examples, its landmarks
(over embeddings). Left-out predictions of ridge cost nothing extra, so thresholds need no second data set.
Sources: Golub, Heath, Wahba 1979 (leave-one-out by the diagonal of the hat matrix); Williams, Seeger 2001 (Nyström:
a kernel by landmarks). How both are solved: solving.py.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from kefu.assistant.understanding.solving import Floats, Numbers, ridge_among, ridge_on_all, ridge_on_few, whitening

__all__ = ["Floats", "Gate", "Head", "MeaningHead", "Numbers", "fit", "fit_gate", "fit_meaning", "softmax"]


#: how fast likeness fades with distance, and the ridge; chosen on left-out examples of several sets, see
#: docs/why/understanding.md
FADE, RIDGE = 0.4, 0.07
#: up to so many examples each is a landmark; of more, so many are. A matrix of this size in single numbers is 600 MB
EACH, LANDMARKS = 14_000, 3_000
#: of a label's landmarks, how many nearest tell how alike a text is to it
NEAREST = 5


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
class MeaningHead:
    """`landmarks`: examples' centred unit vectors, m x d; `owners`: their labels; `centres`: a mean vector a script.

    An embedding says in which script a text is written before it says what it means; taking each script's mean away
    lets examples of one language teach the others.
    """

    landmarks: Floats
    owners: Numbers
    weights: Floats
    bias: Floats
    centres: Floats
    temperature: float

    def centred(self, vectors: Floats, scripts: Numbers) -> Floats:
        moved = vectors - self.centres[scripts]
        lengths: Floats = np.linalg.norm(moved, axis=1, keepdims=True).clip(1e-6)
        return moved / lengths

    def __call__(self, vectors: Floats, scripts: Numbers) -> tuple[Floats, Floats]:
        """n x d unit vectors -> n x labels scores, and n x landmarks likeness (-1..1)."""
        likeness = self.centred(vectors, scripts) @ self.landmarks.T
        return near(likeness) @ self.weights + self.bias, likeness

    def likeness_to(self, labels: Numbers, likeness: Floats) -> Floats:
        """n likeness: the mean of the nearest landmarks of each row's label; -1 for a label without any."""
        alike = np.full(len(labels), -1.0, np.float32)
        for label in np.unique(labels):
            own = np.flatnonzero(self.owners == label)
            if len(own):
                rows = np.flatnonzero(labels == label)
                nearest = np.sort(likeness[np.ix_(rows, own)], axis=1)[:, -NEAREST:]
                alike[rows] = nearest.mean(axis=1)
        return alike


def near(likeness: Floats) -> Floats:
    faded: Floats = np.exp(2 * FADE * (likeness - 1))
    return faded


def fit(rows: Sequence[tuple[Numbers, Floats]], size: int, targets: Numbers, labels: int, *,
        ridge: float) -> tuple[Head, Floats]:  # fmt: skip
    """A linear head over `size` features, and the scores of each example when left out.

    rows: of each example the places of the features that are not 0, and their values.
    """
    weights, bias, left_out = ridge_on_few(rows, size, targets, labels, ridge)
    return Head(weights, bias, temperature_of(left_out, targets)), left_out


def fit_meaning(vectors: Floats, scripts: Numbers, targets: Numbers, labels: int,
                kinds_of_script: int) -> tuple[MeaningHead, Floats, Floats]:  # fmt: skip
    """A meaning head from n x d unit vectors; each example's scores, and likeness to the landmarks, when left out."""
    middle = vectors.mean(axis=0)
    centres = np.stack([
        vectors[scripts == kind].mean(axis=0) if (scripts == kind).sum() >= 20 else middle
        for kind in range(kinds_of_script)
    ])  # fmt: skip
    nothing = np.zeros((0, 0), np.float32)
    blank = MeaningHead(nothing, np.zeros(0, np.int64), nothing, nothing, centres, 1.0)
    centred = blank.centred(vectors, scripts)
    chosen = landmarks_among(targets)
    landmarks = centred[chosen]
    if len(chosen) == len(targets):
        weights, bias, left_out = ridge_among(near(centred @ centred.T), targets, labels, RIDGE)
    else:
        turn = whitening(near(landmarks @ landmarks.T))
        weights, bias, left_out = ridge_on_all(near(centred @ landmarks.T) @ turn, targets, labels, RIDGE)
        weights = turn @ weights
    likeness = centred @ landmarks.T
    likeness[chosen, np.arange(len(chosen))] = -1.0  # nobody is their own neighbour
    head = MeaningHead(landmarks, targets[chosen], weights, bias, centres, temperature_of(left_out, targets))
    return head, left_out, likeness


def landmarks_among(targets: Numbers) -> Numbers:
    """All examples, or as many of each label as are fair, the same ones every time."""
    if len(targets) <= EACH:
        return np.arange(len(targets))
    mixed = np.random.default_rng(1042).permutation(len(targets))
    rank = np.zeros(len(targets), np.int64)
    for label in np.unique(targets):
        rows = mixed[targets[mixed] == label]
        rank[rows] = np.arange(len(rows))
    fair: Numbers = np.sort(mixed[np.argsort(rank[mixed], kind="stable")][:LANDMARKS])
    return fair


def temperature_of(scores: Floats, targets: Numbers) -> float:
    """The one that makes the left-out probabilities likeliest."""
    rows = np.arange(len(targets))
    steps = [float(step) for step in np.geomspace(0.02, 1.0, 40)]
    return min(steps, key=lambda step: -float(np.log(softmax(scores / step)[rows, targets].clip(1e-6)).mean()))


@dataclass(frozen=True, slots=True)
class Gate:
    """Whether a text is any of the known labels' business, from how sure and how alike the best label is.

    `weights` and `bias` over the signs (learner.py says which); inside from `threshold` on.
    """

    weights: Floats
    bias: float
    threshold: float

    def __call__(self, signs: Floats) -> Floats:
        """n x signs -> n chances (0..1) that the text is inside."""
        chance: Floats = 1 / (1 + np.exp(-(signs @ self.weights + self.bias)))
        return chance


#: of the left-out examples that were understood, how many may be turned away where no strangers are known
LOST = 0.03


def fit_gate(inside: Floats, right: npt.NDArray[np.bool_], outside: Floats) -> Gate:
    """From the left-out signs of examples inside and outside; both sides weigh the same.

    The threshold is where the right answers kept and the strangers turned away are most together; a right answer
    counts three times, for being turned away is worse than being asked again. Without strangers it is where LOST of the
    right answers would be lost.
    """
    if not len(outside):
        spread = inside.std(axis=0)
        weights = np.where(spread > 1e-4, 1 / spread.clip(1e-4), 0)
        gate = Gate(weights.astype(np.float32), float(-(inside.mean(axis=0) * weights).sum()), 0.5)
        return Gate(gate.weights, gate.bias, float(np.quantile(gate(inside[right]), LOST)))
    signs = np.concatenate([inside, outside]).astype(np.float64)
    middle, spread = signs.mean(axis=0), signs.std(axis=0).clip(1e-6)
    scaled = np.c_[(signs - middle) / spread, np.ones(len(signs))]
    wanted = np.r_[np.ones(len(inside)), np.zeros(len(outside))]
    weight = np.r_[np.full(len(inside), 0.5 / len(inside)), np.full(len(outside), 0.5 / len(outside))] * len(outside)
    held = np.diag(np.r_[np.ones(signs.shape[1]), 1e-6])
    slope = np.zeros(scaled.shape[1])
    for _ in range(30):  # Newton: it settles in about ten
        chance = 1 / (1 + np.exp(-(scaled @ slope).clip(-30, 30)))
        pull = scaled.T @ (weight * (chance - wanted)) + held @ slope
        bend = (scaled * (weight * chance * (1 - chance))[:, None]).T @ scaled + held
        step = np.linalg.solve(bend, pull)
        slope -= step
        if np.abs(step).max() < 1e-6:
            break
    weights = (slope[:-1] / spread).astype(np.float32)
    gate = Gate(weights, float(slope[-1] - (slope[:-1] / spread) @ middle), 0.5)
    kept, let_in = gate(inside[right]), gate(outside)
    steps = np.linspace(0.02, 0.98, 97)
    worth = [3 * (kept >= step).mean() + (let_in < step).mean() for step in steps]
    return Gate(gate.weights, gate.bias, float(steps[int(np.argmax(worth))]))
