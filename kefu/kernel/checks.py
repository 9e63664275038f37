"""What `kefu check` looks at. A room adds its own in its `health.py`:

    @register("packs")
    def packs_are_valid() -> Iterator[Finding]:
        yield Finding("playbook return_item names an unknown action", cure="correct line 12 of return_item.yaml")

A check yields a Finding for each thing that is wrong, and nothing when all is well.
"""

from __future__ import annotations

import os
import shutil
import stat
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from django.conf import settings
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.utils.module_loading import autodiscover_modules

#: below this the database may stop in the middle of a sentence
LEAST_FREE_BYTES = 1 * 2**30


class Level(StrEnum):
    BROKEN = "broken"  # something does not work; exit code 1
    WEAK = "weak"  # it works, and should be looked at


@dataclass(frozen=True, slots=True)
class Finding:
    """What is wrong, and the cure, each one sentence for the person who operates Kefu."""

    what: str
    cure: str
    level: Level = Level.BROKEN


@dataclass(frozen=True, slots=True)
class Check:
    """needs_database: left out while the database cannot be reached or is not migrated."""

    area: str
    look: Callable[[], Iterator[Finding]]
    needs_database: bool


_checks: list[Check] = []


def register(
    area: str, *, needs_database: bool = True
) -> Callable[[Callable[[], Iterator[Finding]]], Callable[[], Iterator[Finding]]]:
    """Add a check under a heading: "configuration", "database", "jobs", "packs", "channels"."""

    def add(look: Callable[[], Iterator[Finding]]) -> Callable[[], Iterator[Finding]]:
        _checks.append(Check(area, look, needs_database))
        return look

    return add


def run_all() -> Iterator[tuple[str, list[Finding]]]:
    """(area, its findings) for each area in the order of registration. A check that crashes is a finding itself."""
    autodiscover_modules("health")
    database_stands = True
    for area in dict.fromkeys(check.area for check in _checks):
        findings: list[Finding] = []
        looked = [check for check in _checks if check.area == area and (database_stands or not check.needs_database)]
        for check in looked:
            try:
                findings += check.look()
            except Exception as fault:  # noqa: BLE001  one room's fault must not hide the findings of the others
                findings.append(
                    Finding(f"the check {check.look.__name__} itself failed: {fault!r}", cure="report this as a bug")
                )
        if area == "database" and any(finding.level is Level.BROKEN for finding in findings):
            database_stands = False
        if looked:
            yield area, findings


@register("configuration", needs_database=False)
def configuration_is_sound() -> Iterator[Finding]:
    key = Path(settings.KEFU_HOME) / "secret.key"
    if "KEFU_SECRET_KEY" not in os.environ and key.exists() and stat.S_IMODE(key.stat().st_mode) & 0o077:
        yield Finding(f"others can read {key}", cure=f"chmod 600 {key}")
    if len(settings.SECRET_KEY) < 32:
        yield Finding(
            f"KEFU_SECRET_KEY has {len(settings.SECRET_KEY)} characters",
            cure="set one of at least 32 random characters; secrets stored with the old key must be entered again",
        )
    if settings.DEBUG:
        yield Finding("KEFU_DEBUG=1 shows internals to visitors", cure="unset KEFU_DEBUG", level=Level.WEAK)
    is_local = any(f"//{host}" in settings.KEFU_URL for host in ("localhost", "127.0.0.1", "[::1]"))
    if not is_local and not settings.KEFU_URL.startswith("https://"):
        yield Finding(
            f"KEFU_URL is {settings.KEFU_URL}: sign-ins travel unencrypted",
            cure="put a proxy with TLS in front and set KEFU_URL=https://… and KEFU_BEHIND_PROXY=1",
            level=Level.WEAK,
        )
    host = (
        settings.KEFU_URL.partition("//")[2].partition("/")[0].rpartition(":")[0] or settings.KEFU_URL.split("//")[-1]
    )
    if not is_local and host not in settings.ALLOWED_HOSTS and "*" not in settings.ALLOWED_HOSTS:
        yield Finding(f"KEFU_HOSTS does not hold {host}", cure=f"add {host} to KEFU_HOSTS, or every page answers 400")


@register("disk", needs_database=False)
def there_is_room() -> Iterator[Finding]:
    home = Path(settings.KEFU_HOME)
    if not os.access(home, os.W_OK):
        yield Finding(f"{home} cannot be written", cure="set KEFU_HOME to a folder of this account")
        return
    free = shutil.disk_usage(home).free
    if free < LEAST_FREE_BYTES:
        yield Finding(f"only {free // 2**20} MB are free below {home}", cure="make room, or move KEFU_HOME")


@register("database", needs_database=False)
def database_is_reachable_and_migrated() -> Iterator[Finding]:
    try:
        connection.ensure_connection()
    except DatabaseError as problem:
        first_line = str(problem.__cause__ or problem).strip().splitlines()[0]
        yield Finding(
            f"the database does not answer: {first_line}",
            cure="start it, correct DATABASE_URL, or unset DATABASE_URL to use the one Kefu brings",
        )
        return
    if connection.get_database_version()[0] < 15:
        yield Finding(
            f"PostgreSQL {connection.get_database_version()[0]} is too old", cure="use PostgreSQL 15 or newer"
        )
    executor = MigrationExecutor(connection)
    waiting = executor.migration_plan(executor.loader.graph.leaf_nodes())
    if waiting:
        yield Finding(f"{len(waiting)} migrations are not applied", cure="run `kefu up`, which applies them")


@register("jobs")
def jobs_are_done() -> Iterator[Finding]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM procrastinate_workers WHERE last_heartbeat > now() - make_interval(secs => %s)",
            [settings.STALLED_SECONDS],
        )
        workers = cursor.fetchone()[0]
        cursor.execute(
            """
            SELECT count(*) FILTER (WHERE job.status = 'todo'
                       AND (job.scheduled_at IS NULL OR job.scheduled_at < now())),
                   count(*) FILTER (WHERE job.status = 'doing' AND (worker.id IS NULL
                       OR worker.last_heartbeat < now() - make_interval(secs => %s)))
            FROM procrastinate_jobs job LEFT JOIN procrastinate_workers worker ON worker.id = job.worker_id
            WHERE job.status IN ('todo', 'doing')
            """,
            [settings.STALLED_SECONDS],
        )
        waiting, stalled = cursor.fetchone()
        cursor.execute(
            "SELECT task_name, count(*), max(id) FROM procrastinate_jobs WHERE status = 'failed' "
            "GROUP BY task_name ORDER BY 2 DESC LIMIT 20"
        )
        failed = cursor.fetchall()
    if not workers and (waiting or stalled):
        yield Finding(f"{waiting + stalled} jobs wait and no worker runs", cure="start `kefu up` (or `kefu worker`)")
    elif stalled:
        yield Finding(
            f"{stalled} jobs belong to workers that died",
            cure="a running worker takes them over within half a minute; if this stays, start it anew",
            level=Level.WEAK,
        )
    for task, count, newest in failed:
        yield Finding(
            f"{count} jobs {task} failed for good, the newest is {newest}",
            cure=f"the worker's log names the reason; when it is mended: kefu check --retry {task}",
        )


def retry_failed(task: str) -> int:
    """Put the failed jobs of one task back into the queue; returns how many."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(procrastinate_retry_job_v2(id, now(), NULL, NULL, NULL)) "
            "FROM procrastinate_jobs WHERE status = 'failed' AND task_name = %s",
            [task],
        )
        return int(cursor.fetchone()[0])
