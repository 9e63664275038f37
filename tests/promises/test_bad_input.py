"""Whatever comes to a public door, it is answered clearly: never a fault of ours, never half a message.

Each room tries its own doors in detail; here every address of the whole house is tried with everything, also ones
that will be added later, for the addresses are read from the house itself.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from itertools import cycle
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from kefu.channels.chat.limits import RATES
from kefu.channels.hello.adapter import signature
from kefu.channels.models import RawState, RawWebhook
from kefu.channels.services import create_channel, secrets_of
from kefu.desk.models import Author, Channel, Conversation, Message
from kefu.people.actors import SYSTEM
from tests.promises.talking import Talk, is_settled

pytestmark = pytest.mark.django_db

BODIES: dict[str, bytes] = {
    "empty": b"",
    "a megabyte": b"x" * 1_048_576,
    "a megabyte of JSON": b'{"id": "' + b"x" * 1_048_576 + b'"}',
    "not JSON": b"{",
    "a JSON text": b'"hello"',
    "null": b"null",
    "a huge number": b'{"id": 1e999999, "text": ' + b"9" * 5000 + b"}",
    "wrong types": b'{"id": [], "text": {}, "choice": 1, "files": "x", "language": 7, "identity": 0, "name": true}',
    "deep": b"[" * 60_000,
    "broken UTF-8": b'{"text": "\xff\xfe\xfd"}',
    "UTF-16": '{"text": "hi"}'.encode("utf-16"),
    "GB18030": '{"text": "你好"}'.encode("gb18030"),
    "NUL": b'{"text": "\x00", "name": "\\u0000"}',
    "lone surrogate": b'{"text": "\\ud800", "language": "\\udfff"}',
    "a form": b"text=hello&name=x&password=y&next=//evil.example&to=9999999999999999999999&seen=1e5&disposition=%00",
    "a broken form": b"%%%&&&===%00%ff&text=%E4%B8",
}
TYPES = (
    "application/json",
    "application/x-www-form-urlencoded",
    "multipart/form-data; boundary=x",
    "multipart/form-data",
    "text/\x80",
)
METHODS = ("get", "post", "put", "patch", "delete", "options", "head")
QUERIES = (
    "",
    "?language=%00&next=//evil&before=99999999999999999999999&after=-1&limit=1e9&q=%F0%9F%98%80%00&cursor=%ff&list=../",
)
#: bodies tried at each address, in turn; together the addresses have had them all many times
BODIES_EACH = 3
NUMBERS = ("0", "1", "99999999999999999999999999", "9223372036854775808")


def addresses(patterns: list[URLPattern | URLResolver], before: str = "") -> Iterator[str]:
    """Every route of the house as it is written, parameters in <angle brackets>."""
    for one in patterns:
        route = before + str(one.pattern)
        if isinstance(one, URLResolver):
            yield from addresses(one.url_patterns, route)
        else:
            yield route


def filled(route: str, channel: str) -> list[str]:
    """Addresses of a route with parameters that exist and that don't."""
    if route.startswith("^") or "(?P" in route:
        return [f"/chat/v1/{channel}/nothing/at/all"]
    words = ("mail", "../x", "\x00")
    values = {
        "uuid": (channel, str(uuid4())),
        "int": NUMBERS,
        "ref": ("lumen-1001", "lumen-0", "x-99999999999999999999", "🙂-1"),
        "str": (channel, "no-uuid", "%00", "x" * 300),
    }
    found = ["/" + route]
    for kind, choices in values.items():
        place = re.compile(rf"<{kind}:\w+>")
        found = [place.sub(lambda _, v=value: v, one, count=1) for one in found for value in choices]
    found = [re.sub(r"<(?:\w+:)?\w+>", word, one) for one in found for word in (words if "<" in one else words[:1])]
    return list(dict.fromkeys(found))


def every_address(channel: str) -> list[str]:
    routes = addresses(get_resolver().url_patterns)
    return [
        *dict.fromkeys(one for route in routes for one in filled(route, channel)),
        "/nowhere/%ff%00/",
        "/" + "x" * 5000,
    ]


@pytest.fixture
def stranger() -> Client:
    """Faults are answered as in earnest, not raised into the test."""
    return Client(raise_request_exception=False)


@pytest.fixture
def visitor(stranger, chat_channel) -> Client:
    """A stranger with a chat of their own, whom no limit stops."""
    much = [999_999, 999_999]
    chat_channel.settings = {"rates": {deed: dict.fromkeys(counts, much) for deed, counts in RATES.items()}}
    chat_channel.save()
    stranger.defaults["HTTP_AUTHORIZATION"] = f"Bearer {token(stranger, chat_channel)}"
    return stranger


def token(client: Client, channel: Channel) -> str:
    answer = client.post(f"/chat/v1/{channel.public_id}/conversations", "{}", content_type="application/json")
    return str(answer.json()["token"])


@pytest.fixture
def agent(tomas) -> Client:
    browser = Client(raise_request_exception=False)
    browser.force_login(tomas.user)
    return browser


