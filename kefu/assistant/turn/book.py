"""The pack's playbooks and texts, loaded once a process."""

from __future__ import annotations

from functools import lru_cache

from django.conf import settings

from kefu.assistant.actions.registry import action_specs
from kefu.assistant.checks import CHECKS
from kefu.assistant.engine.loader import load_book
from kefu.assistant.engine.playbook import Book
from kefu.assistant.replies.texts import Texts, load_texts


@lru_cache(maxsize=8)
def book_of(pack: str) -> Book:
    """All playbooks of a pack. Raises PlaybookFaults or BadTexts with everything that is wrong."""
    return load_book(
        settings.PACKS_DIR / pack / "playbooks",
        actions=action_specs(),
        checks=CHECKS,
        texts=texts_of(pack).by_language,
    )


def texts_of(pack: str) -> Texts:
    """All texts of a pack. Raises BadTexts."""
    return load_texts(settings.PACKS_DIR / pack / "replies")
