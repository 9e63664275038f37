"""The header block: addresses, ids, dates."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import UTC, datetime
from email.message import Message
from email.utils import getaddresses, parsedate_to_datetime

from kefu.channels.email.reading.words import header_text

_ADDRESS = re.compile(r"^[^\s@<>\"(),;:\\]{1,64}@[^\s@<>\"(),;:\\/]{1,190}$")
_LOOSE_ADDRESS = re.compile(r"[^\s@<>\"'(),;:\\\[\]]{1,64}@[^\s@<>\"'(),;:\\/\[\]]{1,190}")
_ID = re.compile(r"<([^<>\s]{1,900})>")
#: a header longer than this is somebody's attack or somebody's fault
HEADER_LIMIT = 64_000


class Headers:
    """Raw header values by name, as they came: 8-bit bytes as surrogates, folds kept. Topmost first."""

    def __init__(self, message: Message) -> None:
        self._values: dict[str, list[str]] = {}
        for name, value in message.raw_items():
            self._values.setdefault(name.lower(), []).append(str(value)[:HEADER_LIMIT])

    def all(self, name: str) -> list[str]:
        return self._values.get(name.lower(), [])

    def raw(self, name: str) -> str:
        return next(iter(self.all(name)), "")

    def text(self, name: str) -> str:
        return header_text(self.raw(name))

    def has(self, name: str) -> bool:
        return name.lower() in self._values


def is_address(text: str) -> bool:
    return bool(_ADDRESS.match(text))


def addresses(values: Iterable[str], *, limit: int = 200) -> list[tuple[str, str]]:
    """[(name, address)] of address headers; addresses keep their case, what is no address is left out.

    The structure is read first and encoded words after, so that a name cannot smuggle in an address; only a header
    without any address is decoded first, for some mailers encode it whole.
    """
    found: list[tuple[str, str]] = []
    for value in values:
        unfolded = re.sub(r"\r?\n[ \t]*", " ", value)
        pairs = _pairs(unfolded)
        if not pairs and "@" not in unfolded and "=?" in unfolded:
            pairs = _pairs(header_text(unfolded))
        found += pairs
        if len(found) >= limit:
            break
    return found[:limit]


def _pairs(value: str) -> list[tuple[str, str]]:
    pairs = []
    for name, address in getaddresses([value]):
        address = header_text(address.strip()).strip("'")
        if is_address(address):
            pairs.append((header_text(name).strip(" \"'"), address))
        elif is_address(name.strip()):  # mail@shop.example <> and the like
            pairs.append(("", name.strip()))
    if pairs and len(pairs) >= value.count("<"):
        return pairs
    # what the grammar forbids and mailers write: Max | [shop.example] <max@shop.example>
    loose = []
    for piece in re.split(r"[,;](?![^<]*>)", value):
        if found := _LOOSE_ADDRESS.search(piece[piece.rfind("<") + 1 :] or piece):
            name = piece[: piece.rfind("<")] if "<" in piece else ""
            loose.append((header_text(name).strip(" \"'"), found[0]))
    return loose if len(loose) > len(pairs) else pairs


def ids(values: Iterable[str], *, limit: int = 100) -> tuple[str, ...]:
    """Message ids without brackets, in order, each once. A long chain keeps its start and its end."""
    seen: dict[str, None] = {}
    for value in values:
        joined = re.sub(r"\s+", " ", header_text(value) if "=?" in value else value)
        for found in _ID.findall(joined):
            seen.setdefault(found.encode("ascii", "replace").decode())
    every = list(seen)
    return tuple(every if len(every) <= limit else every[:1] + every[-(limit - 1) :])


def moment(value: str) -> datetime | None:
    """The Date header in UTC; None where it is missing, unreadable or not of this age."""
    try:
        when = parsedate_to_datetime(header_text(value))
        when = when.replace(tzinfo=UTC) if when.tzinfo is None else when.astimezone(UTC)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    return when if 1980 <= when.year <= 2200 else None
