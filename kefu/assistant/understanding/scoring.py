"""Measuring: what was heard of labelled messages, and the tables that tell them apart."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from kefu.assistant.language import ListeningFor
from kefu.assistant.understanding.door import understand
from kefu.assistant.understanding.examples import intents_of
from kefu.assistant.understanding.labelled import OUTSIDE, Labelled, joined
from kefu.assistant.understanding.labels import label_of
from kefu.assistant.understanding.learner import learn, read
from kefu.assistant.understanding.meaning import embedder
from kefu.assistant.understanding.model import train

#: the part of a set that is kept from learning when no other file is given
HELD_BACK = 0.2
#: wrong answers that are kept to be shown
MOST_WRONG = 10_000
#: confusions that are printed
SHOWN = 20


def held_back(rows: Sequence[Labelled], share: float = HELD_BACK) -> tuple[list[Labelled], list[Labelled]]:
    """To learn from, and to be asked; the same rows every time."""
    mixed = list(rows)
    random.Random(1042).shuffle(mixed)
    cut = max(1, round(len(mixed) * share))
    return mixed[cut:], mixed[:cut]


def heard_by_pack(rows: Sequence[Labelled], pack: str) -> list[str]:
    """What the pack's own model makes of each message, the whole way through the door."""
    return [heard for _, heard, _ in hear_by_pack(rows, pack)]


def heard_after(learnt_from: Sequence[Labelled], asked: Sequence[Labelled]) -> list[str]:
    """Learn afresh from one file with the very learner that answers customers, and answer another."""
    labels = tuple(sorted({row.label for row in learnt_from}))
    outside = np.array([label in OUTSIDE for label in labels])
    texts = [read(row.text) for row in learnt_from]
    targets = np.array([labels.index(row.label) for row in learnt_from], dtype=np.int64)
    mind = embedder()
    learnt, _ = learn(texts, targets, labels, outside, mind.vectors(texts) if mind else None)
    strangers = "" if outside.any() else next((row.label for row in asked if row.label in OUTSIDE), "")
    said = [read(row.text) for row in asked]
    embedded = mind.vectors(said) if mind else [None] * len(said)
    return [learnt.answer(text, vector, strangers=strangers) for text, vector in zip(said, embedded, strict=True)]


@dataclass(frozen=True, slots=True)
class Mistaken:
    text: str
    meant: str
    heard: str
    language: str


def mistaken_in(pack: str) -> tuple[float, list[Mistaken]]:
    """The pack's own examples, each answered by a model that has not learnt it: share right, and the wrong ones."""
    trained = train(pack, ())
    labels = trained.learnt.labels
    by_text = {read(example.text): example for example in intents_of(pack).examples}
    wrong = [
        Mistaken(example.text, labels[meant], labels[heard], example.language)
        for (_, example), meant, heard in zip(by_text.items(), trained.targets, trained.left_out, strict=True)
        if meant != heard
    ]
    return trained.right, wrong


@dataclass(slots=True)
class Score:
    """What was heard, counted as it comes: a file of any length needs no more memory than a short one."""

    messages: int = 0
    right: int = 0
    meant: Counter[str] = field(default_factory=Counter)
    heard: Counter[str] = field(default_factory=Counter)
    #: right answers by the label that was meant, and by the one that was heard
    hits: Counter[str] = field(default_factory=Counter)
    claimed: Counter[str] = field(default_factory=Counter)
    #: (language, label) -> messages, right ones
    cells: dict[tuple[str, str], list[int]] = field(default_factory=dict)
    confused: Counter[tuple[str, str]] = field(default_factory=Counter)
    #: messages whose language the file did not tell
    detected: int = 0
    wrong: list[dict[str, str]] = field(default_factory=list)

    def add(self, row: Labelled, heard: str, *, language: str = "") -> bool:
        """Count one answer; language: as detected, for a row that tells none."""
        is_right = heard in row.right
        self.messages += 1
        self.right += is_right
        self.meant[row.label] += 1
        self.heard[heard] += 1
        self.detected += bool(language and not row.language)
        spoken = row.language or language
        cell = self.cells.setdefault((spoken, row.label), [0, 0])
        cell[0] += 1
        cell[1] += is_right
        if is_right:
            self.hits[row.label] += 1
            self.claimed[heard] += 1
        else:
            self.confused[(row.label, heard)] += 1
            if len(self.wrong) < MOST_WRONG:
                self.wrong.append({"text": row.text, "meant": row.label, "heard": heard, "language": spoken})
        return is_right

    @property
    def accuracy(self) -> float:
        return self.right / self.messages if self.messages else 0.0

    def languages(self) -> dict[str, tuple[int, int]]:
        """Language -> messages, right ones."""
        found: dict[str, tuple[int, int]] = {}
        for (language, _), (count, right) in sorted(self.cells.items()):
            before = found.get(language, (0, 0))
            found[language] = (before[0] + count, before[1] + right)
        return found

    def scopes(self) -> list[tuple[str, float, int]]:
        """In scope kept right, and out of scope recognised, where a set has both."""
        strange = sum(self.meant[label] for label in OUTSIDE)
        inside = self.messages - strange
        if not strange or not inside:
            return []
        recognised = strange - sum(
            n for (one, heard), n in self.confused.items() if one in OUTSIDE and heard not in OUTSIDE
        )
        kept = self.right - sum(self.hits[label] for label in OUTSIDE)
        return [
            ("in scope kept right", kept / inside, inside),
            ("out of scope recognised", recognised / strange, strange),
        ]


