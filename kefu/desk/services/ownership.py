"""Who answers: the assistant, a queue, or one agent. A state in the database, changed under the row's lock."""

from __future__ import annotations

from typing import Any

from django.db import transaction

from kefu.desk import events
from kefu.desk.errors import ConversationClosed, NoSuchColleague, OwnedByOther
from kefu.desk.models import Case, CaseStatus, Conversation, Message, Owner, Status
from kefu.desk.services.locking import locked
from kefu.desk.signals import conversation_handed_back
from kefu.kernel import clock
from kefu.kernel.together import change
from kefu.people.actors import Actor
from kefu.people.models import Agent


@transaction.atomic
def take_over(conversation: Conversation, *, by: Actor) -> Conversation:
    """The agent answers from now on; the assistant falls silent. Taking one's own again changes nothing.

    Raises ConversationClosed, and OwnedByOther unless the agent may take from a colleague.
    """
    by.require("desk.take", on=conversation)
    conversation = locked(conversation)
    if conversation.is_closed:
        raise ConversationClosed(number=conversation.number)
    take_locked(conversation, by=by)
    return conversation


def take_locked(conversation: Conversation, *, by: Actor) -> None:
    """As take_over, for a caller that holds the lock."""
    if conversation.owner == Owner.AGENT:
        if conversation.assignee_id == by.id:
            return
        if not by.may("desk.take_from_other", brand_id=conversation.brand_id):
            raise OwnedByOther(who=str(conversation.assignee))
    was = conversation.owner
    conversation.owner = Owner.AGENT
    conversation.assignee_id = by.id
    conversation.queue = ""
    conversation.save(update_fields=["owner", "assignee", "queue"])
    events.record(events.CONVERSATION_TAKEN_OVER, conversation, by=by, was=was)


@transaction.atomic
def assign_conversation(conversation: Conversation, *, to: Agent, by: Actor) -> Conversation:
    """Give the conversation to one agent who serves its brand. Raises ConversationClosed, NoSuchColleague."""
    by.require("desk.assign", on=conversation)
    conversation = locked(conversation)
    if conversation.is_closed:
        raise ConversationClosed(number=conversation.number)
    if not to.is_active or not to.seats.filter(brand_id=conversation.brand_id).exists():
        raise NoSuchColleague(who=to.name)
    if conversation.owner == Owner.AGENT and conversation.assignee_id not in (by.id, to.pk):
        by.require("desk.take_from_other", on=conversation)
    if conversation.owner == Owner.AGENT and conversation.assignee_id == to.pk:
        return conversation
    conversation.owner = Owner.AGENT
    conversation.assignee = to
    conversation.queue = ""
    conversation.save(update_fields=["owner", "assignee", "queue"])
    events.record(events.CONVERSATION_ASSIGNED, conversation, by=by, to=to.pk, to_name=to.name)
    return conversation


@transaction.atomic
def hand_back(conversation: Conversation, *, by: Actor) -> Conversation:
    """The assistant answers again; what the customer has written meanwhile gets its turn.

    Raises ConversationClosed, OwnedByOther.
    """
    by.require("desk.hand_over", on=conversation)
    conversation = locked(conversation)
    if conversation.is_closed:
        raise ConversationClosed(number=conversation.number)
    if conversation.owner == Owner.ASSISTANT:
        return conversation
    if conversation.owner == Owner.AGENT and conversation.assignee_id != by.id:
        by.require("desk.take_from_other", on=conversation)
    conversation.owner = Owner.ASSISTANT
    conversation.assignee = None
    conversation.queue = ""
    conversation.save(update_fields=["owner", "assignee", "queue"])
    conversation.cases.filter(status=CaseStatus.HANDED_OVER).update(status=CaseStatus.OPEN, moved_at=clock.now())
    events.record(events.CONVERSATION_HANDED_BACK, conversation, by=by)
    conversation_handed_back.send(sender=Conversation, conversation=conversation)
    return conversation


@transaction.atomic
def hand_over(
    conversation: Conversation,
    *,
    queue: str,
    reason: str,
    by: Actor,
    summary: dict[str, Any] | None = None,
    case: Case | None = None,
    priority: int = 0,
    message: Message | None = None,
) -> Conversation:
    """To the people: the conversation waits in `queue` until somebody takes it. Where a person has it already, only
    the event is written.

    reason: asked, unsure, angry, refused, failed, urgent. priority: 0 normal, 1 high, 2 urgent; never lowered.
    """
    by.require("desk.hand_over", on=conversation)
    conversation = locked(conversation)
    if case is not None:
        case.status = CaseStatus.HANDED_OVER
        case.moved_at = clock.now()
        change(case, "status", "moved_at")
    if conversation.owner != Owner.AGENT:
        conversation.owner = Owner.QUEUE
        conversation.assignee = None
        conversation.queue = queue[:40]
        conversation.status = Status.OPEN
        conversation.priority = max(conversation.priority, priority)
        conversation.waiting_since = conversation.waiting_since or clock.now()
        change(conversation, "owner", "assignee", "queue", "status", "priority", "waiting_since")
    events.record(
        events.CONVERSATION_HANDED_OVER,
        conversation,
        by=by,
        case=case,
        message=message,
        queue=queue,
        reason=reason,
        summary=summary or {},
        priority=priority,
    )
    return conversation
