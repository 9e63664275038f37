"""The signed tokens of the chat and of the live streams. One purpose each: none opens another's door."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from kefu.kernel import crypto
from kefu.kernel.crypto import BadToken

#: an anonymous talk is found again for so long after it began
ANONYMOUS_SECONDS = 30 * 24 * 60 * 60
#: what a shop's signature opened is closed again after a day; the shop's page then signs anew
SIGNED_SECONDS = 24 * 60 * 60
#: for EventSource, which can send no header: long enough to open a stream, too short to be worth stealing from a log
STREAM_SECONDS = 120
#: a desk page stays open all day; the agent's seat is looked up again whenever the stream is opened
DESK_SECONDS = 12 * 60 * 60


@dataclass(frozen=True, slots=True)
class ChatHolder:
    """Who holds a chat token: one visitor in one conversation of one channel.

    address: the visitor as the channel knows it. verification: what a signed identity proved, as a number of
    desk.models.Verification. proven_customer, proven_email: whom it named.
    """

    channel: UUID
    conversation: UUID
    address: str
    language: str = ""
    name: str = ""
    verification: int = 0
    proven_customer: str = ""
    proven_email: str = ""


@dataclass(frozen=True, slots=True)
class DeskHolder:
    agent_id: int
    brand_ids: frozenset[int]


def chat_token(holder: ChatHolder) -> str:
    """The bearer token of one conversation."""
    claims = {
        "ch": str(holder.channel),
        "co": str(holder.conversation),
        "a": holder.address,
        "l": holder.language,
        "n": holder.name,
        "v": holder.verification,
        "c": holder.proven_customer,
        "e": holder.proven_email,
    }
    seconds = SIGNED_SECONDS if holder.verification else ANONYMOUS_SECONDS
    return crypto.sign({k: v for k, v in claims.items() if v}, purpose="chat", valid_seconds=seconds)


def chat_holder(token: str) -> ChatHolder:
    """Raises BadToken."""
    claims = _claims(token, purpose="chat")
    return ChatHolder(
        channel=UUID(claims["ch"]),
        conversation=UUID(claims["co"]),
        address=claims["a"],
        language=claims.get("l", ""),
        name=claims.get("n", ""),
        verification=claims.get("v", 0),
        proven_customer=claims.get("c", ""),
        proven_email=claims.get("e", ""),
    )


def stream_token(holder: ChatHolder) -> str:
    """Opens the live stream of the conversation and nothing else; may stand in an address."""
    claims = {"ch": str(holder.channel), "co": str(holder.conversation)}
    return crypto.sign(claims, purpose="chat-stream", valid_seconds=STREAM_SECONDS)


def stream_place(token: str) -> tuple[UUID, UUID]:
    """(channel, conversation) of a stream token. Raises BadToken."""
    claims = _claims(token, purpose="chat-stream")
    return UUID(claims["ch"]), UUID(claims["co"])


def desk_token(agent_id: int, brand_ids: Iterable[int]) -> str:
    """For the page that an agent has open: `GET <KEFU_EVENTS_URL>/events/desk?token=…`."""
    claims = {"agent": agent_id, "brands": sorted(brand_ids)}
    return crypto.sign(claims, purpose="desk-stream", valid_seconds=DESK_SECONDS)


def desk_holder(token: str) -> DeskHolder:
    """Raises BadToken."""
    claims = _claims(token, purpose="desk-stream")
    return DeskHolder(agent_id=claims["agent"], brand_ids=frozenset(claims["brands"]))


def _claims(token: str, *, purpose: str) -> dict[str, Any]:
    # unsign compares ASCII digests; a token of other letters is simply not ours
    if not token.isascii() or len(token) > 4_000:
        raise BadToken()
    return crypto.unsign(token, purpose=purpose)
