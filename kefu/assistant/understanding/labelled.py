"""Labelled messages: what a file's labels mean here, and which of its rows are to be asked."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path
from typing import Any

import yaml

from kefu.assistant.understanding.label_files import BadData, Columns, rows_of
from kefu.kernel import yaml_text

#: labels that mean "nobody's business here", whatever the set calls it
OUTSIDE = frozenset({"out_of_scope", "oos"})
#: a file with more labels than this holds something else in that column
MOST_LABELS = 2000
_JOINED = re.compile(r"\s*[+|;,]\s*")


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


def joined(labels: Iterable[str]) -> str:
    """Several wishes of one message as one label, whatever their order."""
    return "+".join(sorted(set(labels)))


# -- what the labels mean here -------------------------------------------------


@dataclass(slots=True)
class Meaning:
    """Their labels -> ours. `known`: the labels there are here, None where any will do; `names`: the label map."""

    known: frozenset[str] | None = None
    names: Mapping[str, Any] | None = None
    _kept: dict[tuple[str, ...], tuple[str, ...]] = field(default_factory=dict)

    def of(self, labels: tuple[str, ...]) -> tuple[str, ...]:
        """The labels that are right for a row with these; none where it is not to be asked."""
        if labels not in self._kept:
            self._kept[labels] = self._of(labels)
        return self._kept[labels]

    def _of(self, labels: tuple[str, ...]) -> tuple[str, ...]:
        if self.names is not None:
            return self._mapped(labels, self.names)
        if self.known is None:
            return (joined(labels),) if len(labels) > 1 else labels
        ours = [self._ours(label) for label in labels]
        if len(ours) == 1 and not ours[0]:
            ours = [self._ours(part) for part in _JOINED.split(labels[0])]
        return (joined(ours),) if all(ours) else ()

    def _mapped(self, labels: tuple[str, ...], names: Mapping[str, Any]) -> tuple[str, ...]:
        found = [names.get(label) for label in labels]
        if any(one is None for one in found):
            return ()
        several = [[str(one)] if isinstance(one, str) else [str(each) for each in one or ()] for one in found]
        if len(several) == 1:
            return tuple(several[0])
        return (joined(choices[0] for choices in several),) if all(several) else ()

    def _ours(self, label: str) -> str:
        plain, known = _plain(label), self.known or frozenset()
        return label if label in known else plain if plain in known else "out_of_scope" if plain in OUTSIDE else ""

    def nearest(self, label: str) -> str:
        return next(iter(get_close_matches(_plain(label), sorted(self.known or ()), 1, 0.6)), "")


def _plain(label: str) -> str:
    """ "Cancel order" and "cancel-order" as we write labels: cancel_order."""
    return re.sub(r"[\s-]+", "_", label.strip().casefold())


def names_in(file: Path, known: Collection[str] | None = None) -> dict[str, Any]:
    """A label map: a YAML or JSON mapping. Raises BadData, also for a label of ours that is none of `known`."""
    try:
        content = yaml_text.load(file.read_text(encoding="utf-8-sig"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as fault:
        raise BadData(file=file.name, row=0, fault=str(fault)) from fault
    if not isinstance(content, dict):
        raise BadData(file=file.name, row=0, fault="it is no mapping of their label to ours: write theirs: ours")
    found: dict[str, Any] = {}
    for theirs, ours in content.items():
        several = ours if isinstance(ours, list) else [] if ours is None else [ours]
        if not all(isinstance(one, str) for one in several):
            raise BadData(file=file.name, row=0, fault=f"{theirs!r} is to be a label, a list of labels or null")
        if known is not None and (strange := [one for one in several if not _is_known(one, known)]):
            near = ", ".join(get_close_matches(strange[0], sorted(known), 3, 0.5)) or ", ".join(sorted(known))
            raise BadData(
                file=file.name, row=0, fault=f"{theirs!r}: there is no label {strange[0]!r} here; near it: {near}"
            )
        found[str(theirs)] = None if ours is None else [joined(one.split("+")) for one in several]
    return found


def _is_known(label: str, known: Collection[str]) -> bool:
    return all(part in known for part in label.split("+"))


# -- a whole file --------------------------------------------------------------


@dataclass(slots=True)
class Survey:
    """What a file holds, before anybody is asked: messages to ask, and what is passed over and why."""

    asked: int = 0
    labels: Counter[str] = field(default_factory=Counter)
    left_out: Counter[str] = field(default_factory=Counter)
    lacking: int = 0
    #: lines of the first few rows without a text or a label
    lacking_at: list[int] = field(default_factory=list)


def survey(file: Path, meaning: Meaning, columns: Columns | None = None) -> Survey:
    """Read a file once, quickly, in bounded memory. Raises BadData: it cannot be read, or nothing is to be asked."""
    found = Survey()
    for row in rows_of(file, columns or Columns()):
        if not row.text or not row.labels:
            found.lacking += 1
            if len(found.lacking_at) < 5:
                found.lacking_at.append(row.line)
        elif right := meaning.of(row.labels):
            found.asked += 1
            found.labels[right[0]] += 1
        else:
            found.left_out["+".join(row.labels)] += 1
        if len(found.labels) + len(found.left_out) > MOST_LABELS:
            raise BadData(file=file.name, row=row.line,
                          fault=f"the column of labels holds more than {MOST_LABELS} different values; "
                                "name the right one with --label-column")  # fmt: skip
    if not found.asked:
        raise BadData(file=file.name, row=0, fault=_nothing_to_ask(found, meaning))
    return found


def _nothing_to_ask(found: Survey, meaning: Meaning) -> str:
    if not found.left_out:
        return "it holds no message with a label"
    if meaning.names is not None:
        return f"the map names none of its labels: {', '.join(list(found.left_out)[:20])}"
    lines = "; ".join(f"{label}: {meaning.nearest(label) or '…'}" for label in list(found.left_out)[:20])
    return f"none of its labels is known here; write a file for --map with a line for each, theirs: ours: {lines}"


def labelled(file: Path, names: Mapping[str, Any] | None = None, *, meaning: Meaning | None = None,
             columns: Columns | None = None) -> list[Labelled]:  # fmt: skip
    """All rows that have a text and a label. `names`: the file's label -> ours (or several); others are left out.

    Raises BadData with file and row.
    """
    meaning = meaning or Meaning(names=names)
    found = list(each_labelled(file, meaning, columns))
    if not found:
        raise BadData(file=file.name, row=0, fault="it holds no message with a label that is asked for")
    return found


def each_labelled(file: Path, meaning: Meaning, columns: Columns | None = None) -> Iterator[Labelled]:
    for row in rows_of(file, columns or Columns()):
        if row.text and row.labels and (right := meaning.of(row.labels)):
            yield Labelled(row.text, right[0], row.language, right[1:])
