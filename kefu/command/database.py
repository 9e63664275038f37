"""The database of a command: DATABASE_URL's, else the embedded one; and Django on top of it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg

from kefu.kernel.errors import KefuError
from kefu.kernel.postgres import EmbeddedPostgres


class DatabaseAway(KefuError):
    """The database does not answer. Start it, correct DATABASE_URL, or unset DATABASE_URL: Kefu then brings its own."""

    code = "command.database_away"


SETTINGS = "kefu.kernel.settings"


@contextmanager
def database_running() -> Iterator[EmbeddedPostgres | None]:
    """Inside the block a database answers at os.environ["DATABASE_URL"]; yields the embedded server, or None.

    Enter it before anything imports Django's settings. The embedded server stops at the end unless another
    command uses it. Raises PostgresError.
    """
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", SETTINGS)
    if os.environ.get("DATABASE_URL"):
        yield None
        return
    with EmbeddedPostgres() as server:
        os.environ["DATABASE_URL"] = server.url
        try:
            yield server
        finally:
            del os.environ["DATABASE_URL"]


def require_answer() -> None:
    """One connection, so that a wrong DATABASE_URL is one sentence. Raises DatabaseAway."""
    try:
        psycopg.connect(os.environ["DATABASE_URL"], connect_timeout=10).close()
    except psycopg.Error as problem:
        raise DatabaseAway(said=str(problem).strip().splitlines()[0]) from None


@contextmanager
def django_ready() -> Iterator[None]:
    """A running database and Django set up: for commands that work on the data themselves."""
    with database_running():
        import django
        from django.db import connections

        django.setup()
        try:
            yield
        finally:
            for connection in connections.all(initialized_only=True):
                connection.close()
                if pool := getattr(connection, "close_pool", None):
                    pool()


def migrate() -> None:
    """Bring the tables up to date. One process at a time: two `kefu up` on one database wait for each other."""
    from django.core.management import call_command
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(hashtext('kefu.migrate'))")
        try:
            call_command("migrate", interactive=False, verbosity=0)
        finally:
            cursor.execute("SELECT pg_advisory_unlock(hashtext('kefu.migrate'))")
