"""A channel's row: checked, its secrets hidden, changed only by those who may."""

from __future__ import annotations

import pytest

from kefu.channels.errors import BadSettings
from kefu.channels.services import (
    adapter_of,
    all_well,
    create_channel,
    in_trouble,
    secrets_of,
    switch,
    update_channel,
)
from kefu.desk.models import Event
from kefu.kernel.errors import NotAllowed
from kefu.people.actors import SYSTEM

MAILBOX = {
    "address": "help@lumen.example", "imap_host": "imap.lumen.example", "imap_user": "help",
    "imap_password": "hunter22", "smtp_host": "smtp.lumen.example",
}  # fmt: skip


def test_a_password_never_stands_where_it_can_be_read(brand):
    channel = create_channel(brand, kind="email", name="Help", settings=MAILBOX, by=SYSTEM)
    channel.refresh_from_db()
    assert "hunter22" not in str(channel.settings) + channel.secrets
    assert secrets_of(channel) == {"imap_password": "hunter22"}
    assert adapter_of(channel).secrets["imap_password"] == "hunter22"
    assert (channel.settings["imap_port"], channel.settings["smtp_security"]) == (993, "starttls")


def test_an_empty_password_field_keeps_the_password_there_is(brand):
    channel = create_channel(brand, kind="email", name="Help", settings=MAILBOX, by=SYSTEM)
    changed = update_channel(channel, settings={**MAILBOX, "imap_password": "", "from_name": "Lumen"}, by=SYSTEM)
    assert secrets_of(changed) == {"imap_password": "hunter22"}
    assert changed.settings["from_name"] == "Lumen"


@pytest.mark.parametrize(("field", "value"), [
    ("address", "help"), ("address", "help+x@lumen.example"), ("imap_host", "imap host"), ("imap_port", 70000),
    ("smtp_security", "plain"), ("imap_security", "none"), ("other_addresses", "nobody"),
])  # fmt: skip
def test_settings_that_cannot_work_are_refused_by_field(brand, field, value):
    with pytest.raises(BadSettings) as refused:
        create_channel(brand, kind="email", name="Help", settings={**MAILBOX, field: value}, by=SYSTEM)
    assert list(refused.value.facts["fields"]) == [field]


def test_another_mailbox_counts_from_its_own_beginning(brand):
    channel = create_channel(brand, kind="email", name="Help", settings=MAILBOX, by=SYSTEM)
    channel.cursor = {"uidvalidity": 7, "uid": 4711, "since": ""}
    channel.save()
    assert update_channel(channel, settings={**MAILBOX, "from_name": "L"}, by=SYSTEM).cursor["uid"] == 4711
    assert update_channel(channel, settings={**MAILBOX, "imap_user": "other"}, by=SYSTEM).cursor == {}


def test_an_agent_of_the_shop_or_of_another_may_not_connect_anything(brand, tomas, olek):
    for agent in (tomas, olek):
        with pytest.raises(NotAllowed):
            create_channel(brand, kind="email", name="Help", settings=MAILBOX, by=agent.actor())


def test_trouble_is_shown_with_its_cure_until_that_part_works_again(mailbox, held_clock):
    in_trouble(mailbox.pk, problem="channels.mailbox", cure="Look at the server's name.")
    mailbox.refresh_from_db()
    began = mailbox.trouble["at"]
    held_clock.set(held_clock.now.replace(hour=23))
    in_trouble(mailbox.pk, problem="channels.mailbox", cure="Look at the password.")
    all_well(mailbox.pk, problem="channels.sending")
    mailbox.refresh_from_db()
    assert mailbox.trouble == {"at": began, "problem": "channels.mailbox", "cure": "Look at the password."}
    all_well(mailbox.pk, problem="channels.mailbox")
    mailbox.refresh_from_db()
    assert mailbox.trouble == {}


def test_the_log_knows_who_changed_a_channel_and_no_password(brand):
    channel = create_channel(brand, kind="email", name="Help", settings=MAILBOX, by=SYSTEM)
    update_channel(channel, settings={**MAILBOX, "imap_password": "new-secret", "from_name": "Lumen"}, by=SYSTEM)
    switch(channel, is_on=False, by=SYSTEM)
    told = list(Event.objects.filter(brand=brand, kind__startswith="channels.").order_by("pk"))
    assert [one.kind for one in told] == [
        "channels.channel_created", "channels.channel_changed", "channels.channel_switched",
    ]  # fmt: skip
    assert told[1].facts["changed"] == ["from_name", "imap_password"]
    assert {one.actor_kind for one in told} == {"system"}
    assert "hunter22" not in str([one.facts for one in told])
    assert "new-secret" not in str([one.facts for one in told])
