"""Playing the book: each story on the same shop, through the conversation's own door, undone afterwards."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from time import perf_counter
from typing import Any

from django.conf import settings
from django.db import connection

from kefu.academy.book.changes import changes, taken
from kefu.academy.book.judging import Ended, faults_of
from kefu.academy.book.shop import CUSTOMER, bring_in, bring_in_coupons, make_shop
from kefu.academy.book.story import Story
from kefu.academy.door import ChatDoor
from kefu.academy.play import Heard, play
from kefu.academy.undone import undone
from kefu.assistant.models import ActionRecord
from kefu.desk.models import Case, Channel, Owner
from kefu.kernel import clock
from kefu.people.models import Brand

#: every story happens then: a Wednesday, eleven in the morning in Berlin
NOW = datetime(2026, 9, 16, 9, 0, tzinfo=UTC)
Way = tuple[str, str, str]  # playbook, step, outcome


@dataclass(frozen=True, slots=True)
class Told:
    """One story as it came out. lines: (who, words). faults: [] when it ended as it is told. walked: ways taken.

    actions: what was done or refused. seconds: of all turns.
    """

    story: Story
    ended: Ended
    faults: tuple[str, ...]
    lines: tuple[tuple[str, str], ...] = ()
    walked: frozenset[Way] = frozenset()
    actions: frozenset[str] = frozenset()
    seconds: tuple[float, ...] = ()

    @property
    def is_right(self) -> bool:
        return not self.faults


@dataclass(slots=True)
class _Talk:
    lines: list[tuple[str, str]] = field(default_factory=list)
    trouble: list[str] = field(default_factory=list)


def play_book(
    stories: Iterable[Story],
    *,
    pack: str = "ecommerce",
    dressed: Callable[[Brand], None] = lambda brand: None,
    heard: Callable[[Told], None] = lambda told: None,
) -> list[Told]:
    """Every story on a shop of its own making, with nothing of it left in the database.

    dressed: what is done to the shop before the first story, e.g. a draft put to work. heard: called after each
    story. Raises BadBook when a story's orders can't be made.
    """
    told: list[Told] = []
    with clock.held_at(NOW), undone():
        brand = make_shop(pack)
        bring_in_coupons(brand, NOW)
        dressed(brand)
        brand.refresh_from_db()
        try:
            for story in stories:
                one = _told(brand, story)
                told.append(one)
                heard(one)
        finally:
            shutil.rmtree(Path(settings.MEDIA_ROOT) / brand.slug, ignore_errors=True)
    return told


def _told(brand: Brand, story: Story) -> Told:
    found: list[Told] = []
    with undone():
        bring_in(brand, story, NOW)
        before = taken(brand)
        door = ChatDoor(Channel.objects.get(brand=brand, kind="chat"), CUSTOMER if story.signed_in else "")
        talk = _Talk()
        began = perf_counter()
        _talked(story, door, talk)
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")  # what a commit would refuse is refused here
        ended = _ended(brand, door, changes(before, taken(brand)))
        found.append(
            Told(
                story,
                ended,
                tuple(talk.trouble + faults_of(story, ended)),
                tuple(talk.lines),
                _walked(door),
                frozenset(ActionRecord.objects.filter(brand=brand).values_list("action", flat=True)),
                tuple(door.seconds) or (perf_counter() - began,),
            )
        )
    return found[0]


def _talked(story: Story, door: ChatDoor, talk: _Talk) -> None:
    """The talk as it is written, or as the simulated customer leads it."""
    if story.plays is not None:
        played = play(story.plays, lambda said: _one_turn(door, talk, said.text, choice=said.choice))
        talk.lines = list(played.lines)
        return
    heard = Heard("")
    for said in story.talk:
        choice = ""
        if said.later:
            door.begin_anew()
        if said.press:
            choice = next((value for value, _ in heard.choices if _is_pressed(value, said.press)), "")
            if not choice:
                offered = ", ".join(value for value, _ in heard.choices) or "none"
                talk.trouble.append(f"no button {said.press!r} to press; there were {offered}")
                return
        words = said.text or dict(heard.choices).get(choice, "")
        talk.lines.append(("customer", words + (" [photo]" if said.photo else "")))
        heard = _one_turn(door, talk, words, choice=choice, with_photo=said.photo)
        talk.lines.append(("kefu", heard.text))


def _one_turn(door: ChatDoor, talk: _Talk, text: str, *, choice: str = "", with_photo: bool = False) -> Heard:
    was_with_person = door.conversation is not None and door.conversation.owner != Owner.ASSISTANT
    heard = door.say(text, choice=choice, with_photo=with_photo)
    if not heard.text and not was_with_person:
        talk.trouble.append(f"nothing was said to {text[:60]!r}")
    return heard


def _is_pressed(value: str, wanted: str) -> bool:
    """A button is called by its value or by the first part of it: yes:1a2b, line:KF-1042/2."""
    return value == wanted or value.startswith(f"{wanted}:") or value.rpartition(":")[2] == wanted


def _ended(brand: Brand, door: ChatDoor, changed: Sequence[str]) -> Ended:
    conversation = door.conversation
    cases = Case.objects.filter(brand=brand).order_by("pk").values_list("playbook", "disposition")
    person = ""
    if conversation is not None and conversation.owner != Owner.ASSISTANT:
        person = f"{conversation.queue} {conversation.priority or ''}".strip()
    return Ended(
        changes=tuple(changed),
        person=person,
        cases=tuple(f"{playbook} {disposition}".strip() for playbook, disposition in cases),
        replies=tuple(one.text for one in door.replies),
        languages=tuple(one.language for one in door.replies),
    )


def _walked(door: ChatDoor) -> frozenset[Way]:
    """Every step that any turn of the talk went through, with what came out of it."""
    if door.conversation is None:
        return frozenset()
    traces: list[Any] = [case["steps"] for one in door.replies for case in one.why.get("cases", ())]
    traces += Case.objects.filter(brand_id=door.channel.brand_id).values_list("state__walked", flat=True)
    return frozenset(way_of(path, outcome) for walked in traces for path, _, outcome, _ in walked or ())


def way_of(path: str, outcome: str) -> Way:
    """ "return_item.who>verify_customer.ask" -> the innermost playbook and its step."""
    playbook, _, step = path.rpartition(">")[2].partition(".")
    return playbook, step, outcome
