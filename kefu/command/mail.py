"""`kefu mail`: fetches the mail of every e-mail channel."""

from __future__ import annotations

import importlib

import click

from kefu.command import lifeline
from kefu.command.database import django_ready


@click.command()
def mail() -> None:
    """Fetch the mail of all e-mail channels as it arrives (IMAP)."""
    with django_ready():
        lifeline.hold()
        importlib.import_module("kefu.channels.email.poller").main()
