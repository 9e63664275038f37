"""The book's results in words, for the command line and the bench."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from kefu.academy.book.coverage import Coverage
from kefu.academy.book.run import Told


def lines_of(told: Told, *, is_whole: bool) -> Iterator[str]:
    """One story: its name, what is wrong, and the whole talk when asked for."""
    yield f"{'right' if told.is_right else 'WRONG'}  {told.story.language}: {told.story.name}"
    if is_whole:
        for who, text in told.lines:
            yield f"    {who + ':':<10}" + text.replace("\n", "\n" + " " * 14)
        yield f"    changes   {'; '.join(told.ended.changes) or 'none'}"
        yield f"    cases     {', '.join(told.ended.cases) or 'none'}"
    for fault in told.faults:
        yield f"    {fault}"


def counted(told: Sequence[Told]) -> list[tuple[str, int, int]]:
    """(language, stories, right ones), then (part of the work, …), then ("all", …)."""
    rows = []
    for names in ([one.story.language for one in told], [one.story.about for one in told], ["all"] * len(told)):
        whole = Counter(names)
        right = Counter(name for name, one in zip(names, told, strict=True) if one.is_right)
        rows += [(name, whole[name], right[name]) for name in whole]
    return rows


def coverage_lines(coverage: Coverage) -> Iterator[str]:
    """The steps and ways no story walks, by name."""
    walked = len(coverage.steps) - len(coverage.never)
    yield f"{walked} of {len(coverage.steps)} playbook steps walked"
    yield from (f"never walked: {step}" for step in coverage.never)
    taken = len(coverage.ways) - len(coverage.ways_never)
    yield f"{taken} of {len(coverage.ways)} ways out of walked steps taken"
    yield from (f"never taken: {way}" for way in coverage.ways_never)
