"""E-mail against the suite that every adapter passes; mail that once broke somebody, with what it must become."""

from __future__ import annotations

from typing import ClassVar
from uuid import UUID

from kefu.channels.base import Inbound
from kefu.channels.conformance import SampledChannel
from kefu.channels.email.inbound import inbound_of
from kefu.channels.email.reading import Mailbox, read_mail

OURS = Mailbox(addresses=("help@lumen.example",), authserv_id="mx.lumen.example")
CHANNEL = UUID("0198a000-0000-7000-8000-0000000000aa")


class TestEmail(SampledChannel):
    kind = "email"
    settings: ClassVar[dict] = {"address": "help@lumen.example"}

    def read_sample(self, content: bytes) -> list[Inbound]:
        mail = read_mail(content, OURS)
        assert mail.problem == ""
        return [inbound_of(mail, channel=CHANNEL)]
