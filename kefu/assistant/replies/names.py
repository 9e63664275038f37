"""How a customer is addressed by name, where we have one that is fit to be said."""

from __future__ import annotations

import re

LONGEST_NAME = 60  # characters
#: what stands in the field when a shop has no name: an address, a number, a link, a note
_NO_NAME = re.compile(r"[@\d<>{}\[\]|\\/#*_=~^]|https?:|www\.", re.IGNORECASE)
_CJK = re.compile(r"^[㐀-鿿぀-ヿ가-힯々ー・\s]+$")
#: never "customer, customer": words that shops put where no name was given
_GUESTS = frozenset({
    "guest", "customer", "test", "unknown", "n/a", "none", "null", "kunde", "gast", "client", "cliente", "invité",
    "invitado", "convidado", "游客", "顾客", "客户", "匿名", "ゲスト", "お客様", "고객", "손님",
})  # fmt: skip


def addressed(name: str, language: str) -> str:
    """The name for a greeting, "" where it is better to greet without one.

    "Kovač, Mira" is turned round; a name all in capitals is written as names are; Chinese and Korean names have no
    space inside in their own languages. First and last name keep the order they have: each language names its own
    people in its own order, and nobody else's name is turned.
    """
    name = re.sub(r"\s+", " ", name).strip()
    if not name or len(name) > LONGEST_NAME or _NO_NAME.search(name) or name.lower() in _GUESTS:
        return ""
    if "," in name:
        last, _, first = (part.strip() for part in name.partition(","))
        name = f"{first} {last}" if first and "," not in first else last
    if len(name) > 1 and not _CJK.match(name) and (name.isupper() or name.islower()):
        name = name.title()
    if language in ("zh", "ko") and _CJK.match(name):
        name = name.replace(" ", "")
    return name
