"""One turn of a talk under way: what it starts from, what has come of it so far, and the small changes all share."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from kefu.assistant.dialogue.follow_ups import told_in
from kefu.assistant.dialogue.talk import Outcome, Talk, Told, Traced
from kefu.assistant.engine.effects import Act, ActionResult, Ask, Close, Confirm, Effect
from kefu.assistant.engine.playbook import Book
from kefu.assistant.facts import Facts
from kefu.assistant.language import ListeningFor

#: does one action for the case of that key; gives its result and the facts as they are then
Perform = Callable[[str, Act], tuple[ActionResult, Facts]]

#: how often an interrupted question is put again before it is only listened for
REMINDERS_AT_MOST = 3


@dataclass(slots=True)
class Turn:
    """`talk` is the turn's own copy and changes; `facts` become those of the last action.

    effects: (case key, effect) in the order to carry them out. questions: what each open case waits to ask.
    """

    talk: Talk
    facts: Facts
    book: Book
    perform: Perform
    effects: list[tuple[str, Effect]] = field(default_factory=list)
    questions: dict[str, Ask | Confirm] = field(default_factory=dict)
    #: cases that got something in this turn: what they ask now is no reminder
    moved: set[str] = field(default_factory=set)
    #: keys of the cases that began in this turn, oldest first
    opened: list[str] = field(default_factory=list)
    trace: dict[str, Traced] = field(default_factory=dict)
    #: a person speaks from here on
    is_over: bool = False
    #: a question about what was just asked was answered: it is put again, without "back to where we were", or not
    is_following: bool = False
    is_quiet: bool = False
    #: case -> id() of the facts it last went by
    facts_seen: dict[str, int] = field(default_factory=dict)

    def forget_closed(self) -> None:
        talk = self.talk
        talk.cases = {key: state for key, state in talk.cases.items() if state.status != "closed"}
        talk.order = [key for key in talk.order if key in talk.cases]
        talk.instead = {key: told for key, told in talk.instead.items() if key in talk.cases}
        talk.rest = {key: told for key, told in talk.rest.items() if key in talk.cases}
        talk.barred = [key for key in talk.barred if key in talk.cases]

    def give_floor(self, keys: Sequence[str]) -> None:
        """These open cases come before all others, in this order."""
        self.talk.order = [*keys, *(key for key in self.talk.order if key not in keys)]

    def close(self, key: str, disposition: str) -> None:
        state = self.talk.cases[key].copy()
        state.status, state.disposition = "closed", disposition
        self.talk.cases[key] = state
        self.effects.append((key, Close(state.step, disposition)))
        self.done_with(key)

    def done_with(self, key: str) -> None:
        self.questions.pop(key, None)
        self.talk.order = [other for other in self.talk.order if other != key]
        if self.talk.focus == key:
            self.talk.focus = ""

    def note_why(self, key: str, rules: Sequence[str], rows: Sequence[str], acts: Sequence[ActionResult]) -> None:
        state, old = self.talk.cases[key], self.trace.get(key)
        all_rules = [*(old.rules if old else ()), *rules, *(act.rule for act in acts if act.rule)]
        self.trace[key] = Traced(
            case=key, playbook=state.playbook, version=state.version,
            steps=tuple((way[0], way[1], way[2], way[3]) for way in state.walked),
            rules=tuple(dict.fromkeys(all_rules)),
            rows=tuple(dict.fromkeys([*(old.rows if old else ()), *rows])),
            acts=(*(old.acts if old else ()), *acts),
        )  # fmt: skip

    def told_here(self) -> list[Told]:
        rules = {key: traced.rules for key, traced in self.trace.items()}
        return told_in(self.effects, rules, self.talk.lately, self.opened)

    def outcome(self) -> Outcome:
        if self.is_over:
            self.talk.focus, self.talk.listening = "", ListeningFor(language=self.talk.language)
        return Outcome(self.talk, tuple(self.effects), tuple(self.trace.values()), self.talk.listening, self.facts)
