"""What a rule and a decision are."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from kefu.assistant.policy.expressions import Expression
from kefu.kernel.money import Money


class Ruling(StrEnum):
    ALLOW = "allow"
    REFUSE = "refuse"
    NEEDS_APPROVAL = "needs_approval"


#: within one level the strictest ruling that matches wins
STRICTEST_FIRST = (Ruling.REFUSE, Ruling.NEEDS_APPROVAL, Ruling.ALLOW)


class Floor(StrEnum):
    """Who made the rule. What the law rules, no rule of the shop undoes."""

    LAW = "law"
    SHOP = "shop"


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule of a pack.

    about: names of the actions it speaks of.
    up_to: amounts, one a currency; the rule only matches an amount of that currency that is no larger.
    role: who may approve, for needs_approval.
    explains: text key of what the customer is told; explanation: the same for the desk, by language.
    place: "file:line", for faults and for the editor.
    """

    id: str
    about: frozenset[str]
    when: Expression
    decision: Ruling
    source: str
    dated: date
    explains: str = ""
    explanation: dict[str, str] = field(default_factory=dict)
    role: str = ""
    up_to: tuple[Money, ...] = ()
    floor: Floor = Floor.SHOP
    place: str = ""

    def covers(self, amount: Money | None) -> bool:
        """Whether `up_to` lets the rule speak of this amount; without an amount or in another currency it does not."""
        if not self.up_to:
            return True
        if amount is None:
            return False
        return any(amount.currency == most.currency and amount.minor <= most.minor for most in self.up_to)


@dataclass(frozen=True, slots=True)
class Traced:
    """How one rule answered: matched, not, or failed with `error`."""

    rule: str
    matched: bool
    error: str = ""


#: the two decisions that no file holds
DEFAULT_RULE = "policy.default"
ERROR_RULE = "policy.error"


@dataclass(frozen=True, slots=True)
class Decision:
    """`rule` is the id of the rule that decided, or DEFAULT_RULE (nothing allows it), or ERROR_RULE (a rule failed;
    `trace` says which and why). `explains`: text key for the customer. `role`: who may approve."""

    decision: Ruling
    rule: str
    role: str = ""
    explains: str = ""
    trace: tuple[Traced, ...] = ()

    @property
    def is_allowed(self) -> bool:
        return self.decision is Ruling.ALLOW

    @property
    def errors(self) -> tuple[Traced, ...]:
        return tuple(traced for traced in self.trace if traced.error)
