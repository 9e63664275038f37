"""`kefu events`: live updates as server-sent events."""

from __future__ import annotations

import click

from kefu.command import lifeline
from kefu.command.database import database_running
from kefu.command.ports import require_free


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", default=8001, show_default=True, type=int)
def events(host: str, port: int) -> None:
    """Serve live updates (server-sent events) for the desk and the chat widget."""
    require_free(host, port)
    with database_running():
        lifeline.hold()
        from kefu.web.events.serve import serve

        serve(host=host, port=port)
