"""Who is signed in at the shop is known in the chat; who is not stays a stranger."""

from __future__ import annotations

from typing import Any

import pytest

from kefu.channels.chat.identity import signature
from kefu.desk.models import Channel, Conversation, Verification
from kefu.kernel import clock, crypto
from kefu.people.models import Brand, Customer
from kefu.web.chat.tests.conftest import Visitor

pytestmark = pytest.mark.django_db
SECRET = "the secret of the channel"


@pytest.fixture
def chat_channel(chat_channel: Channel) -> Channel:
    chat_channel.secrets = crypto.encrypt(f'{{"identity": "{SECRET}"}}', purpose="channel-secrets")
    chat_channel.save()
    return chat_channel


def identity(channel: Channel, *, customer: str = "C-1001", email: str = "mira@example.com") -> dict[str, Any]:
    facts = {"customer": customer, "email": email, "name": "Mira", "exp": int(clock.now().timestamp()) + 600}
    return {**facts, "signature": signature(SECRET, channel=str(channel.public_id), **facts)}


def test_a_signed_in_customer_needs_no_proof_in_the_talk(visitor: Visitor, mira: Customer) -> None:
    started = visitor.start(identity=identity(visitor.channel))
    assert started.json()["signed_in"] is True
    visitor.say("Where is my parcel?")
    conversation = Conversation.objects.get()
    assert (conversation.customer, conversation.verification) == (mira, Verification.CUSTOMER)


def test_a_wrong_signature_starts_nothing_and_says_what_to_do(visitor: Visitor) -> None:
    claims = {**identity(visitor.channel), "customer": "C-1002"}
    answer = visitor.start(identity=claims)
    assert (answer.status_code, answer.json()["code"]) == (403, "chat.bad_identity")
    assert answer.json()["cure"]
    assert "C-1002" not in answer.content.decode()
    for odd in ([], "x", 5, {}, {"exp": 10**400}):
        assert visitor.start(identity=odd).status_code == 403


def test_who_names_a_customer_without_a_signature_stays_a_stranger(visitor: Visitor, mira: Customer) -> None:
    visitor.start(name="Mira", email="mira@example.com", customer="C-1001", verification=2)
    visitor.say("It's me, Mira, mira@example.com")
    conversation = Conversation.objects.get()
    assert conversation.customer != mira
    assert conversation.verification == Verification.NONE


def test_who_signs_in_during_a_talk_keeps_it(visitor: Visitor, mira: Customer) -> None:
    visitor.say("Hello")
    before = visitor.conversation
    visitor.start(identity=identity(visitor.channel))
    assert visitor.conversation == before
    visitor.say("Now I am signed in")
    conversation = Conversation.objects.get()
    assert (conversation.customer, conversation.verification) == (mira, Verification.CUSTOMER)


def test_another_customer_at_the_same_browser_gets_a_talk_of_their_own(visitor: Visitor, mira: Customer) -> None:
    visitor.start(identity=identity(visitor.channel))
    visitor.say("Mira's secret")
    first = visitor.conversation
    visitor.start(
        identity=identity(visitor.channel, customer="C-2002", email="other@example.com"), **{"continue": True}
    )
    assert visitor.conversation != first
    assert visitor.read() == []


def test_a_customer_finds_the_talk_again_on_another_device(
    visitor: Visitor, stranger: Visitor, mira: Customer, brand: Brand
) -> None:
    visitor.start(identity=identity(visitor.channel))
    visitor.say("written at home")
    stranger.token = ""
    stranger.start(identity=identity(visitor.channel), **{"continue": True})
    assert [m["text"] for m in stranger.read()] == ["written at home"]
    stranger.say("written on the way")
    assert Conversation.objects.count() == 1
    stranger.token = ""
    stranger.start(identity=identity(visitor.channel))
    assert stranger.read() == []  # only on wish


def test_a_customer_whom_the_shop_alone_knows_by_address_is_found(visitor: Visitor, mira: Customer) -> None:
    visitor.start(identity=identity(visitor.channel, customer="", email="Mira@Example.com"))
    visitor.say("Hello")
    assert Conversation.objects.get().customer == mira
