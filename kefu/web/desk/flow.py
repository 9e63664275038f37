"""A playbook as a picture to read: the ordinary way from top to bottom, what leaves it beside the step where it leaves.

Pure: from the playbook to nested shapes; the template draws them as cards with lines between.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from kefu.assistant.engine.playbook import Playbook, Step
from kefu.web.desk.rail import straight_on


@dataclass(frozen=True, slots=True)
class Way:
    """One exit that is not the ordinary one: on which outcome, and where it goes. Exactly one of `cards` (drawn here),
    `to_step` (drawn elsewhere on the page), `to_playbook` and `to_person` (the reason) is set."""

    outcome: str
    cards: tuple[Card, ...] = ()
    to_step: str = ""
    to_playbook: str = ""
    to_person: str = ""


@dataclass(frozen=True, slots=True)
class Card:
    """One step. `said`: the customer's text or the name of what is done; `next_on`: outcome that leads on to the card
    below, "" when it is the only way. text: the key of the wording that is said."""

    id: str
    kind: str
    said: str
    next_on: str
    ways: tuple[Way, ...] = field(default=())
    text: str = ""


def flow(playbook: Playbook, say: Callable[[Step], str]) -> tuple[Card, ...]:
    """The whole playbook, each step drawn once. say: what a step tells or does, in the reader's words."""
    drawn: set[str] = set()
    cards = _chain(playbook, playbook.first, say, drawn)
    left = [step for step in playbook.steps if step not in drawn]  # only reached from another playbook, or not at all
    return cards + tuple(card for step in left if step not in drawn for card in _chain(playbook, step, say, drawn))


def _chain(playbook: Playbook, start: str, say: Callable[[Step], str], drawn: set[str]) -> tuple[Card, ...]:
    way: list[str] = []
    for step_id in straight_on(playbook, start):
        if step_id in drawn:
            break
        way.append(step_id)
        drawn.add(step_id)
    return tuple(
        _card(playbook, step_id, way[place + 1] if place + 1 < len(way) else "", say, drawn)
        for place, step_id in enumerate(way)
    )


def _card(playbook: Playbook, step_id: str, after: str, say: Callable[[Step], str], drawn: set[str]) -> Card:
    step = playbook.steps[step_id]
    on = [outcome for outcome, target in step.exits.items() if target == after] if after else []
    ways = tuple(
        _way(playbook, outcomes, target, say, drawn) for target, outcomes in _by_target(step.exits) if target != after
    )
    text = step.subject if step.kind in ("say", "confirm", "offer") else ""
    return Card(step_id, step.kind, say(step), ", ".join(on) if len(step.exits) > len(on) else "", ways, text)


def _by_target(exits: Mapping[str, str]) -> list[tuple[str, str]]:
    """Outcomes that lead to the same place stand together."""
    found: dict[str, list[str]] = {}
    for outcome, target in exits.items():
        found.setdefault(target, []).append(outcome)
    return [(target, ", ".join(outcomes)) for target, outcomes in found.items()]


def _way(playbook: Playbook, outcomes: str, target: str, say: Callable[[Step], str], drawn: set[str]) -> Way:
    if target.startswith("!"):
        return Way(outcomes, to_person=target[1:])
    if target.startswith("@"):
        return Way(outcomes, to_playbook=target[1:])
    if target in drawn:
        return Way(outcomes, to_step=target)
    return Way(outcomes, cards=_chain(playbook, target, say, drawn))
