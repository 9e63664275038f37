"""Raw bytes to a mail, whatever the bytes are."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from kefu.channels.email.reading import Authentication, Automatic, Mailbox, peek, read_mail
from kefu.channels.email.reading.words import header_text, text_of

OURS = Mailbox(addresses=("help@lumen.example",), authserv_id="mx.lumen.example")
SHARED = Path(__file__).resolve().parents[5] / "shared" / "data" / "mail"


def mail(*headers: str, body: str = "Hello", sender: str = "From: Mira <mira@example.com>") -> bytes:
    return "\r\n".join([*([sender] if sender else []), *headers, "", body]).encode()


def test_an_ordinary_mail_is_read():
    read = read_mail(
        mail("To: help@lumen.example", "Subject: Parcel", "Message-ID: <a1@example.com>", "References: <r1@x> <r2@x>",
             "In-Reply-To: <r2@x>", "Date: Mon, 2 Mar 2026 18:00:00 +0800", "Reply-To: M <other@example.com>"),
        OURS,
    )  # fmt: skip
    assert (read.from_address, read.from_name, read.to) == ("mira@example.com", "Mira", ("help@lumen.example",))
    assert (read.subject, read.message_id, read.reply_to) == ("Parcel", "a1@example.com", "other@example.com")
    assert (read.references, read.in_reply_to) == (("r1@x", "r2@x"), ("r2@x",))
    assert read.date == datetime(2026, 3, 2, 10, tzinfo=UTC)
    assert (read.text, read.problem, read.automatic) == ("Hello", "", Automatic.NONE)


@settings(max_examples=300, deadline=None)
@given(some.binary(max_size=400))
def test_no_bytes_make_it_stumble(noise):
    assert read_mail(noise, OURS).message_id
    peek(noise)


_PIECES = some.sampled_from(
    [b"From: ", b"Subject: ", b"To: ", b"mira@example.com", b"=?utf-8?b?", b"=?gb2312?q?", b"?=", b"\r\n", b"\n",
     b"\r\n\r\n",
     b"Content-Type: multipart/mixed; boundary=b\r\n", b"Content-Type: text/html; charset=", b"--b\r\n", b"--b--\r\n",
     b"Content-Transfer-Encoding: base64\r\n", b"Content-Type: message/rfc822\r\n", b"gb2312", b"utf-99", b"\xff\xfe",
     b"<div>", b"<", b">", b"\"", b"(", b";", b"name*0*=", b"filename*=utf-8''%E4", b"Authentication-Results: ",
     b"\xc4\xe3",
     b"On Mon, 2 Mar 2026, X wrote:\n", b"> quoted\n", b"-- \n", b"begin 644 x\n", b"end\n", b"Date: ", b"-99999999999"]
)  # fmt: skip


@settings(max_examples=400, deadline=None)
@given(some.lists(_PIECES, max_size=40).map(b"".join))
def test_no_mixture_of_mail_like_pieces_makes_it_stumble(noise):
    read = read_mail(noise, OURS)
    assert read.problem in ("", "no_sender", "unreadable")
    for text in (read.text, read.subject, read.html, read.from_name, read.message_id, read.problem_detail):
        text.encode()  # storable: no lone surrogates
        assert "\x00" not in text


def test_a_mail_without_an_id_has_always_the_same_made_up_one():
    first, again, other = (read_mail(mail(body=body)) for body in ("Hello", "Hello", "Hallo"))
    assert first.message_id == again.message_id != other.message_id


def test_a_mail_without_a_sender_is_set_aside_with_the_reason():
    assert read_mail(b"Subject: hi\r\n\r\nwho am I").problem == "no_sender"
    assert read_mail(b"").problem == "no_sender"


@pytest.mark.parametrize("raw", [
    b"a" * 1_000_000,
    b"<div>" * 100_000 + b"hello",
    b"<p><b>x" * 60_000,
    b"<div " + b"a=1 " * 150_000 + b">hello",
    b"<!--" * 120_000,
    b">\n" * 300_000,
    b"From: x\n" * 100_000,
    b"On 1\n" * 150_000,
])  # fmt: skip
@pytest.mark.parametrize("kind", ["plain", "html"])
def test_a_hostile_megabyte_costs_little_time(raw, kind):
    began = time.monotonic()
    read = read_mail(b"From: mira@example.com\r\nContent-Type: text/%s\r\n\r\n" % kind.encode() + raw)
    assert read.problem == ""
    assert time.monotonic() - began < 6  # alone well under one second; the machine may be busy


@pytest.mark.parametrize(("raw", "charset", "expected"), [
    ("包裹在哪里".encode("gb18030"), "gb2312", "包裹在哪里"),
    ("包裹在哪里".encode("gb18030"), "", "包裹在哪里"),  # nothing declared
    ("價錢錯誤".encode("big5"), "big5", "價錢錯誤"),
    ("für €5".encode("cp1252"), "iso-8859-1", "für €5"),  # what Windows calls Latin-1
    ("größe".encode("cp1252"), "", "größe"),
    ("größe".encode(), "us-ascii", "größe"),
    ("größe".encode(), "no-such-charset", "größe"),
    ("größe".encode(), "utf-8logistics", "größe"),
    (b"caf\xe9", "utf-8", "café"),
    (b"a\x00b", "utf-8", "ab"),
])  # fmt: skip
def test_words_are_read_in_the_charset_they_were_meant_in(raw, charset, expected):
    assert text_of(raw, charset) == expected


@pytest.mark.parametrize(("raw", "expected"), [
    ("=?utf-8?B?5YyF6KO5?=", "包裹"),
    ("=?utf-8?B?5YyF6A==?= =?utf-8?B?o7k=?=", "包裹"),  # one character cut in two
    ("=?gb2312?B?sPy5/A==?=", "包裹"),
    ("=?utf-8?q?a_b=21?= c", "a b! c"),
    ("=?utf-8?Q?with space?=", "with space"),
    ("=?utf-8*en?Q?hi?=", "hi"),
    ("=?nonsense?B?////?=", "ÿÿÿ"),
    ("plain", "plain"),
    ("folded\r\n\tline", "folded\tline"),
    ("=?utf-8?q?a=0D=0ABcc:_x?=", "a Bcc: x"),
])  # fmt: skip
def test_encoded_headers_are_read(raw, expected):
    assert header_text(raw) == expected


def test_a_name_cannot_smuggle_in_an_address():
    read = read_mail(mail(sender="From: =?utf-8?q?=3Chelp=40lumen=2Eexample=3E=2C?= <mallory@example.net>"), OURS)
    assert read.from_address == "mallory@example.net"
    assert read.automatic is Automatic.NONE


def test_html_is_made_harmless_and_its_own_pictures_stay():
    page = (
        '<p onclick="x()">Hi</p><script>alert(1)</script><img src="cid:cat@x"><img src="https://spy.example/p.gif">'
        '<img src="cid:other"><a href="javascript:x()">a</a><iframe src="//x"></iframe><form><input></form>'
        '<style>p{background:url(https://spy.example)}</style><p style="background:url(//spy.example)">end</p>'
    )
    raw = (
        b"From: mira@example.com\r\nContent-Type: multipart/related; boundary=b\r\n\r\n"
        b"--b\r\nContent-Type: text/html\r\n\r\n"
        + page.encode()
        + b"\r\n--b\r\nContent-Type: image/png; name=cat.png\r\nContent-ID: <cat@x>\r\n"
        b"Content-Transfer-Encoding: base64\r\n\r\niVBORw0KGgo=\r\n--b--\r\n"
    )
    read = read_mail(raw)
    for evil in ("script", "onclick", "spy", "javascript", "iframe", "form", "input", "style", "cid:other"):
        assert evil not in read.html
    assert 'src="cid:cat@x"' in read.html
    (file,) = read.files
    assert (file.name, file.content, file.content_id, file.is_inline) == (
        "cat.png", b"\x89PNG\r\n\x1a\n", "cat@x", True,
    )  # fmt: skip
    assert read.text == "Hi\n\na\n\nend"


@pytest.mark.parametrize(("header", "expected"), [
    ('Content-Disposition: attachment; filename="../../etc/passwd"', "passwd"),
    ("Content-Disposition: attachment; filename*=utf-8''%E5%8F%91%E7%A5%A8.pdf", "发票.pdf"),
    ("Content-Disposition: attachment; filename*0*=utf-8''%E5%8F%91; filename*1*=%E7%A5%A8.pdf", "发票.pdf"),
    ('Content-Disposition: attachment; filename="=?gb2312?B?t6LGsQ==?=.pdf"', "发票.pdf"),
    ('Content-Disposition: attachment; filename="a\u202egpj.exe"', "agpj.exe"),
    ("Content-Disposition: attachment", "file-1.pdf"),
])  # fmt: skip
def test_a_file_keeps_its_name_and_no_path(header, expected):
    raw = (
        f"From: mira@example.com\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n"
        f"Content-Type: application/pdf\r\n{header}\r\n\r\n%PDF\r\n--b--\r\n"
    )
    assert [file.name for file in read_mail(raw.encode()).files] == [expected]


# --- whom to believe ------------------------------------------------------------------------------------------------


def proof(*results: str, sender: str = "From: mira@example.com") -> Authentication:
    headers = [f"Authentication-Results: {one}" for one in results]
    return read_mail(mail(*headers, sender=sender), OURS).authentication


@pytest.mark.parametrize("result", [
    "mx.lumen.example; dmarc=pass (p=REJECT) header.from=example.com",
    "mx.lumen.example 1; spf=none; dkim=pass header.d=example.com; dmarc=pass header.from=example.com",
    "mx.lumen.example; dkim=pass header.i=@example.com header.s=s1",
    "mx.lumen.example; spf=pass (comment; with semicolon) smtp.mailfrom=bounce@example.com",
    "MX.Lumen.Example; dmarc=pass header.from=EXAMPLE.COM",
])  # fmt: skip
def test_our_own_servers_word_proves_the_sender(result):
    assert proof(result) is Authentication.PASSED


@pytest.mark.parametrize("result", [
    "mx.mallory.example; dmarc=pass header.from=example.com",  # somebody else's word
    "mx.lumen.example.mallory.example; dmarc=pass header.from=example.com",
    "mx.lumen.example; dmarc=pass header.from=mallory.example",  # another domain passed
    "mx.lumen.example; dkim=pass header.d=mallory.example",
    "mx.lumen.example; dkim=pass header.d=sub.example.com",  # a child proves nothing of its parent
    "mx.lumen.example; dkim=pass header.d=com",
    "mx.lumen.example; spf=pass smtp.mailfrom=x@mallory.example",
    "mx.lumen.example; spf=fail (dmarc=pass header.from=example.com) smtp.mailfrom=x@example.com",
    'mx.lumen.example; spf=fail smtp.mailfrom="a;dmarc=pass header.from=example.com"@mallory.example',
    "mx.lumen.example; dkim=pass (unclosed header.d=example.com",
    "mx.lumen.example; none",
    "dmarc=pass header.from=example.com",
    "",
])  # fmt: skip
def test_nobody_elses_word_proves_anything(result):
    assert proof(result) is not Authentication.PASSED


def test_only_the_topmost_word_of_our_server_counts():
    real = "mx.lumen.example; dmarc=fail header.from=example.com"
    forged = "mx.lumen.example; dmarc=pass header.from=example.com"
    assert proof(real, forged) is Authentication.FAILED
    assert proof("mx.elsewhere.example; dmarc=pass header.from=example.com", real, forged) is Authentication.FAILED


def test_two_senders_prove_nobody():
    passed = "mx.lumen.example; dmarc=pass header.from=example.com"
    assert proof(passed, sender="From: mira@example.com, mallory@example.net") is Authentication.NONE
    assert proof(passed, sender="From: mira@example.com\r\nFrom: mallory@example.net") is Authentication.NONE


def test_without_a_trusted_name_nothing_is_believed():
    raw = mail("Authentication-Results: mx.lumen.example; dmarc=pass header.from=example.com")
    assert read_mail(raw, Mailbox()).authentication is Authentication.NONE


# --- what nobody waits behind ---------------------------------------------------------------------------------------

_REPORT = (
    "\r\n--b\r\nContent-Type: text/plain\r\n\r\nIt did not arrive.\r\n--b\r\n"
    "Content-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.example.com\r\n\r\n"
    "Final-Recipient: rfc822; mira@example.com\r\n"
    "Action: failed\r\nStatus: 5.1.1\r\n\r\n--b\r\nContent-Type: text/rfc822-headers\r\n\r\n"
    "Message-ID: <kefu.abc@lumen.example>\r\nSubject: Re: Parcel\r\n\r\n--b--"
)


@pytest.mark.parametrize(("headers", "sender", "expected"), [
    (["Auto-Submitted: auto-replied"], "", Automatic.AUTO_REPLY),
    (["Auto-Submitted: auto-generated; x=y"], "", Automatic.AUTO_REPLY),
    (["X-Autoreply: yes"], "", Automatic.AUTO_REPLY),
    (["X-Auto-Response-Suppress: All"], "", Automatic.AUTO_REPLY),
    (["Precedence: auto_reply"], "", Automatic.AUTO_REPLY),
    (["Subject: Automatic reply: Parcel"], "", Automatic.AUTO_REPLY),
    (["Subject: =?utf-8?B?6Ieq5Yqo5Zue5aSNOiDljIXoo7k=?="], "", Automatic.AUTO_REPLY),  # 自动回复: 包裹
    (["Precedence: bulk"], "", Automatic.LIST),
    (["List-Id: News <news.shop.example>"], "", Automatic.LIST),
    (["List-Unsubscribe: <mailto:x@y.example>"], "", Automatic.LIST),
    (["Return-Path: <>", "Subject: Undelivered Mail Returned to Sender"], "", Automatic.BOUNCE),
    ([], "From: MAILER-DAEMON@example.com", Automatic.BOUNCE),
    (["X-Failed-Recipients: mira@example.com"], "", Automatic.BOUNCE),
    ([], "From: noreply@example.com", Automatic.AUTO_REPLY),
    ([], "From: Lumen <HELP@lumen.example>", Automatic.LOOP),
    (["X-Loop: help@lumen.example"], "", Automatic.LOOP),
    (["Auto-Submitted: no"], "", Automatic.NONE),
    (["Subject: I am out of office supplies"], "", Automatic.NONE),
    (["Subject: Re: delivery failed, where is my parcel?"], "", Automatic.NONE),
    (["Reply-To: mira@example.com"], "From: noreply@shopforms.example", Automatic.NONE),  # a contact form
    (["List-Id: <help.lumen.example>", "Precedence: list"], "", Automatic.NONE),  # our mailbox is a group
])  # fmt: skip
def test_what_nobody_waits_behind_is_known(headers, sender, expected):
    assert read_mail(mail(*headers, sender=sender or "From: mira@example.com"), OURS).automatic is expected


def test_a_bounce_tells_which_of_our_mails_did_not_arrive_and_why():
    raw = mail('Content-Type: multipart/report; report-type=delivery-status; boundary="b"', body=_REPORT,
               sender="From: Mail Delivery System <MAILER-DAEMON@mx.example.com>")  # fmt: skip
    bounced = read_mail(raw, OURS).bounced
    assert (bounced.action, bounced.status, bounced.recipient) == ("failed", "5.1.1", "mira@example.com")
    assert bounced.message_ids == ("kefu.abc@lumen.example",)


# --- other projects' mail -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("folder", "pattern", "count"), [("chatwoot", "*.eml", 39), ("zammad", "*.box", 39)])
def test_every_mail_of_two_other_desks_comes_in(folder, pattern, count):
    if not SHARED.exists():
        pytest.skip("the corpora are not part of the project")
    files = sorted((SHARED / folder).glob(pattern))
    assert len(files) == count
    assert [file.name for file in files if read_mail(file.read_bytes(), OURS).problem] == []
