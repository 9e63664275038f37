"""The queue's rows, for workers: take a job, write it off, give it back, tell that one lives. One statement each.

The tables are Procrastinate's, and so are the rules of who may take what: a job whose lock another one holds, or whose
lock an older one waits for, is not taken.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection

#: who listens here hears of every new job
NEW_JOBS = "procrastinate_any_queue_v1"


@dataclass(frozen=True, slots=True)
class Taken:
    """A job that this worker has taken and nobody else may."""

    id: int
    task_name: str
    arguments: dict[str, Any]
    lock: str | None
    queueing_lock: str | None
    queue: str
    attempts: int


def next_job(worker: int, queues: Sequence[str] | None, *, done: int | None = None) -> Taken | None:
    """Write off the job `done` as succeeded and take the next one of these queues (None: of all); None when none may be
    taken now. A job that was given to another worker meanwhile is left to it."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id, task_name, args, lock, queueing_lock, queue_name, attempts "
            "FROM kefu_next_job(%s::bigint, %s::varchar[], %s::bigint)",
            [done, None if queues is None else list(queues), worker],
        )
        row = cursor.fetchone()
    if row is None:
        return None
    job_id, task_name, arguments, *rest = row
    return Taken(job_id, task_name, json.loads(arguments) if isinstance(arguments, str) else arguments, *rest)


def try_again(job: Taken, *, at: datetime, priority: int | None, queue: str | None, lock: str | None) -> None:
    """Back into the queue, not before `at`."""
    _call(
        "SELECT procrastinate_retry_job_v2(%s::bigint, %s::timestamptz, %s::int, %s::varchar, %s::varchar)",
        [job.id, at, priority, queue, lock],
    )


def give_up(job: Taken) -> None:
    """It stands as failed, and `kefu check` names it."""
    _call("SELECT procrastinate_finish_job_v1(%s::bigint, 'failed', false)", [job.id])


def sign_on(*, dead_after: float) -> int:
    """This worker's number. Workers not heard of for `dead_after` seconds are struck off."""
    _call("SELECT procrastinate_prune_stalled_workers_v1(%s::float)", [dead_after])
    with connection.cursor() as cursor:
        cursor.execute("SELECT worker_id FROM procrastinate_register_worker_v1()")
        return int(cursor.fetchone()[0])


def sign_off(worker: int) -> None:
    """What it has not finished is taken over by others."""
    _call("SELECT procrastinate_unregister_worker_v1(%s::bigint)", [worker])


def still_here(worker: int) -> None:
    _call("SELECT procrastinate_update_heartbeat_v1(%s::bigint)", [worker])


def _call(statement: str, values: list[Any]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
