"""Mail as it leaves, taken by a real SMTP server."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from email import message_from_bytes, policy
from typing import ClassVar
from uuid import UUID

import pytest

from kefu.channels.base import NotTaken, Outbound, OutboundFile, Undeliverable, Unreachable
from kefu.channels.conformance import SendingChannel
from kefu.channels.email import tokens
from kefu.channels.email.adapter import Email
from kefu.channels.email.reading import Automatic, Mailbox, read_mail

CONVERSATION = UUID("0198a000-0000-7000-8000-000000000001")
CHANNEL = UUID("0198a000-0000-7000-8000-0000000000aa")
REFERENCE = "0198a000-0000-7000-8000-0000000000ff"


def outbound(**changes: object) -> Outbound:
    token = tokens.make(CONVERSATION, channel=CHANNEL)
    mail = Outbound(reference=REFERENCE, to="mira@example.com", text="Tomorrow.", subject="Where is it?", token=token,
                    in_reply_to="q1@example.com", thread=("q0@example.com", "q1@example.com"))  # fmt: skip
    return replace(mail, **changes)


class TestEmailSends(SendingChannel):
    kind = "email"
    settings: ClassVar[dict] = {"address": "help@lumen.example", "smtp_host": "127.0.0.1", "smtp_port": 1,
                                "smtp_security": "plain"}  # fmt: skip


def sent(smtp, **changes):
    receipt = Email(smtp.settings(), {}).send(outbound(**changes), handing_over=lambda: None)
    return receipt, smtp.sink.mails()[-1]


def words(mail):
    return mail.get_body(("plain",)).get_content().replace("\r\n", "\n").strip()


def test_an_answer_stands_below_its_question_in_every_mail_program(smtp):
    receipt, mail = sent(smtp)
    assert smtp.sink.recipients == [["mira@example.com"]]
    assert mail["In-Reply-To"] == "<q1@example.com>"
    assert mail["References"] == "<q0@example.com> <q1@example.com>"
    assert mail["Subject"] == "Re: Where is it?"
    assert mail["Message-ID"] == f"<{receipt.external_id}>"
    assert mail["From"] == "Lumen <help@lumen.example>"


def test_a_second_try_bears_the_same_id_so_that_a_double_can_be_recognised(smtp):
    first, second = sent(smtp)[0], sent(smtp)[0]
    assert first == second


def test_the_customers_answer_finds_its_conversation_by_address_and_by_id(smtp):
    receipt, mail = sent(smtp)
    to = mail["Reply-To"].addresses[0].addr_spec
    by_address = read_mail(f"From: mira@example.com\nTo: {to.upper()}\n\nThanks".encode())
    by_id = read_mail(f"From: mira@example.com\nIn-Reply-To: <{receipt.external_id}>\n\nThanks".encode())
    for answer in (by_address, by_id):
        assert [tokens.conversation_of(one, channel=CHANNEL) for one in answer.reply_tokens] == [CONVERSATION]


def test_a_token_of_another_channel_or_an_altered_one_is_worth_nothing():
    token = tokens.make(CONVERSATION, channel=CHANNEL)
    assert tokens.conversation_of(token, channel=CONVERSATION) is None
    for place in range(len(token)):
        altered = token[:place] + ("a" if token[place] != "a" else "b") + token[place + 1 :]
        assert tokens.conversation_of(altered, channel=CHANNEL) is None
    for nonsense in ("", "a" * 42, "1" * 42, "ä" * 42):
        assert tokens.conversation_of(nonsense, channel=CHANNEL) is None


def test_a_mailbox_without_plus_addresses_gets_none(smtp):
    settings = {**smtp.settings(), "plus_addressing": False}
    Email(settings, {}).send(outbound(), handing_over=lambda: None)
    assert smtp.sink.mails()[0]["Reply-To"] is None


def test_the_assistants_mail_says_that_a_machine_wrote_it_and_a_persons_does_not(smtp):
    assert sent(smtp, is_automatic=True)[1]["Auto-Submitted"] == "auto-replied"
    assert sent(smtp)[1]["Auto-Submitted"] is None


def test_two_kefus_do_not_talk_to_each_other_for_ever(smtp):
    sent(smtp, is_automatic=True)
    other = read_mail(smtp.sink.taken[0], Mailbox(addresses=("service@nordlicht.example",)))
    assert other.automatic is Automatic.AUTO_REPLY


def test_no_value_can_begin_another_header(smtp):
    evil = "Hi\r\nBcc: everyone@example.com\n\n<script>"
    _, mail = sent(smtp, subject=evil, from_name=evil, language="en\r\nX-Evil: 1", in_reply_to="a@b>\r\nX-Evil: 1",
                   thread=("x>\r\nX-Evil: 1", "ok@example.com"), token="")  # fmt: skip
    assert mail["Bcc"] is None
    assert mail["X-Evil"] is None
    assert mail["References"] == "<ok@example.com>"
    assert smtp.sink.recipients == [["mira@example.com"]]


@pytest.mark.parametrize(
    "to", ["", "nobody", "a@b\r\nRCPT TO:<x@y.example>", "a@b.example>,<x@y.example", "a b@c.example"]
)
def test_an_address_that_is_none_is_refused_before_anybody_is_called(smtp, to):
    with pytest.raises(Undeliverable):
        Email(smtp.settings(), {}).send(outbound(to=to), handing_over=lambda: pytest.fail("handed over"))
    assert smtp.sink.taken == []


def test_chinese_words_and_names_arrive_as_they_were_written(smtp):
    file = OutboundFile(name="退货单 1042.pdf", content=b"%PDF-1.7", content_type="application/pdf")
    text = "您好！包裹明天到：https://lumen.example/t/1042。\n\n祝好"
    _, mail = sent(smtp, text=text, subject="包裹在哪里", from_name="流明", language="zh", files=(file,))
    assert smtp.sink.taken[0].isascii()
    assert mail["Subject"] == "Re: 包裹在哪里"
    assert mail["From"].addresses[0].display_name == "流明"
    assert words(mail) == text
    page = mail.get_body(("html",)).get_content()
    assert '<a href="https://lumen.example/t/1042">' in page
    assert '<html lang="zh">' in page
    (attached,) = mail.iter_attachments()
    assert (attached.get_filename(), attached.get_content()) == ("退货单 1042.pdf", b"%PDF-1.7")


def test_what_a_customer_wrote_stays_text_in_the_html(smtp):
    _, mail = sent(smtp, text='<img src=x onerror=alert(1)> & "https://a.example/?q=<b>"')
    page = mail.get_body(("html",)).get_content()
    assert "<img" not in page
    assert "<b>" not in page
    assert "&lt;img src=x onerror=alert(1)&gt;" in page


def test_choices_become_a_list(smtp):
    _, mail = sent(smtp, choices=(("line:1", "Blue"), ("line:2", "Red")))
    assert words(mail) == "Tomorrow.\n\n- Blue\n- Red"


def test_a_long_thread_keeps_its_first_and_its_newest_ids(smtp):
    ids = tuple(f"m{n}@example.com" for n in range(100))
    _, mail = sent(smtp, thread=ids, in_reply_to=ids[-1])
    kept = mail["References"].split()
    assert (len(kept), kept[0], kept[-1]) == (20, "<m0@example.com>", "<m99@example.com>")


def test_handing_over_is_said_after_the_recipient_was_accepted_and_before_the_mail(smtp):
    order = []
    Email(smtp.settings(), {}).send(outbound(), handing_over=lambda: order.append(len(smtp.sink.taken)))
    assert order == [0]
    assert len(smtp.sink.taken) == 1


def test_what_handing_over_raises_goes_up_and_nothing_is_sent(smtp):
    class TakenOver(Exception):
        pass

    def refuse() -> None:
        raise TakenOver

    with pytest.raises(TakenOver):
        Email(smtp.settings(), {}).send(outbound(), handing_over=refuse)
    assert smtp.sink.taken == []


@pytest.mark.parametrize(("rcpt", "data", "failure", "is_handed_over"), [
    ("550 no such user", "", Undeliverable, False),
    ("451 greylisted", "", Unreachable, False),
    ("", "554 spam", Undeliverable, True),
    ("", "452 disk full", NotTaken, True),
])  # fmt: skip
def test_the_servers_answer_decides_whether_to_try_again(smtp, rcpt, data, failure, is_handed_over):
    smtp.sink.answer_rcpt, smtp.sink.answer_data = rcpt, data
    handed = []
    with pytest.raises(failure) as refused:
        Email(smtp.settings(), {}).send(outbound(), handing_over=lambda: handed.append(True))
    assert type(refused.value) is failure
    assert bool(handed) is is_handed_over


def test_a_line_that_breaks_after_the_mail_leaves_it_open_whether_it_went_out(smtp):
    smtp.sink.hangs_up_after_data = True
    handed = []
    with pytest.raises(Unreachable) as broken:
        Email(smtp.settings(), {}).send(outbound(), handing_over=lambda: handed.append(True))
    assert not isinstance(broken.value, NotTaken)
    assert handed == [True]


def test_the_date_is_the_houses_clock(smtp, held_clock):
    held_clock.move(timedelta(hours=1))
    _, mail = sent(smtp)
    assert mail["Date"].datetime == held_clock.now
    assert message_from_bytes(smtp.sink.taken[0], policy=policy.default)["X-Kefu-Mail"] == "1"
