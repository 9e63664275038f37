"""Whether a confirmation shows what the customer wants, and nothing they don't: what a careful customer reads."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Literal

from kefu.academy.scenario import Thing, Wish

Fault = Literal["", "things", "into", "pay", "address", "amount"]
#: wishes whose confirmation says where money goes or comes from
PAID = frozenset({"return_items", "exchange_items", "change_items", "change_payment"})
#: how order numbers look: "KF-1042", "W2378156"
_NUMBER = re.compile(r"\b[A-Z]{1,3}-?\d{4,}\b")
_WORD = re.compile(r"[^\W_]+")


def plain(text: str) -> str:
    """Lower case, single spaces, without marks: how two texts are compared."""
    return " ".join(_WORD.findall(text.casefold()))


def shows(text: str, words: str) -> bool:
    """Whether the words stand in the text, whole; Chinese, Japanese and Korean words stand inside others."""
    wanted, said = plain(words), plain(text)
    if not wanted:
        return True
    return f" {wanted} " in f" {said} " or (not wanted.isascii() and wanted.replace(" ", "") in said.replace(" ", ""))


def fault_of(text: str, wish: Wish, *, into: Mapping[str, Mapping[str, str]] | None = None) -> Fault:
    """What is wrong with the confirmation `text`; "" when a careful customer says yes.

    into: by a thing's name, what they settled for when it isn't `Thing.into`.
    """
    numbers = _NUMBER.findall(text)
    if wish.order and numbers and not any(shows(one, wish.order) for one in numbers):
        return "things"  # of another order
    for thing in wish.things:
        if not shows(text, thing.name):
            return "things"
    if any(shows(text, name) for name in wish.keeps):
        return "things"
    for thing in wish.things:
        if not _shows_into(text, thing, (into or {}).get(thing.name, thing.into)):
            return "into"
    if wish.pay and wish.want in PAID and not any(shows(text, one) for one in wish.pay):
        return "pay"
    if wish.address and not _shows_address(text, wish.address):
        return "address"
    if wish.amount and not shows(text, wish.amount):
        return "amount"
    return "" if all(shows(text, one) for one in wish.shows) else "things"


def _shows_into(text: str, thing: Thing, into: Mapping[str, str]) -> bool:
    if thing.shows:
        return all(shows(text, one) for one in thing.shows)
    return all(shows(text, value) for name, value in into.items() if name)


def _shows_address(text: str, address: str) -> bool:
    """Every part between commas: street, flat, town, postcode. A country may go without saying."""
    parts = [part for part in re.split(r"[,，、\n]", address) if part.strip()]
    missing = [part for part in parts if not shows(text, part)]
    return not missing
