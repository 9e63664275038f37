"""What kinds of channels can carry, as far as the rooms below the channels must know. The channels fill it in when
Django starts; an unknown kind is taken for a chat without buttons."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Carries:
    """is_letter: greeting, body, closing. has_buttons: choices are drawn; else they are listed in the text.
    is_pulled: the customer's side fetches what is stored; nothing has to be sent."""

    is_letter: bool = False
    has_buttons: bool = False
    is_pulled: bool = False
    text_limit: int | None = None


_known: dict[str, Carries] = {}


def declare(kind: str, carries: Carries) -> None:
    _known[kind] = carries


def of(kind: str) -> Carries:
    return _known.get(kind, Carries())
