"""Mail fetched from a real Dovecot: nothing lost, nothing twice, whatever breaks."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from django.db import connection

from kefu.channels.email import poller
from kefu.channels.email.mailbox import ImapFolder, MailboxRefused, MailboxUnreachable, NoSuchFolder
from kefu.channels.email.tests.dovecot import PASSWORD
from kefu.channels.models import RawMail, RawState
from kefu.channels.services import secrets_of, update_channel
from kefu.desk.models import Channel, Message
from kefu.people.actors import SYSTEM

pytestmark = [pytest.mark.mailserver, pytest.mark.django_db(transaction=True)]

ROOT = Path(__file__).resolve().parents[4]
_box = iter(range(1, 1000))


def mail(number: int, body: str = "Where is it?") -> bytes:
    return (
        f"From: mira@example.com\r\nTo: help@lumen.example\r\nSubject: Parcel {number}\r\n"
        f"Date: Mon, 2 Mar 2026 10:{number % 60:02}:00 +0000\r\nMessage-ID: <m{number}@example.com>\r\n\r\n{body}\r\n"
    ).encode()


@pytest.fixture
def box(mailbox, dovecot) -> Channel:
    """The mailbox channel, connected to a fresh mailbox of the real server."""
    user = f"help{next(_box)}-{os.getpid()}@lumen.example"
    settings = {**mailbox.settings, **dovecot.settings(user), "start_with": "all"}
    return update_channel(mailbox, settings=settings, by=SYSTEM)


def user_of(box: Channel) -> str:
    return str(box.settings["imap_user"])


def fetch(box: Channel) -> int:
    box.refresh_from_db()
    folder = ImapFolder(box.settings, secrets_of(box))
    try:
        return poller.fetch_news(box, folder)
    finally:
        folder.close()


def until(condition: Callable[[], bool], seconds: float = 20) -> float:
    began = time.monotonic()
    while not condition():
        assert time.monotonic() - began < seconds, "it did not happen"
        time.sleep(0.02)
    return time.monotonic() - began


@contextmanager
def running() -> Iterator[None]:
    stop = threading.Event()
    thread = threading.Thread(target=poller.run, args=(stop,))
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join(timeout=15)
        assert not thread.is_alive()


def test_new_mail_is_here_within_two_seconds(box, dovecot):
    dovecot.deliver(user_of(box), mail(1))
    with running():
        until(lambda: RawMail.objects.count() == 1)
        time.sleep(0.5)  # now it waits in IDLE
        for number in (2, 3):
            dovecot.deliver(user_of(box), mail(number))
            assert until(lambda number=number: RawMail.objects.count() == number, 5) < 2


def test_a_seen_flag_hides_nothing_and_ours_are_never_set(box, dovecot):
    dovecot.deliver(user_of(box), mail(1))
    client = dovecot.client(user_of(box))
    client.select()
    client.store("1", "+FLAGS", "\\Seen")
    dovecot.deliver(user_of(box), mail(2))
    assert fetch(box) == 2
    client.noop()
    assert b"\\Seen" not in client.fetch("2", "(FLAGS)")[1][0]
    client.logout()


def test_fetching_again_brings_nothing_twice(box, dovecot, jobs):
    dovecot.deliver(user_of(box), *(mail(n) for n in range(45)))  # more than one batch
    assert fetch(box) == 45
    assert fetch(box) == 0
    dovecot.deliver(user_of(box), mail(45))
    assert fetch(box) == 1
    jobs.run("channels.read_mail")
    assert Message.objects.count() == 46


def test_one_broken_mail_among_good_ones(box, dovecot, jobs):
    dovecot.deliver(user_of(box), mail(1), b"\x00\x01 no headers at all", b"X: y\r\n\r\n" + b"\xff" * 5000, mail(2))
    assert fetch(box) == 4
    jobs.run("channels.read_mail")
    assert Message.objects.count() == 2
    assert RawMail.objects.filter(state=RawState.QUARANTINED).count() == 2


def test_the_same_mail_ten_times_is_one_message(box, dovecot, jobs):
    dovecot.deliver(user_of(box), *[mail(1)] * 10)
    assert fetch(box) == 10
    jobs.run("channels.read_mail")
    assert Message.objects.count() == 1


def test_a_mailbox_that_is_numbered_anew_loses_and_doubles_nothing(box, dovecot, jobs):
    dovecot.deliver(user_of(box), mail(1), mail(2))
    fetch(box)
    was = Channel.objects.get(pk=box.pk).cursor["uidvalidity"]
    dovecot.renumber(user_of(box))
    dovecot.deliver(user_of(box), mail(3))
    fetch(box)
    assert Channel.objects.get(pk=box.pk).cursor["uidvalidity"] != was
    assert "anew" not in Channel.objects.get(pk=box.pk).cursor
    dovecot.deliver(user_of(box), mail(4))
    assert fetch(box) == 1
    jobs.run("channels.read_mail")
    assert Message.objects.count() == 4


def test_mail_from_before_the_mailbox_was_connected_is_left_alone(box, dovecot, jobs):
    """Also when the mailbox is numbered anew later: old questions were answered long ago."""
    client = dovecot.client(user_of(box))
    client.append("INBOX", "", '"01-Jan-2020 10:00:00 +0000"', mail(1))
    client.logout()
    box = update_channel(box, settings={**box.settings, "start_with": "new"}, by=SYSTEM)
    assert fetch(box) == 0
    dovecot.deliver(user_of(box), mail(2))
    assert fetch(box) == 1
    dovecot.renumber(user_of(box))
    fetch(box)
    jobs.run("channels.read_mail")
    assert [message.extras["subject"] for message in Message.objects.all()] == ["Parcel 2"]


def test_wrong_words_are_told_apart_so_that_the_cure_is_known(box, dovecot):
    settings = dict(box.settings)
    with pytest.raises(MailboxRefused):
        ImapFolder(settings, {"imap_password": "wrong"})
    with pytest.raises(NoSuchFolder):
        ImapFolder({**settings, "folder": "Nowhere"}, {"imap_password": PASSWORD})
    with pytest.raises(MailboxUnreachable):
        ImapFolder({**settings, "imap_port": 1}, {"imap_password": PASSWORD})


def test_trouble_is_shown_while_it_lasts_and_the_mailbox_comes_back_by_itself(box, dovecot):
    dovecot.stop()
    try:
        with running():
            until(lambda: Channel.objects.get(pk=box.pk).trouble.get("problem") == poller.TROUBLE)
            dovecot.start()
            dovecot.deliver(user_of(box), mail(1))
            until(lambda: RawMail.objects.count() == 1)
            until(lambda: Channel.objects.get(pk=box.pk).trouble == {})
    finally:
        if dovecot.is_stopped:
            dovecot.start()


def test_a_channel_switched_off_is_let_alone_and_one_switched_on_is_noticed(box, dovecot, monkeypatch):
    monkeypatch.setattr(poller, "LOOK_FOR_CHANNELS_SECONDS", 0.1)
    Channel.objects.filter(pk=box.pk).update(is_on=False)
    dovecot.deliver(user_of(box), mail(1))
    with running():
        time.sleep(0.5)
        assert RawMail.objects.count() == 0
        Channel.objects.filter(pk=box.pk).update(is_on=True)
        until(lambda: RawMail.objects.count() == 1)


def _process() -> subprocess.Popen[bytes]:
    """The poller as a process of its own, on the test's database."""
    name = connection.settings_dict["NAME"]
    url = os.environ["DATABASE_URL"].rpartition("/")[0] + f"/{name}"
    return subprocess.Popen(
        [sys.executable, "-c", "import django; django.setup(); from kefu.channels.email.poller import main; main()"],
        cwd=ROOT, env={**os.environ, "DATABASE_URL": url, "DJANGO_SETTINGS_MODULE": "kefu.kernel.settings"},
    )  # fmt: skip


def test_killing_the_poller_at_any_moment_loses_and_doubles_nothing(box, dovecot, jobs):
    total, sent = 60, 0
    process = _process()
    try:
        for wait in (1.2, 0.05, 0.3, 0.9):
            dovecot.deliver(user_of(box), *(mail(n) for n in range(sent, sent + total // 4)))
            sent += total // 4
            time.sleep(wait)
            process.send_signal(signal.SIGKILL)
            process.wait()
            process = _process()
        until(lambda: RawMail.objects.count() == total, 30)
        time.sleep(0.5)
    finally:
        process.terminate()
        assert process.wait(timeout=15) == 0
    jobs.run("channels.read_mail")
    assert RawMail.objects.count() == total
    assert Message.objects.count() == total
    assert len(set(RawMail.objects.values_list("uid", flat=True))) == total
