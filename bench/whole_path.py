"""Messages through the whole house: HTTP in → stored → turn → reply committed. Real processes, real HTTP.

What is measured is the time from sending the POST to the commit of the assistant's reply, seen from outside by
listening to the database: what a customer with an open stream waits for, but for the last few milliseconds.
"""

from __future__ import annotations

import asyncio
import itertools
import json
import time
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

import httpx
import psycopg

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


@dataclass
class Visitor:
    """One customer's open chat."""

    token: str
    conversation: str
    wishes: Any
    waits: asyncio.Event = field(default_factory=asyncio.Event)
    sent_at: float = 0.0


@dataclass
class Measured:
    """Seconds from POST to committed reply, per message; `span` is the time between first POST and last reply."""

    waits: list[float]
    span: float
    lost: int

    def percentile(self, share: float) -> float:
        ordered = sorted(self.waits)
        return ordered[min(len(ordered) - 1, int(share * len(ordered)))]

    @property
    def rate(self) -> float:
        return len(self.waits) / self.span if self.span else 0.0


class Load:
    """Many customers at once against one running Kefu."""

    def __init__(self, *, url: str, database_url: str, channel: str, identities: list[dict[str, Any]]) -> None:
        self.url, self.database_url, self.channel, self.identities = url, database_url, channel, identities
        self.visitors: dict[str, Visitor] = {}
        self.by_pk: dict[int, str] = {}
        self.early: set[int] = set()
        self.replied_at: dict[str, float] = {}

    async def open(self) -> None:
        """A talk for each identity, and the ear on the database."""
        self.client = httpx.AsyncClient(
            base_url=f"{self.url}/chat/v1/{self.channel}", timeout=30, limits=httpx.Limits(max_connections=32)
        )
        self.ear = await psycopg.AsyncConnection.connect(self.database_url, autocommit=True)
        await self.ear.execute("LISTEN kefu_events")
        self.listening = asyncio.create_task(self._listen())
        for n, identity in enumerate(self.identities):
            answer = await self.client.post("/conversations", json={"identity": identity, "language": "en"})
            answer.raise_for_status()
            talk = answer.json()
            wishes = itertools.islice(itertools.cycle(WISHES), n % len(WISHES), None)
            self.visitors[talk["conversation"]] = Visitor(talk["token"], talk["conversation"], wishes)

    async def close(self) -> None:
        self.listening.cancel()
        await self.ear.close()
        await self.client.aclose()

    async def _listen(self) -> None:
        """Notes the moment of each committed reply."""
        async with await psycopg.AsyncConnection.connect(self.database_url, autocommit=True) as asking:
            async for notice in self.ear.notifies():
                event = json.loads(notice.payload)
                if event["kind"] != "desk.message_sent":
                    continue
                heard_at = time.perf_counter()
                pk = event["conversation"]
                if pk not in self.by_pk:
                    row = await (
                        await asking.execute("SELECT public_id FROM desk_conversation WHERE id = %s", [pk])
                    ).fetchone()
                    self.by_pk[pk] = str(row[0]) if row else ""
                public_id = self.by_pk[pk]
                if visitor := self.visitors.get(public_id):
                    self.replied_at[public_id] = heard_at
                    visitor.waits.set()

    async def _one(self, visitor: Visitor, waits: list[float], *, patience: float) -> bool:
        visitor.waits.clear()
        began = time.perf_counter()
        answer = await self.client.post(
            "/messages",
            headers={"Authorization": f"Bearer {visitor.token}"},
            json={"id": str(uuid4()), "text": next(visitor.wishes)},
        )
        answer.raise_for_status()
        try:
            await asyncio.wait_for(visitor.waits.wait(), patience)
        except TimeoutError:
            return False
        waits.append(self.replied_at[visitor.conversation] - began)
        return True

    async def at_rate(self, per_second: float, *, seconds: float, patience: float = 30) -> Measured:
        """Messages at even distances, whether or not earlier ones are answered; a talk waits for its reply first."""
        free = asyncio.Queue[Visitor]()
        for visitor in self.visitors.values():
            free.put_nowait(visitor)
        waits: list[float] = []
        lost = 0

        async def go(visitor: Visitor) -> None:
            nonlocal lost
            lost += not await self._one(visitor, waits, patience=patience)
            free.put_nowait(visitor)

        began = time.perf_counter()
        going = []
        for n in range(int(per_second * seconds)):
            await asyncio.sleep(max(0.0, began + n / per_second - time.perf_counter()))
            going.append(asyncio.create_task(go(await free.get())))
        await asyncio.gather(*going)
        return Measured(waits, time.perf_counter() - began, lost)

    async def flat_out(self, *, at_once: int, messages: int, patience: float = 60) -> Measured:
        """So many talks that each write again as soon as they are answered."""
        waits: list[float] = []
        lost = 0
        left = iter(range(messages))

        async def keep_writing(visitor: Visitor) -> None:
            nonlocal lost
            for _ in left:
                lost += not await self._one(visitor, waits, patience=patience)

        began = time.perf_counter()
        await asyncio.gather(*[keep_writing(visitor) for visitor in list(self.visitors.values())[:at_once]])
        return Measured(waits, time.perf_counter() - began, lost)
