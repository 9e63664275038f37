"""Numbers: which one is an order, a parcel, an amount of pieces, and which is only a year or a price."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from kefu.assistant.language import ListeningFor
from kefu.assistant.understanding.entities.found import Entity, Taken
from kefu.assistant.understanding.lexicon import Lexicon, any_of
from kefu.assistant.understanding.normal import Text

#: shapes of the common carriers: UPS, UPU S10, SF, YTO, JD, DHL, DPD/GLS/FedEx/ZTO/USPS digits
_TRACKING = re.compile(
    r"(?<![a-z0-9])(?:1z[0-9a-z]{16}|[a-z]{2}\d{9}[a-z]{2}"
    r"|(?:sf|yt|jt|jd|jjd|jvgl|lp|zto|sto|yd|ems|dpd|gls|tba)[a-z]{0,3}\d{8,20}"
    r"|[a-z]{2,4}\d{9,20}[a-z]{0,2}|\d{12,22})(?![a-z0-9])"
)
_SPACED_TRACKING = re.compile(
    r"(?<![a-z0-9])(?:1z(?: ?[0-9a-z]{2,4}){4,6}|[a-z]{2} ?(?:\d{3} ){2}\d{3} ?[a-z]{2})(?![a-z0-9])"
)
_LETTERED = re.compile(r"(?<![a-z0-9])([a-z]{1,5})(-| ?#? ?)(\d{3,10})(-\d{1,3})?(?![a-z0-9-])")
_DIGITS = re.compile(r"(?<![a-z0-9.,:/+@_-])(?<!\d )\d{3,10}(?![a-z0-9@_-]|[.,:/]\d)")
_SHORT = re.compile(r"(?<![a-z0-9.,:/+@_-])\d{1,4}(?![a-z0-9@_-]|[.,:/]\d)")
_YEAR = re.compile(r"(?:19|20)\d\d")
_TIMES = re.compile(r"(?<![a-z0-9])(?:x ?(\d{1,3})|(\d{1,3}) ?x)(?![a-z0-9])")
_MONTH = re.compile(
    r"(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]{0,6}\.? ?(?:\d{1,2},? ?)?$|(?:in|since|year|of) $"
)


@lru_cache(maxsize=64)
def _of_shop(prefixes: tuple[str, ...]) -> re.Pattern[str]:
    known = "|".join(map(re.escape, prefixes))
    return re.compile(rf"(?<![a-z0-9])({known})[-_ #]{{0,2}}(\d{{3,10}}(?:-\d{{1,3}})?)(?![a-z0-9])")


def _prefixes(listening: ListeningFor) -> tuple[str, ...]:
    """How this shop's order numbers begin: `extras["order_prefix"]`, text or a list; the demo shop's is KF."""
    given = listening.extras.get("order_prefix") or "KF"
    return tuple(str(prefix).lower().rstrip("-") for prefix in ([given] if isinstance(given, str) else given))


def tracking_numbers(
    text: Text, words: Lexicon, listening: ListeningFor, language: str, taken: Taken
) -> Iterator[Entity]:
    named = words.has("tracking_words", text.folded) or "tracking_number" in listening.kinds
    for hit in [*_TRACKING.finditer(text.folded), *(_SPACED_TRACKING.finditer(text.folded) if named else ())]:
        value = hit[0].replace(" ", "").upper()
        if any(value.lower().startswith(prefix) and value[len(prefix) :].isdigit() for prefix in _prefixes(listening)):
            continue
        if value.isdigit() and language == "zh" and len(value) == 13 and value.startswith("861"):
            continue  # a Chinese mobile number with its country code
        before = text.folded[max(0, hit.start() - 3) : hit.start()]
        if not before.endswith(("+", "@")):
            yield Entity("tracking_number", value, hit.start(), hit.end(), 0.9 if named else 0.8)
    if named:
        for hit in re.finditer(r"(?<![a-z0-9])[a-z]{0,4}\d{8,11}[a-z]{0,2}(?![a-z0-9])", text.folded):
            near = text.folded[max(0, hit.start() - 24) : hit.start()]
            if "tracking_number" in listening.kinds or words.has("tracking_words", near):
                yield Entity("tracking_number", hit[0].upper(), hit.start(), hit.end(), 0.75)


def named_orders(text: Text, words: Lexicon, listening: ListeningFor, language: str, taken: Taken) -> Iterator[Entity]:
    """Orders that say so: "KF-1042", "order no. 1042", "#1042", "订单号是1042"."""
    for hit in _of_shop(_prefixes(listening)).finditer(text.folded):
        yield Entity("order_number", f"{hit[1]}-{hit[2]}".upper(), hit.start(), hit.end(), 0.98)
    for hit in _LETTERED.finditer(text.folded):
        is_word = hit[1] in words.group("size_words") or hit[1] in words.group("order_words")
        has_shape = hit[2] == "-" or (not hit[2] and "order_number" in listening.kinds)
        if has_shape and 2 <= len(hit[1]) <= 4 and not is_word:
            yield Entity("order_number", hit[0].upper(), hit.start(), hit.end(), 0.85)
    for hit in _named(words).finditer(text.folded):
        said = text.folded[max(0, hit.start() - 10) : hit.start(1)]
        if any(words.has(other, said) for other in ("phone_words", "postcode_words", "tracking_words")):
            continue  # "phone number 0791…", 우편번호는 06236
        if not _is_measure(text.folded, hit.end(), words):
            yield Entity("order_number", hit[1].upper(), hit.start(1), hit.end(1), 0.95)


@lru_cache(maxsize=64)
def _named_source(names: frozenset[str]) -> re.Pattern[str]:
    plain = [name for name in names if name != "#"]
    return re.compile(
        rf"(?:#|{any_of(plain)})[ ]?(?:is|was|=|是|为|with|number|no\.?|nr\.?|n°|nº|numero|es|est|ist|lautet|e"
        r"|は|が|는|은|이|#)?[ ]?[:：#]?[ ]?(\d{3,12})"
        r"(?![a-z0-9]|[.,:/]\d)"
    )


def _named(words: Lexicon) -> re.Pattern[str]:
    return _named_source(words.group("order_words"))


def _is_measure(folded: str, end: int, words: Lexicon) -> bool:
    after = folded[end : end + 14].lstrip(" -")
    hit = words.pattern("measures").match(after)
    return hit is not None


def _is_price(folded: str, start: int, words: Lexicon) -> bool:
    before = folded[max(0, start - 6) : start].rstrip()
    return any(before.endswith(sign) for sign in words.group("currency_before"))


def bare_orders(text: Text, words: Lexicon, listening: ListeningFor, language: str, taken: Taken) -> Iterator[Entity]:
    """A naked number is an order when one was asked for, or when it has the length of one and no other reading."""
    asked = "order_number" in listening.kinds
    alone = re.sub(r"[^\w]", "", text.folded).isdigit()
    for hit in _DIGITS.finditer(text.folded):
        start, end = hit.span()
        if (
            not taken.is_free(start, end)
            or _is_measure(text.folded, end, words)
            or _is_price(text.folded, start, words)
        ):
            continue
        if hit[0] in words.group("angry"):  # 12315 is the consumers' hotline
            continue
        is_year = _YEAR.fullmatch(hit[0]) is not None
        if is_year and (_MONTH.search(text.folded[max(0, start - 16) : start]) or not (asked or alone)):
            continue
        if asked or alone:
            yield Entity("order_number", hit[0], start, end, 0.9 if asked else 0.75)
        elif len(hit[0]) >= 4 and not any(kind in listening.kinds for kind in ("phone", "postcode")):
            yield Entity("order_number", hit[0], start, end, 0.6)


def quantities(text: Text, words: Lexicon, listening: ListeningFor, language: str, taken: Taken) -> Iterator[Entity]:
    numbers = words.map("numbers")
    for hit in _TIMES.finditer(text.folded):
        yield Entity("quantity", int(hit[1] or hit[2]), hit.start(), hit.end(), 0.85)
    is_second = False
    for hit in _counted(words.group("counted"), frozenset(numbers)).finditer(text.folded):
        value = int(hit[1]) if hit[1].isdigit() else int(numbers[hit[1]])
        before = text.folded[hit.start() - 1 : hit.start()]
        is_any = hit[1] == "一" and before and not (is_second and before in "退换留")  # 买了两双，想退一双: one of two
        if value > 0 and before not in ("第", "这", "那", "哪", "同", "下", "上") and not is_any:
            is_second = True
            yield Entity("quantity", value, hit.start(), hit.end(), 0.8)
    if "quantity" in listening.kinds:
        for hit in _SHORT.finditer(text.folded):
            yield Entity("quantity", int(hit[0]), hit.start(), hit.end(), 0.9)
        for hit in words.pattern("numbers").finditer(text.folded):
            yield Entity("quantity", int(numbers[hit[0]]), hit.start(), hit.end(), 0.8)


@lru_cache(maxsize=64)
def _counted(counted: frozenset[str], numbers: frozenset[str]) -> re.Pattern[str]:
    return re.compile(rf"(?<![a-z0-9.,])(\d{{1,3}}|{any_of(list(numbers))})[ ]?{any_of([*counted])}")
