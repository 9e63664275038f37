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
