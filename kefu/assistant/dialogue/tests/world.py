"""Where and when the stories play: the pack, and one Monday morning."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

PACK = Path(__file__).resolve().parents[4] / "packs" / "ecommerce"
NOW = datetime(2026, 3, 2, 10, 0, tzinfo=UTC)
TODAY = date(2026, 3, 2)
