"""The desk's promises, attacked: nothing lost, nothing twice, nobody speaks out of turn."""

from __future__ import annotations

import threading

import pytest
from django.db import connection, connections, transaction

from kefu.desk.errors import (
    AssistantSilenced,
    ChannelOff,
    ConversationClosed,
    EmptyMessage,
    NoSuchColleague,
    NoSuchFile,
    OwnedByOther,
    SomebodyAnswered,
)
from kefu.desk.inbound import Inbound, InboundFile
from kefu.desk.models import Attachment, Conversation, Event, Message, Owner, Status, Verification
from kefu.desk.services import (
    add_note,
    assign_conversation,
    close_conversation,
    create_task,
    hand_back,
    hand_over,
    receive_message,
    reopen_conversation,
    reply,
    say_as_assistant,
    store_file,
    take_over,
)
from kefu.kernel.errors import NotAllowed
from kefu.kernel.ids import new_id
from kefu.people.actors import assistant

pytestmark = pytest.mark.django_db


def written(n: int = 1, **more) -> Inbound:
    facts = {"external_id": f"m{n}", "address": "visitor-1", "text": f"Where is my parcel? ({n})"}
    return Inbound(**(facts | more))


def test_the_same_message_ten_times_is_one_message(chat_channel):
    first = receive_message(chat_channel, written())
    assert {receive_message(chat_channel, written()).pk for _ in range(9)} == {first.pk}
    assert Conversation.objects.count() == 1
    assert Event.objects.filter(kind="desk.message_received").count() == 1


@pytest.mark.django_db(transaction=True)
def test_the_same_first_message_from_eight_sides_at_once_is_one_message_in_one_conversation(chat_channel):
    conversation_id = str(new_id())
    failures: list[Exception] = []
    start = threading.Barrier(8)

    def knock() -> None:
        start.wait()
        try:
            receive_message(chat_channel, written(conversation_id=conversation_id))
        except Exception as failure:  # noqa: BLE001  whatever it is, the test shows it
            failures.append(failure)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=knock) for _ in range(8)]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]
    assert failures == []
    assert Message.objects.count() == 1
    assert Conversation.objects.get().public_id.hex == conversation_id.replace("-", "")


@pytest.mark.django_db(transaction=True)
def test_two_different_first_messages_at_once_share_the_chat(chat_channel):
    conversation_id = str(new_id())
    failures: list[Exception] = []
    start = threading.Barrier(4)

    def knock(n: int) -> None:
        start.wait()
        try:
            receive_message(chat_channel, written(n, conversation_id=conversation_id))
        except Exception as failure:  # noqa: BLE001  whatever it is, the test shows it
            failures.append(failure)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=knock, args=[n]) for n in range(4)]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]
    assert failures == []
    assert Conversation.objects.count() == 1
    assert Message.objects.count() == 4


def test_a_stranger_who_knows_a_thread_gets_a_conversation_of_their_own(email_channel):
    mira = receive_message(email_channel, written(1, address="mira@example.com"))
    thief = receive_message(email_channel, written(2, address="thief@example.com", thread=("m1",)))
    assert thief.conversation_id != mira.conversation_id


def test_the_thread_of_another_brands_channel_is_not_found(email_channel, other_brand):
    here = receive_message(email_channel, written(1, address="mira@example.com"))
    there = type(email_channel).objects.create(brand=other_brand, kind="email", name="other")
    message = receive_message(there, written(2, address="mira@example.com", thread=("m1",)))
    assert message.conversation_id != here.conversation_id
    assert message.conversation.customer_id != here.conversation.customer_id


def test_a_forged_mail_does_not_inherit_what_an_authentic_one_proved(email_channel, mira):
    proven = written(1, address=mira.email, verification=Verification.CUSTOMER, proven_email=mira.email)
    conversation = receive_message(email_channel, proven).conversation
    assert conversation.verification == Verification.CUSTOMER
    receive_message(email_channel, written(2, address=mira.email, thread=("m1",)))
    conversation.refresh_from_db()
    assert conversation.verification == Verification.NONE


