"""While a deed waits for a person's word, the customer is not left alone."""

from __future__ import annotations

from typing import Any

import pytest

from kefu.assistant.approvals import deciding
from kefu.assistant.approvals.carrying import carry_out_approval
from kefu.assistant.approvals.errors import DecidedAlready
from kefu.assistant.models import Approval
from kefu.assistant.tests.shop import order, product, variant
from kefu.assistant.tests.test_turn import Talk
from kefu.assistant.turn.run import take_turn
from kefu.commerce.models import Remedy
from kefu.desk.inbound import InboundFile
from kefu.desk.models import CaseStatus, Owner
from kefu.people.models import Agent, Customer

pytestmark = pytest.mark.django_db
PIXEL = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010802000000907753de0000000c49444154789c63606060000000040001f61738"
    "550000000049454e44ae426082"
)


@pytest.fixture
def waiting(chat_channel: Any, mira: Customer) -> Talk:
    """Mira has said yes to a new tent, which is above what the assistant may give."""
    dear = variant(product(mira.brand, "storm-tent", titles={"en": "Storm tent"}), price_minor=39900)
    order(mira, "KF-2000", state="delivered", of=[dear], delivered_days_ago=3)
    talk = Talk(chat_channel)
    talk.answered("The storm tent from order KF-2000 arrived damaged")
    take_turn(talk.says("here it is", files=(InboundFile("hole.png", PIXEL),)).conversation_id)
    talk.answered("yes")
    assert Approval.objects.get().state == "pending"
    return talk


def test_the_assistant_goes_on_answering(waiting: Talk) -> None:
    assert waiting.conversation.owner == Owner.ASSISTANT
    assert waiting.conversation.cases.get().status == CaseStatus.HANDED_OVER
    answer = waiting.answered("When was my order KF-2000 delivered?")
    assert "KF-2000" in answer.text
    assert "approval" not in answer.text


@pytest.mark.parametrize("asked", ["Any news?", "Has it been approved yet?", "Where is my refund?", "有结果了吗？",
                                   "Gibt es was Neues?", "C'est validé ?"])  # fmt: skip
def test_asked_for_news_it_says_how_things_stand(waiting: Talk, brand: Any, asked: str) -> None:
    brand.languages = ["en", "zh", "de", "fr"]
    brand.save()
    assert "approval.waiting" in waiting.answered(asked).why["texts"]
    assert waiting.conversation.owner == Owner.ASSISTANT
    assert waiting.conversation.cases.count() == 1


def test_news_and_another_question_are_both_answered(waiting: Talk) -> None:
    texts = waiting.answered("Any news? And how much is shipping to France?").why["texts"]
    assert texts[0] == "approval.waiting"
    assert len(texts) > 1


def test_without_a_waiting_deed_news_is_about_the_order(chat_channel: Any, mira: Customer) -> None:
    order(mira, "KF-1", state="shipped", shipped_days_ago=2)
    assert "approval.waiting" not in Talk(chat_channel).answered("Any update?").why["texts"]


def test_who_drops_it_has_the_request_withdrawn(waiting: Talk, ines: Agent) -> None:
    assert "approval.withdrawn" in waiting.answered("Never mind, forget it").why["texts"]
    row = Approval.objects.get()
    assert row.state == "withdrawn"
    with pytest.raises(DecidedAlready):
        deciding.approve(row, by=ines.actor())
    assert waiting.conversation.cases.get().status == CaseStatus.CLOSED


def test_approved_it_is_done_told_and_the_case_is_settled(waiting: Talk, ines: Agent) -> None:
    row = deciding.approve(Approval.objects.get(), by=ines.actor())
    carry_out_approval(row.pk)
    assert Remedy.objects.count() == 1
    assert waiting.conversation.owner == Owner.ASSISTANT
    assert waiting.conversation.cases.get().status == CaseStatus.CLOSED
    assert "approval.waiting" not in waiting.answered("Any news?").why["texts"]


def test_refused_a_person_has_the_conversation_as_the_customer_was_told(waiting: Talk, ines: Agent) -> None:
    row = deciding.refuse(Approval.objects.get(), reason="the photo shows another tent", by=ines.actor())
    carry_out_approval(row.pk)
    assert waiting.conversation.owner == Owner.QUEUE
    assert not Remedy.objects.exists()
