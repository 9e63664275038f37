"""What the events process reads. Plain SQL, for the process loads no Django models; the tests compare its answers
with those of the chat interface."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from psycopg import AsyncConnection
from psycopg.rows import dict_row
from psycopg_pool import AsyncConnectionPool

from kefu.channels.chat.view import ConversationView, MessageView, conversation_view, message_view

Pool = AsyncConnectionPool[AsyncConnection[dict[str, Any]]]
#: messages read for one conversation at a time
PAGE = 100


@dataclass(frozen=True, slots=True)
class Place:
    """A conversation as streams know it; none of it ever changes."""

    id: int
    public_id: UUID
    number: int
    brand_id: int


@dataclass(frozen=True, slots=True)
class Said:
    """One message: internal id and conversation, and what the customer sees of it."""

    id: int
    conversation_id: int
    view: MessageView


def pool_of(conninfo: str) -> Pool:
    """A few connections, opened in the background: the process starts also while the database is away."""
    return AsyncConnectionPool(
        conninfo,
        min_size=1,
        max_size=4,
        timeout=5,
        open=False,
        kwargs={"autocommit": True, "row_factory": dict_row, "application_name": "kefu events"},
    )


async def channel(pool: Pool, public_id: UUID) -> dict[str, Any] | None:
    """{"id", "settings"} of a chat channel that is on."""
    sql = "SELECT id, settings FROM desk_channel WHERE public_id = %s AND kind = 'chat' AND is_on"
    async with pool.connection() as connection:
        return await (await connection.execute(sql, [public_id])).fetchone()


async def place(pool: Pool, channel_id: int, public_id: UUID) -> Place | None:
    """The conversation with this public id, if its first message has come in."""
    sql = "SELECT id, public_id, number, brand_id FROM desk_conversation WHERE channel_id = %s AND public_id = %s"
    async with pool.connection() as connection:
        row = await (await connection.execute(sql, [channel_id, public_id])).fetchone()
    return Place(**row) if row else None


async def places(pool: Pool, ids: Sequence[int]) -> list[Place]:
    sql = "SELECT id, public_id, number, brand_id FROM desk_conversation WHERE id = ANY(%s)"
    async with pool.connection() as connection:
        rows = await (await connection.execute(sql, [list(ids)])).fetchall()
    return [Place(**row) for row in rows]


async def message_place(pool: Pool, conversation_id: int, public_id: UUID) -> int | None:
    """Internal id of a message of this conversation that its customer may see."""
    sql = "SELECT id FROM desk_message WHERE conversation_id = %s AND public_id = %s AND kind = 'message'"
    async with pool.connection() as connection:
        row = await (await connection.execute(sql, [conversation_id, public_id])).fetchone()
    return int(row["id"]) if row else None


_SAID = """
SELECT message.id, message.conversation_id, message.public_id, message.external_id, message.author, message.text,
       message.extras, message.created_at, coalesce(agent.name, '') AS agent_name,
       coalesce((SELECT json_agg(json_build_array(file.public_id, file.name, file.content_type, file.size)
                                 ORDER BY file.id)
                 FROM desk_attachment file WHERE file.message_id = message.id), '[]') AS files
FROM unnest(%s::bigint[], %s::bigint[]) AS room(id, after)
CROSS JOIN LATERAL (
    SELECT * FROM desk_message
    WHERE conversation_id = room.id AND desk_message.id > room.after AND kind = 'message'
      AND NOT EXISTS (SELECT 1 FROM desk_delivery delivery
                      WHERE delivery.message_id = desk_message.id AND delivery.state = 'withheld')
    ORDER BY desk_message.id LIMIT %s
) message
LEFT JOIN people_agent agent ON agent.id = message.agent_id
ORDER BY message.id
"""


async def said_after(pool: Pool, rooms: Sequence[tuple[int, int]]) -> list[Said]:
    """For each (conversation, message id) what was said after it, oldest first, at most PAGE a conversation."""
    ids, afters = [room for room, _ in rooms], [after for _, after in rooms]
    async with pool.connection() as connection:
        rows = await (await connection.execute(_SAID, [ids, afters, PAGE])).fetchall()
    return [_said(row) for row in rows]


def _said(row: dict[str, Any]) -> Said:
    view = message_view(
        public_id=row["public_id"],
        external_id=row["external_id"],
        author=row["author"],
        agent_name=row["agent_name"],
        text=row["text"],
        extras=row["extras"],
        created_at=row["created_at"],
        files=row["files"],
    )
    return Said(row["id"], row["conversation_id"], view)


async def standing(pool: Pool, ids: Sequence[int]) -> dict[int, ConversationView]:
    """How each conversation stands, by internal id."""
    sql = (
        "SELECT conversation.id, public_id, owner, status, language, unread_by_customer AS unread, "
        "coalesce(agent.name, '') AS agent_name FROM desk_conversation conversation "
        "LEFT JOIN people_agent agent ON agent.id = conversation.assignee_id WHERE conversation.id = ANY(%s)"
    )
    async with pool.connection() as connection:
        rows = await (await connection.execute(sql, [list(ids)])).fetchall()
    return {row.pop("id"): conversation_view(**row) for row in rows}


async def seats(pool: Pool, agent_id: int) -> frozenset[int]:
    """The brands that this agent serves now; none when the account is switched off."""
    sql = (
        "SELECT seat.brand_id FROM people_seat seat JOIN people_agent agent ON agent.id = seat.agent_id "
        "JOIN auth_user account ON account.id = agent.user_id "
        "WHERE agent.id = %s AND agent.is_active AND account.is_active"
    )
    async with pool.connection() as connection:
        rows = await (await connection.execute(sql, [agent_id])).fetchall()
    return frozenset(row["brand_id"] for row in rows)