def test_a_signed_identity_brings_the_shops_own_customer(chat_channel, mira):
    mira.external_id = "c-1"
    mira.save()
    first = receive_message(chat_channel, written(1, conversation_id=str(new_id())))
    assert first.conversation.customer_id != mira.pk
    later = written(
        2,
        conversation_id=str(first.conversation.public_id),
        proven_customer="c-1",
        verification=Verification.CUSTOMER,
    )
    conversation = receive_message(chat_channel, later).conversation
    assert conversation.pk == first.conversation_id
    assert (conversation.customer_id, conversation.verification) == (mira.pk, Verification.CUSTOMER)


def test_an_automatic_mail_is_kept_and_asks_nobody_for_an_answer(email_channel):
    message = receive_message(email_channel, written(is_automatic=True))
    assert message.turned_at is not None
    assert message.conversation.status == Status.CLOSED


@pytest.mark.parametrize("text", ["\x00", "  ", ""])
def test_an_empty_message_is_refused(chat_channel, text):
    with pytest.raises(EmptyMessage):
        receive_message(chat_channel, written(text=text))


@pytest.mark.parametrize("text", ["😀" * 3, "a" * 1_000_000, "\ud800 broken", "x\x00y"])
def test_odd_text_is_kept_without_a_fault(chat_channel, text):
    assert receive_message(chat_channel, written(text=text)).text


def test_a_switched_off_channel_takes_nothing(chat_channel):
    chat_channel.is_on = False
    with pytest.raises(ChannelOff):
        receive_message(chat_channel, written())


