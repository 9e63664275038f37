"""A found entity, and the stretches of the message that are already spoken for."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Entity:
    """`kind` and `value` as language.FillKind says; start and end are offsets in the normalised text."""

    kind: str
    value: Any
    start: int
    end: int
    score: float = 0.9


@dataclass(slots=True)
class Taken:
    spans: list[tuple[int, int]] = field(default_factory=list)

    def is_free(self, start: int, end: int) -> bool:
        return all(end <= taken_start or start >= taken_end for taken_start, taken_end in self.spans)

    def keep(self, entities: Iterable[Entity]) -> list[Entity]:
        kept: list[Entity] = []
        for entity in entities:
            twins = [other for other in kept if (entity.start, entity.end) == (other.start, other.end)]
            if any(other.kind == entity.kind for other in twins):
                continue
            same = bool(twins)
            if same or self.is_free(entity.start, entity.end):
                kept.append(entity)
                if not same:
                    self.spans.append((entity.start, entity.end))
        return kept
