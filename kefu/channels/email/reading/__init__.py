"""Raw bytes of a mail -> ReadMail. Pure: no database, no network, no clock; never raises, whatever the bytes are."""

from __future__ import annotations

import email
import hashlib
import re
from email import policy
from email.message import Message
from email.parser import BytesHeaderParser

from kefu.channels.email.reading.authentication import judge
from kefu.channels.email.reading.automatic import classify, read_bounce
from kefu.channels.email.reading.cutting import cut
from kefu.channels.email.reading.headers import Headers, addresses, ids, moment
from kefu.channels.email.reading.html import harmless, without_quoted, words_of
from kefu.channels.email.reading.parts import TEXT_LIMIT, Body, read_body
from kefu.channels.email.reading.shapes import (
    Authentication,
    Automatic,
    Bounced,
    Mailbox,
    MailFile,
    ReadMail,
)
from kefu.channels.email.reading.tokens import candidates

__all__ = ["Authentication", "Automatic", "Bounced", "MailFile", "Mailbox", "ReadMail", "peek", "read_mail"]

#: larger mail is kept and shown, not read
SIZE_LIMIT = 40 * 1024 * 1024
_FORWARD = re.compile(r"^\s*(?:fwd?|fw|wg|tr|rv|转发|轉寄|轉發|转寄)\s*[:：]|^\s*\[?fwd", re.IGNORECASE)


class _AsItCame(policy.Compat32):
    """Header values stay as they came: 8-bit bytes as surrogates, not as question marks.

    The old policy on purpose: the modern one parses each header on access and raises on many that real mailers write.
    """

    def header_fetch_parse(self, name: str, value: str) -> str:
        return value


_MBOX = re.compile(rb"^From [^\r\n]*\r?\n")


def read_mail(raw: bytes, mailbox: Mailbox = Mailbox()) -> ReadMail:  # noqa: B008  (frozen)
    """Read one mail as it came over IMAP, e.g. b"From: mira@…\\r\\nSubject: …\\r\\n\\r\\nWhere is it?".

    What cannot be read gives a ReadMail with a `problem`; its message_id is then made from the bytes, as it is for a
    mail without one, so that the same bytes always have the same id.
    """
    if len(raw) > SIZE_LIMIT:
        return ReadMail(message_id=_made_up_id(raw), problem="too_large", problem_detail=f"{len(raw)} bytes")
    try:
        return _read(raw, mailbox)
    except (RecursionError, MemoryError) as fault:
        return ReadMail(message_id=_made_up_id(raw), problem="unreadable", problem_detail=type(fault).__name__)
    except Exception as fault:  # noqa: BLE001  one bad mail must not stop the mailbox; it is quarantined and shown
        return ReadMail(message_id=_made_up_id(raw), problem="unreadable", problem_detail=repr(fault)[:200])


def peek(raw: bytes) -> tuple[str, str]:
    """(Message-ID, sender's address) by a glance at the head; empty where they cannot be had. Never raises."""
    head = raw[:100_000]
    try:
        message = BytesHeaderParser(policy=_AsItCame()).parsebytes(_MBOX.sub(b"", head, count=1))
        headers = Headers(message)
        senders = addresses(headers.all("From"))
        return next(iter(ids(headers.all("Message-ID"))), ""), senders[0][1].lower() if senders else ""
    except Exception:  # noqa: BLE001  a glance may fail; read_mail says what is wrong
        return "", ""


def _made_up_id(raw: bytes) -> str:
    return f"{hashlib.sha256(raw).hexdigest()[:40]}@no-message-id.kefu"


def _read(raw: bytes, mailbox: Mailbox) -> ReadMail:
    message: Message = email.message_from_bytes(_MBOX.sub(b"", raw, count=1), policy=_AsItCame())
    headers = Headers(message)
    body = read_body(message)
    senders = addresses(headers.all("From"))
    name, sender = senders[0] if senders else ("", "")
    if not sender and (fallback := addresses([*headers.all("Sender"), *headers.all("Reply-To")])):
        name, sender = fallback[0]
    subject = headers.text("Subject")
    to, cc = addresses(headers.all("To")), addresses(headers.all("Cc"))
    references = ids(headers.all("References"))
    in_reply_to = ids(headers.all("In-Reply-To"))
    full_text, text, html = _texts(body, subject=subject, sender=name)
    report_type = str(message.get_param("report-type") or "").lower()
    automatic, automatic_reason = classify(
        headers, body, sender=sender, subject=subject, content_type=message.get_content_type(),
        report_type=report_type, mailbox=mailbox,
    )  # fmt: skip
    verdict, verdict_reason = judge(
        headers.all("Authentication-Results"),
        authserv_id=mailbox.authserv_id,
        from_addresses=[address for _, address in senders],
    )
    recipients = [
        address for _, address in to + cc + addresses([*headers.all("Delivered-To"), *headers.all("X-Original-To")])
    ]
    reply_to = addresses(headers.all("Reply-To"))
    no_sender = not sender and automatic is not Automatic.BOUNCE
    return ReadMail(
        message_id=next(iter(ids(headers.all("Message-ID"))), "")[:250] or _made_up_id(raw),
        from_address=sender.lower(),
        from_name=name[:200],
        to=tuple(address.lower() for _, address in to),
        cc=tuple(address.lower() for _, address in cc),
        reply_to=reply_to[0][1].lower() if reply_to else "",
        subject=subject[:2000],
        references=references,
        in_reply_to=in_reply_to,
        date=moment(headers.raw("Date")) if headers.raw("Date") else None,
        text=text,
        full_text=full_text,
        html=html,
        files=tuple(body.files),
        automatic=automatic,
        automatic_reason=automatic_reason,
        authentication=verdict,
        authentication_reason=verdict_reason,
        reply_tokens=candidates(recipients, [*in_reply_to, *reversed(references)]),
        bounced=read_bounce(headers, body) if automatic is Automatic.BOUNCE else Bounced(),
        problem="no_sender" if no_sender else "",
        problem_detail="there is no From that could be answered" if no_sender else "",
    )


def _texts(body: Body, *, subject: str, sender: str) -> tuple[str, str, str]:
    """(full text, new words, harmless HTML)."""
    raw_html = "\n".join(body.html)
    plain = "\n".join(body.plain)[:TEXT_LIMIT]
    is_forward = bool(_FORWARD.match(subject))
    content_ids = frozenset(file.content_id for file in body.files if file.content_id)
    html = harmless(raw_html, content_ids=content_ids) if raw_html.strip() else ""
    if plain.strip():
        return plain.strip("\n"), cut(plain, sender=sender, is_forward=is_forward), html
    full = words_of(raw_html)[:TEXT_LIMIT]
    fresh = full if is_forward else words_of(without_quoted(raw_html)) or full
    return full, cut(fresh, sender=sender, is_forward=is_forward), html
