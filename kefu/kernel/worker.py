"""A worker process: takes jobs, does them in threads, and takes over the jobs of workers that died.

Two traps it is built around. Procrastinate's own way into Django (`replace_connector`) would make a job that defers
another job do so on a connection of the worker's, outside the job's transaction; so the worker is an app of its own,
and the tasks stay with Django's. And after `kill -9` a job stays `doing` for ever; so every worker looks for such jobs.
"""

from __future__ import annotations

import asyncio
import logging
from concurrent.futures import ThreadPoolExecutor

import psycopg
from django.conf import settings
from django.db import connection
from procrastinate import PsycopgConnector, exceptions
from procrastinate.app import WorkerOptions
from procrastinate.contrib.django import DjangoApp, app, connector_params

log = logging.getLogger(__name__)

#: a job whose worker died so often is what kills them; it is given up and `kefu check` names it
CRASHES = 20

#: Jobs of dead workers. One statement and SKIP LOCKED: two workers that look at the same moment revive a job once.
_REVIVE = """
WITH stalled AS (
    SELECT job.id, job.attempts FROM procrastinate_jobs job
    LEFT JOIN procrastinate_workers worker ON worker.id = job.worker_id
    WHERE job.status = 'doing'
      AND (worker.id IS NULL OR worker.last_heartbeat < now() - make_interval(secs => %(seconds)s))
    ORDER BY job.id LIMIT 500 FOR UPDATE OF job SKIP LOCKED
)
SELECT id, attempts,
       CASE WHEN attempts >= %(crashes)s THEN procrastinate_finish_job_v1(id, 'failed', false)
            ELSE procrastinate_retry_job_v2(id, now(), NULL, NULL, NULL) END
FROM stalled
"""


def revive_stalled_jobs(seconds: float | None = None) -> list[int]:
    """Put the jobs of dead workers back into the queue; returns their ids.

    seconds: a worker whose last heartbeat is older is dead (default: KEFU_STALLED_SECONDS). Every job is repeatable,
    so a worker that was only slow does no harm.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            _REVIVE, {"seconds": settings.STALLED_SECONDS if seconds is None else seconds, "crashes": CRASHES}
        )
        revived = [row[0] for row in cursor.fetchall()]
    if revived:
        log.warning("%d jobs of a worker that died are done again: %s", len(revived), revived[:20])
    return revived


def run_worker(*, threads: int, queues: list[str] | None = None, wait: bool = True) -> None:
    """Work until SIGTERM or SIGINT: running jobs are finished, waiting ones are left to the others.

    Returns early when the database goes away; whoever started the process starts it again. wait: False stops when
    the queue is empty. Django connections are given back after each job (Procrastinate's Django middleware does it).
    """
    asyncio.run(_run(threads=threads, queues=queues, wait=wait))


async def _run(*, threads: int, queues: list[str] | None, wait: bool) -> None:
    asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor(threads, thread_name_prefix="job"))
    connector = PsycopgConnector(kwargs=connector_params(), min_size=1, max_size=threads + 2)
    own = DjangoApp(connector=connector)
    own.tasks, own.periodic_registry = app.tasks, app.periodic_registry
    seconds = settings.STALLED_SECONDS
    options: WorkerOptions = {
        "wait": wait,
        "concurrency": threads,
        "fetch_job_polling_interval": 1.0,  # NOTIFY wakes us for new jobs; retried ones are only found by looking
        "update_heartbeat_interval": min(10.0, seconds / 6),
        "stalled_worker_timeout": seconds,
        "shutdown_graceful_timeout": 20.0,
    }
    if queues:
        options["queues"] = queues
    async with own.open_async():
        reviving = asyncio.create_task(_keep_reviving(connector, seconds))
        try:
            await own.run_worker_async(**options)
        finally:
            reviving.cancel()


async def _keep_reviving(connector: PsycopgConnector, seconds: float) -> None:
    while True:
        try:
            rows = await connector.execute_query_all_async(_REVIVE, seconds=seconds, crashes=CRASHES)
        except (exceptions.ConnectorException, psycopg.Error) as problem:
            log.warning("could not look for stalled jobs: %s", problem)
        else:
            if rows:
                log.warning("%d jobs of a worker that died are done again", len(rows))
        await asyncio.sleep(min(15.0, seconds / 4))