@pytest.mark.parametrize("who", ["visitor", "agent"])
def test_no_address_of_the_house_breaks_on_anything(who, request, chat_channel, jobs):
    """Every address with every method, and every body as every type: a clear answer below 500."""
    browser: Client = request.getfixturevalue(who)
    talk = Talk(chat_channel, jobs)
    talk.says("Hello")
    bodies, faults, tried = cycle(BODIES.values()), [], 0
    for address in every_address(str(chat_channel.public_id)):
        if address.startswith("/sign-out") or (who == "agent" and address.startswith("/chat/")):
            continue
        tries = [(method, b"", TYPES[0]) for method in METHODS]
        tries += [("post", next(bodies), TYPES[(tried + n) % len(TYPES)]) for n in range(BODIES_EACH)]
        for method, body, kind in tries:
            tried += 1
            query = QUERIES[tried % 2]
            answer = browser.generic(method.upper(), address + query, body, content_type=kind)
            if answer.status_code >= 500:
                faults.append((method, address + query, body[:40], kind, answer.status_code))
    assert tried > 400
    assert faults == []
    assert Conversation.objects.filter(pk=talk.conversation.pk).exists()


@pytest.mark.parametrize("path", ["conversations", "messages", "files", "typing", "read", "stream-token", "settings"])
def test_the_chat_bears_every_body_as_every_type(visitor, chat_channel, path):
    for body in BODIES.values():
        for kind in TYPES:
            answer = visitor.post(f"/chat/v1/{chat_channel.public_id}/{path}", body, content_type=kind)
            assert answer.status_code < 500, (body[:40], kind)
            if answer.status_code >= 400:
                assert {"code", "message", "cure"} <= set(answer.json())


@pytest.mark.parametrize("body", BODIES.values(), ids=BODIES.keys())
def test_an_authentic_webhook_that_cannot_be_read_is_kept_and_shown(brand, stranger, body):
    channel = create_channel(brand, kind="hello", name="Hello", settings={"send_to": "http://127.0.0.1:9/"}, by=SYSTEM)
    headers = {"X-Hello-Signature": signature(body, secrets_of(channel)["secret"])}
    address = f"/hooks/{channel.public_id}/"
    answer = stranger.post(address, body, content_type="application/json", headers=headers)
    assert answer.status_code == 200
    kept = RawWebhook.objects.get()
    assert bytes(kept.content) == body
    assert kept.state in (RawState.QUARANTINED, RawState.READ)
    assert not Message.objects.exists()
    forged = {"X-Hello-Signature": "é" * 64}
    assert stranger.post(address, body + b" ", content_type="application/json", headers=forged).status_code == 403
    assert RawWebhook.objects.count() == 1, "what is not the provider's is not kept"


WORDS = {
    "emoji only": "😀🙏🇩🇪👩‍👩‍👧‍👦",
    "one megabyte": "where is my order? " * 55_000,
    "mixed languages": "Where 我的 Paket est-il 注文 заказ?",
    "only marks": "?!…—·。",
    "zero width": "\u200b\u200c\u200d\ufeff",
    "right to left": "\u202eredro ym si erehw",
    "a thousand lines": "\n" * 1000 + "hi",
    "stacked accents": "Z" + "\u0301" * 5000,
    "control characters": "".join(map(chr, range(1, 32))) + "hello",
    "a huge number": "9" * 40_000,
    "a billion laughs": "&lol9;" * 500,
    "catastrophic for patterns": "a" * 20_000 + "@" + "b." * 10_000,
    "open brackets": "(" * 20_000,
    "dashes and digits": "1-" * 20_000,
}


@pytest.mark.parametrize("text", WORDS.values(), ids=WORDS.keys())
def test_any_text_by_chat_and_by_mail_is_answered_or_goes_to_a_person(chat_channel, email_channel, jobs, text):
    for channel in (chat_channel, email_channel):
        talk = Talk(channel, jobs)
        message = talk.writes(text, subject="Hello")
        jobs.run("assistant.turn")
        assert is_settled(message)


def test_sign_in_bears_everything(stranger, tomas):
    for name, password in [
        ("", ""), ("x" * 10_000, "y"), ("tomas", "\x00"), ("\ud800", "p"), ("' OR 1=1 --", "' OR 1=1 --"), ("😀", "😀"),
        ("tomas@lumen.example", "x" * 300),
    ]:  # fmt: skip
        data = {"name": name.encode("utf-8", "surrogatepass"), "password": password, "next": "//evil.example/\x00"}
        answer = stranger.post("/sign-in/", data)
        assert answer.status_code in (400, 422, 429), (name, answer.status_code)


def test_a_message_between_all_that_rubbish_is_taken_and_answered(visitor, chat_channel, jobs):
    messages = f"/chat/v1/{chat_channel.public_id}/messages"
    for body in BODIES.values():
        visitor.post(messages, body, content_type="application/json")
    said = json.dumps({"id": str(uuid4()), "text": "Hello"})
    assert visitor.post(messages, said, content_type="application/json").status_code == 201
    jobs.run()
    assert Message.objects.filter(author=Author.CUSTOMER).count() == 1
    assert Message.objects.filter(author=Author.ASSISTANT).count() == 1
