"""What an agent expects of the suggested next step: it says what the assistant would, does nothing by itself, and what
was seen is done once or not at all."""

from __future__ import annotations

from typing import Any

import pytest

from kefu.assistant.models import ActionRecord, Approval
from kefu.assistant.next_step.errors import SuggestionChanged
from kefu.assistant.next_step.follow import do_deed, own_words, send_suggestion
from kefu.assistant.next_step.suggest import Suggestion, suggest
from kefu.assistant.tests.shop import order, product, variant
from kefu.assistant.tests.test_turn import Talk
from kefu.assistant.turn.run import take_back, take_turn
from kefu.commerce.models import Remedy, Return
from kefu.desk.errors import OwnedByOther
from kefu.desk.inbound import InboundFile
from kefu.desk.models import Author, Event, Message, Owner, Task
from kefu.desk.services import hand_back, reply, take_over
from kefu.kernel.errors import NotAllowed
from kefu.people.models import Agent, Customer

PIXEL = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010802000000907753de0000000c49444154789c63606060000000040001f61738"
    "550000000049454e44ae426082"
)
pytestmark = pytest.mark.django_db
TOO_SMALL = "Hello, I'd like to send my jacket back unused, it is too small"


@pytest.fixture
def talk(chat_channel: Any, mira: Customer) -> Talk:
    """Mira, signed in, with one jacket delivered three days ago."""
    order(mira, "KF-1042", state="delivered", of=[variant(product(mira.brand), price_minor=8900)], delivered_days_ago=3)
    return Talk(chat_channel)


def mine(talk: Talk, agent: Agent, said: str = TOO_SMALL) -> Suggestion:
    """Mira writes, and this agent has the conversation."""
    talk.says(said)
    take_over(talk.conversation, by=agent.actor())
    return seen(talk, agent)


def seen(talk: Talk, agent: Agent, **more: Any) -> Suggestion:
    return suggest(talk.conversation, by=agent.actor(), **more)


def send(talk: Talk, agent: Agent, what: Suggestion, **more: Any) -> Message:
    return send_suggestion(talk.conversation, fingerprint=what.fingerprint, by=agent.actor(), **more)


def do(talk: Talk, agent: Agent, what: Suggestion) -> Any:
    assert what.deed is not None
    return do_deed(talk.conversation, fingerprint=what.fingerprint, deed=what.deed.fingerprint, by=agent.actor())


def test_looking_says_what_the_assistant_would_and_changes_nothing(talk: Talk, tomas: Agent) -> None:
    found = mine(talk, tomas)
    before = (talk.conversation.memory, Event.objects.count(), Message.objects.count())
    assert "€89.00" in found.text
    assert found.playbook == "return_item"
    assert "return.withdrawal_eu" in {found.deed.rule if found.deed else "", *found.rules}
    assert dict(found.facts)["reason"] == {"key": "choice.too_small"}
    assert seen(talk, tomas) == found
    assert (talk.conversation.memory, Event.objects.count(), Message.objects.count()) == before
    assert not Return.objects.exists()
    assert not ActionRecord.objects.exists()


def test_a_sent_suggestion_is_the_agents_and_the_yes_to_it_is_understood(talk: Talk, tomas: Agent) -> None:
    found = mine(talk, tomas)
    said = send(talk, tomas, found)
    assert (said.author, said.agent, said.text) == (Author.AGENT, tomas, found.text)
    assert [one["label"] for one in said.extras["choices"]] == ["Yes", "No"]
    assert seen(talk, tomas).nothing == "" or seen(talk, tomas).text == ""  # not asked twice
    talk.says("Yes", choice=said.extras["choices"][0]["value"])
    agreed = seen(talk, tomas)
    assert agreed.deed is not None
    assert agreed.deed.is_agreed
    assert do(talk, tomas, agreed).ok
    assert Return.objects.count() == 1


def test_the_deed_is_done_by_the_agent_with_its_rule_and_then_told(talk: Talk, tomas: Agent) -> None:
    result = do(talk, tomas, mine(talk, tomas))
    assert result.ok
    record = ActionRecord.objects.get(action="commerce.open_return")
    assert (record.actor_kind, record.actor_id, record.rule) == ("agent", tomas.pk, "return.withdrawal_eu")
    told = seen(talk, tomas)
    assert told.is_owed
    assert Return.objects.get().number in told.text
    send(talk, tomas, told, text=told.text + "\nAll the best, Tomas")
    assert seen(talk, tomas).nothing == "customers_turn"
    assert Task.objects.filter(kind="expect_return").count() == 1


