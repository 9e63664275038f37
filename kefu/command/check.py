"""`kefu check`: what is wrong, and how to mend it."""

from __future__ import annotations

import os
import sys

import click

from kefu.command.database import django_ready
from kefu.kernel.postgres import PostgresError


@click.command()
@click.option("--retry", metavar="TASK", help="Put the failed jobs of TASK back into the queue, then check.")
def check(retry: str | None) -> None:
    """Look at configuration, database, jobs, packs and channels. Exit code 1 when something is broken."""
    os.environ.setdefault("KEFU_DB_POOL", "0")  # says at once that a database is away; the pool would try for long
    try:
        with django_ready():
            broken = _look(retry)
    except PostgresError as refusal:
        click.secho(f"database: {refusal.sentence}", fg="red")
        broken = True
    sys.exit(1 if broken else 0)


def _look(retry: str | None) -> bool:
    from kefu.kernel.checks import Level, retry_failed, run_all

    if retry:
        click.echo(f"{retry_failed(retry)} jobs {retry} are tried again")
    broken = False
    for area, findings in run_all():
        if not findings:
            click.echo(f"{click.style('ok    ', fg='green')} {area}")
        for finding in findings:
            colour = "red" if finding.level is Level.BROKEN else "yellow"
            click.echo(f"{click.style(f'{finding.level:<6}', fg=colour)} {area}: {finding.what}")
            click.echo(f"       cure: {finding.cure}")
            broken = broken or finding.level is Level.BROKEN
    return broken
