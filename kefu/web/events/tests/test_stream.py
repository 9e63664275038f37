"""One stream costs a short queue and no more, and a reader who stops reading is let go."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import MutableMapping
from typing import Any

import pytest

from kefu.web.events import stream
from kefu.web.events.presence import HERE_SECONDS, LIMIT, Presence
from kefu.web.events.stream import QUEUE_LIMIT, RESET, Stream, sse


class Client:
    def __init__(self) -> None:
        self.body = b""
        self.is_done = False

    async def send(self, message: MutableMapping[str, Any]) -> None:
        self.body += message["body"]
        self.is_done = not message["more_body"]


def test_a_reader_too_slow_for_its_queue_is_told_to_come_back() -> None:
    async def story() -> Client:
        client, one = Client(), Stream()
        for n in range(QUEUE_LIMIT + 5):
            one.offer(sse("message", {"n": n}))
        await one.run(client.send)
        return client

    client = asyncio.run(story())
    assert (client.body, client.is_done) == (RESET, True)


def test_a_silent_stream_says_that_it_is_alive(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stream, "HEARTBEAT_SECONDS", 0.01)

    async def story() -> Client:
        client, one = Client(), Stream()
        asyncio.get_running_loop().call_later(0.05, one.end)
        await one.run(client.send)
        return client

    assert asyncio.run(story()).body.startswith(b": here\n\n: here\n\n")


def test_a_reader_that_takes_nothing_is_let_go(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stream, "STUCK_SECONDS", 0.02)

    async def blocked(message: MutableMapping[str, Any]) -> None:
        await asyncio.sleep(10)

    async def story() -> None:
        one = Stream()
        one.offer(b"x")
        await one.run(blocked)

    with pytest.raises(TimeoutError):
        asyncio.run(story())


def test_a_line_feed_in_a_message_cannot_begin_an_event_of_its_own() -> None:
    chunk = sse("message", {"text": "a\n\nevent: reset\r\ndata: {}\u2028"})
    assert chunk.count(b"\n") == 3
    assert b"\r" not in chunk


def test_who_says_nothing_more_is_gone() -> None:
    presence = Presence()
    assert presence.here(1, 7, now=0)
    assert not presence.here(1, 7, now=20)
    assert presence.take_expired(now=21) == []
    assert presence.take_expired(now=20 + HERE_SECONDS) == [(1, 7)]
    assert not presence.gone(1, 7)


def test_a_flood_of_presences_fills_no_memory() -> None:
    presence = Presence()
    for n in range(LIMIT + 10):
        presence.here(n, 1, now=0)
    assert len(presence.all()) == LIMIT


def test_the_process_starts_without_djangos_models() -> None:
    """They would cost it half its memory and a second of its start."""
    program = "import sys, kefu.web.events.serve; print('django.db.models.base' in sys.modules)"
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == "False"
