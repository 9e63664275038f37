"""The people at the demo's desk, and the channels their customers write on."""

from __future__ import annotations

import json
import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from django.contrib.auth.models import User

from kefu.channels.services import create_channel, secrets_of, update_channel
from kefu.demo.stories import stories
from kefu.desk.models import Channel
from kefu.people.actors import SYSTEM
from kefu.people.models import Agent, Brand, Role, Seat

#: sign-in name, shown name, brand, role, language of the interface
CAST = (
    ("tomas", "Tomas", "lumen", Role.AGENT, "en"),
    ("ines", "Ines", "lumen", Role.ADMINISTRATOR, "en"),
    ("olek", "Olek", "nordlicht", Role.AGENT, "en"),
)
MAILBOX = "help@lumen.example"
#: the name under which the demo's own mail server says that a sender is authentic
AUTHSERV = "mail.lumen.example"


@dataclass(frozen=True, slots=True)
class MailServer:
    """The demo's own mail server, all on this machine; `passwords` by address, the customers' too."""

    imap_port: int
    smtp_port: int
    passwords: Mapping[str, str]


def passwords(file: Path) -> dict[str, str]:
    """The cast's passwords: made once for this installation, readable by its owner alone."""
    if file.exists():
        known: dict[str, str] = json.loads(file.read_text(encoding="utf-8"))
        return known
    made = {name: f"{name}-{secrets.token_hex(3)}" for name, *_ in CAST}
    file.parent.mkdir(parents=True, exist_ok=True)
    with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as out:
        json.dump(made, out)
    return made


def mail_passwords() -> dict[str, str]:
    """A password for the shop's mailbox and for each customer with a story; new with every start."""
    addresses = [MAILBOX, *(story.email for story in stories())]
    return {address: secrets.token_urlsafe(12) for address in addresses}


def seat_cast(known: dict[str, str]) -> None:
    """Each of the cast can sign in and has a seat at their brand's desk."""
    for name, shown, slug, role, language in CAST:
        user, is_new = User.objects.get_or_create(username=name)
        if is_new or not user.check_password(known[name]):
            user.set_password(known[name])
            user.save()
        agent, _ = Agent.objects.get_or_create(user=user, defaults={"name": shown, "interface_language": language})
        brand = Brand.objects.get(slug=slug)
        Seat.objects.get_or_create(agent=agent, brand=brand, defaults={"role": role})


def chat_channel(brand: Brand) -> Channel:
    """The chat on the brand's page."""
    found = Channel.objects.filter(brand=brand, kind="chat", name="Web chat").first()
    return found or create_channel(brand, kind="chat", name="Web chat", settings={}, by=SYSTEM)


def email_channel(brand: Brand, server: MailServer) -> Channel:
    """The brand's mailbox on the demo's mail server, whose ports are new with every start."""
    settings = {
        "address": MAILBOX,
        "from_name": brand.name,
        "imap_host": "127.0.0.1",
        "imap_port": server.imap_port,
        "imap_security": "plain",
        "imap_user": MAILBOX,
        "imap_password": server.passwords[MAILBOX],
        "smtp_host": "127.0.0.1",
        "smtp_port": server.smtp_port,
        "smtp_security": "plain",
        "authserv_id": AUTHSERV,
        "plus_addressing": True,
        "start_with": "all",
    }
    found = Channel.objects.filter(brand=brand, kind="email", name=MAILBOX).first()
    if found is None:
        return create_channel(brand, kind="email", name=MAILBOX, settings=settings, by=SYSTEM)
    return update_channel(found, settings=settings, by=SYSTEM)


def identity_secret(channel: Channel) -> str:
    """What the demo's page signs its customers' identities with."""
    return str(secrets_of(channel)["identity"])
