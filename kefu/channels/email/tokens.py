"""Reply tokens: they bring an answer back into its conversation. Signed, so that nobody makes one up.

They travel in the address customers answer to (support+TOKEN@shop.example) and in our Message-IDs. An address's local
part has 64 letters and may be lower-cased on the way: hence base 32, and 80 bits of signature.
"""

from __future__ import annotations

import base64
import hmac
from uuid import UUID

from kefu.kernel import crypto

_PURPOSE = "email-reply-token"
_MAC_BYTES = 10
LENGTH = 42  # letters: 26 bytes in base 32 without padding


def _mac(conversation: UUID, channel: UUID) -> bytes:
    return crypto.mac(f"{channel.hex}:{conversation.hex}", purpose=_PURPOSE, length=_MAC_BYTES)


def make(conversation: UUID, *, channel: UUID) -> str:
    """The token of one conversation of one channel, 42 letters of a-z and 2-7; always the same."""
    raw = conversation.bytes + _mac(conversation, channel)
    return base64.b32encode(raw).decode().rstrip("=").lower()


def conversation_of(token: str, *, channel: UUID) -> UUID | None:
    """The conversation of an authentic token; None for another channel's, an altered or an invented one."""
    if len(token) != LENGTH:
        return None
    try:
        raw = base64.b32decode(token.upper() + "=" * (-len(token) % 8))
    except ValueError:
        return None
    conversation = UUID(bytes=raw[:16])
    return conversation if hmac.compare_digest(raw[16:], _mac(conversation, channel)) else None
