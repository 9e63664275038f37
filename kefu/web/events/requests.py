"""What a raw ASGI request says, read once. Source: asgi.readthedocs.io, HTTP connection scope."""

from __future__ import annotations

import json
from collections.abc import MutableMapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl
from uuid import UUID

from kefu.web.client_address import client_address
from kefu.web.events.stream import Send

CORS = [
    (b"access-control-allow-headers", b"authorization, last-event-id, cache-control"),
    (b"access-control-allow-methods", b"GET, OPTIONS"),
    (b"access-control-max-age", b"7200"),
]


@dataclass(frozen=True, slots=True)
class Request:
    method: str
    path: str
    headers: dict[str, str]  # names in lower case
    query: dict[str, str]
    peer: str

    @classmethod
    def of(cls, scope: MutableMapping[str, Any]) -> Request:
        headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]}
        query = scope["query_string"].decode("latin-1")[:8_000]
        peer = scope.get("client")
        return cls(
            method=scope["method"],
            path=scope["path"],
            headers=headers,
            query=dict(parse_qsl(query, max_num_fields=20)) if query.count("&") < 20 else {},
            peer=peer[0] if peer else "",
        )

    @property
    def bearer(self) -> str:
        scheme, _, token = self.headers.get("authorization", "").partition(" ")
        return token.strip() if scheme.lower() == "bearer" else ""

    @property
    def resumes_after(self) -> UUID | None:
        """The message the client has had last: Last-Event-ID, else ?after=; None when it names none."""
        given = self.headers.get("last-event-id") or self.query.get("after") or ""
        try:
            return UUID(given) if len(given) <= 45 else None
        except ValueError:
            return None

    def address(self, *, behind_proxy: bool) -> str:
        return client_address(self.peer, self.headers.get("x-forwarded-for", ""), behind_proxy=behind_proxy)


class Refusal(Exception):
    """An answer that is not a stream: status, and the same {code, message, cure} as the chat interface gives."""

    def __init__(self, status: int, code: str, message: str, cure: str, *, retry_after: int | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.body = {"code": code, "message": message, "cure": cure}
        self.retry_after = retry_after


async def answer(send: Send, status: int, body: dict[str, Any] | None, *, retry_after: int | None = None) -> None:
    """A short answer, whole."""
    content = json.dumps(body).encode() if body is not None else b""
    headers = [
        (b"content-length", str(len(content)).encode()),
        (b"cache-control", b"no-store"),
        (b"access-control-allow-origin", b"*"),
        (b"access-control-expose-headers", b"retry-after"),
        *CORS,
    ]
    if body is not None:
        headers.append((b"content-type", b"application/json"))
    if retry_after:
        headers.append((b"retry-after", str(retry_after).encode()))
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": content})


async def start_stream(send: Send, *, origin: str) -> None:
    """The head of an endless answer. `origin`: whom browsers may show it to, "*" for any."""
    headers = [
        (b"content-type", b"text/event-stream; charset=utf-8"),
        (b"cache-control", b"no-store"),
        (b"x-accel-buffering", b"no"),  # nginx would keep the events back
        (b"x-content-type-options", b"nosniff"),
        (b"access-control-allow-origin", origin.encode()),
        (b"vary", b"origin"),
    ]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
