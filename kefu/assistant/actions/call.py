"""Who calls an action, for whom, and what is known at that moment."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from kefu.assistant.facts import Facts
from kefu.commerce.errors import AmountChanged
from kefu.desk.models import Case, Conversation
from kefu.kernel.money import Money
from kefu.people.actors import Actor, ActorKind
from kefu.people.models import Brand, Customer


@dataclass(frozen=True, slots=True)
class ActionCall:
    """One call.

    key: names the deed; the same key gives the first result again (at most 100 characters, e.g. "case:17:refund:1").
    facts: the turn's; orders and lines are looked for there first, so what is not in them does not exist.
    language: of the customer, for texts of the answer. rule: set by `perform`: the policy rule that allowed it.
    agreed: set by `perform`: {"refund": …, "charge": …} as the customer said yes to them; a deed that comes out
    otherwise must not be done (agreed_or_refused).
    """

    actor: Actor
    brand: Brand
    conversation: Conversation
    case: Case | None
    customer: Customer | None
    key: str
    facts: Facts
    now: datetime
    language: str
    rule: str = ""
    agreed: Mapping[str, Money] = field(default_factory=dict)

    @property
    def level(self) -> int:
        """How sure we are who writes: the conversation's verification, or the message's own where that is lower."""
        return min(self.conversation.verification, self.facts.verification)

    @property
    def proved_orders(self) -> list[str]:
        """Order numbers whose proof this conversation has given, as the shop writes them."""
        proved = self.conversation.memory.get("proved_orders", [])
        return [str(number) for number in proved] if isinstance(proved, list) else []

    @property
    def is_by_agent(self) -> bool:
        """Whether a person at the desk does it; the rules have judged which person may."""
        return self.actor.kind is ActorKind.AGENT

    def agreed_or_refused(self, name: Literal["refund", "charge"], amount: Money) -> None:
        """Raises AmountChanged, which undoes the deed, when it came out otherwise than what was agreed."""
        if name in self.agreed and self.agreed[name] != amount:
            raise AmountChanged()
