"""Money in a message: a budget ("under 50 euros", 三百块以内, "bis 80 €") or a sum that is told of."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal, InvalidOperation

from kefu.assistant.language import ListeningFor
from kefu.assistant.understanding.entities.found import Entity, Taken
from kefu.assistant.understanding.lexicon import Lexicon
from kefu.assistant.understanding.normal import Text

#: how people write currencies, plain -> ISO 4217; "" where several countries use the word
CURRENCIES = {
    "€": "EUR", "eur": "EUR", "euro": "EUR", "euros": "EUR", "欧元": "EUR", "ユーロ": "EUR", "유로": "EUR",
    "$": "USD", "us$": "USD", "usd": "USD", "dollar": "USD", "dollars": "USD", "dolares": "USD", "bucks": "USD",
    "美元": "USD", "美金": "USD", "ドル": "USD", "달러": "USD", "dolar": "USD",
    "£": "GBP", "gbp": "GBP", "pound": "GBP", "pounds": "GBP", "quid": "GBP", "英镑": "GBP", "ポンド": "GBP",
    "元": "CNY", "块钱": "CNY", "块": "CNY", "人民币": "CNY", "rmb": "CNY", "cny": "CNY", "yuan": "CNY", "위안": "CNY",
    "円": "JPY", "日元": "JPY", "日円": "JPY", "jpy": "JPY", "yen": "JPY", "엔": "JPY",
    "원": "KRW", "韩元": "KRW", "krw": "KRW", "won": "KRW", "ウォン": "KRW",
    "r$": "BRL", "reais": "BRL", "brl": "BRL", "real": "BRL", "chf": "CHF", "franken": "CHF", "francs": "CHF",
    "cad": "CAD", "aud": "AUD", "pesos": "", "¥": "CNY", "kr": "", "sek": "SEK", "dkk": "DKK",
    "swiss francs": "CHF", "schweizer franken": "CHF", "sfr": "CHF", "fr.": "CHF", "francs suisses": "CHF",
    "francos": "CHF", "francos suizos": "CHF", "francos suicos": "CHF", "瑞士法郎": "CHF", "瑞郎": "CHF",
    "フラン": "CHF", "스위스프랑": "CHF", "프랑": "CHF", "pfund": "GBP", "livres": "GBP", "libras": "GBP",
    "파운드": "GBP", "us dollar": "USD", "us dollars": "USD", "us-dollar": "USD", "dolares americanos": "USD",
    "can$": "CAD", "c$": "CAD", "a$": "AUD", "au$": "AUD", "加元": "CAD", "加币": "CAD", "澳元": "AUD", "澳币": "AUD",
    "yens": "JPY", "yenes": "JPY", "ienes": "JPY", "renminbi": "CNY", "人民元": "CNY", "mxn": "MXN",
    "pesos mexicanos": "MXN", "hkd": "HKD", "hk$": "HKD", "港币": "HKD", "港元": "HKD", "twd": "TWD", "nt$": "TWD",
    "新台币": "TWD", "台币": "TWD", "pln": "PLN", "zloty": "PLN", "czk": "CZK", "nok": "NOK", "sgd": "SGD",
    "nzd": "NZD", "inr": "INR",
}  # fmt: skip
#: any of them, for a regular expression
CURRENCY_NAMES = "|".join(sorted(map(re.escape, CURRENCIES), key=len, reverse=True))
_NUMBER = r"\d{1,3}(?:[ .,]\d{3})+(?:[.,]\d{1,2})?|\d{1,7}(?:[.,]\d{1,2})?"
_HAN_NUMBER = r"[一二两三四五六七八九十百千万]{1,7}"
_TIMES = {"万": 10000, "千": 1000, "만": 10000, "천": 1000, "百": 100, "k": 1000}
_SUM = re.compile(
    rf"(?:(?<![a-z])(?P<before>{CURRENCY_NAMES}) ?)?(?<!\d)(?<!\d[.,])(?P<number>{_NUMBER}|{_HAN_NUMBER})"
    rf"(?P<times>[万千만천百]|k(?![a-z]))?(?P<times2>[千천])?(?: ?(?P<after>{CURRENCY_NAMES})(?![a-z]))?"
)
#: words for any money; the currency may follow what stands behind them
_ANY_MONEY = frozenset({"元", "块", "块钱", "원"})
_NAMED_AFTER = re.compile(
    r"(?:以内|以下|之内|内|左右|이하|이내)?[ (（]{0,2}(欧元|美元|美金|英镑|日元|韩元|人民币|유로|달러)"
)
_RANGE = re.compile(r" ?(?:-|~|〜|to|a|y|und|bis|et|e|and|到|至|から|에서) ?$")
_DIGIT = {letter: place for place, letter in enumerate("零一二三四五六七八九")} | {"两": 2}
#: letters before or after a sum in which "at most" must stand
NEAR = 22


def sums(text: Text, words: Lexicon, listening: ListeningFor, language: str, taken: Taken) -> Iterator[Entity]:
    """A budget, once, else sums with a currency. A bare number is money only where a budget is named or asked for."""
    folded = text.folded
    asked = "budget" in listening.kinds
    about_budget = asked or words.has("budget_words", folded)
    found: list[tuple[re.Match[str], Decimal, str]] = []
    for hit in _SUM.finditer(folded):
        sign = hit["before"] or hit["after"] or ""
        amount = _amount(hit)
        if amount is None or amount <= 0 or not taken.is_free(hit.start(), hit.end()):
            continue
        is_money = bool(sign) or (about_budget and amount >= 5 and not _is_else(folded, hit, words))
        if not is_money and not _opens_range(folded, hit):
            continue
        currency = "JPY" if sign == "¥" and language == "ja" else CURRENCIES.get(sign, "")
        if sign in _ANY_MONEY and (closer := _NAMED_AFTER.match(folded, hit.end())):
            currency = CURRENCIES[closer[1]]  # "200元以内欧元": 元 is what money is counted in, and the euro which
        found.append((hit, amount, currency))
    for place, (hit, amount, currency) in enumerate(found[:4]):
        before = folded[max(0, hit.start() - NEAR) : hit.start()]
        after = folded[hit.end() : hit.end() + 12]
        nxt = found[place + 1] if place + 1 < len(found) else None
        if nxt and _RANGE.fullmatch(folded[hit.end() : nxt[0].start()]):
            yield _budget(amount, nxt[1], currency or nxt[2], hit.start(), nxt[0].end())
            return
        at_most = _ends_with(words, "budget_most", before) or _begins_with(words, "budget_after", after)
        at_least = _ends_with(words, "budget_least", before)
        if at_most or (asked and not at_least):
            yield _budget(None, amount, currency, hit.start(), hit.end())
            return
        if at_least and about_budget:
            yield _budget(amount, None, currency, hit.start(), hit.end())
            return
        if words.has("budget_words", before[-10:]):
            yield _budget(None, amount, currency, hit.start(), hit.end())
            return
    for hit, amount, currency in found:
        if hit["before"] or hit["after"]:
            yield Entity("amount", {"amount": str(amount), "currency": currency}, hit.start(), hit.end(), 0.8)


def _opens_range(folded: str, hit: re.Match[str]) -> bool:
    """ "50 y 80 euros": the first of two numbers, of which the second has the currency."""
    nxt = _SUM.search(folded, hit.end(), hit.end() + 24)
    return (
        nxt is not None
        and bool(nxt["after"] or nxt["before"])
        and bool(_RANGE.fullmatch(folded[hit.end() : nxt.start()]))
    )


def _budget(least: Decimal | None, most: Decimal | None, currency: str, start: int, end: int) -> Entity:
    value = {"at_least": str(least or ""), "at_most": str(most or ""), "currency": currency}
    return Entity("budget", value, start, end, 0.85)


def _ends_with(words: Lexicon, group: str, before: str) -> bool:
    """Whether a phrase of the group stands right before: "bis zu ", "no more than about "."""
    return any(len(before) - hit.end() <= 8 and before[hit.end() :].count(" ") <= 2
               for hit in words.pattern(group).finditer(before))  # fmt: skip


def _begins_with(words: Lexicon, group: str, after: str) -> bool:
    hit = words.pattern(group).search(after)
    return hit is not None and hit.start() <= 3


def _is_else(folded: str, hit: re.Match[str], words: Lexicon) -> bool:
    after = folded[hit.end() : hit.end() + 14].lstrip(" -")
    return words.pattern("measures").match(after) is not None or "%" in after[:2]


def _amount(hit: re.Match[str]) -> Decimal | None:
    written = hit["number"]
    try:
        value = Decimal(_plain_number(written)) if written[0].isdigit() else Decimal(chinese_number(written))
    except (InvalidOperation, ValueError):
        return None
    for name in ("times", "times2"):
        value *= _TIMES.get(hit[name] or "", 1)
    return value.quantize(Decimal("0.01")) if value != int(value) else Decimal(int(value))


def _plain_number(written: str) -> str:
    """ "1.200,50", "1,200.50", "1 200" -> digits with a decimal point; three digits after a lone mark are thousands."""
    written = written.replace(" ", "")
    marks = [letter for letter in written if letter in ".,"]
    if not marks:
        return written
    last = max(written.rfind("."), written.rfind(","))
    if len(written) - last - 1 == 3 and len(set(marks)) == 1:
        return re.sub(r"[.,]", "", written)
    return re.sub(r"[.,]", "", written[:last]) + "." + written[last + 1 :]


def chinese_number(written: str) -> int:
    """三百五十 -> 350, 两千 -> 2000, 一百二 -> 120. Raises ValueError for what is no number."""
    total, section, digit, unit = 0, 0, 0, 1
    for letter in written:
        if letter in _DIGIT:
            digit = _DIGIT[letter]
        elif letter == "万":
            total, section, digit, unit = (total + section + digit) * 10000, 0, 0, 10000
        else:
            unit = {"十": 10, "百": 100, "千": 1000}[letter]
            section += (digit or 1) * unit
            digit = 0
    if not written:
        raise ValueError(written)
    return total + section + (digit * unit // 10 if unit >= 100 and written[-2:-1] in "百千万" and digit else digit)
