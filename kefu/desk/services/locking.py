"""One lock: whoever changes a conversation or writes into it holds its row, and takes it before any other row.

The order, for all rooms: the raw mail or webhook that is read, the conversation, what hangs on it (approval, delivery,
task, stock notice), the customer, the order, what hangs on that (lines, returns, payments, stock; by rising id).
Writing an event or a case waits for the conversation's row too: who holds an approval and writes one event stands
in the way of a turn that holds the conversation. assistant/approvals/tests/test_lock_order.py races them.
"""

from __future__ import annotations

from uuid import UUID

from django.db.models import QuerySet

from kefu.desk.models import Conversation
from kefu.kernel.prepared import Prepared
from kefu.kernel.together import write_now


def locked(conversation: Conversation) -> Conversation:
    """The conversation as it stands now, locked until the end of the transaction."""
    write_now()
    return _BY_PK.one(pk=conversation.pk)


def locked_again(conversation: Conversation) -> Conversation:
    """`locked`, with the brand and the channel that the caller read a moment ago: they are not read twice."""
    write_now()
    fresh = _WITH_CUSTOMER.one(pk=conversation.pk)
    fresh.brand, fresh.channel = conversation.brand, conversation.channel
    return fresh


def stands_as(conversation: Conversation, seen: Conversation) -> bool:
    """Whether the row is still what `seen` was read from. Every verb that takes in a message, answers one or marks it
    as dealt with changes the row (its times at the least), so then its unturned messages are the same too."""
    return all(getattr(conversation, name) == getattr(seen, name) for name in _FIELDS)


def locked_by_public_id(channel_id: int, public_id: UUID) -> Conversation | None:
    """The channel's conversation that the world knows under this id, locked likewise."""
    return _BY_PUBLIC_ID.first(channel=channel_id, public_id=public_id)


def for_update() -> QuerySet[Conversation]:
    """Conversations to lock, each with what nearly every verb asks next."""
    return _to_lock().select_related("brand", "channel", "customer")


def _to_lock() -> QuerySet[Conversation]:
    return Conversation.objects.select_for_update(of=("self",))


_FIELDS = tuple(field.attname for field in Conversation._meta.concrete_fields)
_WITH_CUSTOMER = Prepared(lambda pk: _to_lock().select_related("customer").filter(pk=pk), pk=-1)
_BY_PK = Prepared(lambda pk: for_update().filter(pk=pk), pk=-1)
_BY_PUBLIC_ID = Prepared(
    lambda channel, public_id: for_update().filter(channel=channel, public_id=public_id),
    channel=-1,
    public_id=UUID(int=1),
)
