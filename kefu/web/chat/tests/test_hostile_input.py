"""Whatever a stranger sends gets a clear refusal in JSON: never a fault of ours, never half a message."""

from __future__ import annotations

import json
from uuid import uuid4

import pytest
from django.db import OperationalError

from kefu.channels.chat.limits import TEXT_LIMIT
from kefu.desk.models import Message
from kefu.web.chat import endpoint
from kefu.web.chat.tests.conftest import Visitor

pytestmark = pytest.mark.django_db

ID = str(uuid4())
BODIES: list[tuple[str, bytes, str]] = [
    ("not JSON", b"{", "chat.not_json"),
    ("not an object", b"[1]", "chat.not_json"),
    ("broken UTF-8", b'{"id": "\xff"}', "chat.not_json"),
    ("UTF-16", '{"id": "x"}'.encode("utf-16"), "chat.not_json"),
    ("nested a hundred thousand deep", b'{"a":' + b"[" * 100_000, "chat.not_json"),
    ("NaN", b'{"id": NaN}', "chat.not_json"),
    ("an enormous number", b'{"id": ' + b"9" * 10_000 + b"}", "chat.not_json"),
    ("no id", b'{"text": "hi"}', "chat.bad_field"),
    ("an id that is none", b'{"id": "7", "text": "hi"}', "chat.bad_field"),
    ("an id of another type", b'{"id": {"$ne": 1}, "text": "hi"}', "chat.bad_field"),
    ("text of another type", json.dumps({"id": ID, "text": ["hi"]}).encode(), "chat.bad_field"),
    ("files of another type", json.dumps({"id": ID, "text": "hi", "files": "x"}).encode(), "chat.bad_field"),
    ("files that are no ids", json.dumps({"id": ID, "text": "hi", "files": [1]}).encode(), "chat.bad_field"),
    ("a choice that is too long", json.dumps({"id": ID, "choice": "x" * 300}).encode(), "chat.bad_field"),
    ("nothing said", json.dumps({"id": ID, "text": " \n\t "}).encode(), "desk.empty_message"),
    ("only a NUL", json.dumps({"id": ID, "text": "\x00"}).encode(), "desk.empty_message"),
    ("a file nobody uploaded", json.dumps({"id": ID, "text": "hi", "files": [ID]}).encode(), "desk.no_such_file"),
    ("too long a text", json.dumps({"id": ID, "text": "x" * (TEXT_LIMIT + 1)}).encode(), "chat.text_too_long"),
    ("a megabyte", json.dumps({"id": ID, "text": "x" * 1_000_000}).encode(), "chat.body_too_large"),
]


@pytest.mark.parametrize(("body", "code"), [(b, c) for _, b, c in BODIES], ids=[name for name, _, _ in BODIES])
def test_a_broken_message_is_refused_and_nothing_is_stored(visitor: Visitor, body: bytes, code: str) -> None:
    answer = visitor.post("messages", raw=body)
    assert answer.json()["code"] == code
    assert 400 <= answer.status_code < 500
    assert answer.json()["message"]
    assert answer.json()["cure"]
    assert answer["Access-Control-Allow-Origin"] == "*"
    assert not Message.objects.exists()


@pytest.mark.parametrize(
    ("sent", "stored"),
    [
        ("😀😀😀", "😀😀😀"),
        ("a\x00b", "ab"),
        ("half a pair \ud83d.", "half a pair ?."),
        ("<script>alert(1)</script>", "<script>alert(1)</script>"),
        ("'; DROP TABLE desk_message; --", "'; DROP TABLE desk_message; --"),
        ("‮reversed", "‮reversed"),
        ("中" * TEXT_LIMIT, "中" * TEXT_LIMIT),
    ],
    ids=["emoji", "NUL", "lone surrogate", "markup", "SQL", "direction mark", "longest text"],
)
def test_odd_text_is_kept_as_text(visitor: Visitor, sent: str, stored: str) -> None:
    answer = visitor.say(sent)
    assert answer.status_code == 201
    assert answer.json()["message"]["text"] == stored


@pytest.mark.parametrize(
    "query", ["?after=x", "?before=1'", "?limit=-1", "?limit=x", "?limit=²", f"?after={'f' * 999}"]
)
def test_a_broken_query_is_refused(visitor: Visitor, query: str) -> None:
    answer = visitor.get(f"messages{query}")
    assert (answer.status_code, answer.json()["code"]) == (400, "chat.bad_field")


def test_the_database_away_is_told_as_503_with_a_time_to_come_back(
    visitor: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(*args: object, **kwargs: object) -> None:
        raise OperationalError("connection refused")

    monkeypatch.setattr(endpoint._CHANNEL, "first", away)
    answer = visitor.say("Hello")
    assert (answer.status_code, answer["Retry-After"], answer.json()["code"]) == (503, "5", "chat.out_of_service")
    assert answer["Access-Control-Allow-Origin"] == "*"


def test_another_method_is_told_which_ones_there_are(visitor: Visitor) -> None:
    answer = visitor.client.delete(visitor.url("messages"))
    assert (answer.status_code, answer["Allow"]) == (405, "GET, POST, OPTIONS")
