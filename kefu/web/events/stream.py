"""One open response of server-sent events, and what it costs: a short queue, and never more than that.

Source of the format: html.spec.whatwg.org, "Server-sent events".
"""

from __future__ import annotations

import asyncio
import json
from collections import deque
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from kefu.web.events.reads import Place

Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]

#: proxies close what is silent for a minute; a phone's network often sooner
HEARTBEAT_SECONDS = 20
#: chunks that wait for one slow reader; then it is dropped, comes back and resumes
QUEUE_LIMIT = 64
#: a reader whose network takes nothing for so long is gone
STUCK_SECONDS = 30
HEARTBEAT = b": here\n\n"


def sse(event: str, data: Mapping[str, object], *, event_id: str = "") -> bytes:
    """One event. JSON has no line feed of its own, so the data is always one line."""
    head = f"id: {event_id}\n" if event_id else ""
    body = json.dumps(data, ensure_ascii=False, separators=(",", ":"))
    return f"{head}event: {event}\ndata: {body}\n\n".encode()


RESET = sse("reset", {})


class Stream:
    """Chunks go in by `offer` from the hub and out by `run` to one client."""

    __slots__ = ("_over", "_waiting", "_wake")

    def __init__(self) -> None:
        self._waiting: deque[bytes] = deque()
        self._wake = asyncio.Event()
        self._over = False

    @property
    def is_over(self) -> bool:
        return self._over

    def offer(self, chunk: bytes) -> None:
        """Queue a chunk. A reader too slow for QUEUE_LIMIT of them is told to reset and let go."""
        if self._over:
            return
        if len(self._waiting) >= QUEUE_LIMIT:
            self._waiting.clear()
            self._waiting.append(RESET)
            self._over = True
        else:
            self._waiting.append(chunk)
        self._wake.set()

    def end(self) -> None:
        """Finish after what is queued; the client comes back by itself and resumes."""
        self._over = True
        self._wake.set()

    async def run(self, send: Send) -> None:
        """Write until the stream is over. Raises TimeoutError when the client has stopped reading."""
        while True:
            if self._waiting:
                chunk = b"".join(self._waiting)
                self._waiting.clear()
                await write(send, chunk)
                continue
            if self._over:
                await write(send, b"", more=False)
                return
            self._wake.clear()
            try:
                async with asyncio.timeout(HEARTBEAT_SECONDS):
                    await self._wake.wait()
            except TimeoutError:
                await write(send, HEARTBEAT)


async def write(send: Send, chunk: bytes, *, more: bool = True) -> None:
    """One body chunk; waits while the client's buffers are full, but not for ever."""
    async with asyncio.timeout(STUCK_SECONDS):
        await send({"type": "http.response.body", "body": chunk, "more_body": more})


class ChatStream(Stream):
    """A customer's stream. It looks for its conversation, catches up, and is fed by the hub once it is live.

    cursor: internal id of the last message written or queued. conversation: internal id, 0 until there is one.
    """

    __slots__ = ("conversation", "cursor", "found", "is_live", "is_settled", "missed")

    def __init__(self) -> None:
        super().__init__()
        self.conversation = 0
        self.cursor = 0
        #: its conversation, when the first message came in while it was looking for it
        self.found: Place | None = None
        #: it has looked, and there is no conversation yet
        self.is_settled = False
        self.is_live = False
        #: something was said while it was catching up, so it must look once more
        self.missed = False


class DeskStream(Stream):
    __slots__ = ("brands",)

    def __init__(self, brands: frozenset[int]) -> None:
        super().__init__()
        self.brands = brands
