"""The kernel's own jobs."""

from __future__ import annotations

from django.conf import settings
from django.db import connection

from kefu.kernel.jobs import job

#: rows of one statement; the rest is for the next hour
_BATCH = 20_000


@job(queue="kernel", name="kernel.forget_done_jobs", cron="17 * * * *", queueing_lock="kernel.forget_done_jobs")
def forget_done_jobs(timestamp: int) -> int:
    """Delete jobs that ended well (or were cancelled) KEFU_KEEP_JOBS_HOURS ago; failed ones stay. Returns how many."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            DELETE FROM procrastinate_jobs WHERE id IN (
                SELECT job.id FROM procrastinate_jobs job
                WHERE job.status IN ('succeeded', 'cancelled', 'aborted')
                  AND NOT EXISTS (SELECT 1 FROM procrastinate_events event
                                  WHERE event.job_id = job.id AND event.at > now() - make_interval(hours => %s))
                ORDER BY job.id LIMIT %s)
            """,
            [settings.KEEP_JOBS_HOURS, _BATCH],
        )
        return int(cursor.rowcount)
