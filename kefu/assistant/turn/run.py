"""The turn: what a customer has written becomes one reply, in one transaction."""

from __future__ import annotations

from kefu.desk.models import Message


def take_turn(conversation_id: int) -> Message | None:
    """Answer every unturned message of the conversation."""
    raise NotImplementedError
