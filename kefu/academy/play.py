"""A talk between a simulated customer and whatever answers: a door that takes a message and gives the reply."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from kefu.academy.customer import Customer
from kefu.academy.mind import Said
from kefu.academy.scenario import Scenario, Wish


@dataclass(frozen=True, slots=True)
class Heard:
    """What the customer sees of one reply: words, buttons as (value, label), and whether a person has taken over."""

    text: str
    choices: tuple[tuple[str, str], ...] = ()
    with_person: bool = False


@dataclass(slots=True)
class Played:
    """One talk. `lines`: (who, words) in order. `ended`: each wish with how it ended, as the customer sees it."""

    lines: list[tuple[str, str]] = field(default_factory=list)
    ended: Sequence[tuple[Wish, str]] = ()
    turns: int = 0
    is_with_person: bool = False


def play(scenario: Scenario, door: Callable[[Said], Heard]) -> Played:
    """Let the customer talk until they leave. `door` raises what it likes; the talk ends there."""
    customer, played = Customer(scenario), Played()
    said: Said | None = customer.open()
    while said is not None:
        played.turns += 1
        played.lines.append(("customer", said.text))
        heard = door(said)
        played.lines.append(("kefu", heard.text))
        played.is_with_person = heard.with_person
        said = customer.answer(heard.text, heard.choices, with_person=heard.with_person)
    played.ended = tuple(customer.ended)
    return played
