"""Taking jobs and writing them off: one at a time under a lock, in order, and never another worker's."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from kefu.kernel import queue

pytestmark = pytest.mark.django_db


def put(*, lock: str | None = None, queue_name: str = "tests", later: bool = False) -> int:
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO procrastinate_jobs (queue_name, task_name, lock, args, scheduled_at) "
            "VALUES (%s, 'tests.nothing', %s, '{\"conversation_id\": 7}', "
            "CASE WHEN %s THEN now() + interval '1 hour' END) RETURNING id",
            [queue_name, lock, later],
        )
        return int(cursor.fetchone()[0])


def status_of(job: int) -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT status::text FROM procrastinate_jobs WHERE id = %s", [job])
        return str(cursor.fetchone()[0])


@pytest.fixture
def me() -> int:
    return queue.sign_on(dead_after=60)


def taken(worker: int, queues: list[str] | None = None, *, done: int | None = None) -> int | None:
    job = queue.next_job(worker, queues, done=done)
    return job.id if job else None


def test_writing_off_one_job_takes_the_next_of_the_same_conversation(me):
    first, second = put(lock="conversation:7"), put(lock="conversation:7")
    job = queue.next_job(me, None)
    assert job is not None
    assert (job.id, job.arguments) == (first, {"conversation_id": 7})
    assert taken(me) is None, "the second of a conversation waits for the first"
    assert taken(me, done=first) == second
    assert [status_of(first), status_of(second)] == ["succeeded", "doing"]


def test_a_job_that_went_to_another_worker_is_not_written_off_by_the_one_that_had_it(me):
    job = put(lock="conversation:7")
    assert taken(me) == job
    with connection.cursor() as cursor:
        cursor.execute("SELECT procrastinate_retry_job_v2(%s::bigint, now(), NULL, NULL, NULL)", [job])
    other = queue.sign_on(dead_after=60)
    assert taken(other) == job
    queue.next_job(me, [], done=job)
    assert status_of(job) == "doing"


def test_only_the_queues_asked_for_and_only_what_is_due(me):
    put(queue_name="mail"), put(later=True)
    mine = put()
    assert taken(me, ["tests"]) == mine
    assert taken(me, ["tests"]) is None
    assert taken(me, []) is None


def test_a_job_given_back_waits_and_one_given_up_stands_as_failed(me):
    put()
    job = queue.next_job(me, ["tests"])
    assert job is not None
    queue.try_again(job, at=timezone.now() - timedelta(minutes=1), priority=None, queue=None, lock=None)
    again = queue.next_job(me, ["tests"])
    assert again is not None
    assert (again.id, again.attempts) == (job.id, 1)
    queue.give_up(again)
    assert status_of(job.id) == "failed"
