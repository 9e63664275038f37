"""How sure we must be who writes, by the table of verification. Pure."""

from __future__ import annotations

from kefu.commerce.tables.shapes import Tables

#: in the order of how much they prove; the numbers are those of a conversation's verification
LEVELS = ("none", "order", "customer")


def level_asked(tables: Tables, action: str) -> int:
    """The highest level that a row asks for this action, 0 where none does."""
    return max(
        (LEVELS.index(row["level"]) for row in tables.table("verification") if action in row["about"]), default=0
    )
