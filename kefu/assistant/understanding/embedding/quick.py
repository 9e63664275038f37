"""`QuickE5`: texts to unit vectors by ONNX Runtime on one thread."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from kefu.assistant.understanding.embedding.graph import network
from kefu.assistant.understanding.embedding.pieces import Cutter
from kefu.assistant.understanding.embedding.weights import read_weights
from kefu.assistant.understanding.heads import Floats, Numbers

#: tokens of a text that are read: time grows with them
MOST_TOKENS = 96
#: tokens that go through the network at once; more no longer fit the processor's own memory
TOGETHER = 256
_PREFIX = "query: "  # e5 was trained with it


class QuickE5:
    """Thread-safe: a run keeps nothing in the session."""

    def __init__(self, file: Path):
        """Raises ImportError without onnxruntime, OSError or BadWeights for the file."""
        import onnxruntime

        self._weights = read_weights(file)
        self._cut = Cutter(self._weights.vocabulary)
        wishes = onnxruntime.SessionOptions()
        wishes.intra_op_num_threads = wishes.inter_op_num_threads = 1  # workers share the cores
        wishes.log_severity_level = 3
        self._session = onnxruntime.InferenceSession(network(self._weights), wishes, providers=["CPUExecutionProvider"])
        self._places = self._weights.floats("emb.pos").reshape(-1, self._weights.width)
        self._kind = self._weights.floats("emb.type")[: self._weights.width]
        self._level, self._shift = self._weights.floats("emb.ln.w"), self._weights.floats("emb.ln.b")

    def vector(self, text: str) -> Floats:
        return self.vectors([text])[0]

    def vectors(self, texts: list[str]) -> Floats:
        """n texts -> n x width unit vectors. Texts of as many tokens go through the network together: many at once
        cost a third of what they cost one by one."""
        cut = [self._cut(_PREFIX + text, most=MOST_TOKENS) for text in texts]
        found = np.zeros((len(texts), self._weights.width), np.float32)
        alike: dict[int, list[int]] = {}
        for place, numbers in enumerate(cut):
            alike.setdefault(len(numbers), []).append(place)
        for tokens, places in alike.items():
            most = max(1, TOGETHER // tokens)
            for start in range(0, len(places), most):
                some = places[start : start + most]
                found[some] = self._together(np.array([cut[place] for place in some]))
        return found

    def _together(self, numbers: Numbers) -> Floats:
        size = numbers.shape[1]
        tokens = self._weights.rows("emb.word", numbers.ravel()).reshape(*numbers.shape, -1)
        tokens = tokens + self._places[:size] + self._kind
        tokens -= tokens.mean(axis=-1, keepdims=True)
        tokens /= np.sqrt((tokens * tokens).mean(axis=-1, keepdims=True) + self._weights.epsilon)
        meaning = self._session.run(None, {"tokens": tokens * self._level + self._shift})[0]
        vectors: Floats = meaning / np.linalg.norm(meaning, axis=1, keepdims=True)
        return vectors
