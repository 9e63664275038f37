"""Channels' rows: made and changed through the adapter's own form, secrets encrypted."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from django.db import transaction

from kefu.channels import events, registry
from kefu.channels.base import Channel as Adapter
from kefu.channels.errors import BadSettings
from kefu.desk.events import record_apart
from kefu.desk.models import Channel
from kefu.kernel import clock, crypto
from kefu.kernel.errors import NotAllowed
from kefu.people.actors import Actor
from kefu.people.models import Brand

_PURPOSE = "channel-secrets"


def _checked(kind: str, given: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, str]]:
    """(settings, secrets given). Fields that the form knows and `given` lacks take the form's initial value."""
    form_class = registry.settings_form(kind)
    initial = {name: field.initial for name, field in form_class.base_fields.items() if field.initial is not None}
    form = form_class({**initial, **given})
    if not form.is_valid():
        raise BadSettings(fields={name: [str(one) for one in errors] for name, errors in form.errors.items()})
    secret_names: tuple[str, ...] = getattr(form_class, "SECRETS", ())
    settings = {name: value for name, value in form.cleaned_data.items() if name not in secret_names}
    secrets = {name: str(form.cleaned_data[name]) for name in secret_names if form.cleaned_data.get(name)}
    return settings, secrets


def _sealed(secrets: Mapping[str, str]) -> str:
    return crypto.encrypt(json.dumps(dict(secrets)), purpose=_PURPOSE) if secrets else ""


@transaction.atomic
def create_channel(brand: Brand, *, kind: str, name: str, settings: Mapping[str, Any], by: Actor) -> Channel:
    """Connect a channel. `settings` are the form's fields, secret ones among them.

    Raises KeyError for an unknown kind and BadSettings with {field: [problems]}.
    """
    if not by.may("channels.edit", brand_id=brand.pk):
        raise NotAllowed(right="channels.edit", who=by.name or by.kind.value)
    clean, secrets = _checked(kind, settings)
    channel = Channel.objects.create(
        brand=brand, kind=kind, name=name[:120], settings=clean, secrets=_sealed(registry.new_secrets(kind) | secrets)
    )
    _record(events.CHANNEL_CREATED, channel, by=by, kind_of=kind)
    return channel


@transaction.atomic
def update_channel(
    channel: Channel, *, settings: Mapping[str, Any], by: Actor, name: str = "", is_on: bool | None = None
) -> Channel:
    """Change a channel. Secret fields that are empty keep their present value; trouble is forgotten, for what was
    changed may have mended it. Raises BadSettings, Undecryptable."""
    by.require("channels.edit", on=channel)
    channel = Channel.objects.select_for_update().get(pk=channel.pk)
    clean, secrets = _checked(channel.kind, settings)
    changed = sorted({key for key in clean if channel.settings.get(key) != clean[key]} | set(secrets))
    moved = any(channel.settings.get(key) != clean.get(key) for key in ("imap_host", "imap_user", "folder"))
    channel.settings = clean
    if secrets:
        channel.secrets = _sealed(secrets_of(channel) | secrets)
    channel.name = name[:120] or channel.name
    channel.is_on = channel.is_on if is_on is None else is_on
    channel.trouble = {}
    if moved:
        channel.cursor = {}  # another mailbox counts from the beginning
    channel.save(update_fields=["settings", "secrets", "name", "is_on", "trouble", "cursor"])
    _record(events.CHANNEL_CHANGED, channel, by=by, changed=changed)
    return channel


@transaction.atomic
def switch(channel: Channel, *, is_on: bool, by: Actor) -> Channel:
    """Switch a channel on or off, settings as they are."""
    by.require("channels.edit", on=channel)
    channel = Channel.objects.select_for_update().get(pk=channel.pk)
    channel.is_on = is_on
    channel.save(update_fields=["is_on"])
    _record(events.CHANNEL_SWITCHED, channel, by=by, is_on=is_on)
    return channel


def _record(kind: str, channel: Channel, *, by: Actor, **facts: Any) -> None:
    """Who changed how customers reach us. Names of fields only: no value, for one may be a password."""
    record_apart(kind, brand_id=channel.brand_id, by=by, channel=channel.pk, name=channel.name, **facts)


def secrets_of(channel: Channel) -> dict[str, str]:
    """The channel's secrets in clear. Raises Undecryptable."""
    if not channel.secrets:
        return {}
    secrets: dict[str, str] = json.loads(crypto.decrypt(channel.secrets, purpose=_PURPOSE))
    return secrets


def adapter_of(channel: Channel) -> Adapter:
    """The adapter that speaks for this row. Raises KeyError, Undecryptable."""
    return registry.adapter_class(channel.kind)(channel.settings, secrets_of(channel))


def in_trouble(channel_id: int, *, problem: str, cure: str) -> None:
    """Show under Channels what is wrong. problem: a code like "channels.imap"; the moment it began is kept."""
    row = Channel.objects.filter(pk=channel_id).values_list("trouble", flat=True).first()
    if row is None or (row.get("problem") == problem and row.get("cure") == cure[:300]):
        return
    began = row["at"] if row.get("problem") == problem else clock.now().isoformat()
    Channel.objects.filter(pk=channel_id).update(trouble={"at": began, "problem": problem, "cure": cure[:300]})


def all_well(channel_id: int, *, problem: str) -> None:
    """Forget the trouble if it is of this kind; another part's trouble stays."""
    Channel.objects.filter(pk=channel_id, trouble__problem=problem).update(trouble={})
