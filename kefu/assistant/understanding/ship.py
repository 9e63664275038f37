"""`python -m kefu.assistant.understanding.ship ecommerce`: write a pack's vectors.npz after its examples changed."""

from __future__ import annotations

import os
import sys


def ship(pack: str) -> str:
    """Write the pack's vectors of all its examples; the sentence says how many. Raises BadIntent."""
    from kefu.assistant.understanding import vectors
    from kefu.assistant.understanding.examples import intents_of
    from kefu.assistant.understanding.learner import read
    from kefu.assistant.understanding.meaning import embedder
    from kefu.assistant.understanding.model import save

    mind = embedder()
    if mind is None:
        return "no embedder on this machine; nothing written"
    texts = sorted({read(example.text) for example in intents_of(pack).examples})
    rows = vectors.packed(vectors.of_examples(pack, texts, mind))
    file = vectors.shipped_file(pack)
    save(file, vectors.arrays_of({vectors.key_of(text, mind): row for text, row in zip(texts, rows, strict=True)}))
    return f"{file.name}: {len(texts)} texts"


if __name__ == "__main__":
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "kefu.kernel.settings")
    django.setup()
    print(ship(sys.argv[1] if len(sys.argv) > 1 else "ecommerce"))
