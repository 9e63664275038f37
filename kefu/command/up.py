"""`kefu up`: everything, from the database to the last worker."""

from __future__ import annotations

import os
import time

import click

from kefu.command.database import database_running, django_ready, migrate, require_answer
from kefu.command.department import Department, print_line
from kefu.command.ports import require_free
from kefu.kernel.translations import compile_translations


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on; 0.0.0.0 for every one.")
@click.option("--port", default=8000, show_default=True, type=int, help="Pages and API.")
@click.option("--events-port", type=int, help="Live updates.  [default: the port after --port]")
@click.option("--web-processes", default=2, show_default=True, type=click.IntRange(1, 64))
@click.option("--web-threads", default=4, show_default=True, type=click.IntRange(1, 64))
@click.option("--workers", default=2, show_default=True, type=click.IntRange(1, 64), help="Worker processes.")
@click.option("--worker-threads", default=4, show_default=True, type=click.IntRange(1, 64))
@click.option("--mail/--no-mail", default=True, show_default=True, help="Fetch the mail of e-mail channels.")
def up(
    host: str,
    port: int,
    events_port: int | None,
    web_processes: int,
    web_threads: int,
    workers: int,
    worker_threads: int,
    mail: bool,
) -> None:
    """Start everything: database, tables, pages, live updates, workers, mail. Ctrl-C stops it all."""
    began = time.monotonic()
    require_free(host, port)
    require_free(host, events_port or port + 1)
    print_line("kefu", "looking for the database" if os.environ.get("DATABASE_URL") else "starting the database")
    with database_running() as postgres:
        department = Department(
            host=host,
            port=port,
            events_port=events_port,
            web_processes=web_processes,
            web_threads=web_threads,
            workers=workers,
            worker_threads=worker_threads,
            mail=mail,
            postgres=postgres,
        )
        department.stop_on_signals()
        os.environ.setdefault("KEFU_URL", department.url)
        os.environ.setdefault("KEFU_EVENTS_URL", department.events_url)
        require_answer()
        compile_translations()
        with django_ready():
            print_line("kefu", "bringing the tables up to date")
            migrate()
            print_line("kefu", "starting pages, live updates, workers and mail")
            with department:
                department.wait_until_ready()
                if not department.is_stopping:
                    department.say("kefu", f"ready at {department.url} after {time.monotonic() - began:.1f} s; "
                                           f"Ctrl-C stops everything")  # fmt: skip
                department.watch()
                department.say("kefu", "stopping")
    department.say("kefu", "stopped")
