"""Mail that nobody waits behind: never answered, so that no two machines write to each other for ever."""

from __future__ import annotations

import re

from kefu.channels.email.reading.headers import Headers, ids
from kefu.channels.email.reading.parts import Body
from kefu.channels.email.reading.shapes import Automatic, Bounced, Mailbox

#: stands in every mail Kefu sends, of whichever shop
OWN_HEADER = "X-Kefu-Mail"
_POSTMASTER = re.compile(r"^(?:mailer-daemon|postmaster|mail-daemon|mailerdaemon|bounces?)(?:[+@-]|$)", re.IGNORECASE)
_NOBODY = re.compile(r"^(?:no-?reply|do-?not-?reply|donotreply|noreply-.*|no_reply)(?:[+@]|$)", re.IGNORECASE)
_AUTO_SUBJECT = re.compile(
    r"^\s*(?:automatic reply|auto(?:matic)?[ -]?(?:reply|response|responder)|autoreply"
    r"|out of (?:the )?office\s*(?:auto|re|:|$)"
    r"|automatische antwort|abwesenheitsnotiz|réponse automatique|respuesta automática|risposta automatica"
    r"|resposta automática|automatisch antwoord|自动回复|自動回覆|自动答复|自動回复|自動返信|不在通知)\s*[:：\-]?",
    re.IGNORECASE,
)
_BOUNCE_SUBJECT = re.compile(
    r"undeliver(?:ed|able)|delivery (?:status notification|failure|has failed|incomplete)"
    r"|mail delivery (?:failed|failure|subsystem)|returned mail"
    r"|failure notice|unzustellbar|non remis|退信|退回|投递失败|无法投递|系统退信|無法投遞",
    re.IGNORECASE,
)
_FIELD = re.compile(r"^([A-Za-z-]+)\s*:\s*(.*)$", re.MULTILINE)


def classify(
    headers: Headers, body: Body, *, sender: str, subject: str, content_type: str, report_type: str, mailbox: Mailbox
) -> tuple[Automatic, str]:
    """(kind, reason). Sources: RFC 3834 (automatic responses), RFC 3464 (delivery reports), RFC 2919 (lists)."""
    local = sender.partition("@")[0]
    if sender.lower() in mailbox.addresses:
        return Automatic.LOOP, "from our own address"
    if any(address in headers.text("X-Loop").lower() for address in mailbox.addresses):
        return Automatic.LOOP, "X-Loop names us"
    if content_type == "multipart/report" and (report_type == "delivery-status" or body.delivery_status):
        return Automatic.BOUNCE, "delivery report"
    if body.delivery_status or headers.has("X-Failed-Recipients"):
        return Automatic.BOUNCE, "delivery report"
    if _POSTMASTER.match(local):
        return Automatic.BOUNCE, "from a mail server"
    no_way_back = headers.has("Return-Path") and headers.raw("Return-Path").strip() == "<>"
    if no_way_back and _BOUNCE_SUBJECT.search(subject):
        return Automatic.BOUNCE, "no return path"
    submitted = headers.text("Auto-Submitted").lower().split(";")[0].strip()
    if submitted and submitted != "no":
        return Automatic.AUTO_REPLY, f"Auto-Submitted: {submitted[:40]}"
    for name in ("X-Autoreply", "X-Autorespond", "X-Autoresponder", "X-Auto-Reply", "X-AutoReply-From"):
        if headers.has(name) and headers.text(name).lower() not in ("no", "false"):
            return Automatic.AUTO_REPLY, name
    if set(headers.text("X-Auto-Response-Suppress").lower().replace(" ", "").split(",")) & {"all", "autoreply"}:
        return Automatic.AUTO_REPLY, "X-Auto-Response-Suppress"
    precedence = headers.text("Precedence").lower()
    if precedence in ("auto_reply", "auto-reply"):
        return Automatic.AUTO_REPLY, "Precedence"
    if content_type == "multipart/report" or headers.has("Disposition-Notification"):
        return Automatic.AUTO_REPLY, "report"
    if _AUTO_SUBJECT.match(subject):
        return Automatic.AUTO_REPLY, "subject of an automatic reply"
    list_id = headers.text("List-Id").lower()
    if list_id and not _is_our_list(list_id, mailbox):
        return Automatic.LIST, "List-Id"
    if not list_id and (precedence in ("bulk", "junk", "list") or headers.has("List-Unsubscribe")):
        return Automatic.LIST, "bulk mail"
    if no_way_back:
        return Automatic.AUTO_REPLY, "no return path"
    if _NOBODY.match(local) and not headers.raw("Reply-To").strip():
        return Automatic.AUTO_REPLY, "from an address that takes no mail"
    return Automatic.NONE, ""


def _is_our_list(list_id: str, mailbox: Mailbox) -> bool:
    """Whether the list is the way our own mail takes: support@shop.example as a group is list support.shop.example."""
    return any(address.replace("@", ".") in list_id for address in mailbox.addresses)


def read_bounce(headers: Headers, body: Body) -> Bounced:
    """What a bounce tells: of which of our mails, for whom, why. Fields that are missing are empty."""
    fields: dict[str, str] = {}
    for status in body.delivery_status:
        for name, value in _FIELD.findall(status):
            fields.setdefault(name.lower(), value.strip()[:300])
    recipient = fields.get("final-recipient", fields.get("original-recipient", "")).rpartition(";")[2].strip()
    found: list[str] = []
    for returned in body.returned:
        found += re.findall(r"^Message-I[Dd]\s*:\s*<([^<>\s]{1,250})>", returned, re.MULTILINE)
    found += ids([*headers.all("In-Reply-To"), *headers.all("References"), *headers.all("X-Original-Message-ID")])
    found += re.findall(r"<(kefu\.[^<>\s]{1,240})>", "\n".join(body.plain)[:20_000])
    return Bounced(
        action=fields.get("action", "").lower()
        or ("failed" if recipient or headers.has("X-Failed-Recipients") else ""),
        status=fields.get("status", "").split(" ")[0],
        recipient=(recipient or headers.text("X-Failed-Recipients")).strip("<> ").lower(),
        message_ids=tuple(dict.fromkeys(found))[:10],
    )
