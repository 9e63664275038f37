"""Promise of the database itself: what happened stays written, whoever connects."""

from __future__ import annotations

import os
from collections.abc import Iterator

import psycopg
import pytest

from kefu.conftest import as_migrated, database_url

pytestmark = pytest.mark.django_db  # so that there is a migrated database to copy
NAME = f"kefu_as_migrated_{os.getpid()}"


@pytest.fixture(scope="module")
def migrated(django_db_setup: None) -> Iterator[psycopg.Connection]:
    """A database with nothing done to it but `migrate`, holding one event."""
    try:
        with psycopg.connect(as_migrated(NAME), autocommit=True) as connection:
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
        with psycopg.connect(database_url("postgres"), autocommit=True) as server:
            server.execute(f"DROP DATABASE IF EXISTS {NAME} WITH (FORCE)")


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
