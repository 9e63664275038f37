"""`kefu worker`: the jobs, the assistant's turns among them."""

from __future__ import annotations

import os

import click

from kefu.command import lifeline
from kefu.command.database import django_ready


@click.command()
@click.option("--threads", default=4, show_default=True, type=click.IntRange(1, 64), help="Jobs done at once.")
@click.option("--queue", "queues", multiple=True, help="Only this queue; may be given again. Default: every queue.")
@click.option("--until-empty", is_flag=True, help="Stop when nothing is left to do.")
def worker(threads: int, queues: tuple[str, ...], until_empty: bool) -> None:
    """Do the jobs: turns of the assistant, deliveries, the clock's jobs."""
    os.environ.setdefault("OMP_NUM_THREADS", "1")  # threads of the numeric libraries would fight ours
    with django_ready():
        from kefu.command.warming import warm_worker
        from kefu.kernel.worker import run_worker

        lifeline.hold()
        warm_worker()
        run_worker(threads=threads, queues=list(queues) or None, wait=not until_empty)
