"""`kefu events`: the live streams under uvicorn."""

from __future__ import annotations

import os

import uvicorn


def serve(*, host: str = "127.0.0.1", port: int = 8001) -> None:
    """Serve until SIGINT or SIGTERM; open streams are let go after a second and resume elsewhere."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "kefu.kernel.settings")
    config = uvicorn.Config(
        "kefu.web.events.app:app",
        host=host,
        port=port,
        lifespan="on",
        log_level="warning",
        access_log=False,
        ws="none",
        proxy_headers=False,  # who asks is decided in client_address.py
        server_header=False,
        timeout_keep_alive=5,
        timeout_graceful_shutdown=1,
        h11_max_incomplete_event_size=32 * 1024,
    )
    uvicorn.Server(config).run()


if __name__ == "__main__":
    serve(port=int(os.environ.get("KEFU_EVENTS_PORT", "8001")))
