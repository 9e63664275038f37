"""`kefu chat`: the terminal does not fall silent when a person has the talk."""

from __future__ import annotations

from typing import Any

import pytest

from kefu.command.chat import _Talk
from kefu.desk.models import Channel, Conversation
from kefu.desk.services import hand_back, reply, take_over
from kefu.people.models import Agent, Customer

pytestmark = pytest.mark.django_db


def test_after_a_hand_over_it_says_who_is_asked_and_shows_what_they_write(
    chat_channel: Channel, mira: Customer, tomas: Agent, capsys: Any
) -> None:
    talk = _Talk(chat_channel, mira)
    talk.say("I want to talk to a person", show_why=False)
    assert talk.is_with_a_person()
    assert "A person is asked" in capsys.readouterr().out

    conversation = Conversation.objects.get(public_id=talk.public_id)
    take_over(conversation, by=tomas.actor())
    reply(conversation, text="Hello Mira, Tomas here.", by=tomas.actor())
    assert talk.has_news()
    talk.show_news(show_why=False)
    shown = capsys.readouterr().out
    assert "agent: Hello Mira, Tomas here." in shown
    assert "Tomas has this conversation now" in shown
    talk.say("Thank you", show_why=False)
    assert "has this conversation" not in capsys.readouterr().out  # said once

    hand_back(conversation, by=tomas.actor())
    talk.show_news(show_why=False)
    assert "The assistant has this conversation again" in capsys.readouterr().out
