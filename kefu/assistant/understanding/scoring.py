"""Measuring: labelled messages from any file, what was heard, and the tables that tell them apart."""

from __future__ import annotations

import csv
import json
import random
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import yaml

from kefu.assistant.language import ListeningFor
from kefu.assistant.understanding.door import understand
from kefu.assistant.understanding.labels import label_of
from kefu.assistant.understanding.learner import learn, read
from kefu.assistant.understanding.meaning import embedder
from kefu.assistant.understanding.model import train
from kefu.kernel.errors import BadInput

#: labels that mean "nobody's business here", whatever the set calls it
OUTSIDE = frozenset({"out_of_scope", "oos"})
#: what a column may be called
_TEXT, _LABEL, _LANGUAGE = ("text", "utterance", "message"), ("label", "intent", "category"), ("language", "lang")
#: the part of a set that is kept from learning when no other file is given
HELD_BACK = 0.2


class BadData(BadInput):
    """A labelled file cannot be read: each row needs a text and a label. See docs/reference/intents.md."""

    code = "assistant.bad_data"


@dataclass(frozen=True, slots=True)
class Labelled:
    """`also`: other labels that are as right, where a foreign set cuts the wishes differently."""

    text: str
    label: str
    language: str = ""
    also: tuple[str, ...] = ()

    @property
    def right(self) -> frozenset[str]:
        return frozenset((self.label, *self.also))


def labelled(file: Path, names: Mapping[str, Any] | None = None) -> list[Labelled]:
    """Rows of a JSON Lines or CSV file. `names`: the file's label -> ours (or several); others are left out.

    Raises BadData with file and row.
    """
    try:
        with file.open(encoding="utf-8-sig", newline="") as opened:
            rows = list(csv.DictReader(opened)) if file.suffix == ".csv" else _json_lines(opened, file)
    except (OSError, UnicodeDecodeError, csv.Error) as fault:
        raise BadData(file=file.name, row=0, fault=str(fault)) from fault
    found = []
    for number, row in enumerate(rows, start=1):
        text, label = _cell(row, _TEXT), _cell(row, _LABEL)
        if not text or not label:
            raise BadData(file=file.name, row=number, fault="there is no text or no label")
        ours = label if names is None else names.get(label)
        if ours is not None:
            first, *also = [ours] if isinstance(ours, str) else [str(one) for one in ours]
            found.append(Labelled(text, first, _cell(row, _LANGUAGE), tuple(also)))
    if not found:
        raise BadData(file=file.name, row=0, fault="it holds no message with a label that is asked for")
    return found


def _json_lines(lines: Iterable[str], file: Path) -> list[dict[str, Any]]:
    rows = []
    for number, line in enumerate(lines, start=1):
        if line.strip():
            try:
                row = json.loads(line)
            except json.JSONDecodeError as fault:
                raise BadData(file=file.name, row=number, fault=str(fault)) from fault
            if not isinstance(row, dict):
                raise BadData(file=file.name, row=number, fault='each line is {"text": "…", "label": "…"}')
            rows.append(row)
    return rows


def _cell(row: Mapping[str, Any], names: Sequence[str]) -> str:
    return next((str(row[name]) for name in names if row.get(name) is not None), "")


def names_in(file: Path) -> dict[str, Any]:
    """A label map: a YAML or JSON mapping. Raises BadData."""
    try:
        content = yaml.safe_load(file.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as fault:
        raise BadData(file=file.name, row=0, fault=str(fault)) from fault
    if not isinstance(content, dict):
        raise BadData(file=file.name, row=0, fault="it is no mapping of their label to ours")
    return content


def held_back(rows: Sequence[Labelled], share: float = HELD_BACK) -> tuple[list[Labelled], list[Labelled]]:
    """To learn from, and to be asked; the same rows every time."""
    mixed = list(rows)
    random.Random(1042).shuffle(mixed)
    cut = max(1, round(len(mixed) * share))
    return mixed[cut:], mixed[:cut]


def heard_by_pack(rows: Sequence[Labelled], pack: str) -> list[str]:
    """What the pack's own model makes of each message, the whole way through the door."""
    return [label_of(understand(row.text, ListeningFor(language=row.language), pack=pack)) for row in rows]


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
    from kefu.assistant.understanding.examples import intents_of

    trained = train(pack, ())
    labels = trained.learnt.labels
    by_text = {read(example.text): example for example in intents_of(pack).examples}
    wrong = [
        Mistaken(example.text, labels[meant], labels[heard], example.language)
        for (_, example), meant, heard in zip(by_text.items(), trained.targets, trained.left_out, strict=True)
        if meant != heard
    ]
    return trained.right, wrong


def table(rows: Sequence[Labelled], heard: Sequence[str]) -> str:
    """Accuracy, per label recall and precision, per language, the commonest confusions; out of scope apart."""
    pairs = list(zip(rows, heard, strict=True))
    right = sum(said in row.right for row, said in pairs)
    lines = [f"accuracy {right / len(pairs):.3f} ({right} of {len(pairs)})"]
    lines += [f"{name} {share:.3f} of {of}" for name, share, of in scopes(rows, heard)]
    lines += ["", f"{'label':<24}{'messages':>10}{'recall':>9}{'precision':>11}"]
    meant, said = Counter(row.label for row in rows), Counter(heard)
    hits = Counter(row.label for row, one in pairs if one in row.right)
    claimed = Counter(one for row, one in pairs if one in row.right)
    for label in sorted(meant):
        precision = f"{claimed[label] / said[label]:.3f}" if said[label] else "-"
        lines.append(f"{label:<24}{meant[label]:>10}{hits[label] / meant[label]:>9.3f}{precision:>11}")
    by_language: dict[str, list[bool]] = defaultdict(list)
    for row, one in pairs:
        by_language[row.language].append(one in row.right)
    if set(by_language) - {""}:
        lines += ["", f"{'language':<24}{'messages':>10}{'right':>9}"]
        lines += [f"{language or '-':<24}{len(rights):>10}{sum(rights) / len(rights):>9.3f}"
                  for language, rights in sorted(by_language.items())]  # fmt: skip
    confused = Counter((row.label, one) for row, one in pairs if one not in row.right)
    if confused:
        lines += ["", "meant -> heard"]
        lines += [f"{count:>6}  {one} -> {other}" for (one, other), count in confused.most_common(15)]
    return "\n".join(lines)


def scopes(rows: Sequence[Labelled], heard: Sequence[str]) -> list[tuple[str, float, int]]:
    """In scope kept right, and out of scope recognised, where a set has both."""
    inside = [one in row.right for row, one in zip(rows, heard, strict=True) if row.label not in OUTSIDE]
    outside = [one in OUTSIDE for row, one in zip(rows, heard, strict=True) if row.label in OUTSIDE]
    if not inside or not outside:
        return []
    return [("in scope kept right", sum(inside) / len(inside), len(inside)),
            ("out of scope recognised", sum(outside) / len(outside), len(outside))]  # fmt: skip
