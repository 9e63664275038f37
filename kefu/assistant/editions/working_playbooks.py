"""The playbooks that work for a brand: the pack's, with the brand's own editions in them."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from functools import lru_cache

from kefu.assistant.actions.registry import action_specs
from kefu.assistant.checks import CHECKS
from kefu.assistant.editions.sources import sources_of, stamp_of, without_kind
from kefu.assistant.editions.working_texts import texts_for
from kefu.assistant.engine.loader import read_sources
from kefu.assistant.engine.nodes import Fault, PlaybookFaults
from kefu.assistant.engine.playbook import Book
from kefu.assistant.replies.texts import Texts
from kefu.assistant.turn.book import book_of
from kefu.people.models import Brand

log = logging.getLogger(__name__)


def book_for(brand: Brand) -> Book:
    """The brand's playbooks. An edition that no longer fits (Kefu was updated under it) is left aside, all of the
    brand's editions with it, and logged: the pack's own playbooks work. Raises PlaybookFaults for a broken pack."""
    return _book(brand.pk, brand.pack, stamp_of(brand)) if stamp_of(brand) else book_of(brand.pack)


def book_with(brand: Brand, changed: Mapping[str, str]) -> Book:
    """The brand's playbooks with some files' texts in place of theirs, to try a draft. Raises PlaybookFaults."""
    book, faults = read_with(brand, changed, texts_for(brand))
    if faults:
        raise PlaybookFaults(faults)
    return book


def read_with(brand: Brand, changed: Mapping[str, str], texts: Texts) -> tuple[Book, list[Fault]]:
    """The brand's playbooks with some files' texts in place of theirs, worded by `texts`; and all faults."""
    sources = {**without_kind(sources_of(brand, "playbooks")), **changed}
    return read_sources(sources, actions=action_specs(), checks=CHECKS, texts=texts.by_language)


@lru_cache(maxsize=64)
def _book(brand_id: int, pack: str, stamp: int) -> Book:
    brand = Brand.objects.get(pk=brand_id)
    book, faults = read_with(brand, {}, texts_for(brand))
    if not faults:
        return book
    log.error("playbook editions of %s are left aside, they have faults: %s", brand.slug, PlaybookFaults(faults))
    return book_of(pack)
