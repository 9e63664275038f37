"""Jobs: Procrastinate on the same database, so that a job exists exactly when its data does.

A room declares jobs in its `tasks.py` with `@job(queue=…)`. A job loads by id, calls one verb and returns; it may
run twice and must then do nothing the second time.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import procrastinate
from procrastinate.contrib.django import app

#: grows 2, 4, 8 … seconds; after the last try the job stands as failed and `kefu check` names it
RETRY = procrastinate.RetryStrategy(max_attempts=8, exponential_wait=2)


def job(*, queue: str, name: str, retry: Any = RETRY, cron: str | None = None, **options: Any) -> Any:
    """Declare a job. `name` is stable ("assistant.turn"), for it stands in the database.

    cron: run it by the clock, e.g. "*/5 * * * *" (UTC), once however many workers there are; the function then takes
    `timestamp` (epoch seconds, the moment it was due) and must not mind a run that was missed.
    """

    def declare(function: Callable[..., Any]) -> Any:
        task = app.task(queue=queue, name=name, retry=retry, **options)(function)
        return app.periodic(cron=cron)(task) if cron else task

    return declare


def on_app_ready(ready: procrastinate.App) -> None:
    """Called by Procrastinate once Django has loaded; its tasks are then found in each room's tasks.py."""
