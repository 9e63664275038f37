"""Where the chat may stand, how much one visitor may take, and what the widget is told."""

from __future__ import annotations

import gzip
import html
import json
import re
from datetime import timedelta
from typing import Any

import pytest

from kefu.assistant.tests.shop import product, variant
from kefu.conftest import HeldClock
from kefu.desk.models import Channel
from kefu.kernel import crypto, rates
from kefu.kernel.rates import Rate
from kefu.people.models import Customer
from kefu.web.chat.tests.conftest import Visitor
from kefu.web.client_address import client_address

pytestmark = pytest.mark.django_db


def test_any_page_may_use_a_channel_that_names_none_but_never_with_cookies(visitor: Visitor) -> None:
    visitor.headers = {"Origin": "https://anywhere.example"}
    answer = visitor.get("messages")
    assert answer["Access-Control-Allow-Origin"] == "*"
    assert "Access-Control-Allow-Credentials" not in answer
    assert not answer.cookies


def test_only_the_named_pages_may_use_a_channel_that_names_some(visitor: Visitor, settings: Any) -> None:
    settings.KEFU_URL = "https://kefu.example"
    visitor.channel.settings = {"origins": ["https://lumen.example"]}
    visitor.channel.save()
    for origin, allowed in (
        ("https://lumen.example", True),
        ("https://kefu.example", True),  # its own page
        ("https://evil.example", False),
        ("https://lumen.example.evil.example", False),
        ("null", False),
    ):
        visitor.headers = {"Origin": origin}
        asked = visitor.client.options(visitor.url("messages"), headers=visitor.headers)
        for answer in (visitor.get("settings"), visitor.say("Hello"), asked):
            assert (answer.status_code != 403) is allowed, origin
            assert answer.headers.get("Access-Control-Allow-Origin") == (origin if allowed else None)
            assert "Origin" in answer["Vary"]
    visitor.headers = {}
    assert visitor.get("settings").status_code == 200  # the shop's own server


def test_a_browser_may_ask_beforehand(visitor: Visitor) -> None:
    answer = visitor.client.options(visitor.url("messages"), headers={"Origin": "https://lumen.example"})
    assert answer.status_code == 204
    assert answer["Access-Control-Allow-Methods"] == "GET, POST, OPTIONS"
    assert "Authorization" in answer["Access-Control-Allow-Headers"]


def test_too_many_messages_wait_and_are_then_taken(visitor: Visitor, stranger: Visitor, held_clock: HeldClock) -> None:
    visitor.channel.settings = {"rates": {"message": {"visitor": [6, 3]}}}
    visitor.channel.save()
    assert visitor.start().status_code == stranger.start().status_code == 201
    assert [visitor.say(str(n)).status_code for n in range(5)] == [201, 201, 201, 429, 429]
    refused = visitor.say("too soon")
    assert (refused["Retry-After"], refused.json()["code"]) == ("10", "chat.rate_limited")
    assert stranger.say("somebody else").status_code == 201
    held_clock.move(timedelta(seconds=10))
    assert [visitor.say(str(n)).status_code for n in range(2)] == [201, 429]


def test_one_address_cannot_start_talks_without_end(visitor: Visitor, held_clock: HeldClock) -> None:
    visitor.channel.settings = {"rates": {"start": {"ip": [60, 4]}}}
    visitor.channel.save()
    assert [visitor.start().status_code for _ in range(6)] == [201] * 4 + [429] * 2


def test_a_rate_lets_the_burst_through_then_one_a_step(held_clock: HeldClock) -> None:
    charges = [("a", Rate(per_minute=60, burst=3))]
    assert [rates.spend(charges) for _ in range(5)] == [0, 0, 0, 1, 1]
    held_clock.move(timedelta(seconds=2))
    assert [rates.spend(charges) for _ in range(3)] == [0, 0, 1]
    held_clock.move(timedelta(hours=1))
    assert [rates.spend(charges) for _ in range(4)] == [0, 0, 0, 1]
    assert rates.spend([("b", Rate(60, 1)), *charges]) == 1


def test_a_clock_that_was_set_back_locks_nobody_out(held_clock: HeldClock) -> None:
    charges = [("a", Rate(per_minute=60, burst=1))]
    assert [rates.spend(charges), rates.spend(charges)] == [0, 1]
    held_clock.move(-timedelta(days=1))
    assert [rates.spend(charges), rates.spend(charges)] == [0, 1]


