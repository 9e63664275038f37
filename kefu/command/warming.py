"""What a process loads before its first customer comes, so that nobody waits for it."""

from __future__ import annotations

import gc
import logging
import threading
from contextlib import suppress

log = logging.getLogger(__name__)

#: brands whose catalogue is read before the first question; the others' with their first
BRANDS = 20
#: new objects until the collector looks at them; a message makes some ten thousand that are gone with it
YOUNG = 50_000


def warm_worker() -> None:
    """Model, words, playbooks and texts; catalogues meanwhile, so that a large shop keeps no worker waiting."""
    from django.conf import settings
    from django.db import connection

    from kefu.assistant.editions.working_playbooks import book_for
    from kefu.assistant.editions.working_texts import texts_for
    from kefu.assistant.understanding import warm
    from kefu.kernel.errors import KefuError
    from kefu.people.models import Brand

    for pack in settings.PACKS:
        warm(pack)
    for brand in Brand.objects.order_by("pk")[:BRANDS]:
        with suppress(KefuError, ValueError):  # a pack with faults says so when it is used, and not before
            book_for(brand)
            texts_for(brand)
    connection.close()
    threading.Thread(target=_read_catalogues, name="catalogues", daemon=True).start()


def _read_catalogues() -> None:
    from django.db import Error, connection

    from kefu.assistant.actions.catalog.finding import named_products
    from kefu.people.models import Brand

    try:
        for brand in Brand.objects.order_by("pk")[:BRANDS]:
            named_products(brand, "is it waterproof?")
    except Error as problem:
        log.warning("catalogues are read with their first question: %s", problem)
    finally:
        connection.close()
    settle()


def settle() -> None:
    """What is loaded stays: the collector need not look through it again and again."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(YOUNG, 20, 50)
