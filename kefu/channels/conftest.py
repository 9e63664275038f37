"""Channels to test with."""

from __future__ import annotations

import pytest

from kefu.channels.services import create_channel
from kefu.desk.models import Channel
from kefu.people.actors import SYSTEM
from kefu.people.models import Brand

pytest.register_assert_rewrite("kefu.channels.conformance")


@pytest.fixture
def hello_channel(brand: Brand) -> Channel:
    return create_channel(
        brand, kind="hello", name="Hello", by=SYSTEM,
        settings={"send_to": "http://127.0.0.1:1/answers", "secret": "sixteen letters!"},
    )  # fmt: skip


@pytest.fixture
def mailbox(brand: Brand) -> Channel:
    """An e-mail channel whose servers are not there; tests that need them fill in their own."""
    return create_channel(
        brand, kind="email", name="help@lumen.example", by=SYSTEM,
        settings={
            "address": "help@lumen.example", "imap_host": "127.0.0.1", "imap_port": 1, "imap_security": "plain",
            "imap_user": "help@lumen.example", "imap_password": "letmein", "smtp_host": "127.0.0.1", "smtp_port": 1,
            "smtp_security": "plain", "plus_addressing": True, "authserv_id": "mx.lumen.example",
        },
    )  # fmt: skip
