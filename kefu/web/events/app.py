"""The live streams: one small raw ASGI application.

    GET /events/chat   a customer's conversation; Authorization: Bearer <chat token>, or ?token=<stream token>
    GET /events/desk   what changes at an agent's brands; ?token=<desk token>
    GET /events/health 200 while it hears PostgreSQL

docs/reference/chat-interface.md describes the chat's stream, kefu/web/events/README.md the desk's.
"""

from __future__ import annotations

import asyncio
import logging
import random
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, MutableMapping
from contextlib import asynccontextmanager, suppress
from typing import Any
from uuid import UUID

import psycopg
from django.conf import settings
from psycopg.conninfo import make_conninfo
from psycopg_pool import PoolTimeout

from kefu.channels.chat.origins import allowed_origins, origin_of
from kefu.kernel.crypto import BadToken
from kefu.web.events import reads, tokens
from kefu.web.events.hub import Hub, message_chunk
from kefu.web.events.listener import Listener
from kefu.web.events.requests import Refusal, Request, answer, start_stream
from kefu.web.events.stream import RESET, ChatStream, DeskStream, Send, Stream, sse, write

logger = logging.getLogger(__name__)

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]

#: open streams of one conversation (tabs and devices of one customer), and of this process
STREAMS_A_TALK = 12
STREAMS_IN_ALL = 10_000
#: then a stream ends and the client opens the next: rights are looked at again, and processes share the load anew
LONGEST_SECONDS = 3_600
#: milliseconds after which a browser's EventSource comes back
RETRY = b"retry: 2000\n\n"


def conninfo_from_settings() -> str:
    """The database as Django's settings name it, in libpq's words."""
    database: dict[str, Any] = settings.DATABASES["default"]
    ours = {"pool", "server_side_binding", "prepare_threshold"}  # Django's and psycopg's, not libpq's
    options = {name: value for name, value in database["OPTIONS"].items() if name not in ours}
    named = {"dbname": "NAME", "user": "USER", "password": "PASSWORD", "host": "HOST", "port": "PORT"}
    return make_conninfo(**{key: database[name] for key, name in named.items() if database[name]}, **options)


