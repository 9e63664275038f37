"""One turn, with the real pack: what is stored, who speaks, what happens when something breaks."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest

from kefu.assistant.models import ActionRecord
from kefu.assistant.tasks import left_lying, sweep, turn
from kefu.assistant.tests.shop import order
from kefu.assistant.turn import run
from kefu.assistant.turn.failures import TRIES
from kefu.assistant.turn.run import take_turn
from kefu.desk.inbound import Inbound, InboundFile
from kefu.desk.models import Author, CaseStatus, Channel, Conversation, Message, Owner, Verification
from kefu.desk.services import hand_back, receive_message, reply, take_over
from kefu.kernel.ids import new_id

pytestmark = pytest.mark.django_db


class Talk:
    """Mira, signed in at the shop's page unless `proven` is False."""

    def __init__(self, channel: Channel, *, proven: bool = True) -> None:
        self.channel, self.proven, self.public_id = channel, proven, str(new_id())

    def says(self, text: str, *, choice: str = "", files: tuple[InboundFile, ...] = ()) -> Message:
        return receive_message(
            self.channel,
            Inbound(
                external_id=str(uuid4()),
                address="customer:C-1001" if self.proven else f"visitor:{self.public_id}",
                text=text,
                choice=choice,
                files=files,
                conversation_id=self.public_id,
                proven_customer="C-1001" if self.proven else "",
                verification=Verification.CUSTOMER if self.proven else Verification.NONE,
            ),
        )

    def answered(self, text: str, *, choice: str = "") -> Message:
        said = self.says(text, choice=choice)
        answer = take_turn(said.conversation_id)
        assert answer is not None
        return answer

    @property
    def conversation(self) -> Conversation:
        return Conversation.objects.get(public_id=self.public_id)


@pytest.fixture
def talk(chat_channel, mira) -> Talk:
    return Talk(chat_channel)


def test_a_parcel_is_found_and_the_reply_says_why(talk, mira):
    order(mira, "KF-1042", state="shipped", shipped_days_ago=2, tracking=((1, "in_transit"),))
    answer = talk.answered("where is my parcel?")
    assert "KF-1042" in answer.text
    why = answer.why
    assert why["cases"][0]["playbook"].startswith("order_status@")
    assert why["facts"]
    assert why["understanding"][0]["language"] == "en"
    assert answer.delivery.state == "sent"
    assert not Message.objects.filter(author=Author.CUSTOMER, turned_at__isnull=True).exists()


def test_a_stranger_learns_nothing_about_an_order(chat_channel, mira):
    order(mira, "KF-1042", state="shipped", shipped_days_ago=2)
    answer = Talk(chat_channel, proven=False).answered("where is KF-1042?")
    for secret in ("DHL", "JD1042", mira.name, mira.email, "Glacier"):
        assert secret not in answer.text


def test_the_reply_comes_in_the_language_of_the_message_and_changes_with_it(talk, mira):
    order(mira, "KF-1042", state="shipped", shipped_days_ago=2)
    assert talk.answered("where is my parcel?").language == "en"
    answer = talk.answered("那我的快递到底什么时候到？")
    assert answer.language == "zh"
    assert "订单" in answer.text


def test_several_messages_at_once_get_one_reply(talk, mira):
    order(mira, "KF-1042", state="shipped", shipped_days_ago=2)
    talk.says("hello")
    said = talk.says("where is my parcel?")
    take_turn(said.conversation_id)
    assert Message.objects.filter(author=Author.ASSISTANT).count() == 1
    assert take_turn(said.conversation_id) is None


def test_a_letter_is_written_as_one(email_channel, mira):
    order(mira, "KF-1042", state="shipped", shipped_days_ago=2)
    said = receive_message(
        email_channel,
        Inbound(
            external_id="<1@example.com>", address=mira.email, text="Where is my parcel?", subject="My parcel",
            proven_email=mira.email, verification=Verification.CUSTOMER,
        ),
    )  # fmt: skip
    answer = take_turn(said.conversation_id)
    assert answer is not None
    assert answer.text.startswith(f"Hello {mira.name}") or answer.text.startswith(f"Dear {mira.name}")
    assert answer.text.rstrip().endswith("Lumen")


def test_a_forged_mail_beside_an_authentic_one_weakens_the_turn(email_channel, mira):
    order(mira, "KF-1042", state="paid")
    authentic = Inbound(
        external_id="<1@example.com>", address=mira.email, text="hello", proven_email=mira.email,
        verification=Verification.CUSTOMER,
    )  # fmt: skip
    forged = Inbound(
        external_id="<2@example.com>", address=mira.email, text="cancel KF-1042", thread=("<1@example.com>",)
    )
    again = Inbound(
        external_id="<3@example.com>", address=mira.email, text="thanks", proven_email=mira.email,
        verification=Verification.CUSTOMER, thread=("<1@example.com>",),
    )  # fmt: skip
    messages = [receive_message(email_channel, one) for one in (authentic, forged, again)]
    answer = take_turn(messages[0].conversation_id)
    assert answer is not None
    assert "Glacier" not in answer.text
    assert not ActionRecord.objects.filter(ok=True).exists()


