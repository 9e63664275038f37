"""The whole way out, with a real SMTP server and processes that are really killed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from django.db import connection

from kefu.channels.base import Unreachable
from kefu.channels.services import deliver, send_again, update_channel
from kefu.desk.inbound import Inbound
from kefu.desk.models import Delivery, DeliveryState
from kefu.desk.services import receive_message, reply, say_as_assistant
from kefu.people.actors import SYSTEM, assistant

pytestmark = pytest.mark.django_db(transaction=True)

ROOT = Path(__file__).resolve().parents[4]


@pytest.fixture
def conversation(mailbox, mira, smtp):
    channel = update_channel(mailbox, settings={**mailbox.settings, **smtp.settings()}, by=SYSTEM)
    question = Inbound(external_id="q1@example.com", address="mira@example.com", text="Where is it?", subject="Parcel")
    return receive_message(channel, question).conversation


def answer(conversation) -> Delivery:
    conversation.refresh_from_db()
    return say_as_assistant(conversation, text="Tomorrow.", by=assistant(conversation.brand_id)).delivery


def state(delivery: Delivery) -> str:
    delivery.refresh_from_db()
    return delivery.state


def test_an_answer_goes_out_once_with_the_right_headers(conversation, smtp, jobs):
    delivery = answer(conversation)
    jobs.run("channels.deliver")
    deliver(delivery.pk)
    (mail,) = smtp.sink.mails()
    assert state(delivery) == DeliveryState.SENT
    assert mail["Message-ID"] == f"<{delivery.external_id}>"
    assert (mail["To"], mail["In-Reply-To"], mail["Auto-Submitted"], mail["Subject"]) == (
        "mira@example.com", "<q1@example.com>", "auto-replied", "Re: Parcel",
    )  # fmt: skip


def test_a_server_that_is_down_and_up_again_gets_the_mail_once(conversation, smtp):
    smtp.stop()
    delivery = answer(conversation)
    for _ in range(3):
        with pytest.raises(Unreachable):
            deliver(delivery.pk)
    assert (state(delivery), delivery.attempts) == (DeliveryState.PENDING, 3)
    smtp.start()
    deliver(delivery.pk)
    assert (state(delivery), len(smtp.sink.taken)) == (DeliveryState.SENT, 1)


def test_a_process_killed_after_the_mail_left_sends_no_second_one(conversation, smtp, tomas, jobs):
    """kill -9 between the server's taking the mail and our knowing it."""
    smtp.sink.seconds_before_answer = 30
    delivery = answer(conversation)
    url = os.environ["DATABASE_URL"].rpartition("/")[0] + f"/{connection.settings_dict['NAME']}"
    process = subprocess.Popen(
        [sys.executable, "-c", "import django; django.setup(); from kefu.channels.services import deliver; "
                               f"deliver({delivery.pk})"],
        cwd=ROOT, env={**os.environ, "DATABASE_URL": url, "DJANGO_SETTINGS_MODULE": "kefu.kernel.settings"},
    )  # fmt: skip
    began = time.monotonic()
    while not smtp.sink.taken:
        assert time.monotonic() - began < 30
        time.sleep(0.02)
    process.send_signal(signal.SIGKILL)
    process.wait()
    smtp.sink.seconds_before_answer = 0
    assert state(delivery) == DeliveryState.HANDING_OVER
    jobs.run("channels.deliver")  # the queue runs the job again
    assert (state(delivery), len(smtp.sink.taken)) == (DeliveryState.UNCERTAIN, 1)
    send_again(delivery, by=tomas.actor())  # a person has looked and decides
    jobs.run("channels.deliver")
    assert state(delivery) == DeliveryState.SENT
    first, second = smtp.sink.mails()
    assert first["Message-ID"] == second["Message-ID"]


def test_a_persons_answer_bears_their_name(conversation, smtp, tomas, jobs):
    reply(conversation, text="I am looking.", by=tomas.actor())
    jobs.run("channels.deliver")
    (mail,) = smtp.sink.mails()
    assert mail["From"].addresses[0].display_name == "Tomas · Lumen"
    assert mail["Auto-Submitted"] is None
