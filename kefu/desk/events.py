"""Every fact about a conversation, append-only, with its actor."""

from __future__ import annotations

from typing import Any

from kefu.desk.models import Case, Conversation, Event, Message
from kefu.kernel import clock
from kefu.kernel.together import add
from kefu.people.actors import Actor

CONVERSATION_STARTED = "desk.conversation_started"
MESSAGE_RECEIVED = "desk.message_received"
MESSAGE_SENT = "desk.message_sent"
NOTE_ADDED = "desk.note_added"
CONVERSATION_TAKEN_OVER = "desk.conversation_taken_over"
CONVERSATION_ASSIGNED = "desk.conversation_assigned"
CONVERSATION_HANDED_OVER = "desk.conversation_handed_over"
CONVERSATION_HANDED_BACK = "desk.conversation_handed_back"
CONVERSATION_CLOSED = "desk.conversation_closed"
CONVERSATION_REOPENED = "desk.conversation_reopened"
CONVERSATION_READ = "desk.conversation_read"
IDENTITY_PROVEN = "desk.identity_proven"
CASE_OPENED = "desk.case_opened"
CASE_MOVED = "desk.case_moved"
CASE_CLOSED = "desk.case_closed"
TASK_CREATED = "desk.task_created"
DELIVERY_SENT = "desk.delivery_sent"
DELIVERY_FAILED = "desk.delivery_failed"
DELIVERY_UNCERTAIN = "desk.delivery_uncertain"
DELIVERY_WITHHELD = "desk.delivery_withheld"


def record(
    kind: str,
    conversation: Conversation,
    *,
    by: Actor,
    message: Message | None = None,
    case: Case | None = None,
    **facts: Any,
) -> None:
    """Write one event. `facts` must be JSON and hold no secret; the database refuses to change it later."""
    _write(
        brand_id=conversation.brand_id,
        kind=kind,
        actor_kind=by.kind.value,
        actor_id=by.id,
        actor_name=by.name[:120],
        conversation=conversation,
        customer_id=conversation.customer_id,
        message=message,
        case=case,
        facts=facts,
    )


def record_apart(kind: str, *, brand_id: int, by: Actor, customer_id: int | None = None, **facts: Any) -> None:
    """One event outside any conversation: what happened to an order, to a setting."""
    _write(
        brand_id=brand_id,
        kind=kind,
        actor_kind=by.kind.value,
        actor_id=by.id,
        actor_name=by.name[:120],
        customer_id=customer_id,
        facts=facts,
    )


def _write(**fields: Any) -> None:
    add(Event(**fields, at=clock.now()), numbered=False)