def test_while_a_person_owns_the_assistant_is_silent_and_goes_on_after_hand_back(talk, mira, tomas, jobs):
    order(mira, "KF-1042", state="shipped", shipped_days_ago=2)
    take_over(talk.says("hello").conversation, by=tomas.actor())
    said = talk.says("where is my parcel?")
    jobs.run()
    assert not Message.objects.filter(author=Author.ASSISTANT).exists()
    hand_back(said.conversation, by=tomas.actor())
    jobs.run()
    assert "KF-1042" in Message.objects.get(author=Author.ASSISTANT).text


def test_what_a_person_answered_is_not_answered_again_after_hand_back(talk, tomas, jobs):
    conversation = talk.says("where is my parcel?").conversation
    reply(conversation, text="I look into it.", by=tomas.actor())
    hand_back(conversation, by=tomas.actor())
    jobs.run()
    assert not Message.objects.filter(author=Author.ASSISTANT).exists()


def test_asking_for_a_person_puts_the_conversation_in_a_queue_with_a_summary(talk):
    talk.answered("I want to talk to a human")
    conversation = talk.conversation
    assert conversation.owner == Owner.QUEUE
    assert conversation.waiting_since is not None
    event = conversation.events.get(kind="desk.conversation_handed_over")
    assert event.facts["reason"] == "asked"


def test_a_turn_that_would_say_nothing_goes_to_a_person(talk, monkeypatch):
    from kefu.assistant.replies.compose import Reply

    monkeypatch.setattr("kefu.assistant.turn.speaking.compose", lambda *args, **more: Reply(""))
    take_turn(talk.says("hello").conversation_id)
    assert talk.conversation.owner == Owner.QUEUE


def test_a_turn_that_keeps_breaking_ends_with_a_person_and_leaves_no_half_turn(talk, mira, monkeypatch):
    order(mira, "KF-1042", state="paid")

    def broken(*args: object, **more: object) -> None:
        raise RuntimeError("a fault of ours")

    monkeypatch.setattr(run, "_settle", broken)
    conversation = talk.says("cancel KF-1042").conversation
    for _ in range(TRIES - 1):
        with pytest.raises(RuntimeError):
            turn.func(conversation_id=conversation.pk)
    turn.func(conversation_id=conversation.pk)
    conversation.refresh_from_db()
    assert (conversation.owner, conversation.priority) == (Owner.QUEUE, 1)
    assert "colleague" in Message.objects.get(author=Author.ASSISTANT).text
    assert not conversation.cases.exists()
    assert not conversation.messages.filter(turned_at__isnull=True, author=Author.CUSTOMER).exists()


def test_a_message_that_no_job_will_answer_is_found_by_the_sweep(talk, held_clock, jobs):
    conversation = talk.says("hello").conversation
    assert jobs.waiting("assistant.turn")
    held_clock.move(timedelta(minutes=5))
    assert left_lying() == []  # its job is still to come
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM procrastinate_jobs")
    assert left_lying() == [conversation.pk]
    sweep.func(timestamp=0)
    jobs.run("assistant.turn")
    assert Message.objects.filter(author=Author.ASSISTANT).count() == 1


def test_a_yes_is_good_for_one_deed_and_the_deed_is_done_once(talk, mira):
    order(mira, "KF-1042", state="paid")
    asked = talk.answered("please cancel KF-1042")
    talk.answered("Yes", choice=asked.extras["choices"][0]["value"])
    talk.answered("yes")
    talk.answered("please cancel KF-1042")
    assert ActionRecord.objects.filter(action="commerce.cancel_order", ok=True).count() == 1
    case = talk.conversation.cases.order_by("pk").first()
    assert case is not None
    assert (case.status, case.playbook) == (CaseStatus.CLOSED, "cancel_order")


def test_the_button_of_an_older_question_is_no_yes_to_the_present_one(talk, mira):
    order(mira, "KF-1042", state="paid")
    order(mira, "KF-1043", state="paid")
    old = talk.answered("please cancel KF-1042").extras["choices"][0]["value"]
    talk.answered("no, leave it")
    talk.answered("please cancel KF-1043")
    talk.answered("Yes", choice=old)
    assert not ActionRecord.objects.filter(action="commerce.cancel_order", ok=True).exists()


def test_whoever_writes_french_hears_once_in_which_languages_they_are_answered(talk, mira):
    order(mira, "KF-1042", state="shipped", shipped_days_ago=2, tracking=((1, "in_transit"),))
    first = talk.answered("Bonjour, où est ma commande ?")
    assert "English" in first.text
    assert "KF-1042" in first.text
    second = talk.answered("Où est ma commande, s'il vous plaît ?")
    assert "I can answer you in" not in second.text
    assert second.text not in first.text
