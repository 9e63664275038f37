"""Promise 2: the same thing brought ten times at once is one message, one reply, one refund; and two workers on one
queue answer everything once and in order."""

from __future__ import annotations

import json
import time
from uuid import uuid4

import pytest
from django.test import Client

from kefu.assistant.models import ActionRecord
from kefu.assistant.tests.shop import order
from kefu.assistant.turn.run import take_turn
from kefu.channels.email.fetched import Fetched
from kefu.channels.hello.adapter import signature
from kefu.channels.models import RawMail
from kefu.channels.services import create_channel, keep_mail, read_mail, secrets_of
from kefu.commerce.models import Cancellation, Order, Refund
from kefu.desk.models import Author, Delivery, DeliveryState, Message
from kefu.people.actors import SYSTEM
from tests.promises.races import TEN, at_once
from tests.promises.talking import Talk, replies

pytestmark = pytest.mark.django_db(transaction=True)


def test_one_webhook_brought_ten_times_at_once_is_one_message_and_one_reply(brand, jobs):
    channel = create_channel(
        brand, kind="hello", name="Hello", settings={"send_to": "http://127.0.0.1:9/answers"}, by=SYSTEM
    )
    body = json.dumps({"type": "message", "id": "m-1", "from": "visitor-7", "text": "Hello, anybody there?"}).encode()
    signed = signature(body, secrets_of(channel)["secret"])

    def bring(number: int) -> int:
        headers = {"X-Hello-Signature": signed}
        answer = Client().post(f"/hooks/{channel.public_id}/", body, content_type="application/json", headers=headers)
        return answer.status_code

    assert at_once(bring) == [200] * TEN
    jobs.run("assistant.turn")
    at_once(bring)
    jobs.run("assistant.turn")
    assert Message.objects.filter(author=Author.CUSTOMER).count() == 1
    assert len(replies()) == 1
    assert Delivery.objects.count() == 1


def test_one_chat_message_posted_ten_times_at_once_is_one_message_and_one_reply(chat_channel, jobs):
    base = f"/chat/v1/{chat_channel.public_id}"
    talk = Client().post(f"{base}/conversations", "{}", content_type="application/json").json()
    message = json.dumps({"id": str(uuid4()), "text": "Where is my order?"})
    headers = {"Authorization": f"Bearer {talk['token']}"}

    def post(number: int) -> tuple[int, str]:
        answer = Client().post(f"{base}/messages", message, content_type="application/json", headers=headers)
        return answer.status_code, answer.json()["message"]["id"]

    answers = at_once(post)
    assert {status for status, _ in answers} <= {200, 201}
    assert len({public_id for _, public_id in answers}) == 1
    jobs.run()
    assert Message.objects.filter(author=Author.CUSTOMER).count() == 1
    assert len(replies()) == 1


def test_one_mail_fetched_and_read_ten_times_at_once_is_one_message_and_one_reply(email_channel, jobs):
    mail = (
        b"From: Mira <mira@example.com>\r\nTo: help@lumen.example\r\nSubject: Parcel\r\n"
        b"Message-ID: <m1@example.com>\r\nDate: Mon, 02 Mar 2026 10:00:00 +0000\r\n\r\nWhere is my parcel?\r\n"
    )

    def fetch(number: int) -> None:
        # ten pollers; the server has numbered its mails anew for half of them
        validity = 1 + number % 2
        for raw in keep_mail(
            email_channel, [Fetched(7, mail)], uidvalidity=validity, cursor={"uidvalidity": validity, "uid": 7}
        ):
            read_mail(raw)

    at_once(fetch)
    at_once(lambda number: [read_mail(raw.pk) for raw in RawMail.objects.all()])
    jobs.run("channels.read_mail")
    jobs.run("assistant.turn")
    assert Message.objects.filter(author=Author.CUSTOMER).count() == 1
    assert len(replies()) == 1
    assert Delivery.objects.get().state == DeliveryState.PENDING


def test_one_turn_taken_by_ten_workers_at_once_is_one_reply(chat_channel, jobs):
    talk = Talk(chat_channel, jobs)
    conversation = talk.writes("Do you ship to Austria?").conversation_id
    at_once(lambda number: take_turn(conversation))
    assert len(talk.heard()) == 1


