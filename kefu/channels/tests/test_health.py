"""`kefu check` and `kefu connect`: what is wrong with a channel, and the cure."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner

from kefu.channels import health
from kefu.channels.email.fetched import Fetched
from kefu.channels.services import in_trouble, keep_mail, read_mail, secrets_of
from kefu.command.connect import _connected, connect
from kefu.desk.models import Channel


def said() -> str:
    findings = [*health.channels_work(), *health.nothing_is_set_aside(), *health.messages_leave()]
    return "\n".join(f"{one.level.value}: {one.what} -> {one.cure}" for one in findings)


def test_all_is_well_with_a_channel_that_works(mailbox):
    assert said() == ""


def test_trouble_lost_secrets_and_unread_mail_are_named_with_their_cure(mailbox, hello_channel):
    in_trouble(mailbox.pk, problem="channels.mailbox", cure="Look at the server's name.")
    Channel.objects.filter(pk=hello_channel.pk).update(secrets="of another key")
    for raw in keep_mail(mailbox, [Fetched(1, b"nobody")], uidvalidity=1, cursor={"uidvalidity": 1, "uid": 1}):
        read_mail(raw)
    words = said()
    assert "Look at the server's name." in words
    assert "bring back the old KEFU_HOME/secret.key" in words
    assert "weak: 1 mails could not be read: no_sender" in words


def test_connecting_again_under_the_same_name_changes_the_channel(brand):
    fields = {"send_to": "https://one.example/", "secret": "sixteen letters!"}
    first = _connected("hello", brand.slug, "Hello", fields)
    second = _connected("hello", brand.slug, "Hello", {"send_to": "https://two.example/"})
    assert first.pk == second.pk
    assert second.settings == {"send_to": "https://two.example/"}
    assert secrets_of(second) == {"secret": "sixteen letters!"}


@pytest.mark.parametrize(("kind", "slug", "fields", "words"), [
    ("email", "lumen", {"address": "help"}, "imap_host: This field is required."),
    ("email", "nobody", {}, "there are: lumen"),
    ("fax", "lumen", {}, "there are chat, email, hello"),
    ("email", "lumen", [], "must hold one JSON object"),
])  # fmt: skip
def test_what_cannot_work_is_said_in_one_sentence(brand, monkeypatch, kind, slug, fields, words):
    from contextlib import nullcontext

    monkeypatch.setattr("kefu.command.connect.django_ready", nullcontext)
    result = CliRunner().invoke(connect, [kind, "-", "--brand", slug, "--name", "Help"], input=json.dumps(fields))
    assert result.exit_code == 1
    assert words in result.output
