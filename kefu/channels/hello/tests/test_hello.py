"""The example channel: the shared suite, and its own provider played by a small server."""

from __future__ import annotations

import json
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread
from typing import ClassVar

import pytest

from kefu.channels.base import NotTaken, Outbound, RawRequest, Undeliverable
from kefu.channels.conformance import SendingChannel, WebhookChannel
from kefu.channels.hello.adapter import Hello, signature
from kefu.channels.webhooks import accept, status_of

SECRET = "sixteen letters!"


class TestHello(WebhookChannel, SendingChannel):
    kind = "hello"
    settings: ClassVar[dict] = {"send_to": "http://127.0.0.1:1/answers"}
    secrets: ClassVar[dict] = {"secret": SECRET}

    def signed(self, body: bytes) -> RawRequest:
        return RawRequest(body=body, headers={"x-hello-signature": signature(body, SECRET)})


class Provider(HTTPServer):
    """Takes posts; `answers_with` is its next status."""

    def __init__(self) -> None:
        self.taken: list[dict] = []
        self.answers_with = 200
        super().__init__(("127.0.0.1", 0), _Taking)


class _Taking(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        assert self.headers["X-Hello-Signature"] == signature(body, SECRET)
        self.server.taken.append(json.loads(body))
        self.send_response(self.server.answers_with)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def provider() -> Iterator[Provider]:
    server = Provider()
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


def hello(provider: Provider) -> Hello:
    return Hello({"send_to": f"http://127.0.0.1:{provider.server_port}/answers"}, {"secret": SECRET})


def test_an_answer_is_posted_once_and_signed(provider):
    order: list[str] = []
    receipt = hello(provider).send(
        Outbound(reference="r-1", to="visitor-7", text="Tomorrow"),
        handing_over=lambda: order.append(f"{len(provider.taken)} posted"),
    )
    assert order == ["0 posted"]
    assert provider.taken == [{"to": "visitor-7", "text": "Tomorrow", "reference": "r-1"}]
    assert receipt.external_id == "r-1"


@pytest.mark.parametrize(("status", "failure"), [(400, Undeliverable), (404, Undeliverable), (503, NotTaken)])
def test_a_refusal_says_whether_trying_again_makes_sense(provider, status, failure):
    provider.answers_with = status
    with pytest.raises(failure):
        hello(provider).send(Outbound(reference="r", to="v", text="t"), handing_over=lambda: None)


def test_a_message_reaches_the_desk_once_however_often_it_is_brought(hello_channel):
    body = b'{"type": "message", "id": "m-1", "from": "visitor-7", "name": "Mira", "text": "Hello"}'
    request = RawRequest(body=body, headers={"x-hello-signature": signature(body, SECRET)})
    brought = {accept(hello_channel.public_id, request)[0].pk for _ in range(10)}
    assert len(brought) == 1
    assert hello_channel.conversations.get().messages.get().text == "Hello"


def test_a_forged_call_is_refused_and_leaves_nothing(hello_channel):
    forged = RawRequest(body=b'{"type": "message", "id": "m", "from": "v", "text": "t"}')
    assert status_of(hello_channel.public_id, forged) == 403
    assert not hello_channel.conversations.exists()


def test_a_channel_that_is_off_takes_nothing(hello_channel):
    hello_channel.is_on = False
    hello_channel.save()
    assert status_of(hello_channel.public_id, RawRequest(body=b"{}")) == 404


def test_a_malformed_call_is_set_aside_shown_and_can_be_read_again(hello_channel, ines):
    from kefu.channels.services import quarantined_webhooks, read_again

    body = b'{"type": "message", "id": "m-1"}'
    request = RawRequest(body=body, headers={"x-hello-signature": signature(body, SECRET)})
    assert status_of(hello_channel.public_id, request) == 200
    (aside,) = quarantined_webhooks([hello_channel.brand_id])
    assert aside.problem == "channels.bad_payload"
    assert '"from" is missing' in aside.detail
    assert read_again(aside, by=ines.actor()) == []
    assert len(quarantined_webhooks([hello_channel.brand_id])) == 1
    assert len(quarantined_webhooks([hello_channel.brand_id + 1])) == 0
