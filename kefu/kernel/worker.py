"""A worker process: takes jobs, does them in threads, and takes over the jobs of workers that died.

Procrastinate keeps the jobs and says which may be taken; doing them is ours. Its own worker costs more than a turn of
the assistant does (an event loop between every two statements), and would defer the jobs of a job on another
connection, outside the job's transaction. Here each thread has one connection: take, do, write off and take the next.
After `kill -9` a job stays `doing` for ever; so every worker looks for such jobs.
"""

from __future__ import annotations

import asyncio
import logging
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

import psycopg
from django.conf import settings
from django.db import connection
from procrastinate.contrib.django import app
from procrastinate.contrib.django.utils import connector_params
from procrastinate.jobs import Job
from procrastinate.periodic import PeriodicDeferrer

from kefu.kernel import queue
from kefu.kernel.errors import Unreachable

log = logging.getLogger(__name__)

#: a job whose worker died so often is what kills them; it is given up and `kefu check` names it
CRASHES = 20
#: jobs that nobody announces (tried again, or locked until now) are looked for so often
LOOK_SECONDS = 1.0
#: so soon a worker that is asked to stop begins to
PACE_SECONDS = 0.2
#: what a stopping worker gives its running jobs; they are done again by another
GRACE_SECONDS = 20.0

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

    Raises OperationalError when the database goes away; whoever started the process starts it again. wait: False stops
    when the queue is empty.
    """
    Worker(threads=threads, queues=queues, wait=wait).run()


class Worker:
    """The threads that do jobs, the ear that hears of new ones, and in the main thread what is done by the clock."""

    def __init__(self, *, threads: int, queues: list[str] | None, wait: bool) -> None:
        self.queues, self.wait = queues, wait
        self.number = 0
        self._stopping = threading.Event()
        self._is_asked_to_stop = False
        self._fault: BaseException | None = None
        #: one permit for each thread that shall look for a job; more than there are threads would be looked in vain
        self._looks = threading.BoundedSemaphore(threads)
        self._threads = [threading.Thread(target=self._guarded(self._do_jobs), name=f"job {n}", daemon=True)
                         for n in range(threads)]  # fmt: skip

    def run(self) -> None:
        seconds = settings.STALLED_SECONDS
        self.number = queue.sign_on(dead_after=seconds)
        try:
            with self._stops_on_signals():
                for thread in self._threads:
                    thread.start()
                if self.wait:
                    threading.Thread(target=self._guarded(self._hear), name="ear", daemon=True).start()
                self._guarded(self._keep_house)()
                self._let_finish()
            if self._fault is None:
                queue.sign_off(self.number)
        finally:
            connection.close()
        if self._fault is not None:
            raise self._fault

    # --- jobs --------------------------------------------------------------------------------------------------------

    def _do_jobs(self) -> None:
        """One thread: look, do what is there until nothing is, wait for a permit."""
        try:
            while not self._stopping.is_set():
                job = queue.next_job(self.number, self.queues)
                while job is not None:
                    done = self._do(job)
                    if self._stopping.is_set():
                        return self._write_off(done)
                    job = queue.next_job(self.number, self.queues, done=done)
                if not self.wait:
                    return None
                connection.close()  # back into the pool: an idle thread holds none
                self._looks.acquire()
        finally:
            connection.close()

    def _do(self, job: queue.Taken) -> int | None:
        """Do one job. Its id when it is to be written off as done; None when that is settled already."""
        task = app.tasks.get(job.task_name)
        if task is None:
            log.error("no such job is declared: %s[%d]", job.task_name, job.id)
            queue.give_up(job)
            return None
        try:
            task.func(**job.arguments)
        except Exception as problem:  # noqa: BLE001  whatever a job raises is its own, and the worker goes on
            # a connection that an exception left behind may be broken, or in the middle of something
            connection.close()
            self._failed(job, problem)
            return None
        return job.id

    def _failed(self, job: queue.Taken, problem: Exception) -> None:
        about = Job(id=job.id, queue=job.queue, lock=job.lock, queueing_lock=job.queueing_lock,
                    task_name=job.task_name, task_kwargs=job.arguments, attempts=job.attempts)  # fmt: skip
        again = app.tasks[job.task_name].get_retry_exception(exception=problem, job=about)
        if again is None:
            log.error("%s is given up", about.call_string, exc_info=problem)
            queue.give_up(job)
            return
        level = logging.INFO if isinstance(problem, Unreachable) else logging.WARNING
        log.log(level, "%s is tried again: %r", about.call_string, problem, exc_info=problem)
        retry = again.retry_decision
        at = retry.retry_at or datetime.now(UTC)
        queue.try_again(job, at=at, priority=retry.priority, queue=retry.queue, lock=retry.lock)

    def _write_off(self, done: int | None) -> None:
        if done is not None:
            queue.next_job(self.number, [], done=done)

    # --- around them -------------------------------------------------------------------------------------------------

    def _hear(self) -> None:
        """A notice from the database: somebody looks at once."""
        parameters = {**connector_params(), "autocommit": True}
        parameters.pop("pool", None)
        with psycopg.connect(**parameters) as ear:
            ear.execute(f"LISTEN {queue.NEW_JOBS}")
            self._look()  # for what came before
            while not self._stopping.is_set():
                for _ in ear.notifies(timeout=LOOK_SECONDS):
                    self._look()

    def _look(self, times: int = 1) -> None:
        for _ in range(times):
            try:
                self._looks.release()
            except ValueError:
                return  # all are looking already, or will

    def _keep_house(self) -> None:
        """By the clock: tell that we live, take over from the dead, start what is due, look for the unannounced."""
        seconds = settings.STALLED_SECONDS
        chores: list[tuple[float, Callable[[], object]]] = [
            (min(10.0, seconds / 6), lambda: queue.still_here(self.number)),
            (min(15.0, seconds / 4), revive_stalled_jobs),
            (LOOK_SECONDS, self._look),
        ]
        due = [time.monotonic()] * len(chores)
        clock = PeriodicDeferrer(registry=app.periodic_registry, **app.periodic_defaults)
        strikes_at = 0.0
        while not (self._stopping.is_set() or self._is_asked_to_stop):
            for n, (every, chore) in enumerate(chores):
                if time.monotonic() >= due[n]:
                    chore()
                    due[n] = time.monotonic() + every
            if self.wait and time.time() >= strikes_at:
                now = time.time()
                asyncio.run(clock.defer_jobs(list(clock.get_previous_tasks(at=now))))
                strikes_at = now + clock.get_next_tick(at=now) if app.periodic_registry.periodic_tasks else now + 3600
            connection.close()
            if not self.wait and not any(thread.is_alive() for thread in self._threads):
                return
            time.sleep(PACE_SECONDS if self.wait else 0.02)

    def _let_finish(self) -> None:
        self._stopping.set()
        self._look(len(self._threads))
        until = time.monotonic() + GRACE_SECONDS
        for thread in self._threads:
            thread.join(max(0.0, until - time.monotonic()))

    def _guarded(self, work: Callable[[], None]) -> Callable[[], None]:
        """A thread whose database is gone ends the worker, and its exception is the worker's."""

        def guarded() -> None:
            try:
                work()
            except BaseException as fault:  # noqa: BLE001  raised again by run()
                if not self._stopping.is_set():
                    self._fault = fault
                    log.error("the worker stops: %s", fault)
                self._stopping.set()

        return guarded

    @contextmanager
    def _stops_on_signals(self) -> Iterator[None]:
        if threading.current_thread() is not threading.main_thread():
            yield
            return

        def on_signal(number: int, frame: object) -> None:
            self._is_asked_to_stop = True  # and no more: a handler that takes a lock may wait for itself

        before = {one: signal.signal(one, on_signal) for one in (signal.SIGTERM, signal.SIGINT)}
        try:
            yield
        finally:
            for one, handler in before.items():
                signal.signal(one, handler)
