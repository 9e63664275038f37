"""What the pack's files say about a playbook, a step or a rule, in the reader's language.

A pack with faults must not take the desk down: the conversation is shown without its rail, and `kefu check` says why.
"""

from __future__ import annotations

import logging
from functools import lru_cache

from kefu.assistant.editions.sources import stamp_of
from kefu.assistant.editions.working_playbooks import book_for
from kefu.assistant.editions.working_rules import rules_for
from kefu.assistant.editions.working_tables import remedies_for
from kefu.assistant.engine.nodes import PlaybookFaults
from kefu.assistant.engine.playbook import Book
from kefu.assistant.policy.loader import BadPolicies
from kefu.assistant.policy.rules import Rule
from kefu.assistant.remedies.table import BadRemedies
from kefu.assistant.replies.texts import BadTexts
from kefu.commerce.tables import BadTables, Row, tables_for
from kefu.people.models import Brand
from kefu.web.desk import labels

logger = logging.getLogger(__name__)


def book(brand: Brand) -> Book | None:
    """The brand's playbooks; None, once logged, when the pack's files have faults."""
    return _book(brand.pk, brand.pack, stamp_of(brand), brand)


@lru_cache(maxsize=64)  # faults too: they are not looked for again with every page
def _book(brand_id: int, pack: str, stamp: int, brand: Brand) -> Book | None:
    try:
        return book_for(brand)
    except (PlaybookFaults, BadTexts, OSError) as problem:
        logger.error("playbooks of %s cannot be shown: %s", pack, problem)
        return None


def rule(brand: Brand, rule_id: str) -> Rule | None:
    """The policy rule of that name, if it still stands."""
    try:
        return next((one for one in rules_for(brand) if one.id == rule_id), None)
    except (BadPolicies, OSError) as problem:
        logger.error("policies of %s cannot be shown: %s", brand.pack, problem)
        return None


def _row(brand: Brand, row_id: str) -> Row | None:
    """The row of the brand's tables of that name, if it still stands."""
    try:
        return tables_for(brand).row(row_id) or remedies_for(brand).shown.row(row_id)
    except (BadTables, BadRemedies, OSError) as problem:
        logger.error("tables of %s cannot be shown: %s", brand.pack, problem)
        return None


def explanation(brand: Brand, rule_id: str, language: str) -> str:
    """What a rule says and where it comes from, in one line; "" for a rule that is gone."""
    found = rule(brand, rule_id) or _row(brand, rule_id)
    if found is None:
        return ""
    said = found.explanation.get(language) or found.explanation.get("en", "")
    return " · ".join(part for part in (" ".join(said.split()), labels.source(found.source)) if part)
