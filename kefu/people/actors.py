"""Who does something: every verb takes `by`, every event keeps it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from kefu.kernel.errors import NotAllowed


class ActorKind(StrEnum):
    AGENT = "agent"
    CUSTOMER = "customer"
    ASSISTANT = "assistant"
    SYSTEM = "system"


@dataclass(frozen=True, slots=True)
class Actor:
    """`rights` maps a brand's id to the rights held there; the system may do everything, everywhere."""

    kind: ActorKind
    id: int | None = None
    name: str = ""
    rights: Mapping[int, frozenset[str]] = field(default_factory=dict)

    def may(self, right: str, *, brand_id: int) -> bool:
        if self.kind is ActorKind.SYSTEM:
            return True
        return right in self.rights.get(brand_id, frozenset())

    def require(self, right: str, *, on: Any) -> None:
        """Raise NotAllowed unless the actor holds `right` for the brand that `on` (a row with brand_id) belongs to."""
        if not self.may(right, brand_id=on.brand_id):
            raise NotAllowed(right=right, who=self.name or self.kind.value)


SYSTEM = Actor(ActorKind.SYSTEM, name="system")

#: what the assistant may ever ask a verb for; policy decides each single case
ASSISTANT_RIGHTS = frozenset(
    {"desk.reply", "desk.note", "desk.hand_over", "desk.close", "desk.task",
     "commerce.cancel", "commerce.return", "commerce.refund", "commerce.remedy", "commerce.change",
     "people.consent", "people.own_data", "people.contact"}
)  # fmt: skip


def assistant(brand_id: int) -> Actor:
    """The program itself, working for one brand."""
    return Actor(ActorKind.ASSISTANT, name="assistant", rights={brand_id: ASSISTANT_RIGHTS})
