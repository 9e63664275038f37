"""A chat visitor's HTTP, as small as can be: the load shares its two cores with what it measures."""

from __future__ import annotations

import asyncio
import json
from typing import Any
from urllib.parse import urlsplit


class Unexpected(Exception):
    """An answer that is no 2xx: (status, body)."""


class ThinClient:
    """POSTs of JSON over connections that are kept open. A request whose connection broke before its answer is sent
    once more, as a browser does: the message's own id keeps it from counting twice."""

    def __init__(self, base_url: str) -> None:
        parts = urlsplit(base_url)
        self.host, self.port, self.base = parts.hostname or "localhost", parts.port or 80, parts.path
        self._free: list[tuple[asyncio.StreamReader, asyncio.StreamWriter]] = []

    async def post(self, path: str, body: dict[str, Any], *, token: str = "") -> dict[str, Any]:
        """The answer's JSON. Raises Unexpected."""
        content = json.dumps(body).encode()
        bearer = f"Authorization: Bearer {token}\r\n" if token else ""
        request = (
            f"POST {self.base}{path} HTTP/1.1\r\nHost: {self.host}:{self.port}\r\n{bearer}"
            f"Content-Type: application/json\r\nContent-Length: {len(content)}\r\n\r\n"
        ).encode() + content
        try:
            status, answer = await self._asked(request)
        except (OSError, EOFError):
            self._free.clear()
            status, answer = await self._asked(request)
        if not 200 <= status < 300:
            raise Unexpected(status, answer[:500])
        told: dict[str, Any] = json.loads(answer)
        return told

    async def _asked(self, request: bytes) -> tuple[int, bytes]:
        reader, writer = self._free.pop() if self._free else await asyncio.open_connection(self.host, self.port)
        writer.write(request)
        head = (await reader.readuntil(b"\r\n\r\n")).lower()
        _, _, rest = head.partition(b"content-length:")
        answer = await reader.readexactly(int(rest.split(b"\r\n", 1)[0]))
        if b"connection: close" in head:
            writer.close()
        else:
            self._free.append((reader, writer))
        return int(head.split(b" ", 2)[1]), answer

    async def close(self) -> None:
        for _, writer in self._free:
            writer.close()
