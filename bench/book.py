"""The scenario book: every story on the real database, judged by end state; and the playbook steps none has walked."""

from __future__ import annotations

import argparse
from collections.abc import Sequence

from bench.report import Table, percentiles
from kefu.academy.book.coverage import coverage_of
from kefu.academy.book.report import counted, lines_of
from kefu.academy.book.run import play_book
from kefu.academy.book.story import read_book
from kefu.assistant.dialogue.tests.test_scenarios import coverage_with
from kefu.assistant.turn.book import book_of

STORIES, OF_A_LANGUAGE = 160, 12
PACK = "ecommerce"


def tables(given: Sequence[str] = ()) -> list[Table]:
    """How many stories end as they are told, and what they leave unwalked."""
    parser = argparse.ArgumentParser(prog="python -m bench book", description=__doc__)
    parser.add_argument("--language", action="append", default=[])
    wanted = parser.parse_args(list(given))
    told = play_book(read_book(PACK, languages=wanted.language), pack=PACK)
    rows = [[name, str(whole), str(right), f"{right / whole:.0%}"] for name, whole, right in counted(told)]
    wrong = [" ".join(line.strip() for line in lines_of(one, is_whole=False)) for one in told if not one.is_right]
    besides = sum(fault.startswith("should not have happened") for one in told for fault in one.faults)
    seconds = [turn for one in told for turn in one.seconds]
    coverage = coverage_with(told)
    alone = coverage_of(book_of(PACK), (way for one in told for way in one.walked))
    return [
        Table(
            "Scenario book: stories on the real database, judged by what is there afterwards",
            ["language or part of the work", "stories", "right", "share"],
            rows,
            [f"Bars: ≥ {STORIES} stories, ≥ {OF_A_LANGUAGE} in each language, all right. Changes that no story asked "
             f"for: {besides}. A turn: {', '.join(percentiles(seconds))} (p50, p95, p99).",
             *wrong[:40]],
        ),
        Table(
            "Scenario book: what no story walks",
            ["", "all", "walked by the book", "by the book and the scenarios beside the playbooks"],
            [["playbook steps", str(len(coverage.steps)), str(len(alone.steps) - len(alone.never)),
              str(len(coverage.steps) - len(coverage.never))],
             ["ways out of walked steps", str(len(coverage.ways)), str(len(alone.ways) - len(alone.ways_never)),
              str(len(coverage.ways) - len(coverage.ways_never))]],
            [f"Bar: no step is left unwalked by both together. Never walked: {', '.join(coverage.never) or 'none'}.",
             f"Ways never taken: {', '.join(coverage.ways_never) or 'none'}."],
        ),
    ]  # fmt: skip
