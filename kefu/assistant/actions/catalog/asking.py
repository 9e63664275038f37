"""How a question about products is asked, apart from what it asks for: packs/<pack>/knowledge/asking.yaml."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

from kefu.assistant.actions.catalog.phrases import Phrases, by_language, fold, knowledge_file

_CLAUSE_END = re.compile(
    r"(?<!\d)[,，](?!\d)|[?？!！。;；、\n]|(?<=[a-z])\.(?:\s|$)|\band\b|\balso\b|还有|另外"
    r"|\b(?:y|et|und|e)\s+(?=[¿a-zà-ÿ]{3})|それと|그리고"
)
#: what stands for a currency in a budget, by its code; the shop's own needs no name
_CURRENCIES = {
    "EUR": "€|euros?|eur|欧元|欧|ユーロ|유로", "USD": r"us\$|\$|usd|dollars?|dolares|dolar|bucks|美元|美金|ドル|달러",
    "GBP": "£|gbp|pounds?|libras?|英镑|ポンド|파운드", "JPY": "jpy|yen|yenes|日元|円|엔",
    "KRW": "krw|won|韩元|ウォン|원",
    "CNY": "cny|rmb|yuan|人民币", "BRL": r"r\$|brl|reais|real", "MXN": "mxn|pesos?",
}  # fmt: skip
_SIGN = "|".join(f"(?P<{{at}}{code}>{shape})" for code, shape in _CURRENCIES.items())
_MONEY = (
    rf"(?:(?:{_SIGN.replace('{at}', 'before')})\s*)?(?P<amount>\d{{1,3}}(?:[.,]\d{{3}})+|\d{{1,7}}(?:[.,]\d{{2}})?)"
    rf"\s*(?P<myriad>万|만)?\s*(?:{_SIGN.replace('{at}', 'after')}|元|块)?"
)
_HAN_NUMBERS = {"一百": "100", "两百": "200", "二百": "200", "三百": "300", "四百": "400", "五百": "500"}
LONGEST_CLAUSES = 6
_GROUPS = ("pronouns", "pointing", "owned", "children", "choosing", "elsewhere", "fillers", "possible", "bought",
           "occasions", "compare", "loose", "tight")  # fmt: skip


@dataclass(frozen=True, slots=True)
class Limits:
    """What a product may cost, in whole units of the shop's currency; None where nothing was said."""

    least: float | None = None
    most: float | None = None
    #: the currency that was named, ISO 4217; "" where none was
    currency: str = ""


@dataclass(frozen=True, slots=True)
class Asking:
    pronouns: Phrases
    pointing: Phrases
    owned: Phrases
    children: Phrases
    choosing: Phrases
    elsewhere: Phrases
    fillers: Phrases
    possible: Phrases
    bought: Phrases
    occasions: Phrases
    compare: Phrases
    loose: Phrases
    tight: Phrases
    under: tuple[str, ...]
    over: tuple[str, ...]
    most: Phrases
    #: phrase -> attributes with their sign: "biggest" -> ("+capacity_l", "+persons")
    ends: dict[str, tuple[str, ...]]
    numbers: dict[str, tuple[str, ...]]
    counts: dict[str, int]

    def limits(self, text: str) -> tuple[Limits, str]:
        """The budget, and the text without it: "under 200 euros", "200欧以内"."""
        text = fold(text)
        for word, digits in _HAN_NUMBERS.items():
            text = text.replace(word, digits)
        found: dict[str, float] = {}
        currency = ""
        for name, words in (("most", self.under), ("least", self.over)):
            for shape in _limit_shapes(words):
                if hit := shape.search(text):
                    found[name] = _amount(hit)
                    currency = currency or next(
                        (key[-3:] for key, sign in hit.groupdict().items() if sign and key[-3:] in _CURRENCIES), ""
                    )
                    text = f"{text[: hit.start()]} {text[hit.end() :]}"
                    break
        return Limits(**found, currency=currency if found else ""), text

    def wanted_ends(self, text: str) -> tuple[str, ...]:
        """What shall be most or least, as signed attributes, e.g. ("-price",)."""
        return tuple(sign for hit in self.most.hits(text) for sign in self.ends[hit.label])

    def wanted_numbers(self, text: str) -> dict[str, int]:
        """Numbers asked for, by attribute: "a tent for 4 people" -> {"persons": 4}."""
        text = fold(text)
        counts = "|".join([r"\d{1,3}", *(re.escape(word) for word in sorted(self.counts, key=len, reverse=True))])
        found = {}
        for attribute, shapes in self.numbers.items():
            for shape in shapes:
                pattern = re.escape(fold(shape)).replace(r"\{n\}", f"({counts})").replace(r"\ ", r"[\s-]?")
                is_latin = fold(shape).isascii()
                edge = r"(?<![a-z0-9])" if is_latin else r"(?<!\d)"
                end = r"(?![a-z])" if is_latin else ""
                if hit := re.search(edge + pattern + end, text):
                    found[attribute] = int(self.counts.get(hit.group(1)) or hit.group(1))
                    break
        return found


@lru_cache(maxsize=8)
def asking_of(pack: str) -> Asking:
    told = knowledge_file(pack, "asking")
    ends: dict[str, tuple[str, ...]] = {}
    for sign, words in (told.get("most") or {}).items():
        for word in by_language(words):
            ends[fold(word)] = (*ends.get(fold(word), ()), str(sign))
    return Asking(
        **{name: _group(told, name) for name in _GROUPS},
        under=tuple(by_language(told.get("under") or {})),
        over=tuple(by_language(told.get("over") or {})),
        most=Phrases((word, word) for word in ends),
        ends=ends,
        numbers={str(name): tuple(by_language(words)) for name, words in (told.get("numbers") or {}).items()},
        counts={fold(str(word)): int(n) for words in (told.get("counts") or {}).values() for word, n in words.items()},
    )


@lru_cache(maxsize=16)
def _limit_shapes(words: tuple[str, ...]) -> tuple[re.Pattern[str], re.Pattern[str]]:
    """Word before amount, amount before word."""
    folded = sorted({fold(word) for word in words}, key=len, reverse=True)
    before = "|".join(_edged(word) for word in folded)
    money = rf"(?<!\d){_MONEY}"
    return (
        re.compile(rf"(?:{before})\s*(?:of|is|de|von|[:：是は为])?\s*{money}"),
        re.compile(rf"{money}\s*(?:{before})"),
    )


def _edged(word: str) -> str:
    return rf"(?<![a-z0-9]){re.escape(word)}(?![a-z0-9])" if word.isascii() else re.escape(word)


def _amount(hit: re.Match[str]) -> float:
    digits = hit["amount"]
    is_grouped = re.fullmatch(r"\d{1,3}(?:[.,]\d{3})+", digits)
    number = float(re.sub("[.,]", "", digits) if is_grouped else digits.replace(",", "."))
    return number * 10_000 if hit["myriad"] else number


def _group(told: dict[str, dict[str, list[str]]], name: str) -> Phrases:
    return Phrases((word, name) for word in by_language(told.get(name) or {}))


def clauses(text: str) -> list[str]:
    """A message's questions: "what colours, and can I return it?" has two. The whole text when it is one."""
    edges = [0, *(hit.end() for hit in _CLAUSE_END.finditer(text.lower())), len(text)]
    pieces = [text[start:end].strip(" ,，?？!！。;；、\n") for start, end in pairwise(edges)]
    return [piece for piece in pieces if piece][:LONGEST_CLAUSES] or [text]
