"""The stories beside the pack's playbooks, told to the real understanding and the real engine."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from kefu.academy.book.coverage import Coverage, coverage_of
from kefu.academy.book.run import Told, Way, play_book, way_of
from kefu.academy.book.story import read_book
from kefu.assistant.dialogue.tests.stage import NOW, PACK, Shop, Stage, keys, line, order, parcel, the_book
from kefu.assistant.engine.effects import Act, HandOver, Task
from kefu.assistant.facts import OrderFact
from kefu.assistant.language import Choose, Command, Fill, Start, Understanding
from kefu.assistant.understanding import understand
from kefu.kernel import yaml_text
from kefu.kernel.money import Money

#: (playbook, step, outcome) of every way that the stories here have walked, filled as they are told
WALKED: set[Way] = set()
#: (file, story) told so far in this process
TOLD: set[tuple[str, str]] = set()
KNOWN = {"story", "given", "customer", "ends", "never", "tells", "told_never"}
GIVES = {"terms", "points", "stock", "claims", "approves", "refunded_days_ago", "invoices", "warranty_months"}
ENDS = {"playbook", "as", "with", "does", "tasks", "with_args"}


def stories() -> Iterator[Any]:
    for file in sorted(PACK.rglob("*.scenarios.yaml")):
        for story in yaml_text.load(file.read_text(encoding="utf-8")):
            yield pytest.param(file, story, id=f"{file.name.split('.')[0]}: {story['story']}")


def _order(told: dict[str, Any]) -> OrderFact:
    number = told["number"]
    lines = [
        line(f"{number}/{place}", one.get("title", "Rain jacket"), one.get("zh", "雨衣"),
             color=one.get("color", "blue"), size=one.get("size", "M"), quantity=one.get("quantity", 1),
             price=one.get("price", 8900), returned=one.get("returned", 0))
        for place, one in enumerate(told.get("lines", [{}]), 1)
    ]  # fmt: skip
    parcels = [
        parcel(number, one["tracking"], shipped=one.get("shipped", one.get("delivered", 0) + 4),
               promised=one.get("promised_in", 0),
               delivered=one.get("delivered"), refs=[x.ref for x in lines])
        for one in told.get("parcels", [])
    ]  # fmt: skip
    parcels = [replace(made, carrier=one["carrier"]) if "carrier" in one else made
               for made, one in zip(parcels, told.get("parcels", []), strict=True)]  # fmt: skip
    made = order(number, told["state"], lines, parcels=parcels)
    made = replace(made, country=told.get("country", "DE"), refunded=Money(told.get("refunded", 0), "EUR"))
    assert made.placed_at < NOW + timedelta(days=1)
    return made


def _shop(given: dict[str, Any]) -> Shop:
    orders = [_order(one) for one in given.get("orders", [])]
    answers = {
        words: {"en": "So it is.", **(by if isinstance(by, dict) else {"by": by})}
        for words, by in given.get("knows", {}).items()
    }
    standings = {one["number"]: one["payment"] for one in given.get("orders", []) if "payment" in one}
    return Shop(orders, {one.number: "mira@example.com" for one in orders}, 2 if given.get("verified") else 0,
                language=given.get("language", "en"), answers=answers, standings=standings,
                **{name: given[name] for name in GIVES - {"approves"} if name in given},
                approves=set(given.get("approves", ())))  # fmt: skip


def _understood(said: Any, stage: Stage) -> Understanding:
    """A text goes through the real understanding; {start, fill, choose} are commands as they are."""
    if isinstance(said, str):
        return understand(said, stage.talk.listening)
    commands: list[Command] = []
    if "start" in said:
        commands.append(Start(0.9, said.get("text", ""), said["start"]))
    if "photo" in said:  # a picture comes along, as the turn tells of a message's attachments
        own = understand(said.get("text", ""), stage.talk.listening)
        return replace(own, commands=(*own.commands, Fill(1.0, "", "photo", "7")))
    commands += [Fill(0.9, str(value), kind, value) for kind, value in said.get("fill", {}).items()]
    if "choose" in said:
        commands.append(Choose(1.0, said["choose"], said["choose"]))
    return Understanding(said.get("text", ""), stage.shop.language, tuple(commands))


@pytest.mark.parametrize(("file", "story"), stories())
def test_a_story_ends_as_it_is_told(file: Path, story: dict[str, Any]) -> None:
    assert set(story) <= KNOWN
    assert set(story.get("ends", {})) <= ENDS
    stage = Stage(_shop(story.get("given", {})))
    done: list[Act] = []
    real = stage.shop.perform
    stage.shop.perform = lambda key, act: (done.append(act), real(key, act))[1]  # type: ignore[method-assign]
    told: list[str] = []
    tasks: list[str] = []
    handed = False
    for said in story["customer"]:
        outcome = stage.hears(_understood(said, stage))
        told += keys(outcome)
        tasks += [effect.kind for _, effect in outcome.effects if isinstance(effect, Task)]
        handed = handed or any(isinstance(effect, HandOver) for _, effect in outcome.effects)
        if handed:
            break
    TOLD.add((file.name, story["story"]))
    WALKED.update(way_of(at[0], at[2]) for one in stage.outcomes for way in one.trace for at in way.steps)
    ends = story.get("ends", {})
    trace = f"told {told}, done {[act.action for act in done]}"
    states = {key: state for one in stage.outcomes for key, state in one.talk.cases.items()}
    if "playbook" in ends:
        own = [state for state in states.values() if state.playbook == ends["playbook"]]
        assert own, trace
        if "as" in ends:
            assert ends["as"] in [state.disposition for state in own], trace
    assert handed == (ends.get("with") == "a person") or not ends, trace
    assert set(ends.get("tasks", [])) == set(tasks) or not ends, trace
    for action in ends.get("does", []):
        (act,) = [one for one in done if one.action == action]
        for name, value in ends.get("with_args", {}).items():
            assert act.args[name] == value
    for action in story.get("never", []):
        assert action not in [act.action for act in done], trace
    for key in story.get("tells", []):
        assert key in told, trace
    for key in story.get("told_never", []):
        assert key not in told, trace


def coverage_with(told: Iterable[Told]) -> Coverage:
    """What the stories here and those of the book walk together; `python -m bench book` counts by this, too.

    Stories that this process has not told are told now. Whether each ends right is its own test's matter.
    """
    for file, story in (one.values for one in stories()):
        if (file.name, story["story"]) not in TOLD:
            with suppress(AssertionError):
                test_a_story_ends_as_it_is_told(file, story)
    return coverage_of(the_book(), WALKED.union(*(one.walked for one in told)))


@pytest.mark.django_db
@pytest.mark.timeout(300)  # a process that runs a part of the suite tells all the stories here for itself
def test_no_step_of_the_packs_playbooks_is_left_unwalked() -> None:
    corners = play_book([one for one in read_book("ecommerce", languages=["en"]) if one.file == "en.steps.yaml"])
    assert [(one.story.name, one.faults) for one in corners if one.faults] == []
    assert coverage_with(corners).never == ()
