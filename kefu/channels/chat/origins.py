"""Which pages may use a chat channel. Without Django's models, for the events process asks here too."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit


def origin_of(address: str) -> str:
    """The origin of a web address as browsers write it: "https://Shop.example:443/a" gives "https://shop.example".

    Raises ValueError when it is not an http(s) address.
    """
    parts = urlsplit(address.strip())
    if parts.scheme not in ("http", "https") or not parts.hostname or "@" in parts.netloc:
        raise ValueError(f"{address!r} is not like https://shop.example")
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    default = {"http": 80, "https": 443}[parts.scheme]
    port = f":{parts.port}" if parts.port and parts.port != default else ""
    return f"{parts.scheme}://{host}{port}"


def allowed_origins(settings: Mapping[str, Any]) -> frozenset[str]:
    """The origins whose pages may use the chat; empty for any."""
    given = settings.get("origins", [])
    return frozenset(given) if isinstance(given, list) else frozenset()