class Events:
    """The ASGI application; its parts live from lifespan startup to shutdown."""

    def __init__(self, conninfo: str | None = None) -> None:
        self._conninfo = conninfo
        self._open: Counter[str] = Counter()
        self._talks: Counter[UUID] = Counter()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._live(receive, send)
        elif scope["type"] == "http":
            await self._answer(Request.of(scope), receive, send)
        elif scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1003})

    async def _live(self, receive: Receive, send: Send) -> None:
        await receive()
        async with self.running():
            await send({"type": "lifespan.startup.complete"})
            await receive()
        await send({"type": "lifespan.shutdown.complete"})

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Listening and feeding, inside the block."""
        conninfo = self._conninfo or conninfo_from_settings()
        self.pool = reads.pool_of(conninfo)
        await self.pool.open(wait=False)
        self.hub = Hub(self.pool)
        self.listener = Listener(conninfo, heard=self.hub.heard, missed=self.hub.missed)
        work = (self.listener.run, self.hub.feed_chats, self.hub.feed_desks, self.hub.watch_presence)
        tasks = [asyncio.create_task(_for_ever(one)) for one in work]
        try:
            yield
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            await self.pool.close()

    def let_go(self) -> None:
        """End every stream; their clients come back, to this process or another, and resume."""
        for stream in list(self.hub.all_streams()):
            stream.end()

    async def _answer(self, request: Request, receive: Receive, send: Send) -> None:
        doors = {"/events/chat": self._chat, "/events/desk": self._desk}
        try:
            if request.method == "OPTIONS":
                await answer(send, 204, None)
            elif request.path == "/events/health":
                listens = self.listener.is_listening.is_set()
                body = {"database": "up" if listens else "down", "streams": self._open.total()}
                await answer(send, 200 if listens else 503, body)
            elif request.path not in doors:
                raise Refusal(404, "chat.no_such_address", "There is nothing at this address.",
                              "Streams are at /events/chat and /events/desk.")  # fmt: skip
            elif request.method != "GET":
                raise Refusal(405, "chat.wrong_method", "Streams are only read.", "Use GET.")
            else:
                await self._counted(request, doors[request.path], receive, send)
        except Refusal as refusal:
            await answer(send, refusal.status, refusal.body, retry_after=refusal.retry_after)
        except BadToken:
            body = {"code": BadToken.code, "message": "The token is not one of ours, was altered, or has expired.",
                    "cure": "Start again from the page that gave it."}  # fmt: skip
            await answer(send, 401, body)

    async def _counted(
        self, request: Request, door: Callable[[Request, Receive, Send], Coroutine[Any, Any, None]],
        receive: Receive, send: Send,
    ) -> None:  # fmt: skip
        address = request.address(behind_proxy=settings.KEFU_BEHIND_PROXY)
        if self._open.total() >= STREAMS_IN_ALL or self._open[address] >= settings.KEFU_STREAMS_PER_ADDRESS:
            raise _too_many()
        self._open[address] += 1
        try:
            await door(request, receive, send)
        except TimeoutError:
            logger.info("a client stopped reading its stream; let go")
        finally:
            self._open[address] -= 1
            if not self._open[address]:
                del self._open[address]

    # -- the customer's stream

    async def _chat(self, request: Request, receive: Receive, send: Send) -> None:
        channel_id, public_id = _place_of_token(request)
        with _out_of_service():
            channel = await reads.channel(self.pool, channel_id)
        if channel is None:
            raise Refusal(404, "chat.no_such_channel", "There is no chat channel with this id, or it is switched off.",
                          "Copy the id from the channel's page at the desk.")  # fmt: skip
        origin = _checked_origin(request.headers.get("origin", ""), allowed_origins(channel["settings"]))
        if self._talks[public_id] >= STREAMS_A_TALK:
            raise _too_many()
        stream = ChatStream()
        self._talks[public_id] += 1
        self.hub.expect(public_id, stream)  # listens before it reads, so that nothing falls between
        try:
            with _out_of_service():
                place = await reads.place(self.pool, channel["id"], public_id)
                if place and request.resumes_after:
                    after = await reads.message_place(self.pool, place.id, request.resumes_after)
                    stream.cursor = after or 0
            await start_stream(send, origin=origin)
            await write(send, RETRY)
            place = place or stream.found
            if place:
                await self._catch_up(place, stream, send)
            else:
                stream.is_settled = True
            await _run(stream, receive, send)
        finally:
            self.hub.leave(public_id, stream)
            self._talks[public_id] -= 1
            if not self._talks[public_id]:
                del self._talks[public_id]

    async def _catch_up(self, place: reads.Place, stream: ChatStream, send: Send) -> None:
        """Write everything after the cursor, in order; then the hub feeds the stream."""
        self.hub.join(place, stream)
        try:
            while True:
                stream.missed = False
                said = await reads.said_after(self.pool, [(place.id, stream.cursor)])
                if said:
                    stream.cursor = said[-1].id
                    await write(send, b"".join(message_chunk(one) for one in said))
                if len(said) < reads.PAGE and not stream.missed:
                    break
            stream.is_live = True
            standing = await reads.standing(self.pool, [place.id])
        except (psycopg.Error, PoolTimeout):
            stream.end()  # the client comes back and resumes
            return
        stream.offer(sse("conversation", {**standing[place.id]}))

    # -- the agents' stream

    async def _desk(self, request: Request, receive: Receive, send: Send) -> None:
        holder = tokens.desk_holder(request.bearer or request.query.get("token", ""))
        with _out_of_service():
            brands = holder.brand_ids & await reads.seats(self.pool, holder.agent_id)
        if not brands:
            raise Refusal(403, "people.not_allowed", "This agent serves none of these brands any more.",
                          "Sign in again.")  # fmt: skip
        stream = DeskStream(brands)
        await start_stream(send, origin="*")
        await write(send, RETRY)
        self.hub.join_desk(stream)
        try:
            if "last-event-id" in request.headers:
                stream.offer(RESET)  # it was here before, and may have missed something
            with suppress(psycopg.Error, PoolTimeout):
                await self.hub.tell_who_is_here(stream)
            await _run(stream, receive, send)
        finally:
            self.hub.leave_desk(stream)


async def _run(stream: Stream, receive: Receive, send: Send) -> None:
    """Feed the client until it goes, stops reading, or has been here for long enough."""
    watch = asyncio.create_task(_until_gone(receive, stream))
    rest = asyncio.get_running_loop().call_later(LONGEST_SECONDS * random.uniform(0.8, 1), stream.end)
    try:
        await stream.run(send)
    finally:
        rest.cancel()
        watch.cancel()


async def _until_gone(receive: Receive, stream: Stream) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
    stream.end()


async def _for_ever(work: Callable[[], Coroutine[Any, Any, None]]) -> None:
    """Keep a loop of ours going: a fault in it is written down, and must not silence every stream."""
    while True:
        try:
            await work()
        except Exception:
            logger.exception("a part of the events process failed; it starts again")
            await asyncio.sleep(1)


def _place_of_token(request: Request) -> tuple[UUID, UUID]:
    if request.bearer:
        holder = tokens.chat_holder(request.bearer)
        return holder.channel, holder.conversation
    return tokens.stream_place(request.query.get("token", ""))


def _checked_origin(origin: str, allowed: frozenset[str]) -> str:
    if not allowed:
        return "*"
    if origin and origin not in allowed and origin != origin_of(settings.KEFU_URL):
        raise Refusal(403, "chat.origin_refused", "Pages of this origin may not use the chat.",
                      "Add the origin to the channel's shop addresses.")  # fmt: skip
    return origin or origin_of(settings.KEFU_URL)


def _too_many() -> Refusal:
    return Refusal(429, "chat.rate_limited", "Too many streams are open from here.",
                   "Close some, or wait as Retry-After says.", retry_after=20)  # fmt: skip


class _out_of_service:
    """Inside the block a database that does not answer is a 503."""

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: type[BaseException] | None, problem: BaseException | None, traceback: object) -> None:
        if isinstance(problem, psycopg.Error | PoolTimeout):
            raise Refusal(503, "chat.out_of_service", "Kefu cannot reach its database just now.",
                          "Open the stream again in a few seconds.", retry_after=5) from problem  # fmt: skip


app = Events()
