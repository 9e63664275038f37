"""The body: which part is the text, which the HTML, which are files."""

from __future__ import annotations

import binascii
import mimetypes
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from email.message import Message
from email.utils import collapse_rfc2231_value

from kefu.channels.email.reading.shapes import MailFile
from kefu.channels.email.reading.words import header_text, text_of

FILES_LIMIT = 50
TEXT_LIMIT = 400_000
PARTS_LIMIT = 400
_UUENCODED = re.compile(rb"^begin [0-7]{3,4} ([^\r\n]{1,200})\r?\n(.*?)^end[ \t]*\r?$", re.DOTALL | re.MULTILINE)


@dataclass(slots=True)
class Body:
    plain: list[str] = field(default_factory=list)
    html: list[str] = field(default_factory=list)
    files: list[MailFile] = field(default_factory=list)
    #: message/delivery-status parts and what comes back in a bounce, as text
    delivery_status: list[str] = field(default_factory=list)
    returned: list[str] = field(default_factory=list)


def _leaves(message: Message) -> Iterator[Message]:
    """Parts that hold something, in order. A loop, for nesting is the sender's choice."""
    stack = [message]
    count = 0
    while stack and count < PARTS_LIMIT:
        part = stack.pop()
        count += 1
        payload = part.get_payload()
        if isinstance(payload, list) and not part.get_content_type().startswith("message/"):
            stack += [child for child in reversed(payload) if isinstance(child, Message)]
        else:
            yield part


def _bytes_of(part: Message) -> bytes:
    payload = part.get_payload()
    if isinstance(payload, list):  # a mail within the mail: kept whole, as the file it is
        inner = payload[0] if payload else None
        return inner.as_bytes() if isinstance(inner, Message) else b""
    encoding = header_text(str(part.get("Content-Transfer-Encoding", ""))).lower().split(";")[0].strip()
    # without the header get_payload gives the bytes as they came; with it, it decodes and sometimes guesses
    del part["Content-Transfer-Encoding"]
    raw = part.get_payload(decode=True)
    raw = raw if isinstance(raw, bytes) else b""
    if encoding == "base64":
        return _base64(raw)
    if encoding == "quoted-printable":
        return binascii.a2b_qp(raw)
    return raw


def _base64(raw: bytes) -> bytes:
    """Base64 as mail servers mangle it: strange line ends, missing padding, a footer in clear text below."""
    end = re.search(rb"={1,2}\s*(?:\r?\n|$)", raw)
    body = re.sub(rb"[^A-Za-z0-9+/]", b"", raw[: end.start()] if end else raw)
    body = body[:-1] if len(body) % 4 == 1 else body
    try:
        return binascii.a2b_base64(body + b"=" * (-len(body) % 4))
    except binascii.Error:
        return raw


def _name(part: Message) -> str:
    for header, parameter in (("content-disposition", "filename"), ("content-type", "name")):
        try:
            value = part.get_param(parameter, header=header)
        except (ValueError, IndexError, TypeError, AttributeError, UnicodeError):
            continue
        if isinstance(value, tuple):
            charset, _, encoded = value
            name = text_of(_raw_of_2231(encoded), charset or "")
        elif value:
            name = header_text(collapse_rfc2231_value(value))
        else:
            continue
        if name := safe_name(name):
            return name
    return ""


def _raw_of_2231(encoded: str) -> bytes:
    return encoded.encode("latin-1", "replace")  # the standard library has undone the percent signs into Latin-1


def safe_name(name: str) -> str:
    """A file's name without folders, line ends and hidden direction changes; at most 120 characters with its suffix."""
    name = re.sub(r"[\x00-\x1f\x7f\u202a-\u202e\u2066-\u2069\u200b-\u200f]", "", name.replace("\\", "/"))
    name = name.rsplit("/", 1)[-1].strip(" .")
    if len(name) > 120:
        stem, dot, suffix = name.rpartition(".")
        name = stem[: 119 - len(suffix)] + dot + suffix if dot and len(suffix) < 12 else name[:120]
    return name


def _made_up_name(part: Message, content_type: str, number: int) -> str:
    if content_type == "message/rfc822":
        payload = part.get_payload()
        inner = payload[0] if isinstance(payload, list) and payload else None
        subject = header_text(str(inner.get("Subject", ""))) if isinstance(inner, Message) else ""
        return f"{safe_name(subject)[:100] or 'mail'}.eml"
    return f"file-{number}{mimetypes.guess_extension(content_type) or '.bin'}"


def _content_id(part: Message) -> str:
    return header_text(str(part.get("Content-ID", ""))).strip(" <>")[:250]


