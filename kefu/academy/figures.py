"""Figures as people read them in a text: "$1,234.50", "1.234,50 €", "US$ 12", "3 options"."""

from __future__ import annotations

import re
from decimal import Decimal, InvalidOperation

#: digits with marks between them; what stands right before or after may be a currency
_FIGURE = re.compile(r"\d+(?:[.,\u00a0\u202f'’ ]\d{3})*(?:[.,]\d+)?")
_MONEY = re.compile(r"(?:[$€£¥￥₩]|\b[A-Z]{2,3}\$?)\s?$")
_MONEY_AFTER = re.compile(r"^\s?(?:[$€£¥￥₩元円원]|USD|EUR|GBP|CNY|JPY|KRW|BRL|CHF|dollars?|euros?)")


def number_of(text: str) -> Decimal | None:
    """ "1,234.50", "1.234,50" and "1234.5" alike; None for what is no number."""
    bare = re.sub(r"[\s\u00a0\u202f'’]", "", text)
    last = max(bare.rfind("."), bare.rfind(","))
    decimals = len(bare) - last - 1 if last >= 0 else 0
    if last >= 0 and (decimals != 3 or (bare.count(bare[last]) == 1 and bare[:last].strip("0") == "")):
        bare = re.sub(r"[.,]", "", bare[:last]) + "." + bare[last + 1 :]
    else:
        bare = re.sub(r"[.,]", "", bare)
    try:
        return Decimal(bare)
    except InvalidOperation:
        return None


def figures(text: str) -> list[Decimal]:
    """Every number of the text, in its order."""
    found = (number_of(hit[0]) for hit in _FIGURE.finditer(text))
    return [one for one in found if one is not None]


def amounts(text: str) -> list[Decimal]:
    """Every number that stands with a currency."""
    found = [
        number_of(hit[0])
        for hit in _FIGURE.finditer(text)
        if _MONEY.search(text[: hit.start()]) or _MONEY_AFTER.match(text[hit.end() :])
    ]
    return [one for one in found if one is not None]


def tells(text: str, answer: str) -> bool:
    """Whether the text holds the figure or the words."""
    from kefu.academy.checking import shows

    wanted = number_of(answer) if re.fullmatch(r"[\d.,]+", answer) else None
    if wanted is None:
        return shows(text, answer)
    return wanted in figures(text) or shows(text, answer)
