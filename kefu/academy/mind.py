"""What a simulated customer has in mind during a talk: the wishes left, what was said and tried, what they'd take."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from kefu.academy.scenario import Scenario, Wish
from kefu.academy.telling import Teller
from kefu.academy.wording import Wordings

#: how often a wish is said again before they give up on it
SAID_AGAIN = 2


@dataclass(frozen=True, slots=True)
class Said:
    """One message of the customer. `choice`: the value of the button pressed, with its label as the text."""

    text: str
    choice: str = ""


@dataclass(slots=True)
class Mind:
    """`left`: the wishes not dealt with, the first is the one they are at."""

    scenario: Scenario
    #: wishes with how they ended, in that order: done, told, answered, not answered, refused, regretted, wrong, left
    ended: list[tuple[Wish, str]] = field(default_factory=list)
    left: list[Wish] = field(init=False)
    tell: Teller = field(init=False)
    #: by id() of a wish, how often it was said
    said: Counter[int] = field(default_factory=Counter)
    #: they said yes to what was shown last
    agreed: bool = False
    #: messages that led nowhere, since a wish last ended
    lost: int = 0
    turns: int = 0
    #: by what was asked or tried, how often; for the wish they are at
    tries: Counter[str] = field(default_factory=Counter)
    #: by a thing's name, what they settled for
    into: dict[str, Mapping[str, str]] = field(default_factory=dict)
    #: place in the wish's ways of payment
    pay: int = 0
    #: what was answered to the question they asked
    heard: str = ""

    def __post_init__(self) -> None:
        self.tell = Teller(self.scenario)
        self.left = list(self.scenario.wishes)

    @property
    def words(self) -> Wordings:
        return self.tell.words

    def pick(self, key: str, **facts: str) -> str:
        return self.tell.pick(key, **facts)

    def wish_said(self, wish: Wish | None = None) -> str:
        wish = wish or self.left[0]
        again = self.said[id(wish)]
        self.said[id(wish)] += 1
        text = self.tell.wish(wish, self.into, again)
        return self.pick("again") + text if again else text

    def begin(self) -> None:
        """What was tried for the last wish counts no more."""
        self.into.clear()
        self.tries.clear()
        self.pay = 0

    def end_wish(self, how: str) -> None:
        if self.left:
            self.ended.append((self.left.pop(0), how))
            self.lost = 0
            self.heard = ""

    def press(self, choices: Sequence[tuple[str, str]], place: int, typed: str) -> Said:
        if choices and self.scenario.clicks and place < len(choices):
            return Said(choices[place][1], choices[place][0])
        return Said(typed)
