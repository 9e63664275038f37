"""An Outbound -> the mail that leaves. Pure but for the moment, which the caller gives."""

from __future__ import annotations

import html
import re
from collections.abc import Mapping
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from typing import Any

from kefu.channels.base import Outbound, Undeliverable
from kefu.channels.email.reading.automatic import OWN_HEADER
from kefu.channels.email.reading.headers import is_address
from kefu.channels.email.reading.parts import safe_name

_LINE_BREAKS = re.compile(r"[\x00-\x1f\x7f\x85\u2028\u2029]+")
_LINK = re.compile(r"https?://[^\s<>\"'，。；！？、（）【】]+[^\s<>\"'，。；！？、（）【】.,;:!?)\]]")
_ID = re.compile(r"^[^\s<>\x00-\x1f]{1,240}$")
#: ids in References; the first and the newest are kept, as RFC 5322 advises for long threads
REFERENCES_LIMIT = 20
_POLICY = SMTP.clone(max_line_length=78, cte_type="7bit")


def one_line(text: str, limit: int = 300) -> str:
    """Header text: no line ends, so that no value can begin another header."""
    return _LINE_BREAKS.sub(" ", text).strip()[:limit]


def message_id(outbound: Outbound, domain: str) -> str:
    """Without brackets. The same for every try of one message, so that a doubled mail shows as the same one; the
    token in it brings an answer back where plus-addresses are lost."""
    token = f".{outbound.token}" if outbound.token else ""
    return f"kefu.{outbound.reference}{token}@{domain}"


def subject_of(outbound: Outbound) -> str:
    subject = one_line(outbound.subject)
    if not subject:
        return "您的咨询" if outbound.language.startswith("zh") else "Your message to us"
    is_answer = re.match(r"^\s*(?:re|aw|sv|回复|答复|回覆)\s*[:：]", subject, re.IGNORECASE)
    return subject if is_answer or not outbound.in_reply_to else f"Re: {subject}"


def reply_address(settings: Mapping[str, Any], token: str) -> str:
    """Where the customer's answer goes: with the token where the mailbox takes plus-addresses."""
    local, _, domain = str(settings["address"]).partition("@")
    tagged = f"{local}+{token}"
    if not token or not settings.get("plus_addressing") or len(tagged) > 64:
        return str(settings["address"])
    return f"{tagged}@{domain}"


def _address(name: str, address: str) -> Address:
    local, _, domain = address.rpartition("@")
    return Address(display_name=one_line(name, 100), username=local, domain=domain)


def compose(outbound: Outbound, settings: Mapping[str, Any], *, at: datetime) -> EmailMessage:
    """The whole mail, text and HTML. Raises Undeliverable when the customer's address is none."""
    address = one_line(outbound.to)
    if not is_address(address):
        raise Undeliverable(address=address[:80], why="not a mail address")
    own = str(settings["address"])
    domain = own.rpartition("@")[2]
    mail = EmailMessage(policy=_POLICY)
    try:
        mail["From"] = _address(outbound.from_name or str(settings.get("from_name", "")), own)
        mail["To"] = _address("", address)
        reply_to = reply_address(settings, outbound.token)
        if reply_to != own:
            mail["Reply-To"] = _address("", reply_to)
    except (ValueError, IndexError) as refused:
        raise Undeliverable(address=address[:80], why=str(refused)) from refused
    mail["Subject"] = subject_of(outbound)
    mail["Date"] = format_datetime(at)
    mail["Message-ID"] = f"<{message_id(outbound, domain)}>"
    known = [one for one in outbound.thread if _ID.match(one)]
    if _ID.match(outbound.in_reply_to):
        mail["In-Reply-To"] = f"<{outbound.in_reply_to}>"
        known = [one for one in known if one != outbound.in_reply_to] + [outbound.in_reply_to]
    if known:
        kept = known if len(known) <= REFERENCES_LIMIT else known[:1] + known[-(REFERENCES_LIMIT - 1) :]
        mail["References"] = " ".join(f"<{one}>" for one in kept)
    mail[OWN_HEADER] = "1"
    if outbound.is_automatic:
        mail["Auto-Submitted"] = "auto-replied"
        mail["X-Auto-Response-Suppress"] = "All"
    if outbound.language:
        mail["Content-Language"] = re.sub(r"[^A-Za-z0-9-]", "", outbound.language)[:12] or "en"
    text = _text(outbound)
    mail.set_content(text)
    mail.add_alternative(_html(text, outbound.language), subtype="html")
    for file in outbound.files:
        main, _, sub = file.content_type.partition("/")
        mail.add_attachment(
            file.content, maintype=main or "application", subtype=sub or "octet-stream",
            filename=safe_name(file.name) or "file",
        )  # fmt: skip
    return mail


def _text(outbound: Outbound) -> str:
    """The words; choices become a list, for a mail has no buttons."""
    labels = [label for _, label in outbound.choices]
    listed = "".join(f"\n- {one_line(label)}" for label in labels)
    return f"{outbound.text.strip()}{chr(10) if listed else ''}{listed}\n"


def _html(text: str, language: str) -> str:
    """Paragraphs and links, nothing else: it looks as any person's mail does."""
    paragraphs = [
        "<p>" + "<br>\n".join(_linked(line) for line in block.split("\n")) + "</p>"
        for block in re.split(r"\n\s*\n", text.strip())
    ]
    tag = re.sub(r"[^A-Za-z0-9-]", "", language)[:12] or "en"
    body = "\n".join(paragraphs)
    return f'<!doctype html>\n<html lang="{tag}"><head><meta charset="utf-8"></head><body>\n{body}\n</body></html>\n'


def _linked(line: str) -> str:
    out, at = [], 0
    for found in _LINK.finditer(line):
        out.append(html.escape(line[at : found.start()]))
        address = html.escape(found[0], quote=True)
        out.append(f'<a href="{address}">{address}</a>')
        at = found.end()
    return "".join([*out, html.escape(line[at:])])
