"""A kept mail becomes a message, once; what cannot is set aside and stops nobody."""

from __future__ import annotations

import pytest

from kefu.channels.base import Receipt
from kefu.channels.email import tokens
from kefu.channels.email.adapter import Email
from kefu.channels.email.fetched import Fetched
from kefu.channels.models import RawMail, RawState
from kefu.channels.services import deliver, keep_mail, quarantined, read_again, read_mail
from kefu.desk.models import Delivery, DeliveryState, Message, Verification
from kefu.desk.services import say_as_assistant
from kefu.kernel.errors import NotAllowed
from kefu.people.actors import assistant

PASSED = "Authentication-Results: mx.lumen.example; dmarc=pass header.from=example.com"
FAILED = "Authentication-Results: mx.lumen.example; dmarc=fail header.from=example.com"


def mail(*headers: str, message_id: str = "m1@example.com", body: str = "Where is it?",
         sender: str = "mira@example.com", date: str = "Mon, 2 Mar 2026 10:00:00 +0000") -> bytes:  # fmt: skip
    head = [
        f"From: {sender}",
        "To: help@lumen.example",
        f"Date: {date}",
        f"Message-ID: <{message_id}>",
    ]
    return "\r\n".join([*head, *headers, "Subject: Parcel", "", body]).encode()


def keep(mailbox, *mails: bytes, uidvalidity: int = 1, first: int = 1) -> list[int]:
    fetched = [Fetched(uid, content) for uid, content in enumerate(mails, first)]
    return keep_mail(mailbox, fetched, uidvalidity=uidvalidity, cursor={"uidvalidity": uidvalidity, "uid": first})


def receive(mailbox, content: bytes, uid: int = 1) -> Message:
    (raw,) = keep(mailbox, content, first=uid)
    (message,) = read_mail(raw)
    return message


def answered(message: Message, monkeypatch) -> Delivery:
    """The assistant's answer, taken by the mail server under the id it would have."""
    said = say_as_assistant(message.conversation, text="Tomorrow.", by=assistant(message.brand_id))

    def send(self, outbound, *, handing_over):
        handing_over()
        return Receipt(external_id=f"kefu.{outbound.reference}.{outbound.token}@lumen.example")

    monkeypatch.setattr(Email, "send", send)
    deliver(said.delivery.pk)
    return Delivery.objects.get(message=said)


def test_the_raw_mail_the_cursor_and_the_job_stand_together(mailbox, jobs):
    keep(mailbox, mail())
    mailbox.refresh_from_db()
    assert mailbox.cursor == {"uidvalidity": 1, "uid": 1}
    assert RawMail.objects.get().state == RawState.KEPT
    jobs.run("channels.read_mail")
    raw = RawMail.objects.get()
    assert (raw.state, raw.became.text, raw.message_id) == (RawState.READ, "Where is it?", "m1@example.com")


def test_the_same_mail_ten_times_is_one_message(mailbox, jobs):
    for round_ in range(5):
        keep(mailbox, mail(), uidvalidity=1, first=1)  # the same place
        keep(mailbox, mail(), uidvalidity=1, first=10 + round_)  # copied in the mailbox
        keep(mailbox, mail(), uidvalidity=100 + round_)  # the mailbox was numbered anew
    jobs.run("channels.read_mail")
    assert RawMail.objects.count() == 11
    assert Message.objects.count() == 1


def test_two_different_mails_under_one_id_are_both_heard(mailbox, jobs):
    keep(mailbox, mail(), mail(body="And the other?", date="Mon, 2 Mar 2026 11:00:00 +0000"))
    jobs.run("channels.read_mail")
    assert sorted(Message.objects.values_list("text", flat=True)) == ["And the other?", "Where is it?"]


