"""Who calls an action, for whom, and what is known at that moment."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from kefu.assistant.facts import Facts
from kefu.desk.models import Case, Conversation
from kefu.people.actors import Actor
from kefu.people.models import Brand, Customer


@dataclass(frozen=True, slots=True)
class ActionCall:
    """One call.

    key: names the deed; the same key gives the first result again (at most 100 characters, e.g. "case:17:refund:1").
    facts: the turn's; orders and lines are looked for there first, so what is not in them does not exist.
    language: of the customer, for texts of the answer. rule: set by `perform`: the policy rule that allowed it.
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

    @property
    def level(self) -> int:
        """How sure we are who writes: the conversation's verification, or the message's own where that is lower."""
        return min(self.conversation.verification, self.facts.verification)

    @property
    def proved_orders(self) -> list[str]:
        """Order numbers whose proof this conversation has given, as the shop writes them."""
        proved = self.conversation.memory.get("proved_orders", [])
        return [str(number) for number in proved] if isinstance(proved, list) else []
