"""Promise 1: whatever is written, its writer is answered or a person has the conversation. Promise 5 and 6 on the
same soup: each reply says why, and the log of what happened cannot be changed."""

from __future__ import annotations

import json
import re
from pathlib import Path
from random import Random

import pytest
import yaml
from django.db import DatabaseError, connection, transaction

from kefu.assistant.models import ActionRecord
from kefu.assistant.tasks import turn
from kefu.assistant.tests.shop import order
from kefu.assistant.turn import run
from kefu.commerce.models import Refund
from kefu.desk.models import Author, Event, Message
from kefu.desk.services import hand_back
from kefu.people.actors import SYSTEM
from tests.promises.talking import Talk, is_settled, replies

pytestmark = pytest.mark.django_db

SOUP: dict[str, list[str]] = yaml.safe_load((Path(__file__).parent / "soup.yaml").read_text("utf-8"))
SOUP["noise"] += ["x" * 3000, "中" * 3000, "1" * 400]
MESSAGES = 200
SEEDS = (2026, 11)


def ladle(luck: Random) -> str:
    text = luck.choice(SOUP[luck.choice(list(SOUP))])
    if luck.random() < 0.2:
        text += luck.choice([" ", ", ", ". ", "？", " and "]) + luck.choice(SOUP[luck.choice(list(SOUP))])
    return text


@pytest.mark.parametrize("seed", SEEDS)
def test_a_soup_of_messages_leaves_nobody_without_an_answer(chat_channel, mira, jobs, seed):
    """Eight customers, known and unknown; buttons pressed at random; what a person has taken is handed back at once,
    so that the assistant must go on."""
    for number in ("KF-1042", "KF-1043"):
        order(mira, number, state="paid")
    order(mira, "KF-1044", state="delivered", delivered_days_ago=3)
    luck = Random(seed)
    talks = [Talk(chat_channel, jobs, signed=who) for who in (None, mira) for _ in range(4)]
    written: list[Message] = []
    for _ in range(MESSAGES // len(SEEDS)):
        talk = luck.choice(talks)
        choice = ""
        if written and luck.random() < 0.25:
            newest = Message.objects.filter(author=Author.ASSISTANT).order_by("-pk")[:3]
            shown = [one["value"] for reply in newest for one in reply.extras.get("choices", [])]
            choice = luck.choice(shown) if shown else ""
        text = ladle(luck)
        if not choice and not text.replace("\x00", "").strip():
            continue
        written.append(talk.writes(text, choice=choice))
        if luck.random() < 0.3:
            continue  # the next one follows at once: two messages, one turn
        jobs.run()
        if talk.is_with_a_person and luck.random() < 0.6:
            hand_back(talk.conversation, by=SYSTEM)
            jobs.run()
    jobs.run()
    left = [message.text for message in written if not is_settled(message)]
    assert left == []
    assert_each_reply_says_why()
    assert_each_deed_has_its_rule()


def assert_each_reply_says_why() -> None:
    """Of every reply: what was understood, and which playbook in which version stood at which step."""
    said = replies()
    assert said
    for reply in said:
        why = reply.why
        assert why["understanding"], reply.text
        assert why["texts"], reply.text
        assert why["cases"], reply.text
        for case in why["cases"]:
            assert re.fullmatch(r"[a-z_]+@[0-9a-f]{12}", case["playbook"]), case
        json.dumps(why)


def assert_each_deed_has_its_rule() -> None:
    for record in ActionRecord.objects.filter(ok=True).exclude(action="identity.prove"):
        assert record.rule, record.action
        assert Event.objects.filter(
            kind="assistant.action_done", facts__record=record.pk, facts__rule=record.rule
        ).exists()
    for made in Refund.objects.all():
        assert made.rule or made.approved_by_id


def test_a_refund_names_the_rule_that_allowed_it_or_the_person_and_the_log_knows_of_it(chat_channel, mira, jobs):
    order(mira, "KF-1042", state="paid")
    talk = Talk(chat_channel, jobs, signed=mira)
    talk.says("Please cancel order KF-1042")
    talk.says("yes", choice="yes")
    made = Refund.objects.get()
    assert made.rule == "cancel.before_packing"
    assert Event.objects.filter(kind="commerce.order_cancelled", facts__refunds=[made.pk]).count() == 1
    why = replies(talk.conversation)[-1].why
    assert "cancel.before_packing" in why["rules"]
    with pytest.raises(DatabaseError), transaction.atomic():
        Refund.objects.create(
            brand=made.brand, payment=made.payment, amount_minor=1, currency="EUR", key="x", actor_kind="assistant",
            at=made.at,
        )  # fmt: skip


@pytest.mark.parametrize("deed", [
    "UPDATE desk_event SET kind = 'nothing.happened'", "DELETE FROM desk_event", "UPDATE desk_event SET facts = '{}'",
    "UPDATE desk_event SET actor_kind = 'agent', actor_id = 1",
])  # fmt: skip
def test_nobody_rewrites_what_happened(chat_channel, jobs, deed):
    Talk(chat_channel, jobs).says("Hello")
    before = list(Event.objects.order_by("id").values())
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(deed)
    assert list(Event.objects.order_by("id").values()) == before


def test_what_breaks_the_turn_itself_ends_with_a_person(chat_channel, jobs, monkeypatch):
    """A fault of ours: tried a few times, then a person has it, and nothing half-done stays."""
    talk = Talk(chat_channel, jobs)
    message = talk.writes("Hello")
    monkeypatch.setattr(run, "gather", lambda *a, **k: 1 / 0)
    for _ in range(6):
        try:
            turn(talk.conversation.pk)
        except ZeroDivisionError:
            continue
        break
    assert is_settled(message)
    assert talk.is_with_a_person
    assert len(talk.heard()) == 1  # that a colleague takes over; no half answer
