"""The demo's own mail server, and our poller against it."""

from __future__ import annotations

import smtplib
import subprocess
import sys
import threading
import time
from collections.abc import Iterator

import pytest

from kefu.channels.email import poller
from kefu.channels.email.local_server import LocalMail, start
from kefu.channels.email.mailbox import ImapFolder
from kefu.channels.models import RawMail
from kefu.channels.services import deliver, update_channel
from kefu.desk.models import DeliveryState, Message, Verification
from kefu.desk.services import say_as_assistant
from kefu.people.actors import SYSTEM, assistant

HELP, MIRA = "help@lumen.example", "mira@example.com"


@pytest.fixture
def server() -> Iterator[LocalMail]:
    running = start({HELP: "letmein", MIRA: "miras"}, authserv_id="mail.local")
    yield running
    running.stop()


def write(server: LocalMail, text: str, *, signed_in: bool = True, to: str = HELP, headers: str = "") -> None:
    with smtplib.SMTP("127.0.0.1", server.smtp_port, timeout=10) as smtp:
        if signed_in:
            smtp.login(MIRA, "miras")
        smtp.sendmail(MIRA, [to], f"From: {MIRA}\r\nTo: {to}\r\nSubject: Hi\r\n{headers}\r\n{text}\r\n".encode())


def settings_of(server: LocalMail) -> dict[str, object]:
    return {
        "address": HELP, "imap_host": "127.0.0.1", "imap_port": server.imap_port, "imap_security": "plain",
        "imap_user": HELP, "imap_password": "letmein", "smtp_host": "127.0.0.1", "smtp_port": server.smtp_port,
        "smtp_security": "plain", "authserv_id": "mail.local", "plus_addressing": True, "start_with": "all",
    }  # fmt: skip


def test_a_mail_lands_in_the_mailbox_it_was_sent_to_also_with_a_token(server):
    write(server, "one")
    write(server, "two", to="help+token@lumen.example")
    assert [b"one" in mail or b"two" in mail for mail in server.mails(HELP)] == [True, True]
    assert server.mails(MIRA) == []


def test_an_unknown_address_is_refused(server):
    with pytest.raises(smtplib.SMTPRecipientsRefused):
        write(server, "lost", to="nobody@lumen.example")


def test_only_who_signed_in_is_vouched_for_and_nobody_brings_the_word_along(server):
    write(server, "proven")
    write(server, "forged", signed_in=False,
          headers="Authentication-Results: mail.local; dmarc=pass header.from=example.com\r\n")  # fmt: skip
    proven, forged = server.mails(HELP)
    assert b"mail.local; dmarc=pass header.from=example.com" in proven
    assert b"dmarc=pass" not in forged


def test_news_interrupt_the_waiting(server):
    folder = ImapFolder(settings_of(server), {"imap_password": "letmein"})
    timer = threading.Timer(0.3, write, (server, "news"))
    timer.start()
    began = time.monotonic()
    folder.wait(poll_seconds=30, is_stopping=lambda: False)
    assert time.monotonic() - began < 5
    timer.join()
    folder.close()


def test_a_taken_port_is_told_at_once(server):
    with pytest.raises(OSError, match="address already in use"):
        start({HELP: "x"}, imap_port=server.imap_port)


@pytest.mark.django_db(transaction=True)
def test_a_customer_writes_and_is_answered_over_real_imap_and_smtp(server, mailbox, mira, jobs):
    channel = update_channel(mailbox, settings=settings_of(server), by=SYSTEM)
    stop = threading.Event()
    thread = threading.Thread(target=poller.run, args=(stop,))
    thread.start()
    try:
        write(server, "Where is my parcel?", headers="Message-ID: <q1@example.com>\r\n")
        began = time.monotonic()
        while not RawMail.objects.exists():
            assert time.monotonic() - began < 15
            time.sleep(0.02)
    finally:
        stop.set()
        thread.join(timeout=15)
    jobs.run("channels.read_mail")
    question = Message.objects.get()
    assert (question.text, question.conversation.verification) == ("Where is my parcel?", Verification.CUSTOMER)
    said = say_as_assistant(question.conversation, text="Tomorrow.", by=assistant(channel.brand_id))
    deliver(said.delivery.pk)
    said.delivery.refresh_from_db()
    assert said.delivery.state == DeliveryState.SENT
    (mail,) = server.mails(MIRA)
    assert b"In-Reply-To: <q1@example.com>" in mail


def test_production_does_not_need_the_demos_libraries():
    """Importing every module that runs in production leaves the mail server out."""
    code = (
        "import django; django.setup(); import sys; import kefu.channels.email.poller, kefu.channels.webhooks; "
        "from kefu.channels import registry; [registry.adapter_class(kind) for kind in registry.kinds()]; "
        "print([name for name in ('pymap', 'aiosmtpd', 'kefu.channels.email.local_server') if name in sys.modules])"
    )
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert said.stdout.strip() == "[]"
