from django.db import migrations

# One way to the database for each job: the last one is written off and the next one taken. What Procrastinate does with
# two statements and their commits (its own functions do the taking, so that its rules of locks and order hold).
#
# These two changes need not be on disk when they are acknowledged: after a power cut a job that was taken stands
# as waiting, and one that was done is done again, and every job is repeatable. What jobs do is committed as ever.
FORWARD = """
CREATE FUNCTION kefu_next_job(_done bigint, _queues varchar[], _worker bigint)
    RETURNS SETOF procrastinate_jobs LANGUAGE plpgsql AS $$
BEGIN
    PERFORM set_config('synchronous_commit', 'off', true);
    UPDATE procrastinate_jobs SET status = 'succeeded', attempts = attempts + 1, abort_requested = false
        WHERE id = _done AND worker_id = _worker AND status IN ('todo', 'doing');
    RETURN QUERY SELECT * FROM procrastinate_fetch_job_v2(_queues, _worker) AS job WHERE job.id IS NOT NULL;
END $$;
"""
BACK = "DROP FUNCTION kefu_next_job(bigint, varchar[], bigint)"


class Migration(migrations.Migration):
    dependencies = [("kernel", "0001_rates"), ("procrastinate", "0041_post_retry_failed_job")]
    operations = [migrations.RunSQL(FORWARD, BACK)]
