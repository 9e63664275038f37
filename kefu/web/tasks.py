"""The jobs of the web room."""

from __future__ import annotations

from kefu.kernel.jobs import job
from kefu.web.chat.files import forget_abandoned
from kefu.web.desk.trials import play_trial  # noqa: F401  its job is declared there


@job(queue="kernel", name="chat.forget_abandoned_files", cron="37 * * * *", queueing_lock="chat.forget_abandoned_files")
def forget_abandoned_files(timestamp: int) -> int:
    """Uploads that no message ever took. Returns how many."""
    return forget_abandoned()