def test_one_bad_mail_stops_no_other_and_is_shown_with_its_reason(mailbox, jobs, other_brand):
    keep(
        mailbox,
        mail(message_id="a@x"),
        b"Subject: nobody wrote this\r\n\r\n?",
        b"\xff\x00" * 50,
        mail(message_id="b@x"),
    )
    jobs.run("channels.read_mail")
    assert Message.objects.count() == 2
    assert {raw.problem for raw in quarantined([mailbox.brand_id])} == {"no_sender"}
    assert quarantined([other_brand.pk]).count() == 0


def test_a_mail_that_finds_a_fault_of_ours_is_set_aside_and_can_be_read_again(mailbox, jobs, ines, olek, monkeypatch):
    from kefu.channels.services import receiving

    def fault(*_: object) -> None:
        raise ZeroDivisionError("ours")

    with monkeypatch.context() as broken:
        broken.setattr(receiving, "receive_message", fault)
        keep(mailbox, mail())
        jobs.run("channels.read_mail")
    (aside,) = quarantined([mailbox.brand_id])
    assert (aside.problem, Message.objects.count()) == ("crashed", 0)
    with pytest.raises(NotAllowed):
        read_again(aside, by=olek.actor())
    (message,) = read_again(aside, by=ines.actor())
    assert message.text == "Where is it?"
    assert quarantined([mailbox.brand_id]).count() == 0
    assert read_again(aside, by=ines.actor()) == [message]


def test_a_mail_too_large_to_fetch_is_shown(mailbox, jobs):
    keep_mail(mailbox, [Fetched(5, b"From: mira@example.com\r\n\r\n", problem="too_large")], uidvalidity=1,
              cursor={"uidvalidity": 1, "uid": 5})  # fmt: skip
    assert jobs.waiting("channels.read_mail") == []
    assert [raw.problem for raw in quarantined([mailbox.brand_id])] == ["too_large"]


# --- who writes -----------------------------------------------------------------------------------------------------


def test_a_mail_our_server_vouches_for_proves_the_customer(mailbox, mira):
    conversation = receive(mailbox, mail(PASSED)).conversation
    assert (conversation.customer, conversation.verification) == (mira, Verification.CUSTOMER)


@pytest.mark.parametrize("headers", [(), (FAILED,), ("Authentication-Results: mx.mallory.example; dmarc=pass",)])
def test_any_other_mail_proves_nobody(mailbox, mira, headers):
    assert receive(mailbox, mail(*headers)).conversation.verification == Verification.NONE


def test_an_answer_to_another_address_than_the_proven_one_proves_nobody(mailbox, mira):
    message = receive(mailbox, mail(PASSED, "Reply-To: mallory@example.net"))
    assert message.conversation.identity.address == "mallory@example.net"
    assert message.conversation.verification == Verification.NONE


# --- where it belongs -----------------------------------------------------------------------------------------------


def test_an_answer_finds_its_conversation_by_token_and_by_references(mailbox, mira, monkeypatch):
    first = receive(mailbox, mail())
    delivery = answered(first, monkeypatch)
    token = tokens.make(first.conversation.public_id, channel=mailbox.public_id)
    by_references = receive(mailbox, mail("References: <m1@example.com>", message_id="m2@example.com"), 2)
    by_id = receive(mailbox, mail(f"In-Reply-To: <{delivery.external_id}>", message_id="m3@example.com"), 3)
    by_address = receive(mailbox, mail(f"Delivered-To: help+{token}@lumen.example", message_id="m4@example.com"), 4)
    assert {by_references.conversation, by_id.conversation, by_address.conversation} == {first.conversation}


def test_a_number_in_the_subject_opens_nobodys_conversation(mailbox, mira):
    first = receive(mailbox, mail())
    second = receive(
        mailbox, mail(f"Subject: Re: [#{first.conversation.number}] Parcel", message_id="m2@example.com"), 2
    )
    assert second.conversation != first.conversation


