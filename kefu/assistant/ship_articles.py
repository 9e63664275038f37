"""`python -m kefu.assistant.ship_articles ecommerce`: write knowledge/vectors.npz after the articles have changed."""

from __future__ import annotations

import os
import sys


def main(pack: str) -> str:
    from kefu.assistant.understanding.meaning import embedder
    from kefu.knowledge.pack import ship_vectors

    mind = embedder()
    if mind is None:
        return "no embedder on this machine; nothing written"
    return f"{pack}/knowledge/vectors.npz: {ship_vectors(pack, mind)} texts"


if __name__ == "__main__":
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "kefu.kernel.settings")
    django.setup()
    print(main(sys.argv[1] if len(sys.argv) > 1 else "ecommerce"))
