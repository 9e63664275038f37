"""What a channel hands to the desk: channel-neutral, already validated by the adapter."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from kefu.desk.models import Verification


@dataclass(frozen=True, slots=True)
class InboundFile:
    """`content` is raw bytes; `name` and `content_type` are what the sender claims."""

    name: str
    content: bytes
    content_type: str = "application/octet-stream"
    content_id: str = ""


@dataclass(frozen=True, slots=True)
class Inbound:
    """One message from a customer.

    external_id: the channel's own id, unique in the channel for ever (a Message-ID, a client's UUID).
    address: who writes, as the channel knows it (an e-mail address in lower case, a visitor's id).
    thread: ids by which earlier messages are found, best first: public ids of conversations or external ids of
        messages and deliveries. No match starts a new conversation.
    conversation_id: web chat: the public id (UUID) that its conversation has or, with the first message, will have;
        its token shows that the writer holds the thread.
    verification: what the channel itself proves of the sender (signed identity, authenticated mail), else NONE.
    proven_customer: external id of the shop's customer that a signed identity names.
    proven_email: the address that a signed identity or an authenticated mail proves.
    """

    external_id: str
    address: str
    text: str
    html: str = ""
    subject: str = ""
    name: str = ""
    language: str = ""
    choice: str = ""
    sent_at: datetime | None = None
    thread: tuple[str, ...] = ()
    conversation_id: str = ""
    files: tuple[InboundFile, ...] = ()
    attachment_ids: tuple[str, ...] = ()  # public ids of files uploaded before (web chat)
    verification: Verification = Verification.NONE
    proven_customer: str = ""
    proven_email: str = ""
    #: an auto-reply, a bounce, a list: stored and shown, never answered by the assistant
    is_automatic: bool = False
    facts: dict[str, object] = field(default_factory=dict)
