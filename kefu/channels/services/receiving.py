"""What comes in is kept first and read after; what cannot be read is set aside and stops nobody else."""

from __future__ import annotations

import hashlib
import json
import logging
from collections.abc import Callable, Iterable
from typing import Any

from django.db import InterfaceError, OperationalError, transaction

from kefu.channels import events
from kefu.channels.base import RawRequest
from kefu.channels.email.fetched import Fetched
from kefu.channels.email.inbound import essence_of, inbound_of
from kefu.channels.email.reading import Automatic, Mailbox, ReadMail, peek
from kefu.channels.email.reading import read_mail as read_bytes
from kefu.channels.models import RawMail, RawQuerySet, RawState, RawWebhook
from kefu.channels.services.connecting import adapter_of
from kefu.channels.services.delivering import mark_bounced
from kefu.desk.events import record_apart
from kefu.desk.models import Channel, Delivery, Message
from kefu.desk.services import receive_message
from kefu.kernel import clock
from kefu.kernel.errors import Refused
from kefu.people.actors import Actor

log = logging.getLogger(__name__)

#: letters of a bounce's status that mean "for good" (RFC 3463: 5.x.x); 4.x.x is a delay
_FOR_GOOD = "5"


@transaction.atomic
def keep_mail(channel: Channel, mails: Iterable[Fetched], *, uidvalidity: int, cursor: dict[str, Any]) -> list[int]:
    """Store raw mails, the new cursor {"uidvalidity", "uid", "since"} and the jobs that read them, all or nothing.

    A mail that is there already (same uidvalidity and uid) is left alone, and the cursor never goes back within one
    uidvalidity: two pollers on one mailbox only waste their time. Returns the ids of new rows.
    """
    from kefu.channels.tasks import defer_reading

    row = Channel.objects.select_for_update().get(pk=channel.pk)
    new = []
    for mail in mails:
        message_id, sender = peek(mail.content)
        raw, is_new = RawMail.objects.get_or_create(
            channel=channel,
            uidvalidity=uidvalidity,
            uid=mail.uid,
            defaults={
                "brand_id": channel.brand_id,
                "content": mail.content,
                "received_at": clock.now(),
                "message_id": message_id[:255],
                "sender": sender[:254],
                "state": RawState.QUARANTINED if mail.problem else RawState.KEPT,
                "problem": mail.problem,
            },
        )
        if is_new:
            new.append(raw.pk)
            if not mail.problem:
                defer_reading(raw)
    if row.cursor.get("uidvalidity") == cursor["uidvalidity"]:
        cursor = {**cursor, "uid": max(int(row.cursor["uid"]), int(cursor["uid"]))}
    if cursor != row.cursor:
        row.cursor = cursor
        row.save(update_fields=["cursor"])
    return new


def read_mail(raw_id: int) -> list[Message]:
    """Read one kept mail and hand it to the desk; [] when it became no message (set aside, a bounce, our own copy).

    Reading it again changes nothing.
    """
    return _take_in(RawMail, raw_id, _mail_to_message)


def read_webhook(raw_id: int) -> list[Message]:
    """Read one kept webhook and hand its messages to the desk. Reading it again changes nothing."""
    return _take_in(RawWebhook, raw_id, _webhook_to_messages)


class _SetAside(Exception):
    """This one needs a person's eyes."""

    def __init__(self, problem: str, detail: str = "") -> None:
        super().__init__(problem)
        self.problem, self.detail = problem, detail


def _take_in(
    model: type[RawMail] | type[RawWebhook], raw_id: int, take: Callable[[Any], list[Message]]
) -> list[Message]:
    """Read one row under its lock. What fails is undone whole, then the row is set aside with the reason."""
    try:
        with transaction.atomic():
            raw: RawMail | RawWebhook = (
                model.objects.select_for_update(of=("self",)).select_related("channel").get(pk=raw_id)
            )
            if raw.state != RawState.KEPT:
                return [raw.became] if raw.became else []
            messages = take(raw)
            raw.became = messages[-1] if messages else None
            raw.state = RawState.READ
            raw.problem = raw.detail = ""
            raw.save(update_fields=[*_READ_FIELDS, *(_MAIL_FIELDS if isinstance(raw, RawMail) else ())])
            return messages
    except (OperationalError, InterfaceError):
        raise  # the database is away; the mail is not at fault and the queue tries again
    except _SetAside as reason:
        problem, detail = reason.problem, reason.detail
    except Refused as refused:
        problem, detail = refused.code, refused.sentence
    except Exception as fault:
        log.exception("%s %s could not be taken in", model.__name__, raw_id)
        problem, detail = "crashed", repr(fault)
    model.objects.filter(pk=raw_id, state=RawState.KEPT).update(
        state=RawState.QUARANTINED, problem=problem[:60], detail=" ".join(detail.replace("\x00", "").split())[:300]
    )
    return []


