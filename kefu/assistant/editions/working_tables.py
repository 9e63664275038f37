"""The tables and remedies that work for a brand. Apart from the playbooks, for actions read tables and know none."""

from __future__ import annotations

import logging
from functools import lru_cache

from kefu.assistant.editions.sources import pack_sources, sources_of, stamp_of, without_kind
from kefu.assistant.remedies.table import BadRemedies, Remedies, pack_remedies, read_remedies
from kefu.assistant.remedies.table import weakened as remedies_weakened
from kefu.commerce.tables import Tables, read_sources
from kefu.commerce.tables.floor import weakened
from kefu.people.models import Brand

log = logging.getLogger(__name__)
LEFT_ASIDE = "%s editions of %s are left aside, they have faults: %s"


def own_tables_of(brand: Brand) -> Tables | None:
    """The brand's own edition of the tables; None where the pack's hold. An edition that no longer fits, or that falls
    below law that Kefu has learnt since, is left aside, all of the brand's tables with it, and logged."""
    return _tables(brand.pk, brand.pack, stamp_of(brand)) if stamp_of(brand) else None


@lru_cache(maxsize=64)
def _tables(brand_id: int, pack: str, stamp: int) -> Tables | None:
    brand = Brand.objects.get(pk=brand_id)
    sources, own = sources_of(brand, "tables"), pack_sources(pack, "tables")
    if sources == own:
        return None
    tables, faults = read_sources(without_kind(sources))
    faults = faults or weakened(read_sources(without_kind(own))[0], tables)
    if not faults:
        return tables
    log.error(LEFT_ASIDE, "table", brand.slug, "; ".join(map(str, faults)))
    return None


def remedies_for(brand: Brand) -> Remedies:
    """The remedies that hold for the brand; left aside and logged as own_tables_of. Raises BadRemedies for a broken
    pack."""
    return _remedies(brand.pk, brand.pack, stamp_of(brand)) if stamp_of(brand) else pack_remedies(brand.pack)


@lru_cache(maxsize=64)
def _remedies(brand_id: int, pack: str, stamp: int) -> Remedies:
    brand, delivered = Brand.objects.get(pk=brand_id), pack_remedies(pack)
    try:
        remedies = read_remedies(without_kind(sources_of(brand, "remedies")))
    except BadRemedies as problem:
        log.error(LEFT_ASIDE, "remedy", brand.slug, problem)
        return delivered
    if faults := remedies_weakened(delivered, remedies):
        log.error(LEFT_ASIDE, "remedy", brand.slug, "; ".join(map(str, faults)))
        return delivered
    return remedies