def cancelling(talk: Talk, number: str) -> None:
    """The talk up to the question whether the order shall be cancelled."""
    talk.says(f"Please cancel my order {number}")
    asked = replies(talk.conversation)[-1]
    shown = [choice["value"].partition(":")[0] for choice in asked.extras.get("choices", [])]
    assert shown == ["yes", "no"], asked.text


def refunded() -> int:
    return sum(Refund.objects.values_list("amount_minor", flat=True))


def test_ten_times_yes_at_once_in_one_talk_cancels_once(chat_channel, mira, jobs):
    order(mira, "KF-1042", state="paid")
    talk = Talk(chat_channel, jobs, signed=mira)
    cancelling(talk, "KF-1042")
    at_once(lambda number: talk.writes("yes", choice="yes"))
    at_once(lambda number: take_turn(talk.conversation.pk))
    jobs.run()
    assert Order.objects.get().state == "cancelled"
    assert Cancellation.objects.count() == 1
    assert refunded() == Order.objects.get().total_minor
    assert ActionRecord.objects.filter(action="commerce.cancel_order", ok=True).count() == 1


def test_ten_talks_cancelling_one_order_at_once_cancel_it_once_and_all_hear_so(chat_channel, mira, jobs):
    order(mira, "KF-1042", state="paid")
    talks = [Talk(chat_channel, jobs, signed=mira) for _ in range(TEN)]
    for talk in talks:
        cancelling(talk, "KF-1042")
    for talk in talks:
        talk.writes("yes", choice="yes")
    at_once(lambda number: take_turn(talks[number].conversation.pk))
    jobs.run()
    assert Cancellation.objects.count() == 1
    assert refunded() == Order.objects.get().total_minor
    for talk in talks:
        assert len(talk.heard()) == 2, talk.heard()
        assert "KF-1042" in talk.heard()[-1]


def test_a_reply_sent_ten_times_at_once_by_an_impatient_agent_goes_out_once(chat_channel, jobs, tomas):
    """A double click, and the browser's retries after it: the form carries one key."""
    talk = Talk(chat_channel, jobs)
    talk.writes("Hello?")
    sent = {"text": "Tomas here, how can I help?", "key": str(uuid4())}

    def click(number: int) -> int:
        browser = Client()
        browser.force_login(tomas.user)
        address = f"/desk/conversations/lumen-{talk.conversation.number}/replies/"
        return browser.post(address, sent, headers={"HX-Request": "true"}).status_code

    assert set(at_once(click)) == {200}
    assert Message.objects.filter(author=Author.AGENT).count() == 1
    assert Delivery.objects.count() == 1


TALKS, MESSAGES = 20, 3


def test_two_workers_answer_everybody_in_order_nothing_twice_nothing_lost(chat_channel, mira, jobs, nursery):
    """Twenty customers write three messages each, as fast as they can, while two real processes work."""
    for number in range(1, 4):
        order(mira, f"KF-700{number}", state="paid")
    workers = [nursery.worker(threads=2, wait=True) for _ in range(2)]
    talks = [Talk(chat_channel, jobs, signed=mira) for _ in range(TALKS)]

    def write(number: int) -> None:
        for talk in talks[number::4]:
            for place in range(1, MESSAGES + 1):
                talk.writes(f"Where is my order KF-700{place}?")

    at_once(write, 4)
    until = time.monotonic() + 60
    while Message.objects.filter(turned_at__isnull=True, author=Author.CUSTOMER).exists():
        assert time.monotonic() < until, "some messages were never dealt with"
        time.sleep(0.1)
    assert [worker.end() for worker in workers] == [0, 0]
    assert Message.objects.filter(author=Author.CUSTOMER).count() == TALKS * MESSAGES
    for talk in talks:
        said = replies(talk.conversation)
        read = [one for reply in said for one in reply.why["understanding"]]
        assert len(read) == MESSAGES, "each message is dealt with in exactly one turn"
        words = "\n".join(reply.text for reply in said)
        places = [words.find(f"KF-700{place}") for place in range(1, MESSAGES + 1)]
        assert -1 not in places, words
        assert places == sorted(places), words
