"""`kefu events`: the live streams under uvicorn."""

from __future__ import annotations

import os
import socket

import uvicorn

from kefu.web.events.app import Events


class EventsServer(uvicorn.Server):
    """Lets the streams go before it waits for open answers, for a stream by itself never ends."""

    def __init__(self, events: Events, *, host: str, port: int) -> None:
        self._events = events
        config = uvicorn.Config(
            events,
            host=host,
            port=port,
            lifespan="on",
            log_level="warning",
            access_log=False,
            ws="none",
            proxy_headers=False,  # who asks is decided in client_address.py
            server_header=False,
            timeout_keep_alive=5,
            timeout_graceful_shutdown=3,
            h11_max_incomplete_event_size=32 * 1024,
        )
        super().__init__(config)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self._events.let_go()
        await super().shutdown(sockets)


def serve(*, host: str = "127.0.0.1", port: int = 8001) -> None:
    """Serve until SIGINT or SIGTERM."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "kefu.kernel.settings")
    EventsServer(Events(), host=host, port=port).run()
