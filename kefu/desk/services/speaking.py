"""What we say: replies of people and of the assistant, notes, and what the customer has read."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db import transaction

from kefu.desk import abilities, events, rules
from kefu.desk.errors import (
    AssistantSilenced,
    ConversationClosed,
    EmptyMessage,
    MessageTooLong,
    NoSuchFile,
    OwnedByOther,
    SomebodyAnswered,
)
from kefu.desk.models import (
    Attachment,
    Author,
    Conversation,
    Delivery,
    DeliveryState,
    Message,
    MessageKind,
    Owner,
    Status,
)
from kefu.desk.services.locking import locked
from kefu.desk.services.ownership import take_locked
from kefu.desk.signals import message_outgoing
from kefu.kernel import clock
from kefu.kernel.together import add, change
from kefu.people.actors import Actor


@transaction.atomic
def reply(
    conversation: Conversation,
    *,
    text: str,
    by: Actor,
    attachments: Sequence[Attachment] = (),
    seen: int | None = None,
    key: str = "",
    choices: Sequence[tuple[str, str]] = (),
    why: dict[str, Any] | None = None,
) -> Message:
    """An agent answers the customer; an unowned conversation becomes theirs.

    seen: id of the newest message the agent had before their eyes; when we have said something since,
    SomebodyAnswered. key: a repeated call with the same key (a double click) returns the first message.
    choices: (value, label) pairs, drawn as buttons. why: when the words came from a playbook.
    Raises ConversationClosed, OwnedByOther, EmptyMessage, MessageTooLong.
    """
    by.require("desk.reply", on=conversation)
    conversation = locked(conversation)
    if known := said_under(conversation, key, by=by):
        return known
    if conversation.is_closed:
        raise ConversationClosed(number=conversation.number)
    if conversation.owner == Owner.AGENT and conversation.assignee_id != by.id:
        raise OwnedByOther(who=str(conversation.assignee))
    if seen is not None and _said_since(conversation, seen):
        raise SomebodyAnswered(number=conversation.number)
    if not text.strip() and not attachments:
        raise EmptyMessage(channel=conversation.channel.kind)
    if len(text) > rules.TEXT_LIMIT:
        raise MessageTooLong(limit=rules.TEXT_LIMIT)
    if conversation.owner != Owner.AGENT:
        take_locked(conversation, by=by)
    message = _say(
        conversation, Author.AGENT, text, by=by, external_id=_key_of(conversation, key, by), why=why,
        extras={"choices": _buttons(choices)} if choices else None,
    )  # fmt: skip
    if attachments:
        ids = {file.pk for file in attachments}
        mine = Attachment.objects.filter(pk__in=ids, brand_id=conversation.brand_id, message__isnull=True)
        if mine.update(message=message, conversation=conversation) != len(ids):
            raise NoSuchFile(files=[str(file.public_id) for file in attachments])
    conversation.messages.filter(author=Author.CUSTOMER, turned_at__isnull=True).update(turned_at=clock.now())
    _send(conversation, message, by=by)
    return message


def said_under(conversation: Conversation, key: str, *, by: Actor) -> Message | None:
    """The reply that this person has sent under the key before; None for an empty key."""
    external_id = _key_of(conversation, key, by)
    return (
        Message.objects.filter(channel=conversation.channel, external_id=external_id).first() if external_id else None
    )


def _key_of(conversation: Conversation, key: str, by: Actor) -> str | None:
    return f"reply:{conversation.pk}:{by.id}:{key}"[:255] if key else None


def _buttons(choices: Sequence[tuple[str, str]]) -> list[dict[str, str]]:
    return [{"value": value, "label": label} for value, label in choices]


def say_as_assistant(
    conversation: Conversation,
    *,
    text: str,
    by: Actor,
    language: str = "",
    choices: Sequence[tuple[str, str]] = (),
    why: dict[str, Any] | None = None,
    extras: dict[str, Any] | None = None,
    also: Sequence[str] = (),
) -> Message:
    """The assistant answers. The caller holds the conversation's lock and is inside its transaction.

    choices: (value, label) pairs, drawn as buttons. also: fields of the conversation that the caller has changed, to
    be saved along. Raises AssistantSilenced when a person owns the conversation.
    """
    if conversation.owner == Owner.AGENT:
        raise AssistantSilenced(number=conversation.number)
    by.require("desk.reply", on=conversation)
    shown: dict[str, Any] = dict(extras or {})
    if choices:
        shown["choices"] = _buttons(choices)
    message = _say(conversation, Author.ASSISTANT, text, by=by, language=language, extras=shown, why=why or {})
    _send(conversation, message, by=by, also=also)
    return message


@transaction.atomic
def add_note(conversation: Conversation, *, text: str, by: Actor, extras: dict[str, Any] | None = None) -> Message:
    """An internal note; it never leaves the desk. Raises EmptyMessage, MessageTooLong."""
    by.require("desk.note", on=conversation)
    conversation = locked(conversation)
    if not text.strip():
        raise EmptyMessage(channel="note")
    if len(text) > rules.TEXT_LIMIT:
        raise MessageTooLong(limit=rules.TEXT_LIMIT)
    note = Message.objects.create(
        brand_id=conversation.brand_id,
        conversation=conversation,
        channel=conversation.channel,
        kind=MessageKind.NOTE,
        author=_author_of(by),
        agent_id=by.id if by.kind.value == Author.AGENT else None,
        text=rules.clean_text(text),
        extras=extras or {},
        created_at=clock.now(),
    )
    events.record(events.NOTE_ADDED, conversation, by=by, message=note)
    return note


@transaction.atomic
def mark_read(conversation: Conversation, *, by: Actor) -> None:
    """The customer has seen what we wrote."""
    conversation = locked(conversation)
    if conversation.unread_by_customer:
        conversation.unread_by_customer = 0
        conversation.save(update_fields=["unread_by_customer"])
        events.record(events.CONVERSATION_READ, conversation, by=by)


def _author_of(by: Actor) -> Author:
    return Author(by.kind.value)


def _said_since(conversation: Conversation, seen: int) -> bool:
    ours = conversation.messages.filter(pk__gt=seen, kind=MessageKind.MESSAGE)
    return ours.exclude(author=Author.CUSTOMER).exists()


def _say(
    conversation: Conversation,
    author: Author,
    text: str,
    *,
    by: Actor,
    external_id: str | None = None,
    language: str = "",
    extras: dict[str, Any] | None = None,
    why: dict[str, Any] | None = None,
) -> Message:
    message = Message(
        brand_id=conversation.brand_id,
        conversation=conversation,
        channel=conversation.channel,
        external_id=external_id,
        author=author,
        agent_id=by.id if author == Author.AGENT else None,
        text=rules.clean_text(text),
        language=language,
        extras=extras or {},
        why=why or {},
        created_at=clock.now(),
    )
    add(message)
    return message


def _send(conversation: Conversation, message: Message, *, by: Actor, also: Sequence[str] = ()) -> None:
    conversation.status = Status.PENDING
    conversation.last_message_at = message.created_at
    conversation.snippet = rules.snippet(message.text)
    conversation.unread_by_customer += 1
    changed = ["status", "last_message_at", "snippet", "unread_by_customer", *also]
    if conversation.owner != Owner.QUEUE:  # in a queue the customer goes on waiting, whatever the assistant said
        conversation.waiting_since = None
        changed.append("waiting_since")
    else:
        conversation.status = Status.OPEN
    change(conversation, *changed)
    # a pulled channel has its message by its being stored
    is_sent = abilities.of(conversation.channel.kind).is_pulled
    delivery = Delivery(
        brand_id=conversation.brand_id,
        message=message,
        channel=conversation.channel,
        state=DeliveryState.SENT if is_sent else DeliveryState.PENDING,
        created_at=message.created_at,
        sent_at=message.created_at if is_sent else None,
    )
    add(delivery, numbered=not is_sent)
    events.record(events.MESSAGE_SENT, conversation, by=by, message=message)
    message_outgoing.send(sender=Message, message=message, delivery=delivery)
