"""A playbook after loading: steps with all their ways out resolved. The loader makes these; the engine walks them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from string import Formatter
from typing import Literal

from kefu.assistant.engine.specs import ActionSpec, CheckSpec

Kind = Literal[
    "collect", "check", "offer", "ladder", "confirm", "act", "say", "task", "wait", "use", "close", "hand_over"
]

#: the step kinds at which a case stands still until somebody else does something
WAITING: frozenset[str] = frozenset({"collect", "offer", "ladder", "confirm", "wait"})
#: slots are asked for this often before a person takes over
TRIES = 2


@dataclass(frozen=True, slots=True)
class Need:
    """A slot. `prefer` names the candidates meant when the customer names none (see resolve.PREFERENCES)."""

    name: str
    kind: str
    ask: str
    of: tuple[str, ...] = ()
    prefer: str = ""
    #: order_line: the slot that holds the order the line must be in
    within: str = ""
    tries: int = TRIES
    #: choice: a vague word -> the words of `of` that it leaves
    narrow: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Step:
    """One step. `subject` is what the kind's own key says: a text key, a check, an action, a playbook, a reason.

    exits: outcome -> target; a target is a step of the same playbook, "@name", which goes over to another playbook
    for good, or "!reason", which hands over to a person. Every outcome that can happen is in it; close and hand_over
    have none.
    """

    id: str
    kind: Kind
    subject: str
    line: int
    exits: Mapping[str, str] = field(default_factory=dict)
    #: argument -> slot, for check and act; names of values handed on, for task
    args: Mapping[str, str] = field(default_factory=dict)
    #: collect: the slots, in order
    slots: tuple[str, ...] = ()
    is_optional: bool = False
    #: placeholders of the text, over all languages
    fills: frozenset[str] = frozenset()
    #: act: values of the result that become slots, so that later acts and checks take them as arguments
    gives: tuple[str, ...] = ()
    #: say: slots emptied on the way, so that they are asked for anew
    forget: tuple[str, ...] = ()
    #: offer: option ids in order; which of them a bare yes and a bare no mean
    options: tuple[str, ...] = ()
    yes: str = ""
    no: str = ""
    #: confirm: the id of the act that it is about
    deed: str = ""
    #: hand_over: the text that tells the customer; "" = hand_over.<reason>. ladder: told when a wish can't be met
    tell: str = ""
    queue: str = ""
    priority: int = 0
    department: str = ""
    due_in_days: int | None = None
    root_cause: str = ""
    #: key rail.<label>: how the step is called in the desk; "" = not drawn
    label: str = ""


@dataclass(frozen=True, slots=True)
class Playbook:
    """`keeps_case` False: small talk that needs no case (greeting, thanks). `is_shared`: used by others only."""

    name: str
    version: str
    when: str
    not_when: str
    intents: tuple[str, ...]
    needs: Mapping[str, Need]
    steps: Mapping[str, Step]
    queue: str = "support"
    keeps_case: bool = True
    is_shared: bool = False
    file: str = ""

    @property
    def first(self) -> str:
        return next(iter(self.steps))

    def after(self, step_id: str) -> str:
        """The id of the step written after this one, or ""."""
        ids = list(self.steps)
        place = ids.index(step_id) + 1
        return ids[place] if place < len(ids) else ""


#: language -> key -> text, or {"chat": text, "letter": text}
Texts = Mapping[str, Mapping[str, str | Mapping[str, str]]]


@dataclass(frozen=True, slots=True)
class Book:
    """All playbooks of a pack with what they rely on. `texts` by language, for the labels of options."""

    playbooks: Mapping[str, Playbook]
    actions: Mapping[str, ActionSpec]
    checks: Mapping[str, CheckSpec]
    texts: Texts
    #: playbook name -> what reached_from gives; every turn asks it dozens of times, and a book never changes
    _reached: dict[str, tuple[Playbook, ...]] = field(default_factory=dict, init=False, repr=False, compare=False)
    _needs: dict[str, Mapping[str, Need]] = field(default_factory=dict, init=False, repr=False, compare=False)

    def for_intent(self, intent: str) -> Playbook | None:
        """The playbook that begins with this intent."""
        return next((book for book in self.playbooks.values() if intent in book.intents), None)

    def reached_from(self, name: str) -> tuple[Playbook, ...]:
        """The playbook and all that it uses or goes over to, each once."""
        reached = self._reached.get(name)
        if reached is None:
            reached = self._reached[name] = tuple(self._walk_from(name))
        return reached

    def needs_of(self, name: str) -> Mapping[str, Need]:
        """All slots of a playbook and of those it uses; the using one's word counts. Not to be changed."""
        needs = self._needs.get(name)
        if needs is None:
            gathered: dict[str, Need] = {}
            for playbook in self.reached_from(name):
                for need in playbook.needs.values():
                    gathered.setdefault(need.name, need)
            needs = self._needs[name] = gathered
        return needs

    def _walk_from(self, name: str) -> Iterator[Playbook]:
        seen: set[str] = set()
        waiting = [name]
        while waiting:
            current = waiting.pop()
            playbook = self.playbooks.get(current)
            if current in seen or playbook is None:
                continue
            seen.add(current)
            yield playbook
            for step in playbook.steps.values():
                waiting += [target[1:] for target in step.exits.values() if target.startswith("@")]
                if step.kind == "use":
                    waiting.append(step.subject)

    def label(self, key: str, language: str, default: str = "") -> str:
        """A short text without placeholders, in this language, else in English, else `default`."""
        for texts in (self.texts.get(language), self.texts.get("en")):
            text = (texts or {}).get(key)
            if text is not None:
                return text if isinstance(text, str) else next(iter(text.values()))
        return default or key

    def has_text(self, key: str) -> bool:
        """Whether the text is there in every language."""
        return has_text(self.texts, key)

    def placeholders(self, key: str) -> frozenset[str]:
        return placeholders(self.texts, key)


def has_text(texts: Texts, key: str) -> bool:
    return all(key in of_language for of_language in texts.values())


def placeholders(texts: Texts, key: str) -> frozenset[str]:
    """The facts that a text needs, over all languages and styles; those of a text that isn't there are none."""
    names: set[str] = set()
    for of_language in texts.values():
        text = of_language.get(key, "")
        for template in [text] if isinstance(text, str) else text.values():
            names |= {name for _, name, _, _ in Formatter().parse(template) if name}
    return frozenset(names)
