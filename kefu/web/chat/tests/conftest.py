"""A visitor who talks to the chat interface as a widget does."""

from __future__ import annotations

import json
from typing import Any
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse
from django.test import Client

from kefu.desk.models import Channel
from kefu.web.chat.tests.browser import shop  # noqa: F401  fixture
from kefu.web.events.tests.conftest import server  # noqa: F401  fixture

PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c4890000000d49444154789c6360000002000100"
    "05fe02fea7e27b0000000049454e44ae426082"
)


class Visitor:
    """One browser at one channel."""

    def __init__(self, channel: Channel) -> None:
        self.channel = channel
        self.client = Client(raise_request_exception=True)
        self.token = ""
        self.conversation = ""
        self.headers: dict[str, str] = {}

    def url(self, path: str) -> str:
        return f"/chat/v1/{self.channel.public_id}/{path}"

    def _headers(self) -> dict[str, str]:
        return {**({"Authorization": f"Bearer {self.token}"} if self.token else {}), **self.headers}

    def get(self, path: str) -> Any:
        return self.client.get(self.url(path), headers=self._headers())

    def post(self, path: str, body: Any = None, *, raw: bytes | None = None) -> Any:
        data = raw if raw is not None else json.dumps(body or {})
        return self.client.post(self.url(path), data, content_type="application/json", headers=self._headers())

    def start(self, **fields: Any) -> HttpResponse:
        answer = self.post("conversations", fields)
        if answer.status_code == 201:
            self.token, self.conversation = answer.json()["token"], answer.json()["conversation"]
        return answer

    def say(self, text: str = "", *, id: str | None = None, **fields: Any) -> HttpResponse:
        return self.post("messages", {"id": id or str(uuid4()), "text": text, **fields})

    def read(self, query: str = "") -> list[dict[str, Any]]:
        return self.get(f"messages{query}").json()["messages"]

    def upload(self, content: bytes = PNG, *, name: str = "photo.png", kind: str = "image/png") -> HttpResponse:
        file = SimpleUploadedFile(name, content, kind)
        return self.client.post(self.url("files"), {"file": file}, headers=self._headers())


@pytest.fixture
def visitor(chat_channel: Channel) -> Visitor:
    """Somebody whose page has started a talk."""
    one = Visitor(chat_channel)
    assert one.start().status_code == 201
    return one


@pytest.fixture
def stranger(chat_channel: Channel) -> Visitor:
    """Another browser at the same shop, with a talk of its own."""
    one = Visitor(chat_channel)
    assert one.start().status_code == 201
    return one
