"""One connection that listens to PostgreSQL for this process, and comes back when it is lost."""

from __future__ import annotations

import asyncio
import json
import logging
import random
from collections.abc import Callable
from typing import Any

import psycopg

logger = logging.getLogger(__name__)

#: a connection that is silent for so long is asked whether it still lives
ASKED_AFTER_SECONDS = 25
LONGEST_WAIT_SECONDS = 15


class Listener:
    """`heard(channel, payload)` for each notification, `missed()` whenever some may have been lost."""

    def __init__(
        self, conninfo: str, *, heard: Callable[[str, dict[str, Any]], None], missed: Callable[[], None]
    ) -> None:
        self._conninfo = conninfo
        self._heard = heard
        self._missed = missed
        self.is_listening = asyncio.Event()

    async def run(self) -> None:
        """Listen until cancelled."""
        wait = 0.2
        while True:
            try:
                await self._listen()
            except (psycopg.Error, OSError, TimeoutError) as problem:
                logger.warning("the events process lost its ear at the database (%s); trying again", problem)
            if self.is_listening.is_set():
                wait = 0.2
            self.is_listening.clear()
            await asyncio.sleep(wait * random.uniform(0.7, 1.3))
            wait = min(wait * 2, LONGEST_WAIT_SECONDS)

    async def _listen(self) -> None:
        connection = await psycopg.AsyncConnection.connect(
            self._conninfo, autocommit=True, connect_timeout=5, application_name="kefu events listener"
        )
        async with connection:
            await connection.execute("LISTEN kefu_events")
            await connection.execute("LISTEN kefu_presence")
            self.is_listening.set()
            self._missed()  # whatever was said while nobody listened is read now
            while True:
                async for note in connection.notifies(timeout=ASKED_AFTER_SECONDS):
                    self._tell(note.channel, note.payload)
                async with asyncio.timeout(10):
                    await connection.execute("SELECT 1")

    def _tell(self, channel: str, payload: str) -> None:
        try:
            told = json.loads(payload)
        except ValueError:
            logger.warning("a notification on %s that is not JSON: %.80s", channel, payload)
            return
        if isinstance(told, dict):
            self._heard(channel, told)
