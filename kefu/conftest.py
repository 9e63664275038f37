"""The cast that every test borrows, and the stage it stands on.

Mira writes, Tomas answers, Ines supervises; Olek serves another brand and must see nothing of theirs.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import psycopg
import pytest
from django.conf import settings as django_settings
from django.contrib.auth.models import User
from django.db import connection, transaction
from django.test import TransactionTestCase

from kefu.desk.models import Channel
from kefu.kernel import clock
from kefu.people.models import Agent, Brand, Customer, Role, Seat

#: a Monday morning in Berlin (11:00 there)
MONDAY = datetime(2026, 3, 2, 10, 0, tzinfo=UTC)
PASSWORD = "the cast's password"


def pytest_configure(config: pytest.Config) -> None:
    # a test signs people in often; the real hasher is slow on purpose
    django_settings.PACK_FILES_SECONDS = 0.0  # a test writes a file and reads it in the same breath
    django_settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


_copied: set[str] = set()


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """The test database as migrated, but for one trigger: where we are no superuser Django empties tables between
    transactional tests with TRUNCATE, which events refuse. tests/test_events_are_for_ever.py proves the refusal on a
    database left alone."""
    with django_db_blocker.unblock(), connection.cursor() as cursor:
        name = connection.settings_dict["NAME"]
    if name not in _copied:  # the rooms and tests/ each run this once
        _copied.add(name)
        connection.close()
        connection.close_pool()  # type: ignore[attr-defined]  # nobody may be in a database that is copied
        as_migrated(f"{name}_as_migrated", of=name)
    with django_db_blocker.unblock(), connection.cursor() as cursor:
        cursor.execute("ALTER TABLE desk_event DISABLE TRIGGER desk_event_no_truncate")
        cursor.execute("SELECT rolsuper FROM pg_roles WHERE rolname = current_user")
        is_superuser = cursor.fetchone()[0]
    with pytest.MonkeyPatch.context() as patch:
        if is_superuser:
            patch.setattr(TransactionTestCase, "_fixture_teardown", _emptied)
        yield
    with django_db_blocker.unblock(), connection.cursor() as cursor:
        cursor.execute("ALTER TABLE desk_event ENABLE TRIGGER desk_event_no_truncate")  # for --reuse-db
        # a thread that a test left behind must not keep the database from being dropped
        cursor.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
    with psycopg.connect(database_url("postgres"), autocommit=True) as server:
        server.execute(f'DROP DATABASE IF EXISTS "{name}_as_migrated" WITH (FORCE)')


def database_url(name: str) -> str:
    """The address of another database on the tests' server."""
    return urlunsplit(urlsplit(django_settings.DATABASE_URL)._replace(path=f"/{name}"))


def as_migrated(name: str, *, of: str = "") -> str:
    """Make a database with nothing done to it but `migrate`, in a moment: a copy. Gives its address. of: copied from;
    left out: the copy that was made when this session's database was migrated."""
    of = of or f"{connection.settings_dict['NAME']}_as_migrated"
    with psycopg.connect(database_url("postgres"), autocommit=True) as server:
        server.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
        server.execute(f'CREATE DATABASE "{name}" TEMPLATE "{of}"')
    return database_url(name)


#: rows that belong to the tables as migrated; Django would delete them and write the same ones again
KEPT = {"django_content_type", "auth_permission"}


def _emptied(test: TransactionTestCase) -> None:
    """After a transactional test: only tables that hold something are emptied. Django's own way gives every table and
    index a new file and writes the permissions anew, which takes longer than most tests."""
    tables = sorted({*connection.introspection.django_table_names(only_existing=True, include_views=False)} - KEPT)
    with transaction.atomic(), connection.cursor() as cursor:
        # without triggers: neither foreign keys nor the guards of rows that are for ever
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute(" UNION ALL ".join(f"SELECT '{one}' WHERE EXISTS (SELECT FROM {one})" for one in tables))
        for (full,) in cursor.fetchall():
            cursor.execute(f"DELETE FROM {full}")


@pytest.fixture(autouse=True)
def _own_files(tmp_path: Path, settings: Any) -> None:
    """Uploaded files land in the test's own folder."""
    settings.MEDIA_ROOT = tmp_path / "files"


@pytest.fixture(autouse=True)
def _no_jobs_left(request: pytest.FixtureRequest) -> Iterator[None]:
    """Django does not empty the queue's tables between transactional tests, for it does not manage them."""
    yield
    marker = request.node.get_closest_marker("django_db")
    committed = "transactional_db" in request.fixturenames or (marker is not None and marker.kwargs.get("transaction"))
    if committed:
        blocker = request.getfixturevalue("django_db_blocker")
        with blocker.unblock(), connection.cursor() as cursor:
            for table in ("events", "periodic_defers", "jobs", "workers"):
                cursor.execute(f"DELETE FROM procrastinate_{table}")


class HeldClock:
    """The clock stands still until the test moves it."""

    def __init__(self, stack: ExitStack, moment: datetime) -> None:
        self._stack = stack
        self.set(moment)

    @property
    def now(self) -> datetime:
        return clock.now()

    def set(self, moment: datetime) -> None:
        self._stack.enter_context(clock.held_at(moment))

    def move(self, by: timedelta) -> None:
        self.set(self.now + by)


