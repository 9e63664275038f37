"""docs/reference/chat-interface.md says what the code does."""

from __future__ import annotations

import re

import pytest
from django.conf import settings

from kefu.channels.chat import limits
from kefu.channels.chat.identity import BadIdentity, IdentityExpired
from kefu.desk.errors import ChannelOff, EmptyMessage, MessageTooLong, NoSuchFile
from kefu.kernel.crypto import BadToken, Undecryptable
from kefu.web.chat import problems
from kefu.web.chat.urls import urlpatterns
from kefu.web.events import app, stream, tokens

PAGE = (settings.BASE_DIR / "docs" / "reference" / "chat-interface.md").read_text("utf-8")
#: refusals of the rooms below that reach a caller
BELOW = (BadToken, Undecryptable, BadIdentity, IdentityExpired, ChannelOff, EmptyMessage, MessageTooLong, NoSuchFile)


def test_every_address_is_listed() -> None:
    listed = set(re.findall(r"\| (GET|POST) \| `([a-z/<>-]+)` \|", PAGE))
    routes = {
        str(one.pattern).removeprefix("chat/v1/<str:channel_id>/")
        for one in urlpatterns
        if "chat/v1/<" in str(one.pattern)
    }
    assert {path.replace("<id>", "<uuid:file_id>") for _, path in listed} == routes


def test_every_refusal_is_listed_with_its_status() -> None:
    listed = {
        (int(status), code)
        for status, codes in re.findall(r"^\| (\d{3}) \| (.+) \|$", PAGE, re.M)
        for code in re.findall(r"`([\w.]+)`", codes)
    }
    ours = [one for one in vars(problems).values() if isinstance(one, type) and issubclass(one, problems.ChatProblem)]
    below = [
        BadToken,
        Undecryptable,
        BadIdentity,
        IdentityExpired,
        ChannelOff,
        EmptyMessage,
        MessageTooLong,
        NoSuchFile,
    ]
    known = {(problems.status_of(one()), one.code) for one in [*ours, *below] if one is not problems.ChatProblem}
    assert listed == known


def test_every_refusal_says_what_happened_and_what_to_do() -> None:
    for one in vars(problems).values():
        if isinstance(one, type) and issubclass(one, problems.ChatProblem):
            body = problems.body_of(one())
            assert body["message"]
            assert str(body["cure"]).endswith(".")


def test_the_limits_are_those_of_the_code() -> None:
    rows = {
        name: cells
        for name, *cells in re.findall(r"^\| (\w+) \| ([\d/ ]*) ?\| ([\d/ ]*) ?\| ([\d/ ]*) ?\|$", PAGE, re.M)
    }
    assert rows.keys() == limits.RATES.keys()
    for deed, counts in limits.RATES.items():
        for counted, cell in zip(("visitor", "ip", "channel"), rows[deed], strict=True):
            rate = counts.get(counted)
            assert cell.strip() == (f"{rate.per_minute} / {rate.burst}" if rate else ""), (deed, counted)


@pytest.mark.parametrize(
    "sentence",
    [
        f"at most {limits.TEXT_LIMIT:,} characters",
        f"at most {limits.FILE_LIMIT // 1024**2} MB",
        f"up to {limits.FILES_A_MESSAGE} uploaded files",
        f"goes up to {limits.PAGE_LIMIT}",
        f"holds for {tokens.ANONYMOUS_SECONDS // 86400} days",
        f"with an identity for {tokens.SIGNED_SECONDS // 3600} hours",
        f"({tokens.STREAM_SECONDS} seconds)",
        f"Every {stream.HEARTBEAT_SECONDS} seconds of silence",
        f"Streams: {app.STREAMS_A_TALK}\nof one conversation",
        *(f"`{kind}`" for kind in limits.FILE_TYPES),
        "470c074b37a7de422e6015caff81cd06abec82860f898d55d294cdba3b480920",
    ],
)
def test_a_figure_on_the_page_is_the_codes_own(sentence: str) -> None:
    assert sentence in PAGE
