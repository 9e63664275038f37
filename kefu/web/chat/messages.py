"""The talk itself: say something, read it again, show that one writes, say what one has read."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest, HttpResponse

from kefu.channels.chat.limits import FILES_A_MESSAGE, PAGE_LIMIT, TEXT_LIMIT
from kefu.desk import services
from kefu.desk.inbound import Inbound
from kefu.desk.models import Channel, Verification
from kefu.people.actors import Actor, ActorKind
from kefu.web.chat import history, reading
from kefu.web.chat.endpoint import answer_json, limit
from kefu.web.chat.problems import TextTooLong
from kefu.web.events import tokens
from kefu.web.events.announce import announce
from kefu.web.events.tokens import ChatHolder

CHOICE_LIMIT = 200


def say(request: HttpRequest, channel: Channel, holder: ChatHolder) -> HttpResponse:
    """POST …/messages: 201 with the message, 200 with the same one when its `id` was sent before."""
    limit(request, channel, "message", visitor=str(holder.conversation))
    fields = reading.json_object(request)
    client_id = reading.uuid(fields.get("id"), "id")
    text = _text(fields)
    files = reading.uuids(fields, "files", limit=FILES_A_MESSAGE)
    inbound = Inbound(
        external_id=f"{holder.conversation}:{client_id}",
        address=holder.address,
        text=text,
        name=holder.name,
        language=holder.language,
        choice=reading.text(fields, "choice", limit=CHOICE_LIMIT),
        conversation_id=str(holder.conversation),
        attachment_ids=tuple(str(file) for file in files),
        verification=Verification(holder.verification),
        proven_customer=holder.proven_customer,
        proven_email=holder.proven_email,
        facts=_facts(fields),
    )
    message, is_new = services.take_in(channel, inbound, only_into=holder.conversation)
    (view,) = history.views_of([message], has_files=bool(files) or not is_new)
    standing = history.standing(message.conversation, holder)
    return answer_json({"message": view, "conversation": standing}, status=201 if is_new else 200)


def _text(fields: reading.Fields) -> str:
    raw = fields.get("text")
    if isinstance(raw, str) and len(raw) > TEXT_LIMIT:
        raise TextTooLong(limit=TEXT_LIMIT)
    return reading.text(fields, "text", limit=TEXT_LIMIT)


def _facts(fields: reading.Fields) -> dict[str, object]:
    page = reading.text(fields, "page", limit=2_000)
    return {"page": page} if page.startswith(("https://", "http://")) else {}


def read_history(request: HttpRequest, channel: Channel, holder: ChatHolder) -> HttpResponse:
    """GET …/messages?after=<message id>|before=<message id>&limit=50."""
    limit(request, channel, "read", visitor=str(holder.conversation))
    after, before = (_message_id(request, name) for name in ("after", "before"))
    size = reading.number(request.GET.get("limit"), "limit", default=50, at_most=PAGE_LIMIT)
    conversation = history.held_conversation(channel, holder)
    if conversation is None:
        return answer_json({"messages": [], "more": False, "conversation": history.standing(None, holder)})
    messages, more = history.page_of(conversation, after=after, before=before, size=size)
    standing = history.standing(conversation, holder)
    return answer_json({"messages": messages, "more": more, "conversation": standing})


def _message_id(request: HttpRequest, name: str) -> UUID | None:
    given = request.GET.get(name)
    return reading.uuid(given, name) if given else None


def typing(request: HttpRequest, channel: Channel, holder: ChatHolder) -> HttpResponse:
    """POST …/typing: the desk sees that the customer writes. Kept nowhere."""
    limit(request, channel, "read", visitor=str(holder.conversation))
    conversation = history.held_conversation(channel, holder)
    if conversation is not None:
        announce("typing", conversation, by="customer")
    return HttpResponse(status=204)


def mark_read(request: HttpRequest, channel: Channel, holder: ChatHolder) -> HttpResponse:
    """POST …/read: the customer has seen all that we wrote."""
    limit(request, channel, "read", visitor=str(holder.conversation))
    conversation = history.held_conversation(channel, holder)
    if conversation is not None and conversation.unread_by_customer:
        services.mark_read(conversation, by=Actor(ActorKind.CUSTOMER, id=conversation.customer_id))
        announce("read", conversation, by="customer")
    return HttpResponse(status=204)


def stream_token(request: HttpRequest, channel: Channel, holder: ChatHolder) -> HttpResponse:
    """POST …/stream-token: for EventSource, which cannot send the Authorization header."""
    limit(request, channel, "read", visitor=str(holder.conversation))
    return answer_json({"token": tokens.stream_token(holder), "valid_seconds": tokens.STREAM_SECONDS}, status=201)
