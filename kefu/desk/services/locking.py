"""One lock: whoever changes a conversation or writes into it holds its row."""

from __future__ import annotations

from django.db.models import QuerySet

from kefu.desk.models import Conversation


def locked(conversation: Conversation) -> Conversation:
    """The conversation as it stands now, locked until the end of the transaction."""
    return for_update().get(pk=conversation.pk)


def for_update() -> QuerySet[Conversation]:
    """Conversations to lock, each with what nearly every verb asks next."""
    return Conversation.objects.select_for_update(of=("self",)).select_related("brand", "channel", "customer")
