"""The assistant never speaks while a person owns the conversation: replies race take-overs, and lose every tie."""

from __future__ import annotations

import threading
from collections.abc import Callable
from random import Random

import pytest

from kefu.assistant.tests.shop import order
from kefu.assistant.turn.run import take_turn
from kefu.channels import registry
from kefu.channels.base import Abilities, Channel, Receipt
from kefu.channels.services import deliver
from kefu.commerce.models import Order
from kefu.conftest import seat_at_the_desk
from kefu.desk.errors import OwnedByOther
from kefu.desk.inbound import Inbound
from kefu.desk.models import Author, Delivery, DeliveryState, Event, Message, Owner
from kefu.desk.services import assign_conversation, hand_back, receive_message, take_over
from kefu.people.models import Role
from kefu.web.chat.history import seen_by_customer
from tests.promises.races import at_once
from tests.promises.talking import Talk, replies

pytestmark = pytest.mark.django_db(transaction=True)
ROUNDS = 30


def taken_over_at(conversation) -> int:
    """Id of the event that says a person has taken it. Events of one conversation rise in the order of commit, for
    whoever writes them holds its row."""
    kinds = ["desk.conversation_taken_over", "desk.conversation_assigned"]
    return Event.objects.filter(conversation=conversation, kind__in=kinds).latest("id").pk


def said_after(conversation, event: int) -> list[str]:
    sent = Event.objects.filter(conversation=conversation, kind="desk.message_sent", pk__gt=event)
    return [one.message.text for one in sent.select_related("message") if one.message.author == Author.ASSISTANT]


def race(machine: Callable[[], object], person: Callable[[], object], *, round: int, wait: float) -> None:
    """Both begin together, the person by `wait` seconds later; the first two rounds are no race, so that each has won
    once on a machine of any speed."""
    if round < 2:
        for deed in (machine, person) if round == 0 else (person, machine):
            deed()
        return

    def one(number: int) -> None:
        if number:
            threading.Event().wait(wait)
        (machine, person)[number]()

    at_once(one, 2)


def test_no_word_of_the_assistant_comes_after_a_take_over(chat_channel, mira, jobs, tomas, ines):
    """Every round a turn and a take-over start together; the one is delayed by a little, differently each time."""
    order(mira, "KF-1042", state="paid")
    luck, silenced = Random(7), 0
    for round in range(ROUNDS):
        talk = Talk(chat_channel, jobs, signed=mira)
        conversation = talk.writes("Where is my order KF-1042?").conversation
        wait = luck.uniform(0, 0.06)
        person = (tomas, ines)[round % 2].actor()

        def turn(conversation=conversation) -> None:
            take_turn(conversation.pk)

        def taking(conversation=conversation, person=person, round=round) -> None:
            if round % 4:
                take_over(conversation, by=person)
            else:
                assign_conversation(conversation, to=tomas, by=person)

        race(turn, taking, round=round, wait=wait)
        jobs.run("assistant.turn")  # the job that the message made, whatever became of the first turn
        assert said_after(conversation, taken_over_at(conversation)) == []
        assert talk.conversation.owner == Owner.AGENT
        silenced += not talk.heard()
    assert 0 < silenced < ROUNDS


def test_a_yes_that_arrives_with_the_take_over_acts_before_it_or_not_at_all(chat_channel, mira, jobs, tomas):
    for round in range(12):
        number = f"KF-{2000 + round}"
        made = order(mira, number, state="paid")
        talk = Talk(chat_channel, jobs, signed=mira)
        talk.says(f"Please cancel order {number}")
        conversation = talk.writes("yes", choice="yes").conversation
        by = tomas.actor()

        race(
            lambda conversation=conversation: take_turn(conversation.pk),
            lambda conversation=conversation, by=by: take_over(conversation, by=by),
            round=round,
            wait=0.002 * round,
        )
        jobs.run("assistant.turn")
        event = taken_over_at(conversation)
        assert said_after(conversation, event) == []
        is_cancelled = Order.objects.get(pk=made.pk).state == "cancelled"
        told = [text for text in talk.heard() if f"{number} is cancelled" in text]
        assert bool(told) == is_cancelled, "the deed and its word belong together"
        assert not Event.objects.filter(conversation=conversation, kind="assistant.action_done", pk__gt=event).exists()


