"""What every channel adapter is. Adapters translate: they never open conversations, choose agents or save rows."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

from kefu.desk.inbound import Inbound, InboundFile
from kefu.kernel.errors import KefuError, Refused, Unreachable

__all__ = [
    "Abilities",
    "BadPayload",
    "Channel",
    "Inbound",
    "InboundFile",
    "NotTaken",
    "Outbound",
    "OutboundFile",
    "RawRequest",
    "Receipt",
    "Undeliverable",
    "Unreachable",
]  # fmt: skip


class BadPayload(Refused):
    """The payload is not what this channel's provider documents. It was kept; look at it under Channels."""

    code = "channels.bad_payload"


class Undeliverable(KefuError):
    """The channel refuses this message for good; it will not be tried again. A person sees it in the conversation."""

    code = "channels.undeliverable"


class NotTaken(Unreachable):
    """The channel's server answered that it did not take the message this time; the queue tries again. Unlike other
    failures after `handing_over`, this one is certain: sending again cannot double anything."""

    code = "channels.not_taken"


@dataclass(frozen=True, slots=True)
class Abilities:
    """What the channel can carry. `is_pulled`: the customer's side fetches messages itself (web chat); no delivery
    job is needed, a message is handed over by being stored."""

    images: bool = False
    files: bool = False
    buttons: bool = False
    html: bool = False
    text_limit: int | None = None
    is_pulled: bool = False
    is_letter: bool = False  # greeting, body, closing, as e-mail has; a chat has none


@dataclass(frozen=True, slots=True)
class RawRequest:
    body: bytes
    headers: Mapping[str, str] = field(default_factory=dict)  # keys in lower case
    query: Mapping[str, str] = field(default_factory=dict)

    def header(self, name: str) -> str:
        return self.headers.get(name.lower(), "")


@dataclass(frozen=True, slots=True)
class OutboundFile:
    name: str
    content: bytes
    content_type: str


@dataclass(frozen=True, slots=True)
class Outbound:
    """One message to one customer. `reference` is stable over retries; `thread`: external ids of the conversation,
    oldest first; `token`: signed, brings the answer back into the conversation."""

    reference: str
    to: str
    text: str
    subject: str = ""
    thread: tuple[str, ...] = ()
    in_reply_to: str = ""
    token: str = ""
    choices: tuple[tuple[str, str], ...] = ()
    files: tuple[OutboundFile, ...] = ()
    from_name: str = ""
    language: str = "en"
    is_automatic: bool = False  # the assistant wrote it; e-mail says so, for two machines must not talk for ever


@dataclass(frozen=True, slots=True)
class Receipt:
    external_id: str


class Channel:
    """Base of adapters. `settings` and `secrets` are the channel row's, already decrypted."""

    kind: ClassVar[str]
    abilities: ClassVar[Abilities]

    def __init__(self, settings: Mapping[str, Any], secrets: Mapping[str, str]) -> None:
        self.settings = settings
        self.secrets = secrets

    def is_authentic(self, request: RawRequest) -> bool:
        """Whether a webhook really comes from the provider. Deny by default."""
        return False

    def read(self, request: RawRequest) -> list[Inbound]:
        """Turn one request into messages. Unknown kinds give [], malformed ones raise BadPayload."""
        raise BadPayload(channel=self.kind)

    def send(self, outbound: Outbound, *, handing_over: Callable[[], None]) -> Receipt:
        """Deliver once. Call `handing_over()` just before the bytes that cannot be taken back: what fails before is
        retried, what dies after is shown to a person instead of being sent again.

        Raises Undeliverable (never retry) or Unreachable (the queue retries). After `handing_over()` only NotTaken is
        retried: every other failure leaves open whether the message went out. What `handing_over` itself raises must
        go up unchanged, with nothing sent: it means that a person took the conversation over in this moment.
        """
        raise Undeliverable(channel=self.kind)
