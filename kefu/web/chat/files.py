"""Pictures and files of a talk: up before the message that carries them, down only to who holds the token."""

from __future__ import annotations

from datetime import timedelta
from urllib.parse import quote
from uuid import UUID

from django.conf import settings
from django.core.exceptions import RequestDataTooBig, SuspiciousOperation, TooManyFilesSent
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.db.models import Q
from django.http import FileResponse, HttpRequest, HttpResponse
from django.http.multipartparser import MultiPartParserError
from django.http.request import RawPostDataException, UnreadablePostError
from django.http.response import HttpResponseBase

from kefu.channels.chat.limits import FILE_LIMIT, FILE_TYPES, INLINE_TYPES
from kefu.desk.errors import NoSuchFile
from kefu.desk.inbound import InboundFile
from kefu.desk.models import Attachment, Channel, MessageKind
from kefu.desk.services import store_file
from kefu.desk.services.files import safe_name, type_by_bytes
from kefu.kernel import clock
from kefu.web.chat.endpoint import answer_json, limit
from kefu.web.chat.problems import BadUpload, FileTooLarge, FileTypeRefused
from kefu.web.chat.reading import declared_length
from kefu.web.events.tokens import ChatHolder

#: bytes around the file in a multipart body: boundaries, part headers, a long name
ENVELOPE = 64 * 1024
#: an upload that no message has taken by then never will be
ABANDONED_AFTER = timedelta(days=1)


def upload(request: HttpRequest, channel: Channel, holder: ChatHolder) -> HttpResponse:
    """POST …/files: 201 with the file's id, to be named in the next message's `files`."""
    limit(request, channel, "file", visitor=str(holder.conversation))
    sent = _sent_file(request)
    content = sent.read()
    kind = type_by_bytes(content)
    if kind not in FILE_TYPES or (kind == "image/webp" and content[:4] != b"RIFF"):
        raise FileTypeRefused(takes=list(FILE_TYPES))
    name = name_for(sent.name or "", kind)
    with transaction.atomic():
        stored = store_file(InboundFile(name=name, content=content), brand=channel.brand)
        stored.uploaded_for = holder.conversation
        stored.save(update_fields=["uploaded_for"])
    body = {"id": str(stored.public_id), "name": stored.name, "type": stored.content_type, "size": stored.size}
    return answer_json({"file": body}, status=201)


def name_for(claimed: str, kind: str) -> str:
    """A safe name that ends as its bytes deserve: "invoice.pdf.exe" with the bytes of a PDF gets ".pdf"."""
    # direction marks could make "gnp.exe" look like "exe.png"; safe_name drops them with all of category C
    name = safe_name(claimed.encode("utf-8", "replace").decode("utf-8"))
    ending = FILE_TYPES[kind]
    same = {"jpg": (".jpg", ".jpeg"), "mp4": (".mp4", ".mov", ".m4v")}.get(ending, (f".{ending}",))
    return name if name.lower().endswith(same) else f"{name[:110]}.{ending}"


def _sent_file(request: HttpRequest) -> UploadedFile:
    if declared_length(request) > FILE_LIMIT + ENVELOPE:
        raise FileTooLarge(limit_bytes=FILE_LIMIT)
    if request.content_type != "multipart/form-data":
        raise BadUpload(why="the content type is not multipart/form-data")
    try:
        sent = request.FILES.get("file")
    except (RequestDataTooBig, TooManyFilesSent):
        raise BadUpload(why="too many or too large parts") from None
    except (MultiPartParserError, UnreadablePostError, RawPostDataException, SuspiciousOperation):
        raise BadUpload(why="the body cannot be taken apart") from None
    if not isinstance(sent, UploadedFile) or not sent.size:
        raise BadUpload(why='there is no part named "file", or it is empty')
    if sent.size > FILE_LIMIT:
        raise FileTooLarge(limit_bytes=FILE_LIMIT)
    return sent


def download(request: HttpRequest, channel: Channel, holder: ChatHolder, file_id: UUID) -> HttpResponseBase:
    """GET …/files/<id>: a file of this conversation. Raises NoSuchFile for any other, there or not."""
    limit(request, channel, "read", visitor=str(holder.conversation))
    of_the_talk = Q(
        message__kind=MessageKind.MESSAGE,
        message__conversation__channel=channel,
        message__conversation__public_id=holder.conversation,
    )
    not_sent_yet = Q(uploaded_for=holder.conversation, message__isnull=True)
    # one statement: a message that takes the file between two questions would hide it from both
    file = Attachment.objects.filter(of_the_talk | not_sent_yet, public_id=file_id, brand_id=channel.brand_id).first()
    path = settings.MEDIA_ROOT / file.file if file else None
    if file is None or path is None or not path.is_file():
        raise NoSuchFile(files=[str(file_id)])
    is_picture = file.content_type in INLINE_TYPES
    response = FileResponse(
        path.open("rb"), content_type=file.content_type if is_picture else "application/octet-stream"
    )
    how = "inline" if is_picture else "attachment"
    response["Content-Disposition"] = f"{how}; filename*=UTF-8''{quote(file.name, safe='')}"
    response["Cache-Control"] = "private, max-age=3600"
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return response


def forget_abandoned(*, at_most: int = 500) -> int:
    """Files that were uploaded a day ago and never sent: rows and bytes. Returns how many."""
    gone = 0
    with transaction.atomic():
        abandoned = Attachment.objects.select_for_update(skip_locked=True).filter(
            message__isnull=True, uploaded_for__isnull=False, created_at__lt=clock.now() - ABANDONED_AFTER
        )
        for file in abandoned.order_by("id")[:at_most]:
            (settings.MEDIA_ROOT / file.file).unlink(missing_ok=True)
            file.delete()
            gone += 1
    return gone
