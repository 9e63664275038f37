"""What a mailbox gives, before anybody looks into it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Fetched:
    """One mail as it lies there. `problem` instead of content: too_large (the head is there), unfetchable."""

    uid: int
    content: bytes
    problem: str = ""
