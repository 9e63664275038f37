"""The live streams: what five hundred open ones cost, and how long a word takes to reach them."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import time
from dataclasses import dataclass, field

import psutil
from django.contrib.auth.models import User
from django.db import transaction

from bench.ports import free_port
from bench.report import Table, percentiles
from kefu.desk import events
from kefu.desk.models import Author, Channel, Conversation, Counter, Message
from kefu.kernel import clock
from kefu.kernel.ids import new_id
from kefu.people.actors import SYSTEM
from kefu.people.models import Agent, Brand, Customer, Identity, Role, Seat
from kefu.web.events import tokens
from kefu.web.events.tokens import ChatHolder

STREAMS = 500
BROADCASTS = 20
#: pause between two words to single conversations
PAUSE_SECONDS = 0.02


@dataclass
class Ear:
    """One open stream; `heard` holds the moments at which a chunk with an event came."""

    path: str
    token: str
    heard: list[float] = field(default_factory=list)

    async def listen(self, port: int, opened: asyncio.Semaphore) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        head = f"GET {self.path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {self.token}\r\n\r\n"
        writer.write(head.encode())
        status = await reader.readline()
        if b" 200 " not in status:
            raise RuntimeError(f"no stream: {status!r}")
        opened.release()
        while line := await reader.readline():
            if line.startswith(b"event: message") or line.startswith(b"event: change"):
                self.heard.append(time.monotonic())


class Stage:
    """A brand with its talks in the database, and an events process that serves them."""

    def __init__(self) -> None:
        slug = f"bench-events-{new_id().hex[-10:]}"
        self.brand = Brand.objects.create(slug=slug, name="Bench", languages=["en"])
        self.channel = Channel.objects.create(brand=self.brand, kind="chat", name=slug)
        customer = Customer.objects.create(brand=self.brand)
        identity = Identity.objects.create(brand=self.brand, channel_kind="chat", address=slug, customer=customer)
        now = clock.now()
        with transaction.atomic():
            self.talks = Conversation.objects.bulk_create(
                Conversation(
                    brand=self.brand, number=Counter.next_number(self.brand.pk), channel=self.channel,
                    identity=identity, customer=customer, created_at=now, last_message_at=now,
                )
                for _ in range(STREAMS)
            )  # fmt: skip
        agent = Agent.objects.create(user=User.objects.create(username=slug), name="Tomas")
        Seat.objects.create(agent=agent, brand=self.brand, role=Role.AGENT)
        self.desk_token = tokens.desk_token(agent.pk, [self.brand.pk])
        self.port = free_port()
        environment = {**os.environ, "KEFU_STREAMS_PER_ADDRESS": str(3 * STREAMS)}
        command = [sys.executable, "-m", "kefu", "events", "--port", str(self.port)]
        self._process = subprocess.Popen(command, env=environment)

    def memory(self) -> float:
        """MB that the events process holds by itself."""
        return psutil.Process(self._process.pid).memory_info().rss / 1e6

    def chat_token(self, talk: Conversation) -> str:
        holder = ChatHolder(channel=self.channel.public_id, conversation=talk.public_id, address="bench")
        return tokens.chat_token(holder)

    def say(self, talk: Conversation) -> float:
        """One word of the assistant's, committed; gives the moment."""
        with transaction.atomic():
            message = Message.objects.create(
                brand=self.brand, conversation=talk, channel=self.channel, author=Author.ASSISTANT,
                text="Your parcel left Hamburg this morning and is due on Thursday.", created_at=clock.now(),
            )  # fmt: skip
            events.record(events.MESSAGE_SENT, talk, by=SYSTEM, message=message)
        return time.monotonic()

    async def up(self) -> None:
        for _ in range(300):
            try:
                _, writer = await asyncio.open_connection("127.0.0.1", self.port)
            except OSError:
                await asyncio.sleep(0.05)
                continue
            writer.close()
            return
        raise RuntimeError("the events process does not answer")

    def down(self) -> None:
        self._process.terminate()
        self._process.wait(timeout=15)


async def _measure(stage: Stage) -> list[list[str]]:
    await stage.up()
    await asyncio.sleep(0.5)
    empty = stage.memory()
    chats = [Ear("/events/chat", stage.chat_token(talk)) for talk in stage.talks]
    tasks = await _opened(stage, chats)
    with_chats = stage.memory()
    chat_waits = []
    for talk, ear in zip(stage.talks, chats, strict=True):
        said = await asyncio.to_thread(stage.say, talk)
        await asyncio.sleep(PAUSE_SECONDS)
        chat_waits.append((said, ear))
    await asyncio.sleep(1)
    chat_seconds = [ear.heard[0] - said for said, ear in chat_waits if ear.heard]
    desks = [Ear("/events/desk", stage.desk_token) for _ in range(STREAMS)]
    tasks += await _opened(stage, desks)
    with_desks = stage.memory()
    desk_seconds = []
    for _ in range(BROADCASTS):
        said = await asyncio.to_thread(stage.say, stage.talks[0])
        await asyncio.sleep(0.5)
        desk_seconds += [ear.heard[-1] - said for ear in desks if ear.heard and ear.heard[-1] >= said]
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    return [
        [f"{STREAMS} chats, one word to each", *_row(chat_seconds, STREAMS, with_chats - empty)],
        [
            f"{STREAMS} desk pages, one change to all",
            *_row(desk_seconds, STREAMS * BROADCASTS, with_desks - with_chats),
        ],
        ["nothing open", "", "", "", "", f"{empty:.0f} MB"],
    ]


async def _opened(stage: Stage, ears: list[Ear]) -> list[asyncio.Task[None]]:
    opened = asyncio.Semaphore(0)
    tasks = [asyncio.create_task(ear.listen(stage.port, opened)) for ear in ears]
    async with asyncio.timeout(60):
        for _ in ears:
            await opened.acquire()
    await asyncio.sleep(1)
    return tasks


def _row(seconds: list[float], expected: int, grown: float) -> list[str]:
    return [f"{len(seconds)} of {expected}", *percentiles(seconds), f"+{grown:.1f} MB"]


def tables() -> list[Table]:
    stage = Stage()
    try:
        rows = asyncio.run(_measure(stage))
    finally:
        stage.down()
    return [
        Table(
            "Live streams",
            ("open", "heard", "p50", "p95", "p99", "memory of the process"),
            rows,
            ["From commit to the client's socket. Everything runs on the one machine, the listening clients too."],
        )
    ]
