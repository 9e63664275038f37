"""What a customer sees of a message and of a conversation: the one place that decides what leaves the desk.

The web process and the events process both build their answers here, so that a message looks the same however it
arrives. No internal id, no `why`, no note, nothing of another conversation goes in.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import TypedDict
from uuid import UUID


class ChoiceView(TypedDict):
    label: str
    value: str


class FileView(TypedDict):
    id: str
    name: str
    type: str
    size: int


class MessageView(TypedDict):
    id: str
    client_id: str | None
    author: str
    name: str
    text: str
    choices: list[ChoiceView]
    files: list[FileView]
    created_at: str


class ConversationView(TypedDict):
    id: str
    answering: str
    name: str
    status: str
    language: str
    unread: int


def first_name(full: str) -> str:
    """What a customer may call the person: "Tomas Berg" gives "Tomas"; a name without spaces (王丽) stays whole."""
    return full.split()[0] if full.split() else ""


def message_view(
    *,
    public_id: UUID,
    external_id: str | None,
    author: str,
    agent_name: str,
    text: str,
    extras: Mapping[str, object],
    created_at: datetime,
    files: Iterable[tuple[UUID, str, str, int]],
) -> MessageView:
    """files: (public id, name, content type, size in bytes)."""
    client_id = external_id.rpartition(":")[2] if author == "customer" and external_id else None
    return MessageView(
        id=str(public_id),
        client_id=client_id,
        author=author,
        name=first_name(agent_name) if author == "agent" else "",
        text=text,
        choices=[] if author == "customer" else _choices(extras),
        files=[FileView(id=str(file), name=name, type=kind, size=size) for file, name, kind, size in files],
        created_at=created_at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
    )


def _choices(extras: Mapping[str, object]) -> list[ChoiceView]:
    given = extras.get("choices")
    if not isinstance(given, list):
        return []
    return [
        ChoiceView(label=str(one["label"]), value=str(one["value"]))
        for one in given
        if isinstance(one, dict) and "label" in one and "value" in one
    ]


def conversation_view(
    *, public_id: UUID | str, owner: str, agent_name: str, status: str, language: str, unread: int
) -> ConversationView:
    """`answering` is "assistant", "queue" (waits for a person) or "agent"."""
    return ConversationView(
        id=str(public_id),
        answering=owner,
        name=first_name(agent_name) if owner == "agent" else "",
        status=status,
        language=language,
        unread=unread,
    )
