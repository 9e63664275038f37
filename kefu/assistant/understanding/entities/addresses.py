"""E-mail addresses, phone numbers and postcodes: what a customer proves themselves with."""

from __future__ import annotations

import re
from collections.abc import Iterator

import phonenumbers

from kefu.assistant.language import ListeningFor
from kefu.assistant.understanding.entities.found import Entity, Taken
from kefu.assistant.understanding.lexicon import Lexicon
from kefu.assistant.understanding.normal import Text

_EMAIL = re.compile(r"(?<![a-z0-9._%+-])[a-z0-9][a-z0-9._%+-]{0,63}@[a-z0-9-]{1,63}(?:\.[a-z0-9-]{1,63}){1,6}")
_SPELT_EMAIL = re.compile(
    r"(?<![a-z0-9._%+-])([a-z0-9][a-z0-9._%+-]{0,40}) ?(?:\(at\)|\[at\]| at |@) ?"
    r"([a-z0-9-]{1,40}(?: ?(?:\(dot\)|\[dot\]| dot |[.,]) ?[a-z0-9-]{1,40}){0,3}"
    r" ?(?:\(dot\)|\[dot\]| dot |[.,]) ?(?:com|net|org|cn|de|co|uk|fr|es|io|eu|jp|kr|br|pt|it|nl|example|test|invalid))"
    r"(?![a-z0-9])"
)
_DOT = re.compile(r" ?(?:\(dot\)|\[dot\]| dot |[.,]) ?")
_PHONE = re.compile(r"(?<![\w#@.-])(?:\+|00)?\(?\d[\d ()./-]{5,20}\d(?![\w@])")
_HAN_PHONE = re.compile(r"(?<!\d)(?:\+?86[ -]?)?1[3-9]\d[ -]?\d{4}[ -]?\d{4}(?!\d)")
_ORDER_AND_POSTCODE = re.compile(r"[1-9]\d{2,6}[ ,/]{1,3}(?:\d{4,6}|\d{3}-\d{4}|\d{5}-\d{3})")
_ABROAD = re.compile(r"(?:\+|00)(?!86)\d{1,3}[ -]?$")

#: the shapes of postcodes, ISO 3166-1 alpha-2 -> expression over the folded text. Source: UPU addressing guides
POSTCODES = {
    "GB": r"(?:gir ?0aa|[a-z]{1,2}\d[a-z\d]? ?\d[a-z]{2})",
    "IE": r"[a-z]\d[\dw] ?[a-z\d]{4}",
    "CA": r"[a-z]\d[a-z] ?\d[a-z]\d",
    "NL": r"\d{4} ?[a-z]{2}",
    "PT": r"\d{4}-\d{3}",
    "BR": r"\d{5}-\d{3}|\d{8}",
    "JP": r"\d{3}-\d{4}|\d{7}",
    "PL": r"\d{2}-\d{3}",
    "US": r"\d{5}(?:-\d{4})?",
    "SE": r"\d{3} \d{2}|\d{5}",
    "CN": r"\d{6}",
    "SG": r"\d{6}",
    "IN": r"\d{6}",
    "DE": r"\d{5}",
    "FR": r"\d{5}",
    "ES": r"\d{5}",
    "IT": r"\d{5}",
    "KR": r"\d{5}",
    "MX": r"\d{5}",
    "TW": r"\d{3}(?:\d{2,3})?",
    "AU": r"\d{4}",
    "AT": r"\d{4}",
    "CH": r"\d{4}",
    "BE": r"\d{4}",
    "DK": r"\d{4}",
    "NO": r"\d{4}",
}
_POSTCODE = {country: re.compile(rf"(?<![a-z0-9.@-])(?:{shape})(?![a-z0-9@])") for country, shape in POSTCODES.items()}
_ANY_POSTCODE = re.compile(rf"(?<![a-z0-9.@-])(?:{'|'.join(POSTCODES.values())})(?![a-z0-9@-])")
_LETTERED = re.compile(rf"(?<![a-z0-9.@-])(?:{POSTCODES['GB']}|{POSTCODES['CA']}|{POSTCODES['IE']})(?![a-z0-9@])")


