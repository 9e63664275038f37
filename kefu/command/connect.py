"""`kefu connect`: a channel from a file of its fields, tried at once."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, TextIO

import click

from kefu.command.database import django_ready

if TYPE_CHECKING:
    from kefu.desk.models import Channel


@click.command()
@click.argument("kind")
@click.argument("file", type=click.File(encoding="utf-8"))
@click.option("--brand", "slug", required=True, help="Short name of the brand, e.g. my-shop.")
@click.option("--name", required=True, help="As the desk shows it. A channel of this name is changed.")
def connect(kind: str, file: TextIO, slug: str, name: str) -> None:
    """Connect a channel (email, hello …) with the fields of a JSON file, - for standard input."""
    try:
        fields = json.load(file)
    except ValueError as fault:
        raise click.ClickException(f"{file.name} is no JSON: {fault}") from fault
    if not isinstance(fields, dict):
        raise click.ClickException(f"{file.name} must hold one JSON object")
    with django_ready():
        channel = _connected(kind, slug, name, fields)
        click.echo(f"{channel} is connected; its id is {channel.public_id}")
        if kind == "email":
            _try_both_ways(channel)
            click.echo("mail can be fetched and sent")


def _connected(kind: str, slug: str, name: str, fields: dict[str, Any]) -> Channel:
    from kefu.channels import registry
    from kefu.channels.errors import BadSettings
    from kefu.channels.services import create_channel, update_channel
    from kefu.desk.models import Channel
    from kefu.people.actors import SYSTEM
    from kefu.people.models import Brand

    if kind not in registry.kinds():
        raise click.ClickException(f"no channel is called {kind!r}; there are {', '.join(registry.kinds())}")
    brand = Brand.objects.filter(slug=slug).first()
    if brand is None:
        there_are = ", ".join(Brand.objects.order_by("slug").values_list("slug", flat=True)[:20])
        raise click.ClickException(f"there is no brand {slug!r}; there are: {there_are or 'none'}")
    channel = Channel.objects.filter(brand=brand, kind=kind, name=name).first()
    try:
        if channel is not None:
            return update_channel(channel, settings=fields, by=SYSTEM)
        return create_channel(brand, kind=kind, name=name, settings=fields, by=SYSTEM)
    except BadSettings as refused:
        lines = [f"  {field}: {' '.join(problems)}" for field, problems in refused.facts["fields"].items()]
        raise click.ClickException("nothing was changed; these fields cannot work:\n" + "\n".join(lines)) from refused


def _try_both_ways(channel: Channel) -> None:
    """Sign in to both servers once, so that a wrong password shows here and not in the night."""
    from kefu.channels.email.adapter import Email
    from kefu.channels.email.mailbox import ImapFolder
    from kefu.channels.services import adapter_of, secrets_of
    from kefu.kernel.errors import KefuError

    try:
        ImapFolder(channel.settings, secrets_of(channel)).close()
        adapter = adapter_of(channel)
        if isinstance(adapter, Email):
            adapter.try_connection()
    except KefuError as fault:
        raise click.ClickException(f"it is saved, but it does not work yet: {fault.sentence}") from fault
