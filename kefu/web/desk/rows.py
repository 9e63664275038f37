"""What one row of a list shows, put together once so that templates only print."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from kefu.desk.models import Case, Conversation, Owner, Status
from kefu.web.desk import labels
from kefu.web.desk.refs import address_of, ref_of
from kefu.web.middleware import AgentRequest


@dataclass(frozen=True, slots=True)
class State:
    """Where a conversation stands, as shape (`icon`) and word, never by colour alone."""

    key: str
    icon: str
    word: str


def state_of(conversation: Conversation, *, me: int) -> State:
    """Needs `assignee` loaded."""
    if conversation.status == Status.CLOSED:
        return State("closed", "closed", _("Closed"))
    if conversation.owner == Owner.QUEUE:
        if conversation.priority >= 2:
            return State("urgent", "urgent", _("Urgent: waits for a person"))
        return State("waiting", "waiting", _("Waits for a person"))
    if conversation.owner == Owner.ASSISTANT:
        return State("assistant", "assistant", _("Assistant"))
    if conversation.status == Status.PENDING:
        return State("pending", "pending", _("Waiting for customer"))
    if conversation.assignee_id == me:
        return State("yours", "yours", _("Your turn"))
    return State("other", "person", _("With %(name)s") % {"name": conversation.assignee})


@dataclass(frozen=True, slots=True)
class Row:
    pk: int
    public_id: str
    ref: str
    address: str
    number: int
    brand: str
    who: str
    is_named: bool
    tier: str
    channel: str
    channel_word: str
    language: str
    snippet: str
    label: str
    state: State
    queue: str
    assignee: str
    waiting_since: datetime | None
    last_message_at: datetime
    cursor: str


def rows_of(request: AgentRequest, conversations: Sequence[Conversation], cases: dict[int, Case]) -> list[Row]:
    """Shapes for the template. `conversations` as lists.for_rows loads them."""
    many_brands = len(request.brands) > 1
    return [_row(request, conversation, cases.get(conversation.pk), many_brands) for conversation in conversations]


def _row(request: AgentRequest, conversation: Conversation, case: Case | None, many_brands: bool) -> Row:
    from kefu.web.desk.lists import Cursor

    customer = conversation.customer
    name = customer.name or customer.email
    ref = ref_of(request, conversation)
    return Row(
        pk=conversation.pk,
        public_id=str(conversation.public_id),
        ref=ref,
        address=address_of(ref),
        number=conversation.number,
        brand=request.brands[conversation.brand_id].name if many_brands else "",
        who=name or labels.visitor(conversation),
        is_named=bool(name),
        tier=customer.tier,
        channel=conversation.channel.kind,
        channel_word=labels.channel(conversation.channel.kind),
        language=conversation.language,
        snippet=conversation.snippet or conversation.subject,
        label=labels.playbook(case.playbook) if case else "",
        state=state_of(conversation, me=request.agent.pk),
        queue=labels.queue(conversation.queue) if conversation.owner == Owner.QUEUE else "",
        assignee=conversation.assignee.name if conversation.assignee else "",
        waiting_since=conversation.waiting_since if conversation.status != Status.CLOSED else None,
        last_message_at=conversation.last_message_at,
        cursor=str(Cursor(conversation.last_message_at, conversation.pk)),
    )
