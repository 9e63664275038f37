"""Jobs: Procrastinate on the same database, so that a job exists exactly when its data does.

A room declares jobs in its `tasks.py` with `@job(queue=…)`. A job loads by id, calls one verb and returns; it may
run twice and must then do nothing the second time.
"""

from __future__ import annotations

from typing import Any

import procrastinate
from procrastinate.contrib.django import app

#: grows 2, 4, 8 … seconds; after the last try the job stands as failed and `kefu check` names it
RETRY = procrastinate.RetryStrategy(max_attempts=8, exponential_wait=2)


def job(*, queue: str, name: str, retry: Any = RETRY, **options: Any) -> Any:
    """Declare a job. `name` is stable ("assistant.turn"), for it stands in the database."""
    return app.task(queue=queue, name=name, retry=retry, **options)


def on_app_ready(ready: procrastinate.App) -> None:
    """Called by Procrastinate once Django has loaded; its tasks are then found in each room's tasks.py."""
