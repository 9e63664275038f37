"""Reading a conversation as its customer may see it: a page of messages by keyset, and how the talk stands."""

from __future__ import annotations

from uuid import UUID

from django.db.models import QuerySet

from kefu.channels.chat.view import ConversationView, MessageView, conversation_view, message_view
from kefu.desk.models import Attachment, Channel, Conversation, DeliveryState, Message, MessageKind
from kefu.web.chat.problems import NoSuchMessage
from kefu.web.events.tokens import ChatHolder


def held_conversation(channel: Channel, holder: ChatHolder) -> Conversation | None:
    """The holder's conversation; None until its first message. Never another visitor's: the desk knows both alike."""
    return (
        Conversation.objects.select_related("assignee").filter(channel=channel, public_id=holder.conversation).first()
    )


def seen_by_customer(conversation: Conversation) -> QuerySet[Message]:
    """Messages of both sides, oldest first; no notes, nothing that was withheld when a person took over."""
    return (
        conversation.messages.filter(kind=MessageKind.MESSAGE)
        .exclude(delivery__state=DeliveryState.WITHHELD)
        .select_related("agent")
        .order_by("id")
    )


def page_of(
    conversation: Conversation, *, after: UUID | None, before: UUID | None, size: int
) -> tuple[list[MessageView], bool]:
    """(messages oldest first, whether there are more in the direction asked).

    after: the oldest ones behind that message; before: the newest ones ahead of it; neither: the newest.
    Raises NoSuchMessage when the message named is not one of this conversation.
    """
    messages = seen_by_customer(conversation)
    if after:
        found = list(messages.filter(pk__gt=_place(conversation, after))[: size + 1])
        more = len(found) > size
        return views_of(found[:size]), more
    if before:
        messages = messages.filter(pk__lt=_place(conversation, before))
    found = list(messages.order_by("-id")[: size + 1])
    more = len(found) > size
    return views_of(found[:size][::-1]), more


def views_of(messages: list[Message], *, has_files: bool = True) -> list[MessageView]:
    """What the customer sees of these; one query for the files of all, none when it is known that there are none."""
    files: dict[int, list[tuple[UUID, str, str, int]]] = {}
    for file in Attachment.objects.filter(message__in=messages).order_by("id") if has_files else ():
        files.setdefault(file.message_id or 0, []).append((file.public_id, file.name, file.content_type, file.size))
    return [
        message_view(
            public_id=message.public_id,
            external_id=message.external_id,
            author=message.author,
            agent_name=message.agent.name if message.agent else "",
            text=message.text,
            extras=message.extras,
            created_at=message.created_at,
            files=files.get(message.pk, []),
        )
        for message in messages
    ]


def standing(conversation: Conversation | None, holder: ChatHolder) -> ConversationView:
    """How the talk stands; before the first message the assistant is ready to answer."""
    if conversation is None:
        return conversation_view(
            public_id=holder.conversation,
            owner="assistant",
            agent_name="",
            status="open",
            language=holder.language,
            unread=0,
        )
    return conversation_view(
        public_id=conversation.public_id,
        owner=conversation.owner,
        agent_name=conversation.assignee.name if conversation.assignee else "",
        status=conversation.status,
        language=conversation.language or holder.language,
        unread=conversation.unread_by_customer,
    )


def _place(conversation: Conversation, public_id: UUID) -> int:
    found = conversation.messages.filter(public_id=public_id, kind=MessageKind.MESSAGE).values_list("pk", flat=True)
    place = found.first()
    if place is None:
        raise NoSuchMessage(id=str(public_id))
    return place