def test_two_agents_clicking_at_once_do_it_once(talk: Talk, tomas: Agent, ines: Agent) -> None:
    found = mine(talk, tomas)
    do(talk, tomas, found)
    with pytest.raises(SuggestionChanged):
        do(talk, tomas, found)
    with pytest.raises(OwnedByOther):
        do(talk, ines, found)
    assert Return.objects.count() == 1


def test_a_double_click_on_send_is_one_message(talk: Talk, tomas: Agent) -> None:
    found = mine(talk, tomas)
    assert send(talk, tomas, found, key="step-12345678") == send(talk, tomas, found, key="step-12345678")


def test_what_the_customer_writes_meanwhile_voids_the_button(talk: Talk, tomas: Agent) -> None:
    found = mine(talk, tomas)
    talk.says("No wait, keep it open, I want to exchange it instead")
    with pytest.raises(SuggestionChanged):
        send(talk, tomas, found)
    with pytest.raises(SuggestionChanged):
        do(talk, tomas, found)
    assert not Return.objects.exists()
    assert seen(talk, tomas).fingerprint != found.fingerprint


def test_above_the_agents_limit_it_is_asked_for_by_that_agent(talk: Talk, mira: Customer, tomas: Agent) -> None:
    dear = variant(product(mira.brand, "storm-tent", titles={"en": "Storm tent"}), price_minor=39900)
    order(mira, "KF-2000", state="delivered", of=[dear], delivered_days_ago=3)
    found = mine(talk, tomas, "The storm tent from order KF-2000 arrived damaged")
    send(talk, tomas, found)  # asks for a photo
    talk.says("here it is", files=(InboundFile("hole.png", PIXEL),))
    found = seen(talk, tomas)
    assert found.deed is not None
    assert (found.deed.action, found.deed.decision, found.deed.role) == (
        "commerce.resend",
        "needs_approval",
        "supervisor",
    )
    assert do(talk, tomas, found).code == "policy.needs_approval"
    asked = Approval.objects.get()
    assert (asked.asked_by, asked.state, asked.rule) == (tomas, "pending", found.deed.rule)
    assert not Remedy.objects.exists()
    assert "colleague" in seen(talk, tomas).text


def test_a_case_that_was_handed_over_goes_on_where_it_stood(talk: Talk, tomas: Agent) -> None:
    talk.answered("I want to send my jacket back")
    talk.answered("I want to talk to a person")
    assert talk.conversation.owner == Owner.QUEUE
    found = seen(talk, tomas)
    assert found.playbook == "return_item"
    assert found.text
    send(talk, tomas, found)
    assert talk.conversation.assignee == tomas


def test_handed_back_the_assistant_goes_on_from_what_the_person_asked(talk: Talk, tomas: Agent) -> None:
    send(talk, tomas, mine(talk, tomas))
    hand_back(talk.conversation, by=tomas.actor())
    take_back(talk.conversation.pk)
    talk.says("yes")
    answered = take_turn(talk.conversation.pk)
    assert answered is not None
    assert not ActionRecord.objects.filter(actor_kind="agent").exists()


def test_what_is_owed_is_told_by_the_assistant_after_a_hand_back(talk: Talk, tomas: Agent) -> None:
    do(talk, tomas, mine(talk, tomas))
    hand_back(talk.conversation, by=tomas.actor())
    take_back(talk.conversation.pk)
    told = Message.objects.filter(author=Author.ASSISTANT).get()
    assert Return.objects.get().number in told.text


def test_own_words_settle_what_was_owed(talk: Talk, tomas: Agent) -> None:
    do(talk, tomas, mine(talk, tomas))
    reply(talk.conversation, text="Your return is open.", by=tomas.actor())
    own_words(talk.conversation)
    assert not seen(talk, tomas).is_owed


def test_an_unclear_message_offers_what_it_may_be_about(talk: Talk, tomas: Agent) -> None:
    found = mine(talk, tomas, "blorp zibble")
    assert found.nothing == "unknown"
    chosen = seen(talk, tomas, intent="return_item")
    assert chosen.playbook == "return_item"
    assert chosen.text
    send_suggestion(talk.conversation, fingerprint=chosen.fingerprint, intent="return_item", by=tomas.actor())
    assert talk.conversation.cases.get().playbook == "return_item"


def test_another_brands_agent_sees_no_suggestion(talk: Talk, tomas: Agent, olek: Agent) -> None:
    found = mine(talk, tomas)
    with pytest.raises(NotAllowed):
        seen(talk, olek)
    with pytest.raises(NotAllowed):
        send(talk, olek, found)