def hear_by_pack(rows: Iterable[Labelled], pack: str) -> Iterator[tuple[Labelled, str, str]]:
    """What the pack's own model makes of each message, the whole way through the door: row, label, language."""
    for row in rows:
        heard = understand(row.text, ListeningFor(language=row.language), pack=pack)
        yield row, joined(label_of(heard).split("+")), heard.foreign or heard.language


def known_labels(pack: str) -> frozenset[str]:
    """Every label that a message may have here: the pack's intents, and what `label_of` says besides."""
    return frozenset({*intents_of(pack).labels, "human", "out_of_scope", "nothing"})


def score_of(rows: Sequence[Labelled], heard: Sequence[str]) -> Score:
    score = Score()
    for row, answer in zip(rows, heard, strict=True):
        score.add(row, answer)
    return score


def scopes(rows: Sequence[Labelled], heard: Sequence[str]) -> list[tuple[str, float, int]]:
    return score_of(rows, heard).scopes()


def table(score: Score) -> str:
    """Accuracy, recall and precision by label, accuracy by language, the commonest confusions; out of scope apart."""
    lines = [f"accuracy {score.accuracy:.3f} ({score.right} of {score.messages})"]
    lines += [f"{name} {share:.3f} of {of}" for name, share, of in score.scopes()]
    wide = max(24, *(len(label) + 2 for label in score.meant))
    lines += ["", f"{'label':<{wide}}{'messages':>10}{'recall':>9}{'precision':>11}"]
    for label, count in sorted(score.meant.items()):
        precision = f"{score.claimed[label] / score.heard[label]:.3f}" if score.heard[label] else "-"
        lines.append(f"{label:<{wide}}{count:>10}{score.hits[label] / count:>9.3f}{precision:>11}")
    spoken = score.languages()
    if set(spoken) - {""}:
        lines += ["", f"{'language':<{wide}}{'messages':>10}{'right':>9}"]
        lines += [
            f"{language or '-':<{wide}}{count:>10}{right / count:>9.3f}" for language, (count, right) in spoken.items()
        ]
    if score.detected:
        lines.append(f"({score.detected} of the messages tell no language: it was detected)")
    if score.confused:
        lines += ["", "meant -> heard"]
        lines += [f"{count:>6}  {one} -> {other}" for (one, other), count in score.confused.most_common(SHOWN)]
        if more := len(score.confused) - SHOWN:
            lines += [f"        and {more} rarer confusions (--json has them all)"] if more > 0 else []
    return "\n".join(lines)


def as_map(score: Score) -> dict[str, Any]:
    """The same figures for a program."""
    labels = {
        label: {"messages": count, "right": score.hits[label], "recall": round(score.hits[label] / count, 4),
                "precision": round(score.claimed[label] / score.heard[label], 4) if score.heard[label] else None}
        for label, count in sorted(score.meant.items())
    }  # fmt: skip
    languages = {
        language: {
            "messages": count, "right": right, "accuracy": round(right / count, 4),
            "labels": {label: {"messages": of, "right": hits}
                       for (spoken, label), (of, hits) in sorted(score.cells.items()) if spoken == language},
        }
        for language, (count, right) in score.languages().items()
    }  # fmt: skip
    return {
        "messages": score.messages, "right": score.right, "accuracy": round(score.accuracy, 4),
        "scopes": {name: round(share, 4) for name, share, _ in score.scopes()},
        "labels": labels, "languages": languages, "language_detected": score.detected,
        "confusion": [{"meant": one, "heard": other, "count": count}
                      for (one, other), count in score.confused.most_common()],
    }  # fmt: skip
