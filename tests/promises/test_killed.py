"""Promises 1 and 2: processes are really killed (SIGKILL) at every step of a turn. Then the end state is looked at:
no message lost, no reply twice, no second refund."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from uuid import uuid4

import httpx
import pytest

from kefu.assistant.models import ActionRecord
from kefu.assistant.tests.shop import order
from kefu.channels.email.tests.smtp import MailServer
from kefu.commerce.models import Order, Refund
from kefu.desk.inbound import Inbound
from kefu.desk.models import Author, Conversation, Delivery, DeliveryState, Message, Verification
from kefu.desk.services import receive_message
from kefu.kernel.ids import new_id
from kefu.kernel.worker import revive_stalled_jobs
from tests.promises.processes import free_port

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]

SENDING = "kefu.channels.services.delivering"
RUN = "kefu.assistant.turn.run"
#: every joint of a turn; the last one is after the commit, when only the job is not yet marked as done
JOINTS = [
    f"{RUN}:unturned:before",
    f"{RUN}:understand_messages:after",
    f"{RUN}:locked_again:after",
    f"{RUN}:gather:after",
    "kefu.assistant.turn.acting:perform:before",
    "kefu.assistant.turn.acting:perform:after",
    f"{RUN}:drive:after",
    "kefu.assistant.turn.speaking:say_as_assistant:before",
    "kefu.assistant.turn.speaking:say_as_assistant:after",
    f"{RUN}:_settle:after",
    "kefu.assistant.tasks:take_turn:after",
]


@pytest.fixture
def cancelling(chat_channel, mira, jobs) -> Conversation:
    """Mira has been asked whether her order shall be cancelled, and has pressed "yes": the turn that acts is due."""
    order(mira, "KF-1042", state="paid")
    talk = str(new_id())

    def says(text: str, choice: str = "") -> Conversation:
        return receive_message(
            chat_channel,
            Inbound(
                external_id=str(uuid4()), address="customer:C-1001", text=text, choice=choice, conversation_id=talk,
                proven_customer="C-1001", verification=Verification.CUSTOMER,
            ),
        ).conversation  # fmt: skip

    conversation = says("Please cancel my order KF-1042")
    jobs.run()
    asked = Message.objects.get(author=Author.ASSISTANT)
    assert [choice["value"].partition(":")[0] for choice in asked.extras["choices"]] == ["yes", "no"], asked.text
    says("Yes", choice="yes")
    return conversation


@pytest.mark.parametrize("point", JOINTS)
def test_a_worker_killed_in_the_turn_that_refunds_leaves_one_reply_and_one_refund(cancelling, point, jobs, nursery):
    assert nursery.worker(point).wait() == -signal.SIGKILL, "the point was never reached; has the turn changed?"
    assert revive_stalled_jobs(seconds=0), "the dead worker's job must be found"
    jobs.run()
    cancelled = Order.objects.get(number="KF-1042")
    assert cancelled.state == "cancelled"
    assert sum(Refund.objects.values_list("amount_minor", flat=True)) == cancelled.total_minor
    assert ActionRecord.objects.filter(action="commerce.cancel_order", ok=True).count() == 1
    assert Message.objects.filter(author=Author.ASSISTANT).count() == 2
    assert not Message.objects.filter(author=Author.CUSTOMER, turned_at__isnull=True).exists()
    assert set(Delivery.objects.values_list("state", flat=True)) == {DeliveryState.SENT}


@pytest.mark.parametrize(
    "point",
    [
        "kefu.desk.services:take_in:before",
        "kefu.desk.services:take_in:after",
        "kefu.web.chat.history:views_of:after",
    ],
)
def test_a_web_process_killed_while_it_takes_a_message_loses_and_doubles_nothing(chat_channel, point, jobs, nursery):
    port = free_port()
    base = f"http://127.0.0.1:{port}/chat/v1/{chat_channel.public_id}"
    dying = nursery.web(point, port=port)
    talk = httpx.post(f"{base}/conversations", json={"language": "en"}, timeout=10).json()
    message = {"id": str(uuid4()), "text": "Hello, is anybody there?"}
    headers = {"Authorization": f"Bearer {talk['token']}"}
    with pytest.raises(httpx.TransportError):
        httpx.post(f"{base}/messages", json=message, headers=headers, timeout=10)
    assert dying.wait() == -signal.SIGKILL
    healthy = nursery.web(port=port)
    try:  # the customer tries again with the same message id, as the widget does
        again = httpx.post(f"{base}/messages", json=message, headers=headers, timeout=10)
    finally:
        healthy.end(signal.SIGKILL)
    assert again.status_code in (200, 201)
    assert Message.objects.filter(author=Author.CUSTOMER).count() == 1
    jobs.run()
    assert Message.objects.filter(author=Author.ASSISTANT).count() == 1


@pytest.fixture
def smtp() -> Iterator[MailServer]:
    server = MailServer(free_port())
    server.start()
    yield server
    server.stop()


@pytest.mark.parametrize(
    ("point", "ends"),
    [
        (f"{SENDING}:_prepare:after", DeliveryState.SENT),
        ("kefu.channels.email.adapter:compose:after", DeliveryState.SENT),
        # the mail is with the server, and nobody has written it down: a person decides, it never goes out again
        (f"{SENDING}:_sent:before", DeliveryState.UNCERTAIN),
        (f"{SENDING}:_sent:after", DeliveryState.SENT),
    ],
)
def test_a_worker_killed_while_a_mail_leaves_sends_it_once(email_channel, smtp, point, ends, jobs, nursery):
    email_channel.settings |= smtp.settings()
    email_channel.save()
    mail = Inbound(external_id="m1@example.com", address="mira@example.com", text="Hello?", subject="Hello")
    receive_message(email_channel, mail)
    jobs.run("assistant.turn")
    assert nursery.worker(point).wait() == -signal.SIGKILL, "the point was never reached"
    assert revive_stalled_jobs(seconds=0), "the dead worker's job must be found"
    jobs.run()
    assert Delivery.objects.get().state == ends
    assert len(smtp.sink.taken) == 1
