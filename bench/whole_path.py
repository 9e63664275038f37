"""Messages through the whole house: HTTP in → stored → turn → reply committed. Real processes, real HTTP.

What is measured is the time from sending the POST to the commit of the assistant's reply, seen from outside by
listening to the database: what a customer with an open stream waits for, but for the last few milliseconds.
"""

from __future__ import annotations

import asyncio
import itertools
import json
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

import psycopg

from bench.thin_client import ThinClient

#: what a mixed day of customers writes; each is answerable, so that every message costs a whole turn
WISHES = [
    "Where is my parcel?",
    "我的快递到哪了？",
    "Is the Glacier rain jacket waterproof?",
    "How much is shipping to France?",
    "hi, my last order still hasn't arrived and I need it by friday, what's going on?",
    "退货要怎么操作？",
    "I want to send back my last order",
    "How long does a refund take?",
    "thanks, that helps",
    "can I still cancel what I ordered yesterday?",
]


#: what ends a customer's waiting
HEARD = ('"desk.message_sent"', '"desk.conversation_handed_over"')


@dataclass
class Visitor:
    """One customer's open chat."""

    token: str
    conversation: str
    wishes: Iterator[str]
    identity: dict[str, Any]
    waits: asyncio.Event = field(default_factory=asyncio.Event)
    is_with_person: bool = False


@dataclass
class Measured:
    """Seconds from POST to committed reply, per message; `span` is the time between first POST and last reply; `lost`
    counts messages that the assistant should have answered and did not."""

    waits: list[float]
    span: float
    lost: int

    @property
    def rate(self) -> float:
        return len(self.waits) / self.span if self.span else 0.0


class Load:
    """Many customers at once against one running Kefu."""

    def __init__(self, *, url: str, database_url: str, channel: str, identities: list[dict[str, Any]]) -> None:
        self.url, self.database_url, self.channel, self.identities = url, database_url, channel, identities
        self.visitors: dict[str, Visitor] = {}
        self.by_pk: dict[int, str] = {}
        self.replied_at: dict[str, float] = {}
        self.last_reply_at = 0.0

    async def open(self) -> None:
        """A talk for each identity, and the ear on the database."""
        self.client = ThinClient(f"{self.url}/chat/v1/{self.channel}")
        self.ear = await psycopg.AsyncConnection.connect(self.database_url, autocommit=True)
        await self.ear.execute("LISTEN kefu_events")
        self.listening = asyncio.create_task(self._listen())
        for n, identity in enumerate(self.identities):
            wishes = itertools.islice(itertools.cycle(WISHES), n % len(WISHES), None)
            await self._begin(identity, wishes)

    async def _begin(self, identity: dict[str, Any], wishes: Iterator[str]) -> Visitor:
        talk = await self.client.post("/conversations", {"identity": identity, "language": "en"})
        visitor = self.visitors[talk["conversation"]] = Visitor(talk["token"], talk["conversation"], wishes, identity)
        return visitor

    async def close(self) -> None:
        self.listening.cancel()
        await self.ear.close()
        await self.client.close()

    async def _listen(self) -> None:
        """Notes the moment of each committed reply."""
        async with await psycopg.AsyncConnection.connect(self.database_url, autocommit=True) as asking:
            async for notice in self.ear.notifies():
                if not any(kind in notice.payload for kind in HEARD):
                    continue
                heard_at = time.perf_counter()
                event = json.loads(notice.payload)
                pk = event["conversation"]
                if pk not in self.by_pk:
                    row = await (
                        await asking.execute("SELECT public_id FROM desk_conversation WHERE id = %s", [pk])
                    ).fetchone()
                    self.by_pk[pk] = str(row[0]) if row else ""
                visitor = self.visitors.get(self.by_pk[pk])
                if visitor is None:
                    continue
                if event["kind"] == "desk.message_sent":
                    self.replied_at[visitor.conversation] = self.last_reply_at = heard_at
                else:
                    visitor.is_with_person = True
                visitor.waits.set()

    async def _one(self, visitor: Visitor, measured: Measured, *, patience: float) -> Visitor:
        """One message and its reply. Whoever was given to a person comes back with a new talk."""
        visitor.waits.clear()
        began = time.perf_counter()
        await self.client.post("/messages", {"id": str(uuid4()), "text": next(visitor.wishes)}, token=visitor.token)
        try:
            await asyncio.wait_for(visitor.waits.wait(), patience)
        except TimeoutError:
            measured.lost += not visitor.is_with_person
        if self.replied_at.get(visitor.conversation, 0.0) > began:
            measured.waits.append(self.replied_at[visitor.conversation] - began)
        await asyncio.sleep(0)  # both notices of a hand-over come in one batch
        return await self._begin(visitor.identity, visitor.wishes) if visitor.is_with_person else visitor

    async def at_rate(self, per_second: float, *, seconds: float, patience: float = 30) -> Measured:
        """Messages at even distances, whether or not earlier ones are answered; a talk waits for its reply first."""
        free = asyncio.Queue[Visitor]()
        for visitor in self._fresh():
            free.put_nowait(visitor)
        measured = Measured([], 0.0, 0)

        async def go(visitor: Visitor) -> None:
            free.put_nowait(await self._one(visitor, measured, patience=patience))

        began = time.perf_counter()
        going = []
        for n in range(int(per_second * seconds)):
            await asyncio.sleep(max(0.0, began + n / per_second - time.perf_counter()))
            going.append(asyncio.create_task(go(await free.get())))
        await asyncio.gather(*going)
        measured.span = self.last_reply_at - began
        return measured

    async def flat_out(self, *, at_once: int, messages: int, patience: float = 60) -> Measured:
        """So many talks that each write again as soon as they are answered."""
        measured = Measured([], 0.0, 0)
        left = iter(range(messages))

        async def keep_writing(visitor: Visitor) -> None:
            for _ in left:
                visitor = await self._one(visitor, measured, patience=patience)

        began = time.perf_counter()
        await asyncio.gather(*[keep_writing(visitor) for visitor in self._fresh()[:at_once]])
        measured.span = self.last_reply_at - began
        return measured

    def _fresh(self) -> list[Visitor]:
        """The talks that no person has yet."""
        return [visitor for visitor in self.visitors.values() if not visitor.is_with_person]
