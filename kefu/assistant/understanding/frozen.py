"""A trained model as arrays and bytes, and back: for the disk cache and for the row that all processes read.

Likeness is kept in signed bytes and weights in half floats: a model is a few megabytes, and its answers are the same.
"""

from __future__ import annotations

import hashlib
import io
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from kefu.assistant.understanding.heads import Gate, Head, MeaningHead, Numbers
from kefu.assistant.understanding.learner import Learnt
from kefu.assistant.understanding.lexical import LexicalHead


class Damaged(ValueError):
    """Kept bytes are no model, or one of another time."""


@dataclass(frozen=True, slots=True)
class Trained:
    """`keys` and `targets`: each example (`key_of`) and its label; `left_out`: what it is taken for when the rest is
    learnt without it."""

    learnt: Learnt
    keys: npt.NDArray[np.uint64]
    targets: Numbers
    left_out: Numbers

    @property
    def right(self) -> float:
        """Share of the examples that are understood when they are left out of the learning."""
        return float((self.targets == self.left_out).mean())


def key_of(text: str) -> int:
    """A number for a text, so that a model keeps no customer's words."""
    return int.from_bytes(hashlib.blake2b(text.encode("utf-8", "replace"), digest_size=8).digest(), "little")


def arrays_of(trained: Trained) -> dict[str, npt.NDArray[np.generic]]:
    learnt = trained.learnt
    numbers = np.array(list(learnt.words.rarity), dtype=np.uint32)
    arrays: dict[str, npt.NDArray[np.generic]] = {
        "labels": np.array(learnt.labels), "outside": learnt.outside, "clear_from": np.array(learnt.clear_from),
        "keys": trained.keys, "targets": trained.targets.astype(np.int16),
        "left_out": trained.left_out.astype(np.int16), "words_numbers": numbers,
        "words_rarity": np.array(list(learnt.words.rarity.values()), dtype=np.float16),
        "words_weights": learnt.words.head.weights.astype(np.float16), "words_bias": learnt.words.head.bias,
        "words_temperature": np.array(learnt.words.head.temperature),
    }  # fmt: skip
    if learnt.meaning is not None:
        head = learnt.meaning
        arrays |= {
            "landmarks": np.rint(head.landmarks / _largest(head.landmarks) * 127).astype(np.int8),
            "owners": head.owners.astype(np.int16), "weights": head.weights, "bias": head.bias,
            "centres": head.centres, "temperature": np.array(head.temperature),
        }  # fmt: skip
    if learnt.gate is not None:
        gate = learnt.gate
        arrays |= {"gate": gate.weights, "gate_bias": np.array(gate.bias), "gate_from": np.array(gate.threshold)}
    return arrays


def _largest(rows: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    largest: npt.NDArray[np.float32] = np.abs(rows).max(axis=1, keepdims=True).clip(1e-6)
    return largest


def bytes_of(trained: Trained) -> bytes:
    into = io.BytesIO()
    np.savez_compressed(into, allow_pickle=False, **arrays_of(trained))
    return into.getvalue()


def thawed(whole: bytes) -> Trained:
    """Raises Damaged."""
    try:
        with np.load(io.BytesIO(whole), allow_pickle=False) as saved:
            return _from_arrays(saved)
    except (OSError, ValueError, KeyError, EOFError, IndexError, zipfile.BadZipFile) as fault:
        raise Damaged(str(fault)) from fault


def _from_arrays(saved: Mapping[str, npt.NDArray[np.generic]]) -> Trained:
    rarity = dict(zip(saved["words_numbers"].tolist(), saved["words_rarity"].astype(np.float64).tolist(), strict=True))
    head = Head(saved["words_weights"].astype(np.float32), saved["words_bias"].astype(np.float32),
                float(saved["words_temperature"]))  # fmt: skip
    learnt = Learnt(
        tuple(saved["labels"].tolist()), saved["outside"].astype(np.bool_), LexicalHead(rarity, head),
        float(saved["clear_from"]),
    )  # fmt: skip
    if "landmarks" in saved:
        landmarks = saved["landmarks"].astype(np.float32)
        landmarks /= np.linalg.norm(landmarks, axis=1, keepdims=True).clip(1e-6)
        learnt.meaning = MeaningHead(
            landmarks, saved["owners"].astype(np.int64), saved["weights"].astype(np.float32),
            saved["bias"].astype(np.float32), saved["centres"].astype(np.float32), float(saved["temperature"]),
        )  # fmt: skip
    if "gate" in saved:
        learnt.gate = Gate(saved["gate"].astype(np.float32), float(saved["gate_bias"]), float(saved["gate_from"]))
    targets, left_out = saved["targets"].astype(np.int64), saved["left_out"].astype(np.int64)
    return Trained(learnt, saved["keys"].astype(np.uint64), targets, left_out)
