"""`python -m kefu.assistant.understanding.ship ecommerce`: write a pack's vectors.npz and model.npz after its examples
changed. Learning all of them takes a minute or two, which no fresh installation should wait for."""

from __future__ import annotations

import os
import sys

import numpy as np


def ship(pack: str) -> str:
    """Write the pack's vectors of all its examples and the model learnt from them; the sentence says of how many.

    Raises BadIntent.
    """
    from kefu.assistant.understanding import frozen, vectors
    from kefu.assistant.understanding.examples import intents_of
    from kefu.assistant.understanding.learner import read
    from kefu.assistant.understanding.meaning import embedder
    from kefu.assistant.understanding.model import key_of_pack, save, shipped_model, train

    mind = embedder()
    if mind is None:
        return "no embedder on this machine; nothing written"
    texts = sorted({read(example.text) for example in intents_of(pack).examples})
    rows = vectors.packed(vectors.of_examples(pack, texts, mind))
    file = vectors.shipped_file(pack)
    save(file, vectors.arrays_of({vectors.key_of(text, mind): row for text, row in zip(texts, rows, strict=True)}))
    trained = train(pack, ())
    save(shipped_model(pack), frozen.arrays_of(trained) | {"of": np.array(key_of_pack(pack))})
    return f"{file.name} and {shipped_model(pack).name}: {len(texts)} texts"


if __name__ == "__main__":
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "kefu.kernel.settings")
    django.setup()
    print(ship(sys.argv[1] if len(sys.argv) > 1 else "ecommerce"))
