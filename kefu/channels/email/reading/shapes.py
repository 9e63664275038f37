"""What a mail is once it has been read: values without behaviour."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


class Automatic(StrEnum):
    """Why nobody waits for an answer; NONE means a person wrote."""

    NONE = "none"
    AUTO_REPLY = "auto_reply"  # out of office, "we have received your message"
    BOUNCE = "bounce"  # a mail server reports on a mail of ours
    LIST = "list"  # newsletter, mailing list, bulk mail
    LOOP = "loop"  # we wrote it ourselves


class Authentication(StrEnum):
    """What the mailbox's own server found out about the From address."""

    PASSED = "passed"
    FAILED = "failed"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Mailbox:
    """What reading must know of the mailbox a mail came to.

    addresses: its own addresses, lower case, without reply tokens; mail from them is a loop.
    authserv_id: the name under which its server writes Authentication-Results (RFC 8601); "" believes none.
    """

    addresses: tuple[str, ...] = ()
    authserv_id: str = ""


@dataclass(frozen=True, slots=True)
class MailFile:
    """One attachment. `is_inline`: the HTML shows it by its `content_id` (without angle brackets)."""

    name: str
    content: bytes
    content_type: str
    content_id: str = ""
    is_inline: bool = False


@dataclass(frozen=True, slots=True)
class Bounced:
    """What a delivery report says. action: failed, delayed, delivered …; status: e.g. "5.1.1" (RFC 3463)."""

    action: str = ""
    status: str = ""
    recipient: str = ""
    message_ids: tuple[str, ...] = ()  # of the mail it is about


@dataclass(frozen=True, slots=True)
class ReadMail:
    """One mail, read. `problem` is empty, or says in one word why it cannot become a message: unreadable, no_sender.

    text: the new words only; full_text: with quotes and signature; html: sanitised, images by cid: alone.
    Ids stand without angle brackets. reply_tokens: what may be one of our reply tokens, unchecked, best first.
    """

    message_id: str
    from_address: str = ""
    from_name: str = ""
    to: tuple[str, ...] = ()
    cc: tuple[str, ...] = ()
    reply_to: str = ""
    subject: str = ""
    references: tuple[str, ...] = ()
    in_reply_to: tuple[str, ...] = ()
    date: datetime | None = None
    text: str = ""
    full_text: str = ""
    html: str = ""
    files: tuple[MailFile, ...] = ()
    automatic: Automatic = Automatic.NONE
    automatic_reason: str = ""
    authentication: Authentication = Authentication.NONE
    authentication_reason: str = ""
    reply_tokens: tuple[str, ...] = ()
    bounced: Bounced = field(default_factory=Bounced)
    problem: str = ""
    problem_detail: str = ""

    @property
    def is_automatic(self) -> bool:
        return self.automatic is not Automatic.NONE
