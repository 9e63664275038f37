"""The policy rules that work for a brand. Apart from the playbooks, for actions ask for rules and know no playbook."""

from __future__ import annotations

import logging
from functools import lru_cache

from kefu.assistant.editions.sources import sources_of, stamp_of, without_kind
from kefu.assistant.policy import BadPolicies, Rule, load_sources, pack_rules
from kefu.people.models import Brand

log = logging.getLogger(__name__)


def rules_for(brand: Brand) -> tuple[Rule, ...]:
    """The brand's policy rules. Editions that no longer fit (Kefu was updated under them) are left aside, all of the
    brand's, and logged: the pack's own rules work. Raises BadPolicies for a broken pack."""
    return _rules(brand.pk, brand.pack, stamp_of(brand)) if stamp_of(brand) else pack_rules(brand.pack)


@lru_cache(maxsize=64)
def _rules(brand_id: int, pack: str, stamp: int) -> tuple[Rule, ...]:
    brand = Brand.objects.get(pk=brand_id)
    try:
        return load_sources(without_kind(sources_of(brand, "policies")))
    except BadPolicies as problem:
        log.error("policy editions of %s are left aside, they have faults: %s", brand.slug, problem)
        return pack_rules(pack)
