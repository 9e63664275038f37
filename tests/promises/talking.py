"""Customers who write and what they hear: one message in, its jobs done, the replies out."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from kefu.conftest import JobBook
from kefu.desk.inbound import Inbound
from kefu.desk.models import Author, Channel, Conversation, Message, MessageKind, Owner, Verification
from kefu.desk.services import receive_message
from kefu.kernel.ids import new_id
from kefu.people.models import Customer


class Talk:
    """One chat of one visitor: a stranger, or a customer whose shop has signed for them."""

    def __init__(self, channel: Channel, jobs: JobBook, *, signed: Customer | None = None) -> None:
        self.channel, self.jobs, self.signed = channel, jobs, signed
        self.id = new_id()

    @property
    def conversation(self) -> Conversation:
        return Conversation.objects.get(public_id=self.id)

    @property
    def is_with_a_person(self) -> bool:
        return self.conversation.owner != Owner.ASSISTANT

    def writes(self, text: str, *, choice: str = "", id: str = "", **more: Any) -> Message:
        """The message is received; nothing answers yet."""
        proof: dict[str, Any] = {}
        if self.signed:
            proof = {"proven_customer": self.signed.external_id, "verification": Verification.CUSTOMER}
        address = f"customer:{self.signed.external_id}" if self.signed else f"visitor:{self.id}"
        return receive_message(
            self.channel,
            Inbound(
                external_id=id or f"{self.id}:{uuid4()}", address=address, text=text, choice=choice,
                conversation_id=str(self.id), **(proof | more),
            ),
        )  # fmt: skip

    def says(self, text: str, *, choice: str = "", **more: Any) -> str:
        """Write and have every job done; gives what was answered, "" when nothing was."""
        message = self.writes(text, choice=choice, **more)
        self.jobs.run()
        return "\n".join(reply.text for reply in replies(message.conversation) if reply.pk > message.pk)

    def heard(self) -> list[str]:
        return [reply.text for reply in replies(self.conversation)]


def replies(conversation: Conversation | None = None) -> list[Message]:
    """The assistant's, oldest first."""
    said = Message.objects.filter(author=Author.ASSISTANT, kind=MessageKind.MESSAGE).order_by("pk")
    return list(said.filter(conversation=conversation) if conversation else said)


def is_settled(message: Message) -> bool:
    """Promise 1 for one message of a customer: answered, or with a person, or its conversation closed on purpose."""
    message.refresh_from_db()
    conversation = Conversation.objects.get(pk=message.conversation_id)
    if conversation.owner != Owner.ASSISTANT or conversation.is_closed:
        return True
    said_since = conversation.messages.filter(author=Author.ASSISTANT, kind=MessageKind.MESSAGE, pk__gt=message.pk)
    return message.turned_at is not None and said_since.exists()
