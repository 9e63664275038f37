"""What every address of the chat interface has in common: channel, origin, token, limits, and JSON for every end."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import wraps
from typing import Concatenate, ParamSpec
from uuid import UUID

from django.conf import settings
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.utils.cache import patch_vary_headers
from django.views.decorators.csrf import csrf_exempt

from kefu.channels.chat.origins import allowed_origins, origin_of
from kefu.channels.chat.settings import rate
from kefu.desk.models import Channel
from kefu.kernel import rates
from kefu.kernel.crypto import BadToken
from kefu.kernel.errors import Refused
from kefu.kernel.prepared import Prepared
from kefu.web.chat.problems import (
    NoSuchChannel,
    NoToken,
    OriginRefused,
    OutOfService,
    RateLimited,
    WrongMethod,
    body_of,
    status_of,
)
from kefu.web.client_address import client_address
from kefu.web.events.tokens import ChatHolder, chat_holder

P = ParamSpec("P")
ChannelView = Callable[Concatenate[HttpRequest, Channel, P], HttpResponseBase]
HolderView = Callable[Concatenate[HttpRequest, Channel, ChatHolder, P], HttpResponseBase]


def by_method(**views: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """One address: `by_method(GET=…, POST=…)`. Each view gets the request and the channel; refusals become JSON."""
    allowed = ", ".join([*views, "OPTIONS"])

    @csrf_exempt  # nothing here goes by cookies: the bearer token is the whole proof
    @wraps(next(iter(views.values())))
    def answer(request: HttpRequest, channel_id: str, **kwargs: object) -> HttpResponseBase:
        origin = request.headers.get("Origin", "")
        channel: Channel | None = None
        try:
            channel = _channel(channel_id)
            _check_origin(origin, channel)
            if request.method == "OPTIONS":
                response: HttpResponseBase = HttpResponse(status=204)
            elif view := views.get(request.method or ""):
                response = view(request, channel, **kwargs)
            else:
                raise WrongMethod(allow=allowed)
        except Refused as refused:
            response = refusal(refused)
        except (OperationalError, InterfaceError):
            response = refusal(OutOfService(), retry_after=5)
        if response.status_code == 405:
            response["Allow"] = allowed
        return _with_cors(response, origin, channel, allowed)

    return answer


def for_holder(view: HolderView[P]) -> ChannelView[P]:
    """A view that gets the token's holder too. Raises NoToken, or BadToken also for another channel's token."""

    @wraps(view)
    def checked(request: HttpRequest, channel: Channel, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        holder = holder_of(request, channel)
        return view(request, channel, holder, *args, **kwargs)

    return checked


def bearer(request: HttpRequest) -> str:
    """The bearer token, or "" when there is none. Source: RFC 6750, section 2.1."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else ""


def holder_of(request: HttpRequest, channel: Channel) -> ChatHolder:
    token = bearer(request)
    if not token:
        raise NoToken()
    holder = chat_holder(token)
    if holder.channel != channel.public_id:
        raise BadToken()
    return holder


def limit(request: HttpRequest, channel: Channel, deed: str, *, visitor: str = "") -> None:
    """Count one `deed` against visitor, address and channel. Raises RateLimited."""
    subjects = {"visitor": visitor, "ip": address_of(request), "channel": "all"}
    charges = [
        (f"chat:{channel.pk}:{deed}:{counted}:{subject}", allowed)
        for counted, subject in subjects.items()
        if subject and (allowed := rate(channel.settings, deed, counted))
    ]
    if seconds := rates.spend(charges):
        raise RateLimited(retry_after_seconds=seconds)


def address_of(request: HttpRequest) -> str:
    return client_address(
        str(request.META.get("REMOTE_ADDR", "")),
        request.headers.get("X-Forwarded-For", ""),
        behind_proxy=settings.KEFU_BEHIND_PROXY,
    )


def answer_json(body: Mapping[str, object], *, status: int = 200) -> JsonResponse:
    response = JsonResponse(body, status=status, json_dumps_params={"ensure_ascii": False})
    response["Cache-Control"] = "no-store"
    return response


def refusal(refused: Refused, *, retry_after: int | None = None) -> HttpResponse:
    response = answer_json(body_of(refused), status=status_of(refused))
    seconds = retry_after or refused.facts.get("retry_after_seconds")
    if seconds:
        response["Retry-After"] = str(seconds)
    if response.status_code == 401:
        response["WWW-Authenticate"] = 'Bearer realm="kefu chat"'
    return response


_CHANNEL = Prepared(
    lambda public_id: Channel.objects.select_related("brand").filter(public_id=public_id, kind="chat", is_on=True),
    public_id=UUID(int=1),
)


def _channel(channel_id: str) -> Channel:
    try:
        public_id = UUID(channel_id)
    except ValueError:
        raise NoSuchChannel() from None
    found = _CHANNEL.first(public_id=public_id)
    if found is None:
        raise NoSuchChannel()
    return found


def _check_origin(origin: str, channel: Channel) -> None:
    """A browser says where its page is from; who is no browser (curl, the shop's server) says nothing and may pass,
    for the origin protects customers' browsers, not us."""
    allowed = allowed_origins(channel.settings)
    if origin and allowed and origin not in allowed and origin != origin_of(settings.KEFU_URL):
        raise OriginRefused(origin=origin[:200])


def _with_cors(response: HttpResponseBase, origin: str, channel: Channel | None, allowed: str) -> HttpResponseBase:
    """Never with credentials: a cookie must not open a conversation. Source: fetch.spec.whatwg.org, CORS protocol."""
    open_to_all = channel is None or not allowed_origins(channel.settings)
    if open_to_all:
        response["Access-Control-Allow-Origin"] = "*"
    else:
        patch_vary_headers(response, ["Origin"])
        if origin and response.status_code != 403:
            response["Access-Control-Allow-Origin"] = origin
    response["Access-Control-Expose-Headers"] = "Retry-After"
    response["Cross-Origin-Resource-Policy"] = "cross-origin"
    response["X-Content-Type-Options"] = "nosniff"
    if response.status_code == 204:
        response["Access-Control-Allow-Methods"] = allowed
        response["Access-Control-Allow-Headers"] = "Authorization, Content-Type"
        response["Access-Control-Max-Age"] = "7200"
    return response
