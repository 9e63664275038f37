"""Starting a talk, and what the widget must know before it starts one."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from kefu.channels.chat import limits
from kefu.channels.chat.identity import SignedIdentity, verified
from kefu.channels.chat.settings import DEFAULT_ACCENT
from kefu.channels.chat.texts import best_language, texts
from kefu.channels.services.connecting import secrets_of
from kefu.desk.models import Channel, Conversation, Status, Verification
from kefu.kernel import clock
from kefu.kernel.crypto import BadToken
from kefu.kernel.ids import new_id
from kefu.web.chat import reading
from kefu.web.chat.endpoint import answer_json, bearer, holder_of, limit
from kefu.web.events import tokens
from kefu.web.events.tokens import ChatHolder

#: a signed-in customer finds an open talk again for so long after its last message, on every device
CONTINUED_FOR = timedelta(days=7)


def start(request: HttpRequest, channel: Channel) -> HttpResponse:
    """POST …/conversations: a token for a talk. Nothing is stored before its first message."""
    limit(request, channel, "start")
    fields = reading.json_object(request)
    language = best_language(
        [reading.text(fields, "language", limit=35), *accepted_languages(request)], offered=channel.brand.languages
    )
    claims = fields.get("identity")
    if claims is None:
        holder = ChatHolder(
            channel=channel.public_id, conversation=new_id(), address=f"visitor:{new_id()}", language=language
        )
    else:
        person = verified(
            claims, secret=secrets_of(channel).get("identity", ""), channel=str(channel.public_id), now=clock.now()
        )
        holder = _signed_holder(
            request, channel, person, language, continues=reading.flag(fields, "continue", default=False)
        )
    seconds = tokens.SIGNED_SECONDS if holder.verification else tokens.ANONYMOUS_SECONDS
    return answer_json(
        {
            "conversation": str(holder.conversation),
            "token": tokens.chat_token(holder),
            "expires_at": (clock.now() + timedelta(seconds=seconds)).isoformat(timespec="seconds"),
            "events_url": f"{settings.KEFU_EVENTS_URL}/events/chat",
            "language": language,
            "signed_in": bool(holder.verification),
            "greeting": greeting(channel, language),
        },
        status=201,
    )


def _signed_holder(
    request: HttpRequest, channel: Channel, person: SignedIdentity, language: str, *, continues: bool
) -> ChatHolder:
    conversation, address = _talk_so_far(request, channel, person, continues=continues)
    return ChatHolder(
        channel=channel.public_id,
        conversation=conversation,
        address=address,
        language=language,
        name=person.name,
        verification=Verification.CUSTOMER,
        proven_customer=person.customer,
        proven_email=person.email.lower(),
    )


def _talk_so_far(
    request: HttpRequest, channel: Channel, person: SignedIdentity, *, continues: bool
) -> tuple[UUID, str]:
    """(conversation, address) that the person goes on with, or new ones.

    The talk whose token the page still holds, when it is this person's or nobody's yet: who signs in during a talk
    keeps it. Else, on wish, this person's own open talk from another device.
    """
    if bearer(request):
        try:
            held = holder_of(request, channel)
        except BadToken:
            held = None
        if held and (held.proven_customer, held.proven_email) in (("", ""), (person.customer, person.email.lower())):
            return held.conversation, held.address
    if continues and person.customer:
        open_talk = (
            Conversation.objects.select_related("identity")
            .filter(
                channel=channel,
                customer__external_id=person.customer,
                verification=Verification.CUSTOMER,
                last_message_at__gt=clock.now() - CONTINUED_FOR,
            )
            .exclude(status=Status.CLOSED)
            .order_by("-last_message_at", "-id")
            .first()
        )
        if open_talk:
            return open_talk.public_id, open_talk.identity.address
    return new_id(), person.address


def public_settings(request: HttpRequest, channel: Channel) -> HttpResponse:
    """GET …/settings?language=zh: texts, colour, links and limits, for anybody."""
    language = best_language(
        [request.GET.get("language", "")[:35], *accepted_languages(request)], offered=channel.brand.languages
    )
    words = {key: text.replace("{brand}", channel.brand.name) for key, text in texts(language).items()}
    response = answer_json(
        {
            "channel": str(channel.public_id),
            "brand": channel.brand.name,
            "language": language,
            "languages": [one for one in channel.brand.languages if best_language([one], offered=[one]) == one],
            "accent": channel.settings.get("accent") or DEFAULT_ACCENT,
            "privacy_url": channel.settings.get("privacy_url") or "",
            "events_url": f"{settings.KEFU_EVENTS_URL}/events/chat",
            "limits": {
                "text": limits.TEXT_LIMIT,
                "file_bytes": limits.FILE_LIMIT,
                "files": limits.FILES_A_MESSAGE,
                "file_types": list(limits.FILE_TYPES),
            },
            "texts": words | {"greeting": greeting(channel, language)},
        }
    )
    response["Cache-Control"] = "public, max-age=300"
    return response


def greeting(channel: Channel, language: str) -> str:
    """The channel's own greeting in this language, else ours."""
    own = channel.settings.get("greetings")
    if isinstance(own, dict) and isinstance(own.get(language), str) and own[language].strip():
        return str(own[language])
    return texts(language)["greeting"].replace("{brand}", channel.brand.name)


def accepted_languages(request: HttpRequest) -> list[str]:
    """Languages of the browser, as it orders them (their weights are in that order in practice)."""
    header = request.headers.get("Accept-Language", "")[:200]
    return [part.partition(";")[0] for part in header.split(",")]
