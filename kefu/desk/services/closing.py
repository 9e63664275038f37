"""The end of a conversation, and its new beginning."""

from __future__ import annotations

from django.db import transaction

from kefu.desk import events
from kefu.desk.errors import OwnedByOther
from kefu.desk.models import Case, CaseStatus, Closure, Conversation, Owner, Status
from kefu.desk.services.cases import close_case
from kefu.desk.services.locking import locked
from kefu.kernel import clock
from kefu.people.actors import Actor, ActorKind

#: how a conversation can end, for people and for reports
DISPOSITIONS = ("solved", "answered", "no_reply", "duplicate", "spam", "refused", "automatic")


@transaction.atomic
def close_conversation(
    conversation: Conversation, *, disposition: str, by: Actor, root_cause: str = ""
) -> Conversation:
    """Close it with its cases and say how it ended. Closing a closed one changes nothing. Raises OwnedByOther."""
    by.require("desk.close", on=conversation)
    conversation = locked(conversation)
    if conversation.is_closed:
        return conversation
    is_anothers = conversation.owner == Owner.AGENT and by.kind is ActorKind.AGENT and conversation.assignee_id != by.id
    if is_anothers and not by.may("desk.take_from_other", brand_id=conversation.brand_id):
        raise OwnedByOther(who=str(conversation.assignee))
    now = clock.now()
    for case in Case.objects.filter(conversation=conversation).exclude(status=CaseStatus.CLOSED)[:50]:
        close_case(case, disposition=disposition, root_cause=root_cause, by=by)
    conversation.messages.filter(author="customer", turned_at__isnull=True).update(turned_at=now)
    conversation.status = Status.CLOSED
    conversation.waiting_since = None
    conversation.priority = 0
    conversation.save(update_fields=["status", "waiting_since", "priority"])
    Closure.objects.create(
        conversation=conversation,
        disposition=disposition[:60],
        root_cause=root_cause[:60],
        actor_kind=by.kind.value,
        actor_id=by.id,
        at=now,
    )
    events.record(events.CONVERSATION_CLOSED, conversation, by=by, disposition=disposition, root_cause=root_cause)
    return conversation


@transaction.atomic
def reopen_conversation(conversation: Conversation, *, by: Actor) -> Conversation:
    """A person opens it again and owns it. Reopening an open one changes nothing."""
    by.require("desk.close", on=conversation)
    conversation = locked(conversation)
    if not conversation.is_closed:
        return conversation
    conversation.status = Status.OPEN
    conversation.owner = Owner.AGENT
    conversation.assignee_id = by.id
    conversation.save(update_fields=["status", "owner", "assignee"])
    events.record(events.CONVERSATION_REOPENED, conversation, by=by, why="by hand")
    return conversation
