"""What an engine step may ask of the turn. The turn carries these out and feeds results back."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

Json = Any

#: why a case goes to a person; each has a text `hand_over.<reason>` in every language
HAND_OVER_REASONS = ("asked", "unsure", "angry", "refused", "failed", "urgent", "approval", "many", "needed")


@dataclass(frozen=True, slots=True)
class Effect:
    """`step` is the id of the playbook step it came from."""

    step: str


@dataclass(frozen=True, slots=True)
class Say(Effect):
    """Tell the customer the text `key` (pack's replies), filled from `facts` only. `cites`: rows and articles."""

    key: str
    facts: dict[str, Json] = field(default_factory=dict)
    cites: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Ask(Effect):
    """Ask for a slot. `options`: (value, label) pairs to choose from, drawn as buttons where the channel can.

    Labels are in the customer's language already. For an offer, `kind` is "offer" and `slot` the step's id.
    """

    key: str
    slot: str
    kind: str
    facts: dict[str, Json] = field(default_factory=dict)
    options: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Deed:
    """The exact thing a yes is for. If any of it changes, the old yes is void."""

    action: str
    args: dict[str, Json]
    amounts: dict[str, Json] = field(default_factory=dict)

    def fingerprint(self) -> str:
        """A stable hash of action, arguments and amounts."""
        import hashlib
        import json

        text = json.dumps([self.action, self.args, self.amounts], sort_keys=True, ensure_ascii=False)
        return hashlib.sha256(text.encode()).hexdigest()[:32]


@dataclass(frozen=True, slots=True)
class Confirm(Effect):
    key: str
    deed: Deed
    facts: dict[str, Json] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Act(Effect):
    """Run an action, reading or writing. `confirmed`: fingerprint of the Deed the customer said yes to, if any.

    `amounts`: what that Deed showed, so that an action may refuse when it would come out otherwise.
    """

    action: str
    args: dict[str, Json]
    confirmed: str = ""
    amounts: dict[str, Json] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Task(Effect):
    """Work for a department. `due_in_days`: working days by the brand's calendar."""

    department: str
    kind: str
    facts: dict[str, Json] = field(default_factory=dict)
    due_in_days: int | None = None


@dataclass(frozen=True, slots=True)
class Wait(Effect):
    """Nothing more to do until `event` or `until` (ISO time)."""

    event: str = ""
    until: str = ""


@dataclass(frozen=True, slots=True)
class HandOver(Effect):
    """To a person. `reason`: one of HAND_OVER_REASONS. `priority`: 0 normal … 2 urgent.

    The step that gives it also gives the Say that tells the customer so (text hand_over.<reason>), just before.
    """

    queue: str
    reason: str
    summary: dict[str, Json] = field(default_factory=dict)
    priority: int = 0


@dataclass(frozen=True, slots=True)
class Close(Effect):
    disposition: str
    root_cause: str = ""


@dataclass(frozen=True, slots=True)
class Note(Effect):
    """An internal note for whoever opens the case."""

    key: str
    facts: dict[str, Json] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ActionResult:
    """What the turn feeds back for an Act. `code` names a refusal; `rule` the policy rule that decided."""

    action: str
    step: str
    ok: bool
    value: dict[str, Json] = field(default_factory=dict)
    code: str = ""
    tells_customer: str = ""
    rule: str = ""
    #: "allow", "refuse" or "needs_approval"
    decision: str = "allow"
