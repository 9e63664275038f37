"""Files and mail bodies: other people's bytes, shown so that they can do nothing."""

from __future__ import annotations

import re
from urllib.parse import quote
from uuid import UUID

from django.conf import settings
from django.http import FileResponse, Http404, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.html import escape
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.http import require_safe

from kefu.desk.models import Attachment, Message
from kefu.web.desk.thread import SHOWN_IMAGES
from kefu.web.middleware import AgentRequest


@require_safe
def attachment(request: AgentRequest, public_id: UUID) -> FileResponse:
    """The bytes, for agents of its brand. Known pictures may be shown, everything else is only downloaded."""
    file = get_object_or_404(Attachment, public_id=public_id, brand_id__in=list(request.brands), message__isnull=False)
    path = (settings.MEDIA_ROOT / file.file).resolve()
    if not path.is_relative_to(settings.MEDIA_ROOT.resolve()) or not path.is_file():
        raise Http404("the file is not there")
    is_shown = file.content_type in SHOWN_IMAGES
    response = FileResponse(path.open("rb"), content_type=file.content_type if is_shown else "application/octet-stream")
    how = "inline" if is_shown and "download" not in request.GET else "attachment"
    response["Content-Disposition"] = f"{how}; filename*=UTF-8''{quote(file.name, safe='')}"
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response["Cross-Origin-Resource-Policy"] = "same-origin"
    response["Cache-Control"] = "private, max-age=3600"
    return response


_CID = re.compile(r"""(\ssrc=["']?)cid:([^"'\s>]+)""", re.IGNORECASE)


@require_safe
@xframe_options_sameorigin
def mail_body(request: AgentRequest, pk: int) -> HttpResponse:
    """A mail's HTML for the frame in the thread: already sanitised when it was stored, and here without script, form
    or anything from outside. `?images=1`, asked by hand, lets pictures in from outside (their senders then see it)."""
    message = get_object_or_404(Message.objects.exclude(html=""), pk=pk, brand_id__in=list(request.brands))
    inline = {
        file.content_id.strip("<>"): reverse("desk:attachment", args=[file.public_id])
        for file in message.attachments.exclude(content_id="")[:100]
    }
    body = _CID.sub(lambda found: found[1] + escape(inline.get(found[2], "")), message.html)
    pictures = "img-src 'self' data: https: http:" if request.GET.get("images") == "1" else "img-src 'self' data:"
    response = HttpResponse(
        '<!doctype html><html><head><meta charset="utf-8"><base target="_blank"><style>'
        "body{margin:0;padding:12px;font:15px/1.5 system-ui,sans-serif;color:#1b2124;background:#fff}"
        "body{overflow-wrap:anywhere}"
        "img{max-width:100%;height:auto}table{max-width:100%}</style></head><body>" + body + "</body></html>"
    )
    response["Content-Security-Policy"] = (
        f"default-src 'none'; style-src 'unsafe-inline'; {pictures}; form-action 'none'; base-uri 'none'; "
        "frame-ancestors 'self'; sandbox allow-same-origin allow-popups allow-popups-to-escape-sandbox"
    )
    response["Referrer-Policy"] = "no-referrer"
    return response
