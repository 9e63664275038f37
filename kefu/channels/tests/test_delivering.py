"""Each message leaves once, or a person is told why not."""

from __future__ import annotations

from datetime import timedelta

import pytest

from kefu.channels import registry, rules
from kefu.channels.base import Abilities, Channel, NotTaken, Receipt, Undeliverable, Unreachable
from kefu.channels.errors import NotSendable
from kefu.channels.services import deliver, find_stranded, mark_bounced, send_again
from kefu.desk.inbound import Inbound
from kefu.desk.models import Author, Delivery, DeliveryState, Event, Owner
from kefu.desk.services import hand_over, receive_message, reply, say_as_assistant, take_over
from kefu.kernel.errors import NotAllowed
from kefu.people.actors import assistant


class Post(Channel):
    """An adapter that does what the test says. `sent`: references handed over; `meanwhile`: runs before that."""

    kind = "email"
    abilities = Abilities()
    sent: list = []
    fails_before: Exception | None = None
    fails_after: BaseException | None = None
    meanwhile = staticmethod(lambda: None)

    def send(self, outbound, *, handing_over):
        if Post.fails_before:
            raise Post.fails_before
        Post.meanwhile()
        handing_over()
        if Post.fails_after and not isinstance(Post.fails_after, Unreachable | Undeliverable):
            Post.sent.append(outbound)
        if Post.fails_after:
            raise Post.fails_after
        Post.sent.append(outbound)
        return Receipt(external_id=f"kefu.{outbound.reference}@lumen.example")


@pytest.fixture
def post(monkeypatch):
    for name, value in (
        ("sent", []),
        ("fails_before", None),
        ("fails_after", None),
        ("meanwhile", staticmethod(lambda: None)),
    ):
        monkeypatch.setattr(Post, name, value)
    monkeypatch.setattr(registry, "adapter_class", lambda kind: Post)
    return Post


@pytest.fixture
def conversation(mailbox, mira, post):
    question = Inbound(external_id="q1@example.com", address="mira@example.com", text="Where is it?", subject="Parcel")
    return receive_message(mailbox, question).conversation


def answer(conversation, text="Tomorrow."):
    conversation.refresh_from_db()
    message = say_as_assistant(conversation, text=text, by=assistant(conversation.brand_id), language="en")
    return Delivery.objects.get(message=message)


def state(delivery):
    delivery.refresh_from_db()
    return delivery.state


def events_of(delivery):
    kinds = Event.objects.filter(message=delivery.message).order_by("id").values_list("kind", flat=True)
    return [kind for kind in kinds if "delivery" in kind]


def test_an_answer_goes_out_once_however_often_its_job_runs(conversation, post, jobs):
    delivery = answer(conversation)
    jobs.run("channels.deliver")
    for _ in range(10):
        deliver(delivery.pk)
    assert len(post.sent) == 1
    assert state(delivery) == DeliveryState.SENT
    assert delivery.external_id == f"kefu.{delivery.message.public_id}@lumen.example"
    assert events_of(delivery) == ["desk.delivery_sent"]


def test_it_answers_the_customers_mail_in_its_thread(conversation, post, tomas):
    deliver(answer(conversation).pk)
    deliver(reply(conversation, text="And cheaper.", by=tomas.actor()).delivery.pk)
    first, second = post.sent
    assert (first.to, first.subject, first.in_reply_to, first.is_automatic) == (
        "mira@example.com", "Parcel", "q1@example.com", True,
    )  # fmt: skip
    assert second.thread == ("q1@example.com", f"kefu.{first.reference}@lumen.example")
    assert (second.in_reply_to, second.is_automatic, second.from_name) == ("q1@example.com", False, "Tomas · Lumen")
    assert first.token == second.token


def test_two_messages_of_one_conversation_leave_in_their_order(conversation, django_db_blocker):
    from procrastinate.contrib.django.models import ProcrastinateJob

    deliveries = [answer(conversation), answer(conversation)]
    queued = ProcrastinateJob.objects.filter(task_name="channels.deliver").order_by("id")
    assert [job.args["delivery_id"] for job in queued] == [delivery.pk for delivery in deliveries]
    assert {job.lock for job in queued} == {f"delivery:{conversation.pk}"}


