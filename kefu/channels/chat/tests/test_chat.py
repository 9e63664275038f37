"""The chat as a channel: what every channel must do, its settings, and the shop's signature."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from kefu.channels.base import Outbound, Undeliverable
from kefu.channels.chat.adapter import Chat
from kefu.channels.chat.identity import (
    LONGEST_VALIDITY,
    BadIdentity,
    IdentityExpired,
    SignedIdentity,
    signature,
    signed_bytes,
    verified,
)
from kefu.channels.chat.settings import ChatSettings, contrast_with_white, rate
from kefu.channels.chat.texts import best_language, languages, texts
from kefu.channels.chat.view import first_name
from kefu.channels.conformance import EveryChannel
from kefu.kernel.rates import Rate

NOW = datetime(2026, 3, 2, 10, 0, tzinfo=UTC)
EXP = int(NOW.timestamp()) + 600
CHANNEL = "0190f0a4-7b1a-7c3e-8d2f-0123456789ab"
SECRET = "the secret of the channel"


class TestChat(EveryChannel):
    kind = "chat"
    secrets = {"identity": "sixteen letters!"}


def test_a_chat_sends_nothing_by_itself() -> None:
    with pytest.raises(Undeliverable):
        Chat({}, {}).send(Outbound(reference="r", to="v", text="Hello"), handing_over=lambda: None)


def signed(**changes: Any) -> dict[str, Any]:
    facts = {"customer": "C-1001", "email": "mira@example.com", "name": "Mira 王", "exp": EXP}
    return {**facts, "signature": signature(SECRET, channel=CHANNEL, **facts), **changes}


def check(claims: object, *, secret: str = SECRET, channel: str = CHANNEL, now: datetime = NOW) -> SignedIdentity:
    return verified(claims, secret=secret, channel=channel, now=now)


def test_what_the_shop_signed_is_believed() -> None:
    assert check(signed()) == SignedIdentity("C-1001", "mira@example.com", "Mira 王")


def test_the_signed_bytes_are_those_of_the_reference_page() -> None:
    """docs/reference/chat-interface.md prints this example; another implementation must come to the same digits."""
    facts = {"customer": "C-1001", "email": "mira@example.com", "name": "Mira", "exp": 1772445600}
    assert signed_bytes(channel=CHANNEL, **facts) == (
        b"kefu-identity-v1\n0190f0a4-7b1a-7c3e-8d2f-0123456789ab\nC-1001\nmira@example.com\nMira\n1772445600"
    )
    digits = "470c074b37a7de422e6015caff81cd06abec82860f898d55d294cdba3b480920"
    assert signature(SECRET, channel=CHANNEL, **facts) == digits


@pytest.mark.parametrize(
    "changes",
    [
        {"customer": "C-1002"},
        {"email": "other@example.com"},
        {"email": "Mira@example.com"},
        {"name": "Mira\u3000王"},
        {"name": None},
        {"exp": EXP + 1},
        {"exp": str(EXP)},
        {"exp": float(EXP)},
        {"exp": True},
        {"exp": None},
        {"exp": -1},
        {"signature": ""},
        {"signature": None},
        {"signature": "é" * 64},
        {"signature": signature(SECRET, channel=CHANNEL, customer="", email="", name="", exp=EXP)[:-1]},
        {"customer": "C-1001\nmira@example.com", "email": "x"},
        {"customer": ["C-1001"]},
        {"customer": "x" * 121},
        {"name": "\ud800"},
    ],
    ids=str,
)
def test_anything_changed_after_signing_is_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(BadIdentity):
        check(signed(**changes))


def test_fields_cannot_be_shifted_into_each_other() -> None:
    one = signed_bytes(channel=CHANNEL, customer="a", email="b", name="", exp=EXP)
    other = signed_bytes(channel=CHANNEL, customer="a\nb", email="", name="", exp=EXP)
    assert one != other
    claims = {"customer": "a\nb", "email": "", "name": "", "exp": EXP}
    with pytest.raises(BadIdentity, match="control character"):
        check({**claims, "signature": signature(SECRET, channel=CHANNEL, **claims)})


def test_a_signature_ends_and_may_not_last_for_ever() -> None:
    with pytest.raises(IdentityExpired):
        check(signed(), now=datetime.fromtimestamp(EXP, UTC))
    late = {"customer": "C-1001", "email": "", "name": "", "exp": int(NOW.timestamp()) + LONGEST_VALIDITY + 60}
    with pytest.raises(BadIdentity, match="ahead"):
        check({**late, "signature": signature(SECRET, channel=CHANNEL, **late)})


def test_a_signature_counts_for_its_own_channel_and_secret_only() -> None:
    with pytest.raises(BadIdentity):
        check(signed(), secret="another secret")
    with pytest.raises(BadIdentity):
        check(signed(), channel="0190f0a4-7b1a-7c3e-8d2f-ffffffffffff")
    with pytest.raises(BadIdentity, match="no identity secret"):
        check(
            {**signed(), "signature": signature("", channel=CHANNEL, customer="C", email="", name="", exp=EXP)},
            secret="",
        )


def test_a_signature_must_name_somebody() -> None:
    nobody = {"customer": "", "email": "", "name": "Mira", "exp": EXP}
    with pytest.raises(BadIdentity, match="customer or email"):
        check({**nobody, "signature": signature(SECRET, channel=CHANNEL, **nobody)})


@pytest.mark.parametrize("claims", [[], "x", 5, True, {}], ids=str)
def test_something_else_in_the_place_of_an_identity_is_refused(claims: object) -> None:
    with pytest.raises(BadIdentity):
        check(claims)


def test_a_customer_number_that_looks_like_an_address_is_not_taken_for_one() -> None:
    assert "@" not in SignedIdentity("olek@example.com", "", "").address
    assert SignedIdentity("", "Mira@Example.com", "").address == "mira@example.com"


def form(**fields: Any) -> ChatSettings:
    made = ChatSettings(fields)
    made.is_valid()
    return made


def test_a_channel_works_with_nothing_set() -> None:
    assert form().cleaned_data == {
        "origins": [], "accent": "#1f5fbf", "privacy_url": "", "greetings": {}, "rates": {}, "identity": "",
    }  # fmt: skip


def test_settings_that_were_kept_can_be_put_back_into_the_form() -> None:
    once = form(origins="https://Shop.example:443/path\nhttp://localhost:3000", rates={"message": {"ip": [9, 9]}})
    assert once.cleaned_data["origins"] == ["https://shop.example", "http://localhost:3000"]
    assert form(**once.cleaned_data).cleaned_data == once.cleaned_data


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("origins", "shop.example"),
        ("origins", "ftp://shop.example"),
        ("origins", "https://user@shop.example"),
        ("accent", "blue"),
        ("accent", "#ffff00"),  # white cannot be read on yellow
        ("privacy_url", "javascript:alert(1)"),
        ("greetings", '["Hello"]'),
        ("greetings", '{"en": 5}'),
        ("rates", '{"message": {"ip": [0, 5]}}'),
        ("rates", '{"breathe": {}}'),
        ("identity", "short"),
    ],
)
def test_a_setting_that_cannot_work_is_refused(field: str, value: str) -> None:
    assert field in form(**{field: value}).errors


def test_a_channels_own_limits_count_and_broken_ones_are_the_standard() -> None:
    assert rate({"rates": {"message": {"ip": [5, 2]}}}, "message", "ip") == Rate(per_minute=5, burst=2)
    standard = rate({}, "message", "ip")
    for broken in ("x", {"message": 5}, {"message": {"ip": "x"}}, {"message": {"ip": [-1, 2]}}):
        assert rate({"rates": broken}, "message", "ip") == standard


def test_contrast_is_measured_as_wcag_does() -> None:
    assert contrast_with_white("#000000") == pytest.approx(21)
    assert contrast_with_white("#767676") == pytest.approx(4.54, abs=0.01)


def test_every_language_says_everything_with_the_same_gaps_to_fill() -> None:
    def gaps(text: str) -> set[str]:
        return {part.split("}")[0] for part in text.split("{")[1:]}

    english = texts("en")
    assert {"en", "zh"} <= set(languages())
    for language in languages():
        words = texts(language)
        assert words.keys() == english.keys()
        assert all(text.strip() for text in words.values())
        for key, text in words.items():
            assert gaps(text) <= gaps(english[key]), (language, key)


@pytest.mark.parametrize(
    ("wished", "offered", "best"),
    [
        (["zh-Hans-CN"], ["en", "zh"], "zh"),
        (["fr", "zh_TW", "en"], ["en", "zh"], "zh"),
        (["fr"], ["zh", "en"], "zh"),  # the brand's first
        ([], [], "en"),
        (["", "*", "xx" * 50], ["en"], "en"),
        (["zh"], ["en"], "en"),  # there are words for it, but the brand does not answer in it
    ],
)
def test_the_first_language_both_sides_know_is_spoken(wished: list[str], offered: list[str], best: str) -> None:
    assert best_language(wished, offered=offered) == best


def test_a_person_is_called_by_the_first_name() -> None:
    assert [first_name(name) for name in ("Tomas Berg", "王丽", " ", "")] == ["Tomas", "王丽", "", ""]
