"""What differs from market to market, as tables that a manager reads and changes: packs/<pack>/tables/*.yaml.

Every row names its source and the day that was read; docs/reference/tables.md lists the columns.
"""

from __future__ import annotations

from kefu.commerce.tables.loader import BadTables, TableFault, load, read_sources, tables_of
from kefu.commerce.tables.shapes import Row, Tables
from kefu.commerce.tables.working import own_tables, own_tables_come_from, tables_for

__all__ = [
    "BadTables", "Row", "TableFault", "Tables", "load", "own_tables", "own_tables_come_from", "read_sources",
    "tables_for", "tables_of",
]  # fmt: skip