@pytest.fixture
def held_clock() -> Iterator[HeldClock]:
    """Holds the clock at MONDAY: `held_clock.now`, `.move(timedelta(hours=2))`, `.set(moment)`."""
    with ExitStack() as stack:
        yield HeldClock(stack, MONDAY)


@pytest.fixture(scope="module")
def kept_for_module(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """A transaction around all tests of a module: a shop that takes seconds to write is written once and is there for
    each of them, as it was. Only for modules without transactional tests."""
    with django_db_blocker.unblock(), clock.held_at(MONDAY), transaction.atomic():
        yield
        transaction.set_rollback(True)


class JobBook:
    """The queue, read and worked off inside the test's own transaction; no worker needed."""

    def waiting(self, name: str | None = None) -> list[tuple[str, dict[str, Any]]]:
        """(task name, arguments) of each job to be done, oldest first."""
        with connection.cursor() as cursor:
            cursor.execute("SELECT task_name, args FROM procrastinate_jobs WHERE status = 'todo' ORDER BY id")
            rows = [(task, self._loaded(args)) for task, args in cursor.fetchall()]
        return [row for row in rows if name is None or row[0] == name]

    def run(self, name: str | None = None, *, at_most: int = 200) -> list[str]:
        """Do the waiting jobs (only those called `name`, if given) and those they defer; returns what was done.

        A job's exception is the test's: no retries here. Waiting times (`schedule_in`) are not waited for.
        """
        from procrastinate.contrib.django import app

        done: list[str] = []
        while job := self._take(name):
            job_id, task, args = job
            if len(done) >= at_most:
                raise AssertionError(f"more than {at_most} jobs; the last were {done[-5:]}")
            app.tasks[task].func(**args)
            with connection.cursor() as cursor:
                cursor.execute("UPDATE procrastinate_jobs SET status = 'succeeded' WHERE id = %s", [job_id])
            done.append(task)
        return done

    def _take(self, name: str | None) -> tuple[int, str, dict[str, Any]] | None:
        with connection.cursor() as cursor:
            cursor.execute(
                "UPDATE procrastinate_jobs SET status = 'doing' WHERE id = (SELECT id FROM procrastinate_jobs "
                "WHERE status = 'todo' AND (%s::text IS NULL OR task_name = %s) "
                "ORDER BY priority DESC, id LIMIT 1) RETURNING id, task_name, args",
                [name, name],
            )
            row = cursor.fetchone()
        return (row[0], row[1], self._loaded(row[2])) if row else None

    @staticmethod
    def _loaded(args: Any) -> dict[str, Any]:
        import json

        return json.loads(args) if isinstance(args, str) else dict(args)


@pytest.fixture
def jobs(db: None) -> JobBook:
    """`jobs.waiting("assistant.turn")` tells what is queued, `jobs.run()` does it."""
    return JobBook()


def lumen() -> Brand:
    return Brand.objects.create(
        slug="lumen", name="Lumen", languages=["en", "zh"], currency="EUR", country="DE", time_zone="Europe/Berlin"
    )


@pytest.fixture
def brand(db: None) -> Brand:
    return lumen()


@pytest.fixture
def other_brand(db: None) -> Brand:
    return Brand.objects.create(
        slug="nordlicht", name="Nordlicht", languages=["en"], currency="EUR", country="DE", time_zone="Europe/Berlin"
    )


@pytest.fixture
def mira(brand: Brand) -> Customer:
    return Customer.objects.create(
        brand=brand,
        external_id="C-1001",
        name="Mira",
        email="mira@example.com",
        phone="+4915112345678",
        language="en",
        country="DE",
    )


def seat_at_the_desk(name: str, *, at: Brand, role: Role) -> Agent:
    """A person who can sign in as the lower-case name with PASSWORD, with one seat."""
    user = User.objects.create_user(username=name.lower(), email=f"{name.lower()}@{at.slug}.example", password=PASSWORD)
    agent = Agent.objects.create(user=user, name=name)
    Seat.objects.create(agent=agent, brand=at, role=role)
    return agent


@pytest.fixture
def tomas(brand: Brand) -> Agent:
    return seat_at_the_desk("Tomas", at=brand, role=Role.AGENT)


@pytest.fixture
def ines(brand: Brand) -> Agent:
    return seat_at_the_desk("Ines", at=brand, role=Role.SUPERVISOR)


@pytest.fixture
def olek(other_brand: Brand) -> Agent:
    """Serves another brand only."""
    return seat_at_the_desk("Olek", at=other_brand, role=Role.AGENT)


@pytest.fixture
def chat_channel(brand: Brand) -> Channel:
    return Channel.objects.create(brand=brand, kind="chat", name="Chat on lumen.example")


@pytest.fixture
def email_channel(brand: Brand) -> Channel:
    return Channel.objects.create(
        brand=brand, kind="email", name="help@lumen.example", settings={"address": "help@lumen.example"}
    )