def read_body(message: Message) -> Body:
    """Sort the parts. Text parts that are named files stay files; a signature's key is a file too."""
    body = Body()
    for part in _leaves(message):
        content_type = part.get_content_type()
        disposition = header_text(str(part.get("Content-Disposition", ""))).lower().split(";")[0].strip()
        name = _name(part)
        is_file = disposition == "attachment" or (bool(name) and not content_type.startswith("text/"))
        if content_type == "message/delivery-status":
            body.delivery_status.append(_status_text(part))
            continue
        if content_type in ("text/rfc822-headers", "message/rfc822-headers"):
            body.returned.append(text_of(_bytes_of(part))[:TEXT_LIMIT])
            continue
        if content_type == "message/rfc822":
            body.returned.append(text_of(_bytes_of(part)[:20_000]))
        if content_type in ("text/plain", "text/html") and not is_file and not (name and disposition == "inline"):
            raw = _bytes_of(part)
            if content_type == "text/plain":
                raw = _take_uuencoded(raw, body)
                body.plain.append(_unflowed(part, text_of(raw, _charset(part))))
            else:
                body.html.append(text_of(raw, _charset(part) or _charset_in_html(raw)))
            continue
        if content_type.startswith("multipart/"):  # a multipart without parts: its bytes are all there is
            raw = _bytes_of(part)
            if raw.strip():
                body.plain.append(text_of(raw, _charset(part)))
            continue
        if len(body.files) < FILES_LIMIT:
            content_id = _content_id(part)
            body.files.append(
                MailFile(
                    name=name or _made_up_name(part, content_type, len(body.files) + 1),
                    content=_bytes_of(part),
                    content_type=content_type,
                    content_id=content_id,
                    is_inline=disposition == "inline" or (bool(content_id) and disposition != "attachment"),
                )
            )
    return body


def _status_text(part: Message) -> str:
    payload = part.get_payload()
    if isinstance(payload, list):
        blocks = ["\n".join(f"{k}: {v}" for k, v in block.raw_items()) for block in payload[:50]
                  if isinstance(block, Message)]  # fmt: skip
        return "\n\n".join(blocks)[:TEXT_LIMIT]
    return text_of(_bytes_of(part))[:TEXT_LIMIT]


def _charset(part: Message) -> str:
    try:
        value = part.get_param("charset")
    except (ValueError, IndexError, TypeError, AttributeError, UnicodeError):
        return ""
    return str(value[2] if isinstance(value, tuple) else value or "")


def _charset_in_html(raw: bytes) -> str:
    found = re.search(rb"<meta[^>]{1,200}charset\s*=\s*[\"']?([\w.:-]{2,40})", raw[:4000], re.IGNORECASE)
    return found[1].decode("ascii") if found else ""


def _unflowed(part: Message, text: str) -> str:
    """format=flowed (RFC 3676): a line that ends in a space goes on in the next one of the same quote depth."""
    try:
        flowed = str(part.get_param("format") or "").lower() == "flowed"
        delsp = str(part.get_param("delsp") or "").lower() == "yes"
    except (ValueError, IndexError, TypeError, AttributeError, UnicodeError):
        return text
    if not flowed:
        return text
    out: list[str] = []
    open_depth = -1  # quote depth of the line that waits for its continuation
    for line in text.split("\n"):
        depth = len(line) - len(line.lstrip(">"))
        content = line[depth:].removeprefix(" ")
        if open_depth == depth and content != "-- " and out:
            out[-1] += content
        else:
            out.append(">" * depth + (" " if depth else "") + content)
        soft = content.endswith(" ") and content != "-- "
        if soft and delsp:
            out[-1] = out[-1][:-1]
        open_depth = depth if soft else -1
    return "\n".join(out)


def _take_uuencoded(raw: bytes, body: Body) -> bytes:
    """Files that old systems put into the text itself."""
    if b"\nend" not in raw:
        return raw

    def take(found: re.Match[bytes]) -> bytes:
        content = bytearray()
        for line in found[2].splitlines():
            try:
                content += binascii.a2b_uu(line)
            except binascii.Error:
                try:  # a byte more than the length says, as some encoders write
                    content += binascii.a2b_uu(line[: (((line[0] - 32) & 63) * 4 + 5) // 3])
                except (binascii.Error, IndexError):
                    return found[0]
        if not content or len(body.files) >= FILES_LIMIT:
            return found[0]
        name = safe_name(text_of(found[1])) or "file.bin"
        content_type = mimetypes.guess_type(name)[0] or "application/octet-stream"
        body.files.append(MailFile(name=name, content=bytes(content), content_type=content_type))
        return b""

    return _UUENCODED.sub(take, raw)
