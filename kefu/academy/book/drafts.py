"""A manager's draft tried against the book: which stories would come out otherwise than by what is published.

The door for pages: `try_draft(brand, {"playbooks/return_item.yaml": text}, author=agent)`.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from time import monotonic
from typing import Any

from django.conf import settings

from kefu.academy.book.judging import Ended
from kefu.academy.book.run import Told, Way, play_book
from kefu.academy.book.story import Story, read_book
from kefu.assistant.editions.models import Edition
from kefu.assistant.editions.sources import KINDS, STAMP, pack_sources, sources_of, without_kind
from kefu.assistant.editions.working_playbooks import book_for
from kefu.assistant.editions.working_rules import rules_for
from kefu.assistant.engine.playbook import Book
from kefu.assistant.policy import load_sources
from kefu.kernel import clock
from kefu.kernel.ids import new_id
from kefu.people.models import Agent, Brand


@dataclass(frozen=True, slots=True)
class Turned:
    """A story that comes out otherwise. faults: [] where it ends as it is told."""

    story: Story
    before: Ended
    faults_before: tuple[str, ...]
    after: Ended
    faults_after: tuple[str, ...]
    lines_after: tuple[tuple[str, str], ...] = ()

    @property
    def is_worse(self) -> bool:
        return bool(self.faults_after) and not self.faults_before

    @property
    def is_better(self) -> bool:
        return bool(self.faults_before) and not self.faults_after


@dataclass(frozen=True, slots=True)
class Trial:
    """played: stories that the draft can touch and that were played with it; left_out: those the time didn't reach.

    of: stories in the whole book.
    """

    of: int
    played: int
    left_out: int
    turned: tuple[Turned, ...]

    @property
    def worse(self) -> tuple[Turned, ...]:
        return tuple(one for one in self.turned if one.is_worse)


@dataclass(frozen=True, slots=True)
class Known:
    """How a story comes out by what is published."""

    ended: Ended
    faults: tuple[str, ...]
    walked: frozenset[Way]


def try_draft(
    brand: Brand,
    changed: Mapping[str, str],
    *,
    author: Agent,
    seconds: float | None = None,
    heard: Callable[[Told], None] = lambda told: None,
) -> Trial:
    """Play the stories that a draft can touch, by the brand's published editions and with the draft in their place.

    changed: file -> the draft's text, as editions name files. The texts must be without faults (editions.faults_of):
    one that cannot work would be left aside. How the stories come out as published is kept under KEFU_HOME and played
    only where playbooks, policies or stories have changed since. seconds: at most so long for playing them as
    published, and as long again with the draft; stories not reached count as left out, and the next trial goes on
    where this one stopped. heard: after each story of either part; what it raises ends the trial. Leaves no row
    behind. Raises BadBook.
    """
    stories = read_book(brand.pack)
    known = as_published(brand, stories, author=author, seconds=seconds, heard=heard)
    unknown = [one for one in stories if key_of(one) not in known]
    touch = touch_of(brand, changed)
    touched = [one for one in stories if key_of(one) in known and _is_touched(known[key_of(one)], touch)]
    turned, played = list[Turned](), 0
    own = play_book(
        _in_time(touched, seconds), pack=brand.pack, dressed=partial(_dress, brand, changed, author), heard=heard
    )
    for told in own:
        played += 1
        was = known[key_of(told.story)]
        if (told.ended.changes, told.ended.person, told.ended.cases, told.faults) != (
            was.ended.changes, was.ended.person, was.ended.cases, was.faults,
        ):  # fmt: skip
            turned.append(Turned(told.story, was.ended, was.faults, told.ended, told.faults, told.lines))
    return Trial(len(stories), played, len(touched) - played + len(unknown), tuple(turned))


def _in_time(stories: Iterable[Story], seconds: float | None) -> Iterator[Story]:
    """The stories until the time is over, counted from the first one asked for."""
    began = monotonic()
    for story in stories:
        if seconds is not None and monotonic() - began > seconds:
            return
        yield story


def key_of(story: Story) -> str:
    return f"{story.language}: {story.name}"


# ---- as published ----


def as_published(
    brand: Brand,
    stories: Collection[Story],
    *,
    author: Agent | None = None,
    seconds: float | None = None,
    heard: Callable[[Told], None] = lambda told: None,
) -> dict[str, Known]:
    """How the stories come out for the brand now; from KEFU_HOME where nothing has changed since they were played.

    seconds: at most so long for those not played yet; what isn't reached is missing in the answer.
    """
    file = Path(settings.KEFU_HOME) / "cache" / "book" / f"{brand.pack}-{_digest(brand)}.json"
    known = _read(file) if file.exists() else {}
    missing = [one for one in stories if key_of(one) not in known]
    if not missing:
        return known
    told = play_book(
        _in_time(missing, seconds), pack=brand.pack, dressed=partial(_dress, brand, {}, author), heard=heard
    )
    known |= {key_of(one.story): Known(one.ended, one.faults, one.walked) for one in told}
    file.parent.mkdir(parents=True, exist_ok=True)
    rows = {key: {"ended": asdict(one.ended), "faults": one.faults, "walked": sorted(one.walked)}
            for key, one in known.items()}  # fmt: skip
    part = file.with_suffix(f".{new_id().hex[:8]}.part")  # two trials may end together
    part.write_text(json.dumps(rows, ensure_ascii=False), encoding="utf-8")
    part.replace(file)
    return known


def _read(file: Path) -> dict[str, Known]:
    rows: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    return {
        key: Known(
            _ended(row["ended"]),
            tuple(row["faults"]),
            frozenset((way[0], way[1], way[2]) for way in row["walked"]),
        )
        for key, row in rows.items()
    }


def _ended(row: Mapping[str, Any]) -> Ended:
    return Ended(tuple(row["changes"]), row["person"], tuple(row["cases"]), tuple(row["replies"]),
                 tuple(row["languages"]))  # fmt: skip


def _digest(brand: Brand) -> str:
    """Of everything of the pack and the brand's editions that a talk may depend on."""
    found = hashlib.sha256()
    for kind in KINDS:
        for file, text in sorted(sources_of(brand, kind).items()):
            found.update(f"{file}\0{text}\0".encode())
    for part in sorted((Path(settings.PACKS_DIR) / brand.pack).rglob("*.yaml")):
        if not part.name.endswith(".scenarios.yaml"):
            found.update(f"{part.name}\0{part.stat().st_size}\0{part.stat().st_mtime_ns}\0".encode())
    return found.hexdigest()[:24]


