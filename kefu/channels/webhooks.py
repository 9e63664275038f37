"""The door for providers that call us: /hooks/<public id of the channel>/."""

from __future__ import annotations

from uuid import UUID

from kefu.channels.base import RawRequest
from kefu.channels.errors import NoSuchChannel, NotAuthentic
from kefu.channels.services.connecting import adapter_of
from kefu.channels.services.receiving import keep_webhook, read_webhook
from kefu.desk.models import Channel, Message

BODY_LIMIT = 10 * 1024 * 1024


def accept(channel_public_id: UUID, request: RawRequest) -> list[Message]:
    """Take one call: proved to be the provider's, kept, read, received; [] when it holds no message or cannot be read
    (it is then set aside and shown). Raises NoSuchChannel and NotAuthentic, and keeps nothing of such a call."""
    channel = Channel.objects.filter(public_id=channel_public_id, is_on=True).first()
    if channel is None:
        raise NoSuchChannel()
    if len(request.body) > BODY_LIMIT or not adapter_of(channel).is_authentic(request):
        raise NotAuthentic()
    return read_webhook(keep_webhook(channel, request).pk)


def status_of(channel_public_id: UUID, request: RawRequest) -> int:
    """`accept` as an HTTP status: 200 taken (also when it had to be set aside: bringing it again would not help),
    403 not authentic, 404 no such channel, 413 too large."""
    if len(request.body) > BODY_LIMIT:
        return 413
    try:
        accept(channel_public_id, request)
    except NoSuchChannel:
        return 404
    except NotAuthentic:
        return 403
    return 200