def test_the_assistants_words_do_not_leave_once_a_person_took_over(conversation, post, tomas):
    delivery = answer(conversation)
    take_over(conversation, by=tomas.actor())
    deliver(delivery.pk)
    assert post.sent == []
    assert state(delivery) == DeliveryState.WITHHELD
    assert events_of(delivery) == ["desk.delivery_withheld"]


def test_ownership_is_looked_at_again_in_the_last_moment(conversation, post, tomas):
    delivery = answer(conversation)
    post.meanwhile = staticmethod(lambda: take_over(conversation, by=tomas.actor()))
    deliver(delivery.pk)
    assert post.sent == []
    assert state(delivery) == DeliveryState.WITHHELD


def test_a_persons_own_words_leave_although_they_own_the_conversation(conversation, post, tomas):
    message = reply(conversation, text="I am looking.", by=tomas.actor())
    deliver(message.delivery.pk)
    assert [one.text for one in post.sent] == ["I am looking."]


def test_the_word_that_a_colleague_will_answer_still_leaves_from_the_queue(conversation, post):
    delivery = answer(conversation, "A colleague will answer.")
    hand_over(conversation, queue="support", reason="asked", by=assistant(conversation.brand_id))
    deliver(delivery.pk)
    assert state(delivery) == DeliveryState.SENT


@pytest.mark.parametrize(("author", "owner", "has_assignee", "expected"), [
    (Author.ASSISTANT, Owner.ASSISTANT, False, False),
    (Author.ASSISTANT, Owner.QUEUE, False, False),  # "a colleague will answer"
    (Author.ASSISTANT, Owner.QUEUE, True, True),
    (Author.ASSISTANT, Owner.AGENT, True, True),
    (Author.AGENT, Owner.AGENT, True, False),
    (Author.AGENT, Owner.ASSISTANT, False, False),  # written, then handed back
])  # fmt: skip
def test_who_is_held_back(author, owner, has_assignee, expected):
    assert rules.is_withheld(author=author, owner=owner, has_assignee=has_assignee) is expected


def test_a_server_that_is_away_is_tried_again_and_the_channel_shows_it(conversation, mailbox, post):
    delivery = answer(conversation)
    post.fails_before = Unreachable(server="smtp")
    with pytest.raises(Unreachable):
        deliver(delivery.pk)
    mailbox.refresh_from_db()
    assert (state(delivery), mailbox.trouble["problem"]) == (DeliveryState.PENDING, "channels.sending")
    post.fails_before = None
    deliver(delivery.pk)
    mailbox.refresh_from_db()
    assert (state(delivery), mailbox.trouble, len(post.sent)) == (DeliveryState.SENT, {}, 1)


def test_after_the_last_try_a_person_is_told_and_can_send_it_again(conversation, post, tomas, jobs):
    delivery = answer(conversation)
    post.fails_before = Unreachable(server="smtp")
    for _ in range(rules.MAX_ATTEMPTS - 1):
        with pytest.raises(Unreachable):
            deliver(delivery.pk)
    deliver(delivery.pk)
    assert state(delivery) == DeliveryState.FAILED
    assert events_of(delivery) == ["desk.delivery_failed"]
    post.fails_before = None
    send_again(delivery, by=tomas.actor())
    jobs.run("channels.deliver")
    assert (state(delivery), len(post.sent)) == (DeliveryState.SENT, 1)


def test_a_message_the_server_refuses_is_not_tried_again(conversation, post):
    delivery = answer(conversation)
    post.fails_before = Undeliverable(why="550 no such user")
    deliver(delivery.pk)
    assert state(delivery) == DeliveryState.FAILED
    assert "550 no such user" in delivery.problem


def test_a_server_that_says_not_now_after_the_last_byte_is_tried_again(conversation, post):
    delivery = answer(conversation)
    post.fails_after = NotTaken(why="452 disk full")
    with pytest.raises(NotTaken):
        deliver(delivery.pk)
    assert state(delivery) == DeliveryState.PENDING


@pytest.mark.parametrize("broken", [Unreachable(why="line broke"), RuntimeError("a fault of ours")])
def test_a_break_after_the_last_byte_is_a_question_for_a_person_not_a_second_mail(conversation, post, broken, jobs):
    delivery = answer(conversation)
    post.fails_after = broken
    deliver(delivery.pk)
    assert state(delivery) == DeliveryState.UNCERTAIN
    post.fails_after = None
    deliver(delivery.pk)
    find_stranded()
    jobs.run("channels.deliver")
    assert state(delivery) == DeliveryState.UNCERTAIN
    assert events_of(delivery) == ["desk.delivery_uncertain"]


