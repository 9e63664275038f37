"""Vectors of a pack's examples, computed once.

A pack ships them beside its examples (`vectors.npz`, one signed byte a number), so that a fresh installation does
not embed a few thousand sentences before its first answer. Examples that are new are embedded here and kept under
KEFU_HOME/cache; `python -m kefu.assistant.understanding.ship ecommerce` writes the shipped file again.
"""

from __future__ import annotations

import hashlib
import logging
import zipfile
from pathlib import Path

import numpy as np
from django.conf import settings

from kefu.assistant.understanding.examples import folder
from kefu.assistant.understanding.heads import Floats
from kefu.assistant.understanding.meaning import Embedder

log = logging.getLogger(__name__)


def key_of(text: str, mind: Embedder | type[Embedder]) -> str:
    return hashlib.sha256(f"{mind.name}\n{text}".encode()).hexdigest()[:16]


def shipped_file(pack: str) -> Path:
    return folder(pack) / "vectors.npz"


def of_examples(pack: str, texts: list[str], mind: Embedder) -> Floats:
    """n texts -> n x d; only texts that neither the pack nor the cache knows are embedded."""
    from kefu.assistant.understanding.model import save

    keys = [key_of(text, mind) for text in texts]
    kept_file = Path(settings.KEFU_HOME) / "cache" / f"vectors-{pack}.npz"
    kept = _read(kept_file)
    known = {**kept, **_read(shipped_file(pack))}
    missing = {key: text for key, text in zip(keys, texts, strict=True) if key not in known}
    if missing:
        log.info("embedding %d new examples of %s", len(missing), pack)
        new = dict(zip(missing, packed(mind.vectors(list(missing.values()))), strict=True))
        known |= new
        kept = {key: row for key, row in {**kept, **new}.items() if key in set(keys)}
        save(kept_file, arrays_of(kept))
    rows = np.stack([known[key] for key in keys]).astype(np.float32)
    lengths: Floats = np.linalg.norm(rows, axis=1, keepdims=True)
    return rows / lengths


def packed(matrix: Floats) -> list[np.ndarray]:
    """Each row in signed bytes; its length is restored on reading, so no scale is kept."""
    scaled = np.rint(matrix / np.abs(matrix).max(axis=1, keepdims=True) * 127)
    return list(scaled.astype(np.int8))


def arrays_of(rows: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    return {"keys": np.array(list(rows)), "rows": np.stack(list(rows.values())) if rows else np.zeros((0, 0), np.int8)}


def _read(file: Path) -> dict[str, np.ndarray]:
    try:
        with np.load(file, allow_pickle=False) as saved:
            return dict(zip(saved["keys"].tolist(), saved["rows"], strict=True))
    except FileNotFoundError:
        return {}
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile) as fault:
        log.warning("%s is unreadable (%s); its examples are embedded again", file.name, fault)
        return {}