_READ_FIELDS = ("became", "state", "problem", "detail")
_MAIL_FIELDS = ("message_id", "sender", "subject", "essence")


def mailbox_of(channel: Channel) -> Mailbox:
    """What reading must know of the channel's mailbox."""
    own = [str(channel.settings.get("address", "")), *channel.settings.get("other_addresses", [])]
    return Mailbox(
        addresses=tuple(str(one).lower() for one in own if one),
        authserv_id=str(channel.settings.get("authserv_id", "")),
    )


def _mail_to_message(raw: RawMail) -> list[Message]:
    channel = raw.channel
    mail = read_bytes(bytes(raw.content), mailbox_of(channel))
    raw.message_id, raw.sender = mail.message_id[:255], mail.from_address[:254]
    raw.subject, raw.essence = mail.subject[:200], essence_of(mail)
    if mail.problem:
        raise _SetAside(mail.problem, mail.problem_detail)
    if mail.automatic is Automatic.BOUNCE and _settle_bounce(channel, mail):
        return []
    if mail.automatic is Automatic.LOOP and mail.message_id.startswith("kefu."):
        return []  # a copy of what we sent ourselves
    others = RawMail.objects.filter(channel=channel, message_id=raw.message_id, state=RawState.READ)
    is_namesake = others.exclude(pk=raw.pk).exclude(essence=raw.essence).exists()
    return [receive_message(channel, inbound_of(mail, channel=channel.public_id, is_namesake=is_namesake))]


def _settle_bounce(channel: Channel, mail: ReadMail) -> bool:
    """Whether the bounce is about a mail of ours; its delivery then tells, and no message is needed."""
    delivery = Delivery.objects.filter(channel=channel, external_id__in=mail.bounced.message_ids).first()
    if delivery is None:
        return False
    is_final = mail.bounced.action == "failed" or mail.bounced.status.startswith(_FOR_GOOD)
    if is_final and not mail.bounced.status.startswith("4"):
        mark_bounced(delivery, status=mail.bounced.status, recipient=mail.bounced.recipient)
    return True


def keep_webhook(channel: Channel, request: RawRequest) -> RawWebhook:
    """Store an authentic webhook; the same bytes again give the row that is there."""
    content = hashlib.sha256(request.body + b"\0" + json.dumps(dict(request.query), sort_keys=True).encode())
    raw, _ = RawWebhook.objects.get_or_create(
        channel=channel,
        sha256=content.hexdigest(),
        defaults={
            "brand_id": channel.brand_id,
            "content": request.body,
            "received_at": clock.now(),
            "headers": {name[:100]: _storable(value) for name, value in list(request.headers.items())[:60]},
            "query": {name[:100]: _storable(value) for name, value in list(request.query.items())[:60]},
        },
    )
    return raw


def _storable(value: str) -> str:
    return value.replace("\x00", "").encode("utf-8", "replace").decode()[:2000]


def _webhook_to_messages(raw: RawWebhook) -> list[Message]:
    request = RawRequest(body=bytes(raw.content), headers=raw.headers, query=raw.query)
    return [receive_message(raw.channel, inbound) for inbound in adapter_of(raw.channel).read(request)]


def quarantined(brand_ids: Iterable[int]) -> RawQuerySet:
    """Mails of these brands that could not be read, newest first; `.problem` and `.detail` say why."""
    return RawMail.objects.quarantined().filter(brand_id__in=list(brand_ids)).select_related("channel")


def quarantined_webhooks(brand_ids: Iterable[int]) -> RawQuerySet:
    """Webhooks of these brands that could not be read, newest first."""
    return RawWebhook.objects.quarantined().filter(brand_id__in=list(brand_ids)).select_related("channel")


def read_again(raw: RawMail | RawWebhook, *, by: Actor) -> list[Message]:
    """Try a mail or webhook that was set aside once more, say after an update of Kefu; its problem is renewed if it
    fails again."""
    by.require("channels.see", on=raw)
    model = type(raw)
    if model.objects.filter(pk=raw.pk, state=RawState.QUARANTINED).update(state=RawState.KEPT):
        record_apart(events.READ_AGAIN, brand_id=raw.brand_id, by=by, channel=raw.channel_id, raw=raw.pk)
    return read_webhook(raw.pk) if isinstance(raw, RawWebhook) else read_mail(raw.pk)