def test_a_delivery_found_half_way_after_a_crash_is_a_question_for_a_person(conversation, post):
    delivery = answer(conversation)
    Delivery.objects.filter(pk=delivery.pk).update(state=DeliveryState.HANDING_OVER)
    deliver(delivery.pk)
    assert (state(delivery), post.sent) == (DeliveryState.UNCERTAIN, [])


def test_only_failed_and_uncertain_messages_can_be_sent_again_and_only_by_the_shops_people(
    conversation, post, tomas, olek
):
    delivery = answer(conversation)
    deliver(delivery.pk)
    with pytest.raises(NotSendable):
        send_again(delivery, by=tomas.actor())
    Delivery.objects.filter(pk=delivery.pk).update(state=DeliveryState.UNCERTAIN)
    with pytest.raises(NotAllowed):
        send_again(delivery, by=olek.actor())


def test_the_sweeper_finds_what_a_crash_left_lying(conversation, held_clock, jobs, post):
    from django.db import connection

    lost, half_way, queued = (answer(conversation) for _ in range(3))
    Delivery.objects.filter(pk=half_way.pk).update(state=DeliveryState.HANDING_OVER)
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM procrastinate_events")
        cursor.execute("DELETE FROM procrastinate_jobs WHERE (args->>'delivery_id')::int IN (%s, %s)",
                       [lost.pk, half_way.pk])  # fmt: skip
    assert find_stranded() == []  # a minute old they must be
    held_clock.move(timedelta(minutes=2))
    assert find_stranded() == [lost.pk]
    assert find_stranded() == []
    assert state(half_way) == DeliveryState.UNCERTAIN
    jobs.run("channels.deliver")
    assert (state(lost), state(queued)) == (DeliveryState.SENT, DeliveryState.SENT)


def test_two_machines_that_answer_each_other_are_stopped_and_a_person_looks(conversation, post, held_clock):
    for _ in range(rules.BRAKE_ANSWERS):
        held_clock.move(timedelta(minutes=1))
        deliver(answer(conversation).pk)
    one_more = answer(conversation)
    deliver(one_more.pk)
    conversation.refresh_from_db()
    assert (state(one_more), conversation.owner) == (DeliveryState.WITHHELD, Owner.QUEUE)
    assert len(post.sent) == rules.BRAKE_ANSWERS


def test_the_brake_forgets_what_is_an_hour_old(held_clock):
    sent = [held_clock.now - timedelta(minutes=5 * n) for n in range(1, 40)]  # twelve an hour
    assert not rules.is_braked(sent[:11], now=held_clock.now)
    assert not rules.is_braked(sent[11:], now=held_clock.now)
    assert rules.is_braked([held_clock.now - timedelta(minutes=n) for n in range(12)], now=held_clock.now)


def test_a_bounce_takes_the_tick_away_and_tells_why(conversation, post):
    delivery = answer(conversation)
    deliver(delivery.pk)
    mark_bounced(delivery, status="5.1.1", recipient="mira@example.com")
    mark_bounced(delivery, status="5.1.1", recipient="mira@example.com")
    assert (state(delivery), delivery.problem) == (DeliveryState.FAILED, "bounced: 5.1.1 mira@example.com")
    assert events_of(delivery).count("channels.delivery_bounced") == 1


def test_a_chat_message_is_brought_by_being_stored(chat_channel, jobs):
    asked = receive_message(chat_channel, Inbound(external_id="c1", address="visitor-1", text="Hi"))
    message = say_as_assistant(asked.conversation, text="Hello", by=assistant(asked.brand_id))
    assert message.delivery.state == DeliveryState.SENT
    assert jobs.waiting("channels.deliver") == []


def test_an_unreadable_secret_is_told_and_not_tried_for_hours(conversation, mailbox, post):
    delivery = answer(conversation)
    mailbox.secrets = "not what we wrote"
    mailbox.save()
    deliver(delivery.pk)
    assert state(delivery) == DeliveryState.FAILED
    assert "SECRET_KEY" in delivery.problem
