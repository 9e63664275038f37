"""The wording that works for a brand: the pack's texts, with the brand's own editions in them."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path

from django.conf import settings

from kefu.assistant.editions.sources import sources_of, stamp_of, without_kind
from kefu.assistant.replies.texts import Texts, load_texts, read_texts, spoken
from kefu.people.models import Brand

log = logging.getLogger(__name__)


def texts_for(brand: Brand) -> Texts:
    """The brand's texts. Editions that no longer fit are left aside, all of the brand's, and logged: the pack's own
    words are said. Raises BadTexts for a broken pack."""
    return _texts(brand.pk, brand.pack, stamp_of(brand)) if stamp_of(brand) else load_texts(_folder(brand.pack))


def texts_with(brand: Brand, changed: Mapping[str, str]) -> tuple[Texts, list[str]]:
    """The brand's texts with some files' ("en/return.yaml") in place of theirs, and their faults, to try a draft."""
    sources = {**without_kind(sources_of(brand, "replies")), **changed}
    return read_texts(sources, languages=spoken(_folder(brand.pack)))


@lru_cache(maxsize=64)
def _texts(brand_id: int, pack: str, stamp: int) -> Texts:
    brand, delivered = Brand.objects.get(pk=brand_id), load_texts(_folder(pack))
    texts, faults = texts_with(brand, {})
    faults = faults or unfit(delivered, texts)
    if not faults:
        return texts
    log.error("reply editions of %s are left aside, they have faults: %s", brand.slug, "; ".join(faults))
    return delivered


def unfit(delivered: Texts, own: Texts) -> list[str]:
    """Keys that are gone or new, and placeholders that nothing fills: "language: key: what is wrong; what to do"."""
    faults = []
    for language, texts in delivered.by_language.items():
        mine = own.by_language.get(language, {})
        faults += [f"{language}:1: {key} is missing; write it" for key in sorted(texts.keys() - mine.keys())]
    for key in own.keys():  # noqa: SIM118  not a dict
        known = delivered.placeholders(key)
        if unknown := sorted(own.placeholders(key) - known):
            filled = ", ".join(f"{{{name}}}" for name in sorted(known)) or "none"
            named = ", ".join(f"{{{name}}}" for name in unknown)
            faults.append(f"{_where(own, key, unknown)}:1: {key}: nothing fills {named}; this text knows {filled}")
    return faults


def _where(own: Texts, key: str, unknown: list[str]) -> str:
    """The first language whose wording has one of the placeholders."""
    for language, texts in own.by_language.items():
        if any(f"{{{name}" in template for template in texts.get(key, {}).values() for name in unknown):
            return language
    return ""


def _folder(pack: str) -> Path:
    return Path(settings.PACKS_DIR) / pack / "replies"
