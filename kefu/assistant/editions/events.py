"""What is written down of editions."""

from __future__ import annotations

PUBLISHED = "assistant.edition_published"