def test_a_stranger_who_knows_the_id_and_even_the_token_gets_a_conversation_of_his_own(mailbox, mira, monkeypatch):
    first = receive(mailbox, mail(PASSED))
    delivery = answered(first, monkeypatch)
    token = tokens.make(first.conversation.public_id, channel=mailbox.public_id)
    stranger = receive(
        mailbox,
        mail(f"In-Reply-To: <{delivery.external_id}>", f"Delivered-To: help+{token}@lumen.example",
             message_id="evil@example.net", sender="mallory@example.net"),
        2,
    )  # fmt: skip
    assert stranger.conversation != first.conversation
    assert stranger.conversation.customer != mira
    assert stranger.conversation.verification == Verification.NONE


@pytest.mark.parametrize("headers", [(), (FAILED,)])
def test_a_forged_sender_who_knows_an_id_does_not_inherit_what_mira_proved(mailbox, mira, headers):
    first = receive(mailbox, mail(PASSED))
    assert first.conversation.verification == Verification.CUSTOMER
    forged = receive(mailbox, mail(*headers, "References: <m1@example.com>", message_id="evil@example.net"), 2)
    assert forged.conversation.verification == Verification.NONE


def test_a_token_in_a_mail_that_failed_authentication_is_worth_no_more(mailbox, mira):
    first = receive(mailbox, mail(PASSED))
    token = tokens.make(first.conversation.public_id, channel=mailbox.public_id)
    forged = receive(
        mailbox, mail(FAILED, f"Delivered-To: help+{token}@lumen.example", message_id="evil@example.net"), 2
    )
    assert forged.conversation.verification == Verification.NONE


def test_another_brands_mailbox_does_not_know_this_ones_tokens(mailbox, other_brand, mira):
    from kefu.channels.services import create_channel
    from kefu.people.actors import SYSTEM

    first = receive(mailbox, mail())
    settings = {**mailbox.settings, "address": "help@nordlicht.example", "imap_password": "x"}
    other = create_channel(other_brand, kind="email", name="Help", settings=settings, by=SYSTEM)
    token = tokens.make(first.conversation.public_id, channel=mailbox.public_id)
    raw = mail(
        f"Delivered-To: help+{token}@nordlicht.example", "References: <m1@example.com>", message_id="m2@example.com"
    )
    (kept,) = keep(other, raw)
    (message,) = read_mail(kept)
    assert message.conversation.brand_id == other_brand.pk


# --- what is never answered -----------------------------------------------------------------------------------------


def test_an_out_of_office_is_kept_and_not_answered(mailbox, jobs):
    message = receive(mailbox, mail("Auto-Submitted: auto-replied"))
    assert message.extras["automatic"] is True
    assert jobs.waiting("assistant.turn") == []


def test_our_own_copy_is_no_message(mailbox):
    (raw,) = keep(mailbox, mail(sender="help@lumen.example", message_id="kefu.1@lumen.example"))
    assert read_mail(raw) == []
    assert RawMail.objects.get().state == RawState.READ


def test_a_bounce_marks_the_answer_that_did_not_arrive(mailbox, mira, monkeypatch):
    delivery = answered(receive(mailbox, mail()), monkeypatch)
    report = (
        "From: MAILER-DAEMON@mx.example.com\r\n"
        "Content-Type: multipart/report; report-type=delivery-status; boundary=b\r\n\r\n"
        "--b\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx\r\n\r\n"
        "Action: {action}\r\nStatus: {status}\r\nFinal-Recipient: rfc822; mira@example.com\r\n\r\n"
        "--b\r\nContent-Type: text/rfc822-headers\r\n\r\n"
        f"Message-ID: <{delivery.external_id}>\r\n\r\n--b--\r\n"
    )
    messages = Message.objects.count()
    for uid, (action, status) in enumerate([("delayed", "4.4.1"), ("failed", "5.1.1")], 10):
        before = Delivery.objects.get(pk=delivery.pk).state
        assert before == DeliveryState.SENT
        (raw,) = keep(mailbox, report.format(action=action, status=status).encode(), first=uid)
        assert read_mail(raw) == []
    delivery.refresh_from_db()
    assert (delivery.state, delivery.problem) == (DeliveryState.FAILED, "bounced: 5.1.1 mira@example.com")
    assert Message.objects.count() == messages
