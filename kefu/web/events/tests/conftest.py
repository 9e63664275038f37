"""The events process as it runs, in the test's own process: uvicorn in a thread, a real PostgreSQL, real sockets."""

from __future__ import annotations

import http.client
import json
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import pytest

from kefu.desk import services
from kefu.desk.inbound import Inbound
from kefu.desk.models import Channel, Conversation, Message
from kefu.kernel.ids import new_id
from kefu.people.actors import assistant
from kefu.web.events import tokens
from kefu.web.events.app import Events
from kefu.web.events.serve import EventsServer
from kefu.web.events.tokens import ChatHolder


class Server:
    """The running application and its address."""

    def __init__(self) -> None:
        self.app = Events()
        self._uvicorn = EventsServer(self.app, host="127.0.0.1", port=0)
        self._thread = threading.Thread(target=self._uvicorn.run, daemon=True)

    def start(self) -> None:
        self._thread.start()
        self.wait_for(lambda: self._uvicorn.started and self.app.listener.is_listening.is_set())
        self.port = self._uvicorn.servers[0].sockets[0].getsockname()[1]

    def stop(self) -> None:
        self._uvicorn.should_exit = True
        self._thread.join(timeout=10)

    @staticmethod
    def wait_for(happened: Any, *, seconds: float = 5) -> None:
        until = time.monotonic() + seconds
        while not happened():
            assert time.monotonic() < until, "it did not happen in time"
            time.sleep(0.01)

    def open(self, path: str, *, token: str = "", **headers: str) -> Tap:
        return Tap(self.port, path, {**({"Authorization": f"Bearer {token}"} if token else {}), **headers})


@dataclass
class Happening:
    event: str
    data: dict[str, Any]
    id: str = ""


@dataclass
class Tap:
    """One open stream, read event by event."""

    port: int
    path: str
    headers: dict[str, str]
    status: int = 0
    answer_headers: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=5)
        self._connection.request("GET", self.path, headers=self.headers)
        self._response = self._connection.getresponse()
        self.status = self._response.status
        self.answer_headers = {name.lower(): value for name, value in self._response.getheaders()}

    def json(self) -> dict[str, Any]:
        return json.loads(self._response.read())

    def next(self) -> Happening:
        """The next event; raises TimeoutError after five seconds of silence, EOFError at the stream's end."""
        happening = Happening("", {})
        while True:
            line = self._response.readline().decode()
            if not line:
                raise EOFError
            name, _, value = line.rstrip("\n").partition(": ")
            if name == "event":
                happening.event = value
            elif name == "id":
                happening.id = value
            elif name == "data":
                happening.data = json.loads(value)
            elif not line.strip() and happening.event:
                return happening

    def next_of(self, event: str) -> Happening:
        while (happening := self.next()).event != event:
            pass
        return happening

    def texts(self, count: int) -> list[str]:
        return [self.next_of("message").data["text"] for _ in range(count)]

    def silent_until(self, mark: str) -> list[Happening]:
        """Everything before the message whose text is `mark`."""
        before = []
        while (happening := self.next()).data.get("text") != mark:
            before.append(happening)
        return before

    def close(self) -> None:
        self._response.close()
        self._connection.close()


@dataclass
class Talk:
    """A chat conversation and whoever holds its token."""

    channel: Channel
    public_id: UUID = field(default_factory=new_id)

    @property
    def holder(self) -> ChatHolder:
        return ChatHolder(
            channel=self.channel.public_id, conversation=self.public_id, address=f"visitor:{self.public_id}"
        )

    @property
    def token(self) -> str:
        return tokens.chat_token(self.holder)

    @property
    def row(self) -> Conversation:
        return Conversation.objects.get(public_id=self.public_id)

    def write(self, text: str = "Hello") -> Message:
        inbound = Inbound(
            external_id=f"{self.public_id}:{new_id()}",
            address=self.holder.address,
            text=text,
            conversation_id=str(self.public_id),
        )
        return services.receive_message(self.channel, inbound)

    def answer(self, text: str) -> Message:
        from django.db import transaction

        with transaction.atomic():
            conversation = Conversation.objects.select_for_update().get(public_id=self.public_id)
            return services.say_as_assistant(conversation, text=text, by=assistant(conversation.brand_id))


@pytest.fixture
def server(transactional_db: None) -> Iterator[Server]:
    running = Server()
    running.start()
    yield running
    running.stop()


@pytest.fixture
def talk(chat_channel: Channel) -> Talk:
    return Talk(chat_channel)
