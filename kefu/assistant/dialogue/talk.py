"""What is kept of a whole talk between turns: its cases, whose turn it is, and what was heard before any case."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from kefu.assistant.engine.effects import ActionResult, Ask, Confirm, Effect
from kefu.assistant.engine.state import CaseState, Heard
from kefu.assistant.facts import Facts
from kefu.assistant.language import ListeningFor

Json = Any

#: cases open at a time; whoever has more problems than this deserves a person
OPEN_AT_MOST = 5
HEARD_AT_MOST = 12


@dataclass(frozen=True, slots=True)
class Told:
    """A text that was told or asked, with all that was known of its case then, and the rules it rests on."""

    key: str
    facts: dict[str, Json]
    rules: tuple[str, ...] = ()


@dataclass(slots=True)
class Talk:
    """`cases` by key, "1", "2", …; small talk has keys "~1" and needs no Case row. Closed ones stay for one drive.

    order: keys of the open cases, the first has the floor. focus: key of the case whose question was put last.
    about: number of the order the talk is about. unsure: messages in a row that nobody understood.
    """

    cases: dict[str, CaseState] = field(default_factory=dict)
    order: list[str] = field(default_factory=list)
    focus: str = ""
    listening: ListeningFor = field(default_factory=ListeningFor)
    heard: list[Heard] = field(default_factory=list)
    about: str = ""
    unsure: int = 0
    #: messages in a row that had nothing to do with the shop
    strayed: int = 0
    next_key: int = 1
    language: str = ""
    #: marks of what was told and given to do, and how often something was told again in a row
    told: list[str] = field(default_factory=list)
    repeated: int = 0
    #: what was told and asked last, newest first, for a question about just that
    lately: list[Told] = field(default_factory=list)
    #: case -> (wish, words) that they'd have instead, and words for what is left to do when the case is over
    instead: dict[str, tuple[str, str]] = field(default_factory=dict)
    rest: dict[str, str] = field(default_factory=dict)
    #: cases that stand at something that is not to be had
    barred: list[str] = field(default_factory=list)

    def memory(self) -> dict[str, Json]:
        """All but the cases' own states, as JSON; kept in Conversation.memory."""
        listening = self.listening
        return {
            "order": list(self.order),
            "focus": self.focus,
            "listening": {
                "kinds": list(listening.kinds),
                "options": [list(option) for option in listening.options],
                "is_confirming": listening.is_confirming,
                "language": listening.language,
                "country": listening.country,
                "extras": dict(listening.extras),
            },
            "heard": [[item.kind, item.value, item.words] for item in self.heard],
            "about": self.about,
            "unsure": self.unsure,
            "strayed": self.strayed,
            "next_key": self.next_key,
            "language": self.language,
            "told": list(self.told),
            "repeated": self.repeated,
            "lately": [[one.key, one.facts, list(one.rules)] for one in self.lately],
            **({"instead": {key: list(told) for key, told in self.instead.items()}} if self.instead else {}),
            **({"rest": rest} if (rest := {key: told for key, told in self.rest.items() if told}) else {}),
            **({"barred": list(self.barred)} if self.barred else {}),
        }

    @classmethod
    def of(cls, memory: Mapping[str, Json], cases: Mapping[str, Mapping[str, Json]]) -> Talk:
        """From memory() and the cases' states (CaseState.to_json) by key. {} and {} give a new talk."""
        listening = memory.get("listening") or {}
        states = {key: CaseState.from_json(state) for key, state in cases.items()}
        return cls(
            cases=states,
            order=[key for key in memory.get("order", []) if key in states],
            focus=memory.get("focus", ""),
            listening=ListeningFor(
                kinds=tuple(listening.get("kinds", ())),
                options=tuple((value, label) for value, label in listening.get("options", ())),
                is_confirming=bool(listening.get("is_confirming", False)),
                language=listening.get("language", ""),
                country=listening.get("country", ""),
                extras=dict(listening.get("extras", {})),
            ),
            heard=[Heard(kind, value, words) for kind, value, words in memory.get("heard", [])],
            about=memory.get("about", ""),
            unsure=int(memory.get("unsure", 0)),
            strayed=int(memory.get("strayed", 0)),
            next_key=int(memory.get("next_key", 1)),
            language=memory.get("language", ""),
            told=[str(mark) for mark in memory.get("told", [])],
            repeated=int(memory.get("repeated", 0)),
            lately=[Told(key, facts, tuple(rules)) for key, facts, rules in memory.get("lately", [])],
            instead={key: (told[0], told[1]) for key, told in (memory.get("instead") or {}).items()},
            rest=dict(memory.get("rest") or {}),
            barred=list(memory.get("barred") or ()),
        )

    def to_json(self) -> dict[str, Json]:
        """The whole talk in one object; from_json gives it back."""
        return {"memory": self.memory(), "cases": {key: state.to_json() for key, state in self.cases.items()}}

    @classmethod
    def from_json(cls, data: Mapping[str, Json]) -> Talk:
        return cls.of(data["memory"], data["cases"])

    def copy(self) -> Talk:
        return replace(self, cases=dict(self.cases), order=list(self.order), heard=list(self.heard),
                       told=list(self.told), lately=list(self.lately), instead=dict(self.instead), rest=dict(self.rest),
                       barred=list(self.barred))  # fmt: skip

    @property
    def asked_last(self) -> str:
        """Key of the case whose question was put last, if it is still open, or ""."""
        return self.focus if self.focus in self.open_keys else ""

    @property
    def open_keys(self) -> list[str]:
        """Keys of the open cases, the one with the floor first."""
        return [key for key in self.order if key in self.cases and self.cases[key].is_open]


@dataclass(frozen=True, slots=True)
class Traced:
    """Why one case did what it did, for the "why" of the reply. steps: [path, kind, outcome, rule] as walked."""

    case: str
    playbook: str
    version: str
    steps: tuple[tuple[str, str, str, str], ...]
    rules: tuple[str, ...]
    rows: tuple[str, ...]
    acts: tuple[ActionResult, ...] = ()

    def to_json(self) -> dict[str, Json]:
        return {
            "case": self.case,
            "playbook": f"{self.playbook}@{self.version}",
            "steps": [list(way) for way in self.steps],
            "rules": list(self.rules),
            "rows": list(self.rows),
            "acts": [{"action": act.action, "ok": act.ok, "code": act.code, "rule": act.rule} for act in self.acts],
        }


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of one drive.

    effects: (case key, effect) in the order to carry them out; acts are done already, and at most one Ask or Confirm
    is among them, the last. listening: what to read the next message in the light of. facts: those of the end.
    """

    talk: Talk
    effects: tuple[tuple[str, Effect], ...]
    trace: tuple[Traced, ...]
    listening: ListeningFor
    facts: Facts

    @property
    def question(self) -> Ask | Confirm | None:
        return next((effect for _, effect in self.effects if isinstance(effect, Ask | Confirm)), None)
