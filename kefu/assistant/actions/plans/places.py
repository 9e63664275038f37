"""An address out of the customer's words: one they have with the shop already, or one they write down."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from kefu.assistant.actions.plans.reading import plain, spans

_DEFAULT = ("default address", "address in my profile", "profile address", "standardadresse", "adresse par défaut",
            "dirección predeterminada", "endereço padrão", "默认地址", "登録住所", "기본 주소",
            "기본 배송지")  # fmt: skip
_POSTCODE = re.compile(r"(?:^|\s)([a-z]{0,2}\d[\da-z]{2,5}(?:[- ]\d[\da-z]{2,3})?)$", re.IGNORECASE)
_LEAD = re.compile(r"^.*?(?:\bis\b|\bto\b|\buse\b|:|：|は|是|ist|est|es|é|an|à|a)\s+(?=\S)", re.IGNORECASE)
LONGEST = 300


def address_told(
    texts: Sequence[str], known: Sequence[Mapping[str, str]], home: Mapping[str, str], *, country: str
) -> dict[str, str] | None:
    """{"street", "street2", "city", "region", "postcode", "country"} of the newest text that has one.

    known: addresses of the customer's orders, home: their default one; a street that is among them brings the rest.
    """
    for text in reversed(texts):
        said = plain(text)
        if home and any(words in said for words in _DEFAULT):
            return dict(home)
        named = [one for one in [home, *known] if one.get("street") and spans(said, plain(one["street"]))]
        whole = [one for one in named if one.get("postcode") and spans(said, plain(one["postcode"]))]
        if whole:
            return dict(whole[0])
        if written := _written(text[:LONGEST], country):
            return written
        if len({one["street"] for one in named}) == 1:
            return dict(named[0])
    return None


def in_town(texts: Sequence[str], known: Sequence[Mapping[str, str]], home: Mapping[str, str]) -> dict[str, str] | None:
    """The one known address in the town, or region, that the newest text names: "to my Denver address"."""
    for text in reversed(texts):
        said = plain(text)
        for part in ("city", "region"):
            named = [one for one in [home, *known] if one.get(part) and _names_place(said, text, str(one[part]))]
            if len({(one.get("street"), one.get("postcode")) for one in named}) == 1:
                return dict(named[0])
    return None


def _names_place(said: str, text: str, place: str) -> bool:
    if len(place) <= 3:  # "or", "in", "me" are states as well: only written as one
        return re.search(rf"\b{re.escape(place)}\b", text) is not None
    return bool(spans(said, plain(place)))


def _written(text: str, country: str) -> dict[str, str] | None:
    """Street, maybe a second line, town, maybe a region, and a postcode, with commas between."""
    parts = [part.strip(" .。") for part in re.split(r"[,，、\n]", text) if part.strip(" .。")]
    if len(parts) < 3 or not any(letter.isdigit() for letter in text):
        return None
    while len(parts) > 3 and not any(letter.isdigit() for letter in parts[0]):  # "No, the address is 1 Main Street"
        parts.pop(0)
    first = re.search(r"\d.*", parts[0]) if parts[0].isascii() else None
    parts[0] = first[0] if first and not parts[0][-1].isdigit() else _LEAD.sub("", parts[0])
    if parts[-1].casefold() in ("usa", "us", "united states"):
        parts.pop()
    end = _POSTCODE.search(parts[-1])
    if end is None:
        return None
    postcode, rest = end[1].strip(), parts[-1][: end.start()].strip()
    middle = [*parts[1:-1], *([rest] if rest else [])]
    if not middle:
        return None
    address = {"street": parts[0], "postcode": postcode, "country": country}
    if len(middle) >= 2 and re.fullmatch(r"[A-Z]{2,3}", middle[-1]):
        address["region"] = middle.pop()
    address["city"] = middle.pop()
    if middle:
        address["street2"] = ", ".join(middle)
    return address
