"""Which steps of the playbooks, and which ways out of them, no story has walked."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from kefu.academy.book.run import Way
from kefu.assistant.engine.playbook import Book


@dataclass(frozen=True, slots=True)
class Coverage:
    """steps: "playbook.step" in the order of the playbooks; ways: "playbook.step: outcome" of steps that were walked.

    never: steps no story has walked; ways_never: ways out of walked steps that none has taken.
    """

    steps: tuple[str, ...]
    never: tuple[str, ...]
    ways: tuple[str, ...]
    ways_never: tuple[str, ...]


def coverage_of(book: Book, walked: Iterable[Way]) -> Coverage:
    """Each step and each way out of every playbook of the book, against what was walked."""
    taken = set(walked)
    seen = {(playbook, step) for playbook, step, _ in taken}
    steps, never, ways, ways_never = [], [], [], []
    for name, playbook in sorted(book.playbooks.items()):
        for step in playbook.steps.values():
            label = f"{name}.{step.id}"
            steps.append(label)
            if (name, step.id) not in seen:
                never.append(label)
                continue
            for outcome in step.exits:
                ways.append(f"{label}: {outcome}")
                if (name, step.id, outcome) not in taken:
                    ways_never.append(f"{label}: {outcome}")
    return Coverage(tuple(steps), tuple(never), tuple(ways), tuple(ways_never))
