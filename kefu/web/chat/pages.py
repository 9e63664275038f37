"""What a browser loads: the widget's script, the chat as a page of its own, and the demo's shop."""

from __future__ import annotations

import gzip
import hashlib
from functools import cache
from uuid import UUID

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_safe

from kefu.channels.chat.settings import DEFAULT_ACCENT
from kefu.channels.chat.texts import best_language, texts
from kefu.desk.models import Channel
from kefu.web.chat.conversations import accepted_languages
from kefu.web.chat.endpoint import refusal
from kefu.web.chat.problems import NoSuchAddress

#: the widget's parts in the order they build on each other; each is one idea, together they are one script
PARTS = ("drawing.js", "memory.js", "line.js", "files.js", "talk.js", "panel.js", "start.js")
SCRIPT = "text/javascript; charset=utf-8"
FOLDER = settings.BASE_DIR / "kefu" / "web" / "static" / "widget"


def bundle() -> bytes:
    """The parts inside one function, so that nothing of it is seen by the shop's page; the style rides along."""
    style = (FOLDER / "widget.css").read_text("utf-8").replace("\\", "\\\\").replace("`", "\\`")
    parts = "\n".join((FOLDER / part).read_text("utf-8") for part in PARTS)
    return f'(() => {{\n"use strict";\nconst STYLE = `{style}`;\n{parts}\n}})();\n'.encode()


@cache
def _kept_bundle() -> tuple[bytes, bytes, str]:
    whole = bundle()
    return whole, gzip.compress(whole, 9, mtime=0), f'"{hashlib.sha256(whole).hexdigest()[:20]}"'


@require_safe
def widget(request: HttpRequest) -> HttpResponse:
    """GET /widget.js for any page of the world; an hour in the browser's cache, then asked for by its tag."""
    if settings.DEBUG:
        _kept_bundle.cache_clear()
    whole, packed, tag = _kept_bundle()
    if request.headers.get("If-None-Match") == tag:
        response = HttpResponse(status=304)
    elif "gzip" in request.headers.get("Accept-Encoding", ""):
        response = HttpResponse(
            packed, content_type="text/javascript; charset=utf-8", headers={"Content-Encoding": "gzip"}
        )
    else:
        response = HttpResponse(whole, content_type="text/javascript; charset=utf-8")
    response["ETag"] = tag
    response["Cache-Control"] = "public, max-age=3600"
    response["Vary"] = "Accept-Encoding"
    response["Access-Control-Allow-Origin"] = "*"
    response["Cross-Origin-Resource-Policy"] = "cross-origin"
    return response


@require_safe
def whole_page(request: HttpRequest, channel_id: UUID) -> HttpResponse:
    """The chat as a page of its own, for a link in a mail or on a receipt."""
    channel = chat_channel(public_id=channel_id)
    language = language_of(request, channel)
    words = {key: text.replace("{brand}", channel.brand.name) for key, text in texts(language).items()}
    facts = {
        "channel": channel,
        "words": words,
        "chat_language": language,
        "privacy_url": channel.settings.get("privacy_url") or "",
        "accent": channel.settings.get("accent") or DEFAULT_ACCENT,
    }
    return render(request, "chat/page.html", facts)


def chat_channel(**wanted: object) -> Channel:
    """The first chat that is on. Raises Http404."""
    found = Channel.objects.select_related("brand").filter(**wanted, kind="chat", is_on=True).order_by("pk").first()
    if found is None:
        raise Http404
    return found


def language_of(request: HttpRequest, channel: Channel) -> str:
    """The page's own wish, else the browser's, of those the brand answers in."""
    wished = [request.GET.get("language", "")[:35], *accepted_languages(request)]
    return best_language(wished, offered=channel.brand.languages)


@csrf_exempt
def no_such_address(request: HttpRequest, channel_id: str) -> HttpResponse:
    response = refusal(NoSuchAddress())
    response["Access-Control-Allow-Origin"] = "*"
    return response