def test_two_people_taking_one_conversation_at_once_do_not_both_have_it(chat_channel, jobs, tomas, brand):
    colleague = seat_at_the_desk("Colleague", at=brand, role=Role.AGENT)
    for _ in range(10):
        conversation = Talk(chat_channel, jobs).writes("Hello?").conversation

        def take(number: int, conversation=conversation) -> bool:
            try:
                take_over(conversation, by=(tomas, colleague)[number].actor())
            except OwnedByOther:
                return False
            return True

        assert sorted(at_once(take, 2)) == [False, True]


def test_what_was_written_while_a_person_had_it_is_answered_once_after_hand_back(chat_channel, mira, jobs, tomas):
    order(mira, "KF-1042", state="paid")
    talk = Talk(chat_channel, jobs, signed=mira)
    talk.says("Hello")
    take_over(talk.conversation, by=tomas.actor())
    assert talk.says("Where is my order KF-1042?") == ""
    before = len(talk.heard())
    at_once(lambda number: hand_back(talk.conversation, by=tomas.actor()), 4)
    jobs.run()
    assert len(talk.heard()) == before + 1
    assert "KF-1042" in talk.heard()[-1]


class Post(Channel):
    """A mail server that takes everything, slowly enough for somebody to take over meanwhile."""

    kind = "email"
    abilities = Abilities(is_letter=True)
    sent: list[str]

    def send(self, outbound, *, handing_over):
        threading.Event().wait(0.01)
        handing_over()
        Post.sent.append(outbound.reference)
        return Receipt(external_id=f"kefu.{outbound.reference}@lumen.example")


@pytest.fixture
def post(monkeypatch) -> type[Post]:
    Post.sent = []
    monkeypatch.setattr(registry, "adapter_class", lambda kind: Post)
    return Post


def test_a_mail_that_has_not_left_when_a_person_takes_over_never_leaves(email_channel, jobs, tomas, post):
    ended = set()
    luck = Random(11)
    for round in range(24):
        mail = Inbound(
            external_id=f"m{round}@example.com", address=f"c{round}@example.com", text="Hello?", subject="Hi"
        )
        conversation = receive_message(email_channel, mail).conversation
        jobs.run("assistant.turn")
        delivery = Delivery.objects.get(message__conversation=conversation)
        wait = luck.uniform(0, 0.03)

        def taking(conversation=conversation) -> None:
            take_over(conversation, by=tomas.actor())

        race(lambda delivery=delivery: deliver(delivery.pk), taking, round=round, wait=wait)
        jobs.run("channels.deliver")
        delivery.refresh_from_db()
        ended.add(delivery.state)
        has_left = str(delivery.message.public_id) in post.sent
        assert has_left == (delivery.state == DeliveryState.SENT)
        assert post.sent.count(str(delivery.message.public_id)) <= 1
        events = list(Event.objects.filter(conversation=conversation).order_by("id").values_list("kind", flat=True))
        assert ("desk.delivery_withheld" in events) == (not has_left)
    assert ended == {DeliveryState.SENT, DeliveryState.WITHHELD}


def test_the_customer_never_sees_a_withheld_answer(email_channel, chat_channel, jobs, tomas, post):
    mail = Inbound(external_id="m@example.com", address="mira@example.com", text="Hello?", subject="Hi")
    conversation = receive_message(email_channel, mail).conversation
    jobs.run("assistant.turn")
    (answer,) = replies(conversation)
    take_over(conversation, by=tomas.actor())
    jobs.run()
    assert post.sent == []
    assert answer not in seen_by_customer(conversation)
    assert Message.objects.filter(pk=answer.pk).exists(), "the desk keeps what was not said"
