"""A real SMTP server on loopback that can be told to be difficult."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session


@dataclass
class Sink:
    """Keeps what it takes. The answers, where set, are given instead of taking."""

    taken: list[bytes] = field(default_factory=list)
    recipients: list[list[str]] = field(default_factory=list)
    answer_rcpt: str = ""
    answer_data: str = ""
    hangs_up_after_data: bool = False
    seconds_before_answer: float = 0

    async def handle_RCPT(self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list) -> str:
        if self.answer_rcpt:
            return self.answer_rcpt
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        if self.answer_data:
            return self.answer_data
        self.taken.append(envelope.original_content or b"")
        self.recipients.append(list(envelope.rcpt_tos))
        if self.seconds_before_answer:
            await asyncio.sleep(self.seconds_before_answer)
        if self.hangs_up_after_data:
            server.transport.abort()
            await asyncio.sleep(0)
        return "250 taken"

    def mails(self) -> list[EmailMessage]:
        return [message_from_bytes(one, policy=policy.default) for one in self.taken]


class MailServer:
    def __init__(self, port: int) -> None:
        self.sink = Sink()
        self.port = port
        self._controller: Controller | None = None

    def start(self) -> None:
        self._controller = Controller(self.sink, hostname="127.0.0.1", port=self.port, ready_timeout=10)
        self._controller.start()

    def stop(self) -> None:
        if self._controller is not None:
            self._controller.stop()
            self._controller = None

    def settings(self, address: str = "help@lumen.example") -> dict[str, object]:
        return {
            "address": address, "from_name": "Lumen", "smtp_host": "127.0.0.1", "smtp_port": self.port,
            "smtp_security": "plain", "plus_addressing": True,
        }  # fmt: skip
