"""`kefu web`: pages and the API."""

from __future__ import annotations

from threading import Thread
from typing import Any

import click

from kefu.command import lifeline
from kefu.command.database import database_running
from kefu.command.ports import require_free
from kefu.kernel.home import kefu_home


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", default=8000, show_default=True, type=int)
@click.option("--processes", default=2, show_default=True, type=click.IntRange(1, 64))
@click.option("--threads", default=4, show_default=True, type=click.IntRange(1, 64), help="Of each process.")
def web(host: str, port: int, processes: int, threads: int) -> None:
    """Serve the pages and the API."""
    require_free(host, port)
    with database_running():
        lifeline.hold()
        (kefu_home() / "static").mkdir(parents=True, exist_ok=True)  # whitenoise warns of a missing folder
        _server(host=host, port=port, processes=processes, threads=threads).run()


def _warm(_worker: object) -> None:
    """The first agent must not wait for the model with which the next step is worked out; pages need not wait."""
    from kefu.assistant.understanding import warm

    Thread(target=warm, name="warm", daemon=True).start()


def _server(*, host: str, port: int, processes: int, threads: int) -> Any:
    from gunicorn.app.base import BaseApplication

    class Server(BaseApplication):
        def load_config(self) -> None:
            for name, value in {
                "bind": f"[{host}]:{port}" if ":" in host else f"{host}:{port}",
                "workers": processes,
                "threads": threads,
                "worker_class": "gthread",
                "proc_name": "kefu web",
                "graceful_timeout": 20,
                "timeout": 60,
                "keepalive": 5,
                "max_requests": 20_000,  # a slow leak anywhere never adds up
                "max_requests_jitter": 2_000,
                "loglevel": "warning",
                "limit_request_line": 8190,
                "control_socket_disable": True,
                "preload_app": True,
                "post_worker_init": _warm,  # not before the fork: the embedder has threads of its own
            }.items():
                if name in self.cfg.settings:
                    self.cfg.set(name, value)

        def load(self) -> Any:
            from kefu.command.warming import settle
            from kefu.web.wsgi import application

            settle()  # before the processes are forked: pages that nobody writes to are shared
            return application

    return Server()