def emails(text: Text, words: Lexicon, listening: ListeningFor, language: str, taken: Taken) -> Iterator[Entity]:
    for hit in _EMAIL.finditer(text.folded):
        yield Entity("email", hit[0].rstrip(".-"), hit.start(), hit.end(), 0.98)
    if "email" in listening.kinds or "dot" in text.folded or " at " in text.folded or "@" in text.folded:
        for hit in _SPELT_EMAIL.finditer(text.folded):
            yield Entity("email", f"{hit[1]}@{_DOT.sub('.', hit[2])}", hit.start(), hit.end(), 0.8)


def phones(text: Text, words: Lexicon, listening: ListeningFor, language: str, taken: Taken) -> Iterator[Entity]:
    asked = "phone" in listening.kinds
    for hit in _HAN_PHONE.finditer(text.folded):
        if _ABROAD.search(text.folded[max(0, hit.start() - 6) : hit.start()]):
            continue
        if not listening.country or listening.country == "CN" or language == "zh":
            digits = re.sub(r"\D", "", hit[0])
            yield Entity("phone", "+86" + digits[-11:], hit.start(), hit.end(), 0.95)
    for hit in _PHONE.finditer(text.folded):
        digits = re.sub(r"\D", "", hit[0])
        is_abroad = hit[0].startswith(("+", "00"))
        before = text.folded[max(0, hit.start() - 24) : hit.start()]
        if not 7 <= len(digits) <= 15 or not (asked or is_abroad or words.has("phone_words", before)):
            continue
        if "order_number" in listening.kinds and not is_abroad and len(digits) < 9:
            continue
        is_both = {"order_number", "postcode"} <= set(listening.kinds) and _ORDER_AND_POSTCODE.fullmatch(hit[0])
        if is_both and not words.has("phone_words", before):
            continue  # "1042 10115" answers both questions
        yield Entity("phone", _e164(hit[0], digits, is_abroad, listening.country), hit.start(), hit.end(), 0.9)


def _e164(written: str, digits: str, is_abroad: bool, country: str) -> str:
    number = "+" + digits.removeprefix("00") if is_abroad else written
    try:
        parsed = phonenumbers.parse(number, None if is_abroad else country or None)
    except phonenumbers.NumberParseException:
        return number if is_abroad else digits
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)


def postcodes(text: Text, words: Lexicon, listening: ListeningFor, language: str, taken: Taken) -> Iterator[Entity]:
    asked = "postcode" in listening.kinds
    if not asked and not words.has("postcode_words", text.folded):
        return
    shape = _POSTCODE.get(listening.country, _ANY_POSTCODE) if asked else _ANY_POSTCODE
    hits = list(shape.finditer(text.folded)) or list(_ANY_POSTCODE.finditer(text.folded))
    named = [hit for hit in hits if words.has("postcode_words", text.folded[max(0, hit.start() - 20) : hit.start()])]
    if not asked:
        hits = named
    lettered = list(_LETTERED.finditer(text.folded))
    for hit in named or lettered or hits:
        also_order = "order_number" in listening.kinds and hit[0].isdigit() and not named
        yield Entity("postcode", _spaced(hit[0]), hit.start(), hit.end(), 0.6 if also_order else 0.9)
        if also_order and 3 <= len(hit[0]) <= 10:
            yield Entity("order_number", hit[0].upper(), hit.start(), hit.end(), 0.6)


def _spaced(code: str) -> str:
    """Upper case, single spaces; British and Canadian codes get the space people leave out."""
    code = " ".join(code.upper().split())
    if " " not in code and _LETTERED.fullmatch(code.lower()):
        return f"{code[:-3]} {code[-3:]}"
    return code
