"""What the pack's files say about a playbook, a step or a rule, in the reader's language.

A pack with faults must not take the desk down: the conversation is shown without its rail, and `kefu check` says why.
"""

from __future__ import annotations

import logging
from functools import lru_cache

from kefu.assistant.engine.nodes import PlaybookFaults
from kefu.assistant.engine.playbook import Book
from kefu.assistant.policy.loader import BadPolicies, pack_rules
from kefu.assistant.policy.rules import Rule
from kefu.assistant.replies.texts import BadTexts
from kefu.assistant.turn.book import book_of
from kefu.commerce.tables import BadTables, Row, tables_of

logger = logging.getLogger(__name__)


@lru_cache(maxsize=8)  # faults too: they are not looked for again with every page
def book(pack: str) -> Book | None:
    """The pack's playbooks; None, once logged, when its files have faults."""
    try:
        return book_of(pack)
    except (PlaybookFaults, BadTexts, OSError) as problem:
        logger.error("playbooks of %s cannot be shown: %s", pack, problem)
        return None


def rule(pack: str, rule_id: str) -> Rule | None:
    """The policy rule of that name, if it still stands."""
    try:
        return next((one for one in pack_rules(pack) if one.id == rule_id), None)
    except (BadPolicies, OSError) as problem:
        logger.error("policies of %s cannot be shown: %s", pack, problem)
        return None


def _row(pack: str, row_id: str) -> Row | None:
    """The row of the pack's tables of that name, if it still stands."""
    try:
        return tables_of(pack).row(row_id)
    except (BadTables, OSError) as problem:
        logger.error("tables of %s cannot be shown: %s", pack, problem)
        return None


def text(pack: str, key: str, language: str) -> str:
    """A short text of the pack ("rail.confirm"), or "" when there is none."""
    known = book(pack)
    return known.label(key, language, " ").strip() if known else ""


def explanation(pack: str, rule_id: str, language: str) -> str:
    """What a rule says and where it comes from, in one line; "" for a rule that is gone."""
    found = rule(pack, rule_id) or _row(pack, rule_id)
    if found is None:
        return ""
    said = found.explanation.get(language) or found.explanation.get("en", "")
    return " · ".join(part for part in (" ".join(said.split()), " ".join(found.source.split())) if part)
