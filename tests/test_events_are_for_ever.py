"""Promise of the database itself: what happened stays written, whoever connects."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from urllib.parse import urlsplit, urlunsplit

import psycopg
import pytest
from django.conf import settings

NAME = f"kefu_as_migrated_{os.getpid()}"


def _url(name: str) -> str:
    return urlunsplit(urlsplit(settings.DATABASE_URL)._replace(path=f"/{name}"))


@pytest.fixture(scope="module")
def migrated() -> Iterator[psycopg.Connection]:
    """A database with nothing done to it but `migrate`, holding one event."""
    with psycopg.connect(_url("postgres"), autocommit=True) as server:
        server.execute(f"CREATE DATABASE {NAME}")
        try:
            subprocess.run(
                [sys.executable, "-m", "django", "migrate", "-v0"],
                env=os.environ | {"DATABASE_URL": _url(NAME), "DJANGO_SETTINGS_MODULE": "kefu.kernel.settings"},
                check=True,
            )
            with psycopg.connect(_url(NAME), autocommit=True) as connection:
                brand = connection.execute(
                    "INSERT INTO people_brand (slug, name, pack, languages, currency, country, time_zone, settings) "
                    "VALUES ('lumen', 'Lumen', 'ecommerce', '[]', 'EUR', 'DE', 'Europe/Berlin', '{}') RETURNING id"
                ).fetchone()
                connection.execute(
                    "INSERT INTO desk_event (brand_id, kind, actor_kind, actor_name, facts, at) "
                    "VALUES (%s, 'desk.tested', 'system', '', '{}', now())",
                    brand,
                )
                yield connection
        finally:
            server.execute(f"DROP DATABASE {NAME} WITH (FORCE)")


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE desk_event SET kind = 'desk.never_happened'",
        "DELETE FROM desk_event",
        "TRUNCATE desk_event",
        "TRUNCATE desk_event CASCADE",
    ],
)
def test_the_database_refuses_to_change_what_happened(migrated: psycopg.Connection, change: str):
    with pytest.raises(psycopg.errors.RestrictViolation, match="append-only"):
        migrated.execute(change)
    assert migrated.execute("SELECT kind FROM desk_event").fetchall() == [("desk.tested",)]
