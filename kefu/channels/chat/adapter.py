"""Web chat. Nothing is sent: the customer's page fetches what is stored, so a committed message is a delivered one."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

from kefu.channels.base import Abilities, BadPayload, Channel, Inbound, Outbound, RawRequest, Receipt, Undeliverable
from kefu.channels.chat.limits import TEXT_LIMIT


class Chat(Channel):
    """Its messages come in through the chat interface (docs/reference/chat-interface.md), not through a webhook."""

    kind: ClassVar[str] = "chat"
    abilities: ClassVar[Abilities] = Abilities(
        images=True, files=True, buttons=True, text_limit=TEXT_LIMIT, is_pulled=True
    )

    def is_authentic(self, request: RawRequest) -> bool:
        """No provider calls us: every webhook for a chat channel is a forgery."""
        return False

    def read(self, request: RawRequest) -> list[Inbound]:
        raise BadPayload(channel=self.kind, why="a web chat has no webhook; write to /chat/v1/")

    def send(self, outbound: Outbound, *, handing_over: Callable[[], None]) -> Receipt:
        raise Undeliverable(channel=self.kind, why="a web chat fetches its messages itself")