def test_rates_that_are_whole_again_are_forgotten(held_clock: HeldClock) -> None:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE kernel_rate")
        rates.spend([(str(n), Rate(60, 1)) for n in range(20)])
        held_clock.move(timedelta(hours=1))
        rates.spend([("new", Rate(60, 1))])
        rates.sweep()
        cursor.execute("SELECT count(*) FROM kernel_rate")
        assert cursor.fetchone() == (1,)


@pytest.mark.parametrize(
    ("peer", "forwarded", "behind", "counted"),
    [
        ("203.0.113.9", "", False, "203.0.113.9"),
        ("203.0.113.9", "198.51.100.1", False, "203.0.113.9"),  # anybody can write that header
        ("10.0.0.1", "198.51.100.1", True, "198.51.100.1"),
        ("10.0.0.1", "6.6.6.6, 198.51.100.1", True, "198.51.100.1"),  # only the last was written by our proxy
        ("10.0.0.1", "rubbish", True, "10.0.0.1"),
        ("2001:db8:1:2:3::4", "", False, "2001:db8:1:2::/64"),
        ("::ffff:203.0.113.9", "", False, "203.0.113.9"),
        ("", "", False, ""),
    ],
)
def test_who_asks_is_known_by_what_cannot_be_forged(peer: str, forwarded: str, behind: bool, counted: str) -> None:
    assert client_address(peer, forwarded, behind_proxy=behind) == counted


def test_the_widget_is_told_its_words_in_the_visitors_language(visitor: Visitor, chat_channel: Channel) -> None:
    chat_channel.settings = {
        "greetings": {"zh": "欢迎"},
        "accent": "#004488",
        "privacy_url": "https://lumen.example/privacy",
    }
    chat_channel.save()
    english, chinese = visitor.get("settings?language=en-GB").json(), visitor.get("settings?language=zh-Hans").json()
    assert english["texts"]["greeting"].startswith("Hello")
    assert chinese["texts"]["greeting"] == "欢迎"
    assert (chinese["language"], chinese["accent"]) == ("zh", "#004488")
    assert english["privacy_url"] == "https://lumen.example/privacy"
    visitor.headers = {"Accept-Language": "fr;q=0.9, zh-CN;q=0.8"}
    assert visitor.get("settings?language=fr").json()["language"] == "zh"
    assert "secret" not in visitor.get("settings").content.decode()


def test_the_script_is_cached_and_packed(visitor: Visitor) -> None:
    plain = visitor.client.get("/widget.js")
    packed = visitor.client.get("/widget.js", headers={"Accept-Encoding": "gzip, br"})
    assert gzip.decompress(packed.content) == plain.content
    assert plain["Access-Control-Allow-Origin"] == "*"
    again = visitor.client.get("/widget.js", headers={"If-None-Match": plain["ETag"]})
    assert (again.status_code, again.content) == (304, b"")


def test_the_shop_of_the_demonstration_stands_only_in_the_demonstration(visitor: Visitor, settings: Any) -> None:
    settings.KEFU_DEMO = False
    assert visitor.client.get("/demo-shop/").status_code == 404
    settings.KEFU_DEMO = True
    assert str(visitor.channel.public_id) in visitor.client.get("/demo-shop/").content.decode()
    variant(product(visitor.channel.brand, category="jackets"))
    page = visitor.client.get("/demo-shop/?language=zh").content.decode()
    assert "冰川冲锋衣" in page
    assert "data-identity" not in page


def test_a_visitor_of_the_demonstration_may_come_signed_in(visitor: Visitor, settings: Any) -> None:
    settings.KEFU_DEMO = True
    visitor.channel.secrets = crypto.encrypt('{"identity": "the shop\'s own"}', purpose="channel-secrets")
    visitor.channel.save()
    Customer.objects.create(brand=visitor.channel.brand, external_id="C-7", name="Mira", language="en")
    page = visitor.client.get("/demo-shop/?as=C-7").content.decode()
    identity = json.loads(html.unescape(re.search(r'data-identity="([^"]+)"', page)[1]))
    start = visitor.client.post(
        f"/chat/v1/{visitor.channel.public_id}/conversations", {"identity": identity}, content_type="application/json"
    )
    assert start.json()["signed_in"] is True


def test_the_page_of_its_own_names_the_shop_safely(visitor: Visitor) -> None:
    visitor.channel.brand.name = "<b>Lumen"
    visitor.channel.brand.save()
    page = visitor.client.get(f"/chat/{visitor.channel.public_id}/?language=zh").content.decode()
    assert "&lt;b&gt;Lumen" in page
    assert "<b>Lumen" not in page
    assert '<html lang="zh">' in page
