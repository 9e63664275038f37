"""What was told before is not told again in the same words, nor is the same work given twice."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from kefu.assistant.engine.effects import Effect, Say, Task
from kefu.assistant.engine.playbook import Book
from kefu.assistant.engine.summary import short_hash

#: marks kept of a talk; what lies further back may be told again
TOLD_AT_MOST = 16

#: instead of an answer to a question about what was told (follow_ups) that was given before
FOLLOWED_AGAIN = "follow.again"

Owned = tuple[str, Effect]


@dataclass(frozen=True, slots=True)
class Retold:
    """`effects` to carry out; `told` as it is afterwards; `has_repeated`: something had been told before."""

    effects: list[Owned]
    told: list[str]
    has_repeated: bool


def retell(effects: Sequence[Owned], told: Sequence[str], book: Book, language: str) -> Retold:
    """Word what is told again by its `.again` text, where the pack has one; leave out tasks given before.

    Told in another language than before, it is told in full.
    """
    kept: list[Owned] = []
    fresh: list[str] = []
    has_repeated = False
    for key, effect in effects:
        if isinstance(effect, Task):
            mark = short_hash(f"task.{effect.kind}", dict(effect.facts))
            if mark in told:
                continue
            fresh.append(mark)
        elif isinstance(effect, Say) and (anew := _anew(effect.key, book)):
            mark = short_hash(f"{language}.{effect.key}", dict(effect.facts))
            if mark in told:
                has_repeated = True
                effect = replace(effect, key=anew)
            fresh.append(mark)
        kept.append((key, effect))
    return Retold(kept, [*(mark for mark in told if mark not in fresh), *fresh][-TOLD_AT_MOST:], has_repeated)


def _anew(key: str, book: Book) -> str:
    """The text for what was told before: its own, or the one for any question about what was just told; "" for none."""
    if book.has_text(f"{key}.again"):
        return f"{key}.again"
    return FOLLOWED_AGAIN if key.startswith("follow.") and book.has_text(FOLLOWED_AGAIN) else ""