# ---- with the draft ----


def _dress(brand: Brand, changed: Mapping[str, str], author: Agent | None, private: Brand) -> None:
    """Put the brand's editions and the draft to work in the book's shop."""
    texts: dict[str, str] = {}
    for kind in KINDS:
        own = pack_sources(brand.pack, kind)
        texts |= {file: text for file, text in sources_of(brand, kind).items() if text != own.get(file)}
    texts |= changed
    if not texts:
        return
    if author is None:
        raise ValueError("a brand with editions of its own is played in somebody's name; give author")
    now = clock.now()
    Edition.objects.bulk_create(
        Edition(brand=private, file=file, text=text, number=1, begun_on="", author=author, changed_at=now,
                published_at=now)
        for file, text in texts.items()
    )  # fmt: skip
    Brand.objects.filter(pk=private.pk).update(settings={**private.settings, STAMP: 1})


@dataclass(frozen=True, slots=True)
class Touch:
    """What a draft reaches: playbooks by name, actions by name; everything when it can't be told."""

    playbooks: frozenset[str] = frozenset()
    actions: frozenset[str] = frozenset()
    everything: bool = False
    book: Book | None = None


def touch_of(brand: Brand, changed: Mapping[str, str]) -> Touch:
    """Playbooks of changed files, and the actions that rules of changed files speak of, before and after. Of tables,
    remedies and texts it can't be told: every turn reads them."""
    book, names, actions = book_for(brand), set[str](), set[str]()
    for file, text in changed.items():
        kind, _, name = file.partition("/")
        if kind == "playbooks":
            names |= {one.name for one in book.playbooks.values() if one.file == name}
        elif kind == "policies":
            after = load_sources({**without_kind(sources_of(brand, "policies")), name: text})
            rules = [one for one in (*rules_for(brand), *after) if one.place.startswith(f"{name}:")]
            actions |= {action for one in rules for action in one.about}
        else:
            return Touch(everything=True)
    if actions - {step.subject for one in book.playbooks.values() for step in one.steps.values()}:
        return Touch(everything=True)  # done by no step alone but by what a person or a plan asks for: any story may
    return Touch(frozenset(names), frozenset(actions), False, book)


def _is_touched(known: Known, touch: Touch) -> bool:
    if touch.everything or touch.book is None:
        return True
    for playbook, step_id, _ in known.walked:
        if playbook in touch.playbooks:
            return True
        own = touch.book.playbooks.get(playbook)
        step = own.steps.get(step_id) if own else None
        if step is not None and step.kind == "act" and step.subject in touch.actions:
            return True
    return False
