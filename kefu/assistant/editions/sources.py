"""The texts that work for a brand: the pack's files, with the brand's published editions in their place."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Literal

from django.conf import settings

from kefu.assistant.editions.models import Edition
from kefu.people.models import Brand

Kind = Literal["playbooks", "policies", "tables", "remedies", "replies"]
KINDS: tuple[Kind, ...] = ("playbooks", "policies", "tables", "remedies", "replies")
#: the brand's setting that changes with each publication; 0 while it has no edition of its own
STAMP = "edition"
#: files of one pack at most; far more than any has
FILES_AT_MOST = 1_000


def stamp_of(brand: Brand) -> int:
    """Which editions work for the brand; read with the brand's row, so that a turn asks no table for it."""
    return int(brand.settings.get(STAMP, 0))


def pack_sources(pack: str, kind: Kind) -> dict[str, str]:
    """The pack's own files, "playbooks/return_item.yaml" -> text; stories are none, nor what lists the languages."""
    folder = Path(settings.PACKS_DIR) / pack
    return {
        file.relative_to(folder).as_posix(): file.read_text(encoding="utf-8")
        for file in sorted((folder / kind).rglob("*.yaml"))
        if not file.name.endswith(".scenarios.yaml") and file != folder / "replies" / "languages.yaml"
    }


def sources_of(brand: Brand, kind: Kind) -> Mapping[str, str]:
    """The files of one kind as they work for the brand now."""
    return _sources(brand.pk, brand.pack, kind, stamp_of(brand))


@lru_cache(maxsize=64)  # a publication changes the stamp, and with it the key
def _sources(brand_id: int, pack: str, kind: Kind, stamp: int) -> Mapping[str, str]:
    own = pack_sources(pack, kind)
    if not stamp:
        return own
    published = (
        Edition.objects.filter(brand_id=brand_id, file__startswith=f"{kind}/", number__isnull=False)
        .order_by("file", "-number")
        .distinct("file")
        .values_list("file", "text")[:FILES_AT_MOST]
    )
    return {**own, **{file: text for file, text in published if text and file in own}}


def digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def without_kind(sources: Mapping[str, str]) -> dict[str, str]:
    """The same by the names that loaders put before their faults: "return_item.yaml", "shared/stop.yaml"."""
    return {file.partition("/")[2]: text for file, text in sources.items()}
