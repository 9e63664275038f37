"""What the chat interface refuses. The docstring's first sentence is `message`, the rest is `cure`."""

from __future__ import annotations

from typing import ClassVar

from kefu.channels.chat.identity import BadIdentity
from kefu.desk.errors import ChannelOff, EmptyMessage, MessageTooLong, NoSuchFile
from kefu.kernel.crypto import BadToken, Undecryptable
from kefu.kernel.errors import Refused


class ChatProblem(Refused):
    """Something was refused. See the reference of the chat interface."""

    code = "chat.refused"
    status: ClassVar[int] = 400


class NoSuchAddress(ChatProblem):
    """There is nothing at this address. Compare it with the reference of the chat interface."""

    code = "chat.no_such_address"
    status = 404


class NoSuchChannel(ChatProblem):
    """There is no chat channel with this id, or it is switched off. Copy the id from the channel's page at the desk."""

    code = "chat.no_such_channel"
    status = 404


class WrongMethod(ChatProblem):
    """This address does not take that method. Use one of those in the Allow header."""

    code = "chat.wrong_method"
    status = 405


class OriginRefused(ChatProblem):
    """Pages of this origin may not use the chat. Add the origin to the channel's shop addresses."""

    code = "chat.origin_refused"
    status = 403


class NotJson(ChatProblem):
    """The body is not a JSON object in UTF-8. Send an object such as {"text": "Hello"} as application/json."""

    code = "chat.not_json"


class BadField(ChatProblem):
    """A field has the wrong shape. Send it as the reference of the chat interface shows."""

    code = "chat.bad_field"


class BodyTooLarge(ChatProblem):
    """The body is larger than this address takes. Send less in one request; files go to …/files."""

    code = "chat.body_too_large"
    status = 413


class TextTooLong(ChatProblem):
    """The text is too long for one message. Send it in parts, or as a file."""

    code = "chat.text_too_long"
    status = 413


class FileTooLarge(ChatProblem):
    """The file is too large. Make it smaller, or send a link to it."""

    code = "chat.file_too_large"
    status = 413


class FileTypeRefused(ChatProblem):
    """The bytes of this file are of no kind the chat takes. Send a picture, a PDF or an MP4."""

    code = "chat.file_type_refused"
    status = 415


class BadUpload(ChatProblem):
    """The upload cannot be read. Send one part named "file" as multipart/form-data."""

    code = "chat.bad_upload"


class NoToken(ChatProblem):
    """The request has no bearer token. Send "Authorization: Bearer …" with the token of the conversation."""

    code = "chat.no_token"
    status = 401


class NoSuchMessage(ChatProblem):
    """There is no such message in this conversation. Fetch the history without it."""

    code = "chat.no_such_message"
    status = 404


class RateLimited(ChatProblem):
    """That is too much in a short time. Wait the seconds that Retry-After says, then send the same again."""

    code = "chat.rate_limited"
    status = 429


class OutOfService(ChatProblem):
    """Kefu cannot reach its database just now. Nothing was stored; send the same again in a few seconds."""

    code = "chat.out_of_service"
    status = 503


#: refusals of the rooms below that a caller of this interface can meet
_STATUS_OF: tuple[tuple[type[Refused], int], ...] = (
    (BadToken, 401),
    (BadIdentity, 403),
    (Undecryptable, 403),
    (ChannelOff, 404),
    (NoSuchFile, 404),
    (EmptyMessage, 400),
    (MessageTooLong, 413),
)


def status_of(refused: Refused) -> int:
    """The HTTP status of a refusal."""
    if isinstance(refused, ChatProblem):
        return refused.status
    return next((status for kind, status in _STATUS_OF if isinstance(refused, kind)), 409)


def body_of(refused: Refused) -> dict[str, object]:
    """{"code", "message", "cure", "details"} as a caller gets it. Details are the refusal's own facts."""
    message, _, cure = " ".join((type(refused).__doc__ or "").split()).partition(". ")
    return {"code": refused.code, "message": f"{message.rstrip('.')}.", "cure": cure, "details": refused.facts}
