"""The smallest whole channel, to copy from: a provider that posts JSON to us, and takes our answers the same way."""

from __future__ import annotations

import hashlib
import hmac
import http.client
import json
from collections.abc import Callable
from typing import ClassVar
from urllib.parse import urlsplit

from kefu.channels.base import (
    Abilities,
    BadPayload,
    Channel,
    Inbound,
    NotTaken,
    Outbound,
    RawRequest,
    Receipt,
    Undeliverable,
    Unreachable,
)

TIMEOUT_SECONDS = 10


def signature(body: bytes, secret: str) -> str:
    """What the provider puts into X-Hello-Signature: hex HMAC-SHA256 of the body."""
    return hmac.digest(secret.encode(), body, hashlib.sha256).hex()


class Hello(Channel):
    """`settings` {"send_to": address our answers are posted to}, `secrets` {"secret": shared with the provider}."""

    kind: ClassVar[str] = "hello"
    abilities: ClassVar[Abilities] = Abilities(text_limit=2000)

    def is_authentic(self, request: RawRequest) -> bool:
        secret = self.secrets.get("secret", "")
        given = request.header("X-Hello-Signature")
        return bool(secret) and hmac.compare_digest(given.encode(), signature(request.body, secret).encode())

    def read(self, request: RawRequest) -> list[Inbound]:
        """{"type": "message", "id": "m-1", "from": "visitor-7", "name": "Mira", "text": "Hello"} -> one message.
        Another type gives [], for the provider may invent some; a message of another shape raises BadPayload."""
        try:
            payload = json.loads(request.body)
        except (ValueError, RecursionError) as fault:
            raise BadPayload(channel=self.kind, why="not JSON") from fault
        if not isinstance(payload, dict):
            raise BadPayload(channel=self.kind, why="not a JSON object")
        if payload.get("type") != "message":
            return []
        for field in ("id", "from", "text"):
            if not isinstance(payload.get(field), str) or not payload[field]:
                raise BadPayload(channel=self.kind, why=f'"{field}" is missing or not text')
        name = payload.get("name")
        return [
            Inbound(
                external_id=payload["id"][:250],
                address=payload["from"][:250],
                text=payload["text"],
                name=name if isinstance(name, str) else "",
            )
        ]

    def send(self, outbound: Outbound, *, handing_over: Callable[[], None]) -> Receipt:
        """Post {"to", "text", "reference"}. 2xx is taken, 4xx refused for good, 5xx not taken this time."""
        target = urlsplit(str(self.settings["send_to"]))
        content = json.dumps({"to": outbound.to, "text": outbound.text, "reference": outbound.reference}).encode()
        headers = {
            "Content-Type": "application/json",
            "X-Hello-Signature": signature(content, self.secrets.get("secret", "")),
        }
        connect = http.client.HTTPSConnection if target.scheme == "https" else http.client.HTTPConnection
        connection = connect(target.hostname or "", target.port, timeout=TIMEOUT_SECONDS)
        try:
            try:
                connection.connect()
            except OSError as fault:
                raise Unreachable(server=target.netloc, why=str(fault)) from fault
            handing_over()
            try:
                connection.request("POST", target.path or "/", body=content, headers=headers)
                status = connection.getresponse().status
            except (OSError, http.client.HTTPException) as fault:
                raise Unreachable(server=target.netloc, why=str(fault)) from fault
        finally:
            connection.close()
        if 400 <= status < 500:
            raise Undeliverable(server=target.netloc, why=f"HTTP {status}")
        if not 200 <= status < 300:
            raise NotTaken(server=target.netloc, why=f"HTTP {status}")
        return Receipt(external_id=outbound.reference)
