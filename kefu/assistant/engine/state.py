"""What is kept of one case between two turns. JSON and back without loss.

The state holds what was *given*: slots, answers, results of actions. Where the case stands follows from it: each
step() walks from `base` again over the facts of that moment (see walk.py), so a check that passed yesterday is
asked again today.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any, Literal

Json = Any
Frame = tuple[str, str]  # playbook, step


@dataclass(frozen=True, slots=True)
class Slot:
    """`origin`: chosen (a button), said, only (the one candidate), about (what the talk is about), preferred."""

    value: Json
    origin: str


@dataclass(frozen=True, slots=True)
class Heard:
    """What the customer said that no slot has taken for good yet; read again against the facts of each turn."""

    kind: str
    value: Json
    words: str = ""


@dataclass(slots=True)
class Asking:
    """The question at which the case stands. `put`: the customer has been asked it (and not only in thought)."""

    path: str
    kind: Literal["collect", "offer", "ladder", "confirm", "wait"]
    slots: list[str] = field(default_factory=list)
    options: list[str] = field(default_factory=list)
    put: bool = False
    #: confirm, ladder: fingerprint of the deed asked about
    deed: str = ""
    #: ladder: the way asked about
    way: str = ""


@dataclass(slots=True)
class CaseState:
    """One case. `status`: open, handed_over, closed."""

    playbook: str
    version: str
    intent: str = ""
    status: Literal["open", "handed_over", "closed"] = "open"
    base: list[Frame] = field(default_factory=list)
    slots: dict[str, Slot] = field(default_factory=dict)
    heard: list[Heard] = field(default_factory=list)
    #: the order the talk was about when the case opened; meant when the customer names none
    about: str = ""
    #: slot -> values last offered for it, which "the second one" counts in; "" -> near misses for a wish
    offered: dict[str, list[str]] = field(default_factory=dict)
    #: slot -> the line meant until the customer changed it: "no, the blue one" is the same article in blue
    before: dict[str, str] = field(default_factory=dict)
    answers: dict[str, str] = field(default_factory=dict)
    #: fingerprint of the deed that was put to the customer last, and of the deed that got a plain yes
    shown: str = ""
    confirmed: str = ""
    #: fingerprints of the ways of a ladder that got a no
    declined: list[str] = field(default_factory=list)
    results: dict[str, dict[str, Json]] = field(default_factory=dict)
    #: under which key the result of the Act given last will be kept; "" when none is awaited
    results_wanted: str = ""
    #: the Act given last came of something the customer said, not of a new look at the facts
    is_answering: bool = False
    said: list[str] = field(default_factory=list)
    asked: dict[str, int] = field(default_factory=dict)
    reminded: dict[str, int] = field(default_factory=dict)
    values: dict[str, Json] = field(default_factory=dict)
    sources: dict[str, list[str]] = field(default_factory=dict)
    asking: Asking | None = None
    #: the way of the last walk, after what was walked before `base`: [path, kind, outcome, rule]
    walked: list[list[str]] = field(default_factory=list)
    walked_before: list[list[str]] = field(default_factory=list)
    mood: str = ""
    disposition: str = ""

    def to_json(self) -> dict[str, Json]:
        """A plain JSON object; from_json gives the same state back."""
        own = self.copy()
        data = {name: getattr(own, name) for name in self.__slots__}
        data["base"] = [list(frame) for frame in self.base]
        data["slots"] = {name: {"value": slot.value, "origin": slot.origin} for name, slot in self.slots.items()}
        data["heard"] = [{"kind": item.kind, "value": item.value, "words": item.words} for item in self.heard]
        data["asking"] = asdict(self.asking) if self.asking else None
        return data

    def copy(self) -> CaseState:
        """A state of its own: changing it leaves this one as it is."""
        return replace(
            self, base=list(self.base), slots=dict(self.slots), heard=list(self.heard), answers=dict(self.answers),
            offered={name: list(values) for name, values in self.offered.items()}, before=dict(self.before),
            results=dict(self.results), declined=list(self.declined), said=list(self.said), asked=dict(self.asked),
            reminded=dict(self.reminded),
            values=dict(self.values), sources=dict(self.sources), walked=list(self.walked),
            walked_before=list(self.walked_before),
            asking=replace(self.asking) if self.asking else None,
        )  # fmt: skip

    @classmethod
    def from_json(cls, data: Mapping[str, Json]) -> CaseState:
        """Raises KeyError or TypeError when `data` is not what to_json gave."""
        known = {name: data[name] for name in cls.__slots__ if name in data}
        state = cls(**known)
        state.base = [(frame[0], frame[1]) for frame in state.base]
        state.slots = {name: Slot(**slot) for name, slot in data.get("slots", {}).items()}
        state.heard = [Heard(**heard) for heard in data.get("heard", [])]
        state.asking = Asking(**data["asking"]) if data.get("asking") else None
        return state

    @property
    def is_open(self) -> bool:
        return self.status == "open"

    @property
    def step(self) -> str:
        """Id of the step of the case's own playbook at which it stands (or ended); "" before the first walk."""
        ways = self.walked or self.walked_before
        return ways[-1][0].split(">")[0].partition(".")[2] if ways else ""

    @property
    def questions_put(self) -> int:
        return sum(self.asked.values()) + sum(self.reminded.values())
