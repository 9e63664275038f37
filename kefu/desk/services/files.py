"""Files of messages: bytes on disk under a name of our own, a row beside the message."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from pathlib import PurePosixPath

from django.conf import settings

from kefu.desk.inbound import InboundFile
from kefu.desk.models import Attachment, Conversation, Message
from kefu.kernel import clock
from kefu.kernel.ids import new_id
from kefu.people.models import Brand

#: what a file is, by its first bytes; all else is "application/octet-stream", which browsers only download
_SIGNATURES: tuple[tuple[bytes, int, str], ...] = (
    (b"\x89PNG\r\n\x1a\n", 0, "image/png"),
    (b"\xff\xd8\xff", 0, "image/jpeg"),
    (b"GIF87a", 0, "image/gif"),
    (b"GIF89a", 0, "image/gif"),
    (b"WEBP", 8, "image/webp"),
    (b"%PDF-", 0, "application/pdf"),
    (b"PK\x03\x04", 0, "application/zip"),
    (b"ftyp", 4, "video/mp4"),
)


def type_by_bytes(content: bytes) -> str:
    """The content type the bytes themselves show; a sender's claim is never believed."""
    for signature, offset, kind in _SIGNATURES:
        if content[offset : offset + len(signature)] == signature:
            return kind
    return "application/octet-stream"


def safe_name(name: str) -> str:
    """A file name fit for a download header: one path part, no control characters, at most 120 characters."""
    last = re.split(r"[/\\]", unicodedata.normalize("NFC", name))[-1]
    clean = "".join(c for c in last if unicodedata.category(c)[0] != "C").strip(" .")
    if len(clean) > 120:
        stem, dot, suffix = clean.rpartition(".")
        clean = f"{stem[: 119 - len(suffix)]}{dot}{suffix}" if dot and len(suffix) <= 10 else clean[:120]
    return clean or "file"


def store_file(
    file: InboundFile, *, brand: Brand, conversation: Conversation | None = None, message: Message | None = None
) -> Attachment:
    """Write the bytes below MEDIA_ROOT, then the row. A crash in between leaves a file without a row, never a row
    without a file."""
    public_id = new_id()
    path = PurePosixPath(brand.slug) / f"{clock.now():%Y/%m}" / public_id.hex
    target = settings.MEDIA_ROOT / path
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(file.content)
    return Attachment.objects.create(
        public_id=public_id,
        brand=brand,
        conversation=conversation,
        message=message,
        name=safe_name(file.name),
        content_type=type_by_bytes(file.content),
        size=len(file.content),
        sha256=hashlib.sha256(file.content).hexdigest(),
        file=str(path),
        content_id=file.content_id[:255],
        created_at=clock.now(),
    )
