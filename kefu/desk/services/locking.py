"""One lock: whoever changes a conversation or writes into it holds its row."""

from __future__ import annotations

from kefu.desk.models import Conversation


def locked(conversation: Conversation) -> Conversation:
    """The conversation as it stands now, locked until the end of the transaction."""
    return (
        Conversation.objects.select_for_update(of=("self",)).select_related("brand", "channel").get(pk=conversation.pk)
    )
