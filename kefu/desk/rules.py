"""Pure thinking of the desk: no database, no clock."""

from __future__ import annotations

from kefu.desk.models import Verification

#: characters of one message that are kept; a longer one is cut and marked (its raw form stays with the channel)
TEXT_LIMIT = 50_000


def verification_after(previous: int, *, proven: int, is_same_holder: bool) -> Verification:
    """How sure we are of the writer once a message has come in.

    previous: the conversation's level; proven: what the channel proves of this very message;
    is_same_holder: the message itself shows that its writer holds the earlier thread (a chat token, a signed reply
    token). A message that proves nothing and carries no such token starts again from nothing: a mail's sender is
    easily forged, and must not inherit what somebody else has proved.
    """
    kept = previous if is_same_holder else Verification.NONE
    return Verification(max(kept, proven))


def clean_text(text: str) -> str:
    """What may be stored as text: no NUL (PostgreSQL refuses it), no lone surrogates, cut at TEXT_LIMIT."""
    clean = text.replace("\x00", "").encode("utf-8", "replace").decode("utf-8")
    if len(clean) > TEXT_LIMIT:
        return clean[: TEXT_LIMIT - 1] + "…"
    return clean


def snippet(text: str, *, length: int = 160) -> str:
    """The start of a message on one line, for lists."""
    line = " ".join(text[: length * 4].split())
    return line if len(line) <= length else line[: length - 1] + "…"