def test_a_file_is_stored_under_our_own_name_and_typed_by_its_bytes(chat_channel, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    png = b"\x89PNG\r\n\x1a\n" + b"0" * 20
    message = receive_message(
        chat_channel,
        written(files=(InboundFile("../../etc/pass\x00wd.html", b"<script>", "image/png"), InboundFile("a.png", png))),
    )
    html, image = message.attachments.order_by("pk")
    assert (html.name, html.content_type) == ("passwd.html", "application/octet-stream")
    assert image.content_type == "image/png"
    assert (tmp_path / image.file).read_bytes() == png
    assert "passwd" not in html.file


def test_a_file_uploaded_for_another_chat_cannot_be_taken_along(chat_channel, brand, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    theirs = store_file(InboundFile("a.png", b"x"), brand=brand)
    Attachment.objects.filter(pk=theirs.pk).update(uploaded_for=new_id())
    with pytest.raises(NoSuchFile):
        receive_message(chat_channel, written(conversation_id=str(new_id()), attachment_ids=(str(theirs.public_id),)))


def test_the_assistant_is_silent_while_a_person_owns(chat_channel, brand, tomas):
    conversation = receive_message(chat_channel, written()).conversation
    take_over(conversation, by=tomas.actor())
    conversation.refresh_from_db()
    with pytest.raises(AssistantSilenced):
        say_as_assistant(conversation, text="Hello", by=assistant(brand.pk))


def test_a_reply_takes_an_unowned_conversation_and_a_double_click_sends_once(chat_channel, tomas):
    conversation = receive_message(chat_channel, written()).conversation
    first = reply(conversation, text="I look into it.", by=tomas.actor(), key="k1")
    again = reply(conversation, text="I look into it.", by=tomas.actor(), key="k1")
    conversation.refresh_from_db()
    assert first.pk == again.pk
    assert (conversation.owner, conversation.assignee_id) == (Owner.AGENT, tomas.pk)
    assert conversation.waiting_since is None
    assert not conversation.messages.filter(author="customer", turned_at__isnull=True).exists()


def test_who_answers_late_is_told_that_somebody_has(chat_channel, tomas):
    message = receive_message(chat_channel, written())
    reply(message.conversation, text="Done.", by=tomas.actor())
    with pytest.raises(SomebodyAnswered):
        reply(message.conversation, text="Me too.", by=tomas.actor(), seen=message.pk)


def test_a_colleagues_conversation_is_refused_to_an_agent_and_open_to_a_supervisor(chat_channel, tomas, ines, olek):
    conversation = receive_message(chat_channel, written()).conversation
    take_over(conversation, by=ines.actor())
    with pytest.raises(OwnedByOther):
        take_over(conversation, by=tomas.actor())
    with pytest.raises(OwnedByOther):
        reply(conversation, text="Mine", by=tomas.actor())
    with pytest.raises(OwnedByOther):
        close_conversation(conversation, disposition="solved", by=tomas.actor())
    assign_conversation(conversation, to=tomas, by=ines.actor())
    take_over(conversation, by=ines.actor())
    with pytest.raises(NoSuchColleague):
        assign_conversation(conversation, to=olek, by=ines.actor())


def test_an_agent_of_another_brand_can_do_nothing(chat_channel, olek, tomas):
    conversation = receive_message(chat_channel, written()).conversation
    for deed in (
        lambda: reply(conversation, text="Hi", by=olek.actor()),
        lambda: add_note(conversation, text="Hi", by=olek.actor()),
        lambda: take_over(conversation, by=olek.actor()),
        lambda: hand_back(conversation, by=olek.actor()),
        lambda: close_conversation(conversation, disposition="solved", by=olek.actor()),
        lambda: assign_conversation(conversation, to=tomas, by=olek.actor()),
    ):
        with pytest.raises(NotAllowed):
            deed()
    assert conversation.messages.count() == 1


def test_hand_over_waits_in_a_queue_and_hand_back_gives_it_to_the_assistant(chat_channel, brand, tomas):
    conversation = receive_message(chat_channel, written()).conversation
    hand_over(conversation, queue="returns", reason="asked", by=assistant(brand.pk), priority=1)
    conversation.refresh_from_db()
    assert (conversation.owner, conversation.queue, conversation.priority) == (Owner.QUEUE, "returns", 1)
    take_over(conversation, by=tomas.actor())
    hand_back(conversation, by=tomas.actor())
    conversation.refresh_from_db()
    assert (conversation.owner, conversation.assignee) == (Owner.ASSISTANT, None)


def test_a_closed_conversation_takes_no_reply_until_it_is_opened_again(chat_channel, tomas):
    conversation = receive_message(chat_channel, written()).conversation
    close_conversation(conversation, disposition="solved", by=tomas.actor())
    close_conversation(conversation, disposition="spam", by=tomas.actor())
    assert conversation.closures.get().disposition == "solved"
    with pytest.raises(ConversationClosed):
        reply(conversation, text="One more thing", by=tomas.actor())
    reopen_conversation(conversation, by=tomas.actor())
    reply(conversation, text="One more thing", by=tomas.actor())


def test_the_customer_opens_a_closed_conversation_by_writing(email_channel, tomas):
    conversation = receive_message(email_channel, written(1, address="mira@example.com")).conversation
    close_conversation(conversation, disposition="solved", by=tomas.actor())
    receive_message(email_channel, written(2, address="mira@example.com", thread=("m1",)))
    conversation.refresh_from_db()
    assert (conversation.status, conversation.owner) == (Status.OPEN, Owner.ASSISTANT)


def test_the_same_task_is_made_once(chat_channel, brand):
    conversation = receive_message(chat_channel, written()).conversation
    tasks = {
        create_task(conversation, department="warehouse", kind="inspect", key="k", by=assistant(brand.pk)).pk
        for _ in range(3)
    }
    assert len(tasks) == 1


def test_numbers_count_within_a_brand(chat_channel, other_brand):
    first = receive_message(chat_channel, written(1, address="a")).conversation.number
    second = receive_message(chat_channel, written(2, address="b")).conversation.number
    there = type(chat_channel).objects.create(brand=other_brand, kind="chat", name="other")
    assert second == first + 1
    assert receive_message(there, written(1)).conversation.number == first


@pytest.mark.parametrize("deed", ["UPDATE desk_event SET kind = 'x'", "DELETE FROM desk_event"])
def test_the_database_itself_refuses_to_change_an_event(chat_channel, deed):
    receive_message(chat_channel, written())
    with pytest.raises(Exception, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(deed)
