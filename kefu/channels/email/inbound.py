"""A ReadMail -> what the desk receives. Pure."""

from __future__ import annotations

import hashlib
from uuid import UUID

from kefu.channels.email import tokens
from kefu.channels.email.reading import Authentication, Automatic, ReadMail
from kefu.desk.inbound import Inbound, InboundFile
from kefu.desk.models import Verification

ID_LIMIT = 250


def essence_of(mail: ReadMail) -> str:
    """What tells two mails apart that bear one Message-ID: who wrote it, when, about what."""
    moment = mail.date.isoformat() if mail.date else ""
    return hashlib.sha256(f"{mail.from_address}\n{moment}\n{mail.subject}".encode()).hexdigest()[:32]


def inbound_of(mail: ReadMail, *, channel: UUID, is_namesake: bool = False) -> Inbound:
    """The mail as a customer's message.

    channel: public id of the channel row; its tokens are believed, others are not.
    is_namesake: another mail had this Message-ID before, so this one's id gets its essence behind it.

    Who writes: the Reply-To where there is one, else From. Only an authenticated From that answers are sent to proves
    anything; a mail that failed authentication proves nothing, and its token does not either, for ids of ours
    travel on in forwarded mail. `facts` tell the desk by what the thread was named: "token" or "references".
    """
    address = mail.reply_to or mail.from_address
    proves = mail.authentication is Authentication.PASSED and address == mail.from_address
    conversation = next(
        (found for token in mail.reply_tokens if (found := tokens.conversation_of(token, channel=channel))), None
    )
    believed = conversation if mail.authentication is not Authentication.FAILED else None
    references = tuple(dict.fromkeys([*mail.in_reply_to, *reversed(mail.references)]))
    facts: dict[str, object] = {
        "authentication": mail.authentication.value,
        "authentication_reason": mail.authentication_reason[:200],
    }
    if believed:
        facts["thread_by"] = "token"
    elif references:
        facts["thread_by"] = "references"
    if mail.automatic is not Automatic.NONE:
        facts |= {"automatic": mail.automatic.value, "automatic_reason": mail.automatic_reason[:200]}
    if mail.reply_to and mail.reply_to != mail.from_address:
        facts["from"] = mail.from_address
    if mail.cc:
        facts["cc"] = list(mail.cc[:20])
    external_id = mail.message_id[:ID_LIMIT]
    return Inbound(
        external_id=f"{external_id[: ID_LIMIT - 33]}#{essence_of(mail)}" if is_namesake else external_id,
        address=address or "unknown@invalid",
        text=mail.text,
        html=mail.html,
        subject=mail.subject,
        name=mail.from_name,
        sent_at=mail.date,
        thread=((str(believed),) if believed else ()) + references[:19],
        files=tuple(
            InboundFile(
                name=file.name, content=file.content, content_type=file.content_type, content_id=file.content_id
            )
            for file in mail.files
        ),
        verification=Verification.CUSTOMER if proves else Verification.NONE,
        proven_email=mail.from_address if proves else "",
        is_automatic=mail.is_automatic,
        facts=facts,
    )
