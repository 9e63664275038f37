"""A customer writes and reads: what goes in once comes back once, and nothing else comes back."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest

from kefu.desk import services
from kefu.desk.models import Channel, Conversation, Delivery, Message
from kefu.people.actors import assistant
from kefu.people.models import Agent
from kefu.web.chat.tests.conftest import Visitor

pytestmark = pytest.mark.django_db


def test_a_page_that_only_loads_the_chat_leaves_no_trace(visitor: Visitor) -> None:
    assert visitor.read() == []
    visitor.post("typing")
    visitor.post("read")
    assert not Conversation.objects.exists()


def test_what_a_customer_writes_reaches_the_desk_under_the_id_their_page_was_given(visitor: Visitor) -> None:
    answer = visitor.say("Where is my parcel?", page="https://lumen.example/orders")
    assert answer.status_code == 201
    conversation = Conversation.objects.get()
    assert str(conversation.public_id) == visitor.conversation
    assert conversation.messages.get().text == "Where is my parcel?"
    assert answer.json()["conversation"]["answering"] == "assistant"


def test_the_same_message_ten_times_is_one_message_and_ten_equal_answers(visitor: Visitor) -> None:
    key = str(uuid4())
    answers = [visitor.say("Hello", id=key) for _ in range(10)]
    assert [a.status_code for a in answers] == [201] + [200] * 9
    assert len({a.json()["message"]["id"] for a in answers}) == 1
    assert Message.objects.count() == 1


def test_two_visitors_who_happen_on_the_same_client_id_stay_two(visitor: Visitor, stranger: Visitor) -> None:
    key = str(uuid4())
    visitor.say("one", id=key)
    stranger.say("two", id=key)
    assert [m["text"] for m in visitor.read()] == ["one"]
    assert [m["text"] for m in stranger.read()] == ["two"]


def _answered(visitor: Visitor, text: str, **more: Any) -> Message:
    conversation = Conversation.objects.get(public_id=visitor.conversation)
    return services.say_as_assistant(conversation, text=text, by=assistant(conversation.brand_id), **more)


def test_buttons_come_with_the_answer_and_a_choice_goes_back_by_its_value(visitor: Visitor) -> None:
    visitor.say("I want to return something")
    _answered(visitor, "Which one?", choices=[("line:1042/2", "Rain jacket"), ("line:1042/3", "Hat")])
    assert visitor.read()[-1]["choices"] == [
        {"label": "Rain jacket", "value": "line:1042/2"},
        {"label": "Hat", "value": "line:1042/3"},
    ]
    visitor.say("Rain jacket", choice="line:1042/2")
    assert Message.objects.latest("id").extras["choice"] == "line:1042/2"


def test_the_customer_sees_messages_but_no_notes_reasons_or_inner_ids(visitor: Visitor, tomas: Agent) -> None:
    visitor.say("Hello")
    conversation = Conversation.objects.get()
    said = _answered(visitor, "Hi", why={"rule": "secret-rule"}, extras={"case": 7})
    services.add_note(conversation, text="difficult customer", by=tomas.actor())
    services.take_over(conversation, by=tomas.actor())
    services.reply(conversation, text="Tomas here", by=tomas.actor(), key="k1")
    answer = visitor.get("messages")
    assert [m["text"] for m in answer.json()["messages"]] == ["Hello", "Hi", "Tomas here"]
    assert set(answer.json()["messages"][1]) == {
        "id", "client_id", "author", "name", "text", "choices", "files", "created_at",
    }  # fmt: skip
    assert answer.json()["messages"][2]["client_id"] is None
    body = answer.content.decode()
    for secret in ("difficult", "secret-rule", "case", "reply:", f'"{said.pk}"'):
        assert secret not in body
    assert answer.json()["conversation"] | {"id": ""} == {
        "id": "", "answering": "agent", "name": "Tomas", "status": "pending", "language": "en", "unread": 2,
    }  # fmt: skip


def test_what_was_withheld_when_a_person_took_over_is_never_shown(visitor: Visitor) -> None:
    visitor.say("Hello")
    _answered(visitor, "too late")
    Delivery.objects.update(state="withheld")
    assert [m["text"] for m in visitor.read()] == ["Hello"]


def test_history_is_paged_forwards_and_backwards_without_gap_or_repeat(visitor: Visitor) -> None:
    visitor.say("m0")
    for n in range(1, 25):
        _answered(visitor, f"m{n}")
    newest = visitor.get("messages?limit=10").json()
    assert ([m["text"] for m in newest["messages"]], newest["more"]) == ([f"m{n}" for n in range(15, 25)], True)
    first = newest["messages"][0]["id"]
    older = visitor.get(f"messages?limit=10&before={first}").json()
    assert [m["text"] for m in older["messages"]] == [f"m{n}" for n in range(5, 15)]
    oldest = visitor.get(f"messages?limit=10&before={older['messages'][0]['id']}").json()
    assert ([m["text"] for m in oldest["messages"]], oldest["more"]) == ([f"m{n}" for n in range(5)], False)
    forwards = visitor.get(f"messages?limit=10&after={oldest['messages'][-1]['id']}").json()
    assert ([m["text"] for m in forwards["messages"]], forwards["more"]) == ([f"m{n}" for n in range(5, 15)], True)


def test_reading_clears_the_unread_count(visitor: Visitor) -> None:
    visitor.say("Hello")
    _answered(visitor, "Hi")
    assert visitor.get("messages").json()["conversation"]["unread"] == 1
    assert visitor.post("read").status_code == 204
    assert visitor.get("messages").json()["conversation"]["unread"] == 0


def test_a_token_opens_its_own_conversation_and_no_other(visitor: Visitor, stranger: Visitor) -> None:
    visitor.say("my address is 5 Elm Street")
    stranger.say("hello")
    mine = visitor.read()[0]["id"]
    answer = stranger.get(f"messages?after={mine}")
    assert (answer.status_code, answer.json()["code"]) == (404, "chat.no_such_message")
    assert "Elm" not in stranger.get("messages").content.decode()


@pytest.mark.parametrize("token", ["", "x", "a.b", "é.é", "e30.AAAA", "." * 5000])
def test_no_token_or_a_made_up_one_is_refused_with_a_way_out(visitor: Visitor, token: str) -> None:
    visitor.headers = {"Authorization": f"Bearer {token}".encode().decode("latin-1")}
    answer = visitor.get("messages")
    assert answer.status_code == 401
    assert answer.json()["cure"]


def test_a_token_of_another_brands_chat_is_refused(visitor: Visitor, other_brand: Any) -> None:
    theirs = Channel.objects.create(brand=other_brand, kind="chat", name="Nordlicht chat")
    guest = Visitor(theirs)
    guest.token = visitor.token
    assert guest.get("messages").status_code == 401


def test_a_chat_that_is_switched_off_or_unknown_says_so(visitor: Visitor, chat_channel: Channel) -> None:
    chat_channel.is_on = False
    chat_channel.save()
    assert visitor.say("Hello").json()["code"] == "chat.no_such_channel"
    for path in ("/chat/v1/nonsense/settings", "/chat/v1/", f"/chat/v1/{uuid4()}/messages", "/chat/v1/x/y/z"):
        answer = visitor.client.get(path)
        assert answer.status_code == 404
        assert answer.json()["cure"]
