"""Who listens to what: notifications come in, each open stream gets what is its own.

Notifications carry ids only. What a customer may see is read once for each conversation with listeners, many
conversations in one query, and offered to all their streams.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections import OrderedDict, defaultdict
from collections.abc import Iterable
from typing import Any
from uuid import UUID

import psycopg

from kefu.channels.chat.view import ConversationView
from kefu.web.events import reads
from kefu.web.events.presence import Presence
from kefu.web.events.reads import Place, Pool
from kefu.web.events.stream import RESET, ChatStream, DeskStream, Stream, sse

logger = logging.getLogger(__name__)

#: conversations read in one query
BATCH = 200
#: notifications of one moment go to the desk together
DESK_PAUSE_SECONDS = 0.03
PLACES_KEPT = 20_000
#: notifications that wait for the desk; beyond it every desk page is told to fetch anew instead
DESK_WAITING = 5_000


class Room:
    """The open streams of one conversation."""

    __slots__ = ("place", "standing", "streams")

    def __init__(self, place: Place) -> None:
        self.place = place
        self.streams: set[ChatStream] = set()
        self.standing: ConversationView | None = None


class Hub:
    def __init__(self, pool: Pool) -> None:
        self._pool = pool
        self._rooms: dict[int, Room] = {}
        #: streams whose conversation has no message yet, by the public id it will have
        self._expected: dict[UUID, set[ChatStream]] = defaultdict(set)
        self._desks: set[DeskStream] = set()
        self._dirty: dict[int, None] = {}
        self._unknown: dict[int, None] = {}
        self._chat_work = asyncio.Event()
        self._desk_waiting: list[dict[str, Any]] = []
        self._desk_work = asyncio.Event()
        self._places: OrderedDict[int, Place] = OrderedDict()
        self.presence = Presence()

    # -- streams come and go

    def expect(self, public_id: UUID, stream: ChatStream) -> None:
        self._expected[public_id].add(stream)

    def join(self, place: Place, stream: ChatStream) -> Room:
        """From now on the stream hears of this conversation; it is fed once it is live."""
        self._forget_expected(place.public_id, stream)
        room = self._rooms.get(place.id)
        if room is None:
            room = self._rooms[place.id] = Room(place)
        room.streams.add(stream)
        stream.conversation = place.id
        return room

    def leave(self, public_id: UUID, stream: ChatStream) -> None:
        self._forget_expected(public_id, stream)
        room = self._rooms.get(stream.conversation)
        if room is not None:
            room.streams.discard(stream)
            if not room.streams:
                del self._rooms[room.place.id]

    def _forget_expected(self, public_id: UUID, stream: ChatStream) -> None:
        if waiting := self._expected.get(public_id):
            waiting.discard(stream)
            if not waiting:
                del self._expected[public_id]

    def join_desk(self, stream: DeskStream) -> None:
        self._desks.add(stream)

    def leave_desk(self, stream: DeskStream) -> None:
        self._desks.discard(stream)

    def all_streams(self) -> Iterable[Stream]:
        yield from self._desks
        for room in self._rooms.values():
            yield from room.streams
        for waiting in self._expected.values():
            yield from waiting

    # -- the listener tells

    def heard(self, channel: str, told: dict[str, Any]) -> None:
        """A notification. Never raises: a malformed one is nobody's news."""
        conversation, brand = told.get("conversation"), told.get("brand")
        if type(conversation) is not int or type(brand) is not int:
            return
        if channel == "kefu_presence":
            self._heard_presence(told, conversation)
            return
        if conversation in self._rooms:
            self._mark(conversation)
        elif self._expected:
            self._unknown[conversation] = None
            self._chat_work.set()
        self._tell_desk({"event": "change", "kind": told.get("kind"), "id": told.get("id"),
                         "message": told.get("message"), "brand": brand, "conversation": conversation})  # fmt: skip

    def missed(self) -> None:
        """Notifications may have been lost: chats look again, desk pages fetch anew."""
        for conversation in self._rooms:
            self._mark(conversation)
        self._desk_waiting.clear()
        for desk in self._desks:
            desk.offer(RESET)

    def _mark(self, conversation: int) -> None:
        self._dirty[conversation] = None
        self._chat_work.set()

    def _tell_desk(self, told: dict[str, Any]) -> None:
        if not self._desks:
            return
        if len(self._desk_waiting) >= DESK_WAITING:
            self.missed()
            return
        self._desk_waiting.append(told)
        self._desk_work.set()

    def _heard_presence(self, told: dict[str, Any], conversation: int) -> None:
        what, by = told.get("type"), told.get("by")
        if by != "customer" and type(by) is not int:
            return
        if what == "typing" and by != "customer" and (room := self._rooms.get(conversation)):
            for stream in room.streams:
                stream.offer(sse("typing", {"by": "agent"}))
        if self._is_news(what, conversation, by):
            self._tell_desk({"event": "presence", "type": what, "by": by,
                             "brand": told["brand"], "conversation": conversation})  # fmt: skip

    def _is_news(self, what: object, conversation: int, by: object) -> bool:
        if what in ("typing", "read"):
            return True
        if type(by) is not int:
            return False
        if what == "here":
            return self.presence.here(conversation, by, now=time.monotonic())
        return what == "gone" and self.presence.gone(conversation, by)

    # -- work done beside

    async def feed_chats(self) -> None:
        """Read what was said and offer it, until cancelled."""
        while True:
            await self._chat_work.wait()
            self._chat_work.clear()
            try:
                await self._find_expected()
                while self._dirty:
                    await self._feed_some()
            except (psycopg.Error, TimeoutError) as problem:
                logger.warning("the events process could not read the database (%s); trying again", problem)
                await asyncio.sleep(1)
                for conversation in self._rooms:
                    self._mark(conversation)

    async def _find_expected(self) -> None:
        """The first message of an expected conversation has perhaps come in."""
        while self._unknown and self._expected:
            ids = [self._unknown.popitem()[0] for _ in range(min(BATCH, len(self._unknown)))]
            for place in await reads.places(self._pool, ids):
                for stream in list(self._expected.get(place.public_id, ())):
                    if not stream.is_settled:
                        stream.found = place  # still looking by itself; it reads this afterwards
                        continue
                    self.join(place, stream).standing = None
                    stream.is_live = True  # nothing had been said when it looked, so all of it is still to come
                    self._mark(place.id)
        self._unknown.clear()

    async def _feed_some(self) -> None:
        ids = [self._dirty.popitem()[0] for _ in range(min(BATCH, len(self._dirty)))]
        rooms = [room for conversation in ids if (room := self._rooms.get(conversation))]
        wanted: list[tuple[int, int]] = []
        for room in rooms:
            live = [stream.cursor for stream in room.streams if stream.is_live]
            for stream in room.streams:
                stream.missed = stream.missed or not stream.is_live
            if live:
                wanted.append((room.place.id, min(live)))
        if not wanted:
            return
        try:
            said = await reads.said_after(self._pool, wanted)
            standing = await reads.standing(self._pool, [conversation for conversation, _ in wanted])
        except (psycopg.Error, TimeoutError):
            for conversation, _ in wanted:
                self._mark(conversation)
            raise
        counts: dict[int, int] = defaultdict(int)
        for one in said:
            counts[one.conversation_id] += 1
            self._offer_message(one)
        for conversation, view in standing.items():
            self._offer_standing(conversation, view)
        for conversation, count in counts.items():
            if count == reads.PAGE:
                self._mark(conversation)

    def _offer_message(self, said: reads.Said) -> None:
        room = self._rooms.get(said.conversation_id)
        if room is None:
            return
        chunk = message_chunk(said)
        for stream in room.streams:
            if stream.is_live and stream.cursor < said.id:
                stream.cursor = said.id
                stream.offer(chunk)

    def _offer_standing(self, conversation: int, view: ConversationView) -> None:
        room = self._rooms.get(conversation)
        if room is None or room.standing == view:
            return
        room.standing = view
        chunk = sse("conversation", {**view})
        for stream in room.streams:
            if stream.is_live:
                stream.offer(chunk)

    async def feed_desks(self) -> None:
        """Tell the desk's pages what has changed, until cancelled."""
        while True:
            await self._desk_work.wait()
            await asyncio.sleep(DESK_PAUSE_SECONDS)
            self._desk_work.clear()
            told, self._desk_waiting = self._desk_waiting, []
            try:
                await self._know({one["conversation"] for one in told})
            except (psycopg.Error, TimeoutError) as problem:
                logger.warning("the events process could not read the database (%s); desks fetch anew", problem)
                self.missed()
                continue
            self._offer_desks(told)

    def _offer_desks(self, told: list[dict[str, Any]]) -> None:
        chunks: dict[int, list[bytes]] = defaultdict(list)
        for one in told:
            if (place := self._places.get(one["conversation"])) and place.brand_id == one["brand"]:
                chunks[place.brand_id].append(desk_chunk(one, place))
        for desk in self._desks:
            if mine := [chunk for brand in desk.brands for chunk in chunks.get(brand, ())]:
                desk.offer(b"".join(mine))

    async def tell_who_is_here(self, desk: DeskStream) -> None:
        """A page that opens learns at once who is where."""
        here = self.presence.all()
        await self._know({conversation for conversation, _ in here})
        for conversation, agent in here:
            place = self._places.get(conversation)
            if place and place.brand_id in desk.brands:
                desk.offer(desk_chunk({"event": "presence", "type": "here", "by": agent}, place))

    async def watch_presence(self) -> None:
        """Who says nothing more is gone."""
        while True:
            await asyncio.sleep(5)
            expired = self.presence.take_expired(now=time.monotonic())
            for conversation, agent in expired:
                if place := self._places.get(conversation):
                    self._tell_desk({"event": "presence", "type": "gone", "by": agent,
                                     "brand": place.brand_id, "conversation": conversation})  # fmt: skip

    async def _know(self, conversations: set[int]) -> None:
        missing = [one for one in conversations if one not in self._places]
        for place in await reads.places(self._pool, missing) if missing else []:
            self._places[place.id] = place
        while len(self._places) > PLACES_KEPT:
            self._places.popitem(last=False)


def message_chunk(said: reads.Said) -> bytes:
    return sse("message", {**said.view}, event_id=said.view["id"])


def desk_chunk(told: dict[str, Any], place: Place) -> bytes:
    """Place and number, with kind and message of a change, or with type and by of a presence."""
    where = {"conversation": str(place.public_id), "number": place.number, "brand": place.brand_id}
    if told["event"] == "presence":
        return sse("presence", {"type": told["type"], "by": told["by"], **where})
    return sse("change", {"kind": told["kind"], "message": told["message"], **where}, event_id=str(told["id"]))
