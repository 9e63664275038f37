"""Pure: whose message it was is put aside before a sentence is kept; neutral stand-ins take the place of names,
addresses and numbers. In doubt more is put aside: a lesson is about the wish."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from kefu.assistant.language import ListeningFor
from kefu.assistant.understanding.entities import find_entities
from kefu.assistant.understanding.lexicon import lexicon
from kefu.assistant.understanding.normal import Text, fold, normalise

#: kind of thing -> what stands for it
STAND_INS = {
    "name": "[name]", "email": "[e-mail]", "phone": "[phone]", "postcode": "[postcode]", "order_number": "[number]",
    "tracking_number": "[number]", "number": "[number]", "street": "[address]", "city": "[place]",
    "region": "[place]",
}  # fmt: skip

#: letters looked at; a lesson keeps far fewer
READ = 8_000

_EMAIL = re.compile(r"[\w.%+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,6}")
#: tracking, card, account and phone numbers in any grouping; an amount ("1,089.00") and a day ("2026-11-22") stay
_LONG_NUMBER = re.compile(
    r"(?<![A-Za-z0-9@])(?!\d{4}-\d{2}-\d{2}(?!\d))(?:[A-Z]{1,4}[-# ]?)?\+?\(?\d(?:[ ()/-]{0,2}\d){6,24}(?:[A-Z]{2})?"
    r"(?![A-Za-z0-9])|(?<!\d)\d{3}\.\d{3}\.\d{3}-\d{2}(?!\d)|(?<!\d)(?:\d{2}\.){4}\d{2}(?!\d)"
)
_MIXED = re.compile(
    r"(?<![A-Za-z0-9])(?=[A-Za-z0-9-]{0,30}\d{3})(?=[A-Za-z0-9-]{0,30}[A-Za-z])[A-Za-z0-9-]{6,40}(?![A-Za-z0-9])"
)
_HAN_NUMBER = re.compile(r"(?<!\d)\d{7,20}(?!\d)")
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}|\d{2}/\d{2}/\d{4}")
_LETTERED_CODE = re.compile(
    r"(?<![A-Za-z0-9])(?:[A-Z]{1,2}\d[A-Z\d]? ?\d[A-Z]{2}|[A-Z]\d[A-Z] ?\d[A-Z]\d)(?![A-Za-z0-9])"
)
_SHAPED_CODE = re.compile(r"〒? ?(?<![\d.,-])(?:\d{3}-\d{4}|\d{5}-\d{3}|\d{4}-\d{3})(?![\d-])")

_UP, _LOW = "A-ZÀ-ÖØ-Þ", "A-Za-zÀ-ÖØ-öø-ÿĀ-ž'’-"
_NAME = rf"[{_UP}][{_LOW}]{{1,24}}\.?(?: (?:(?:de|da|do|dos|del|la|van|von|der) )?[{_UP}][.{_LOW}]{{0,24}}){{0,3}}"
_TITLE = r"(?:(?:Mr|Mrs|Ms|Miss|Dr|Herr|Frau|Madame|Monsieur|Mme|M|Sr|Sra|Srta|Señora?|Senhora?|Dona?|Doña)\.? )"
_GREETINGS = (
    "Dear|Hi|Hello|Hey|Hallo|Guten Tag|Liebe[rs]?|Sehr geehrte[rs]?|Bonjour|Bonsoir|Ch(?:er|ère)|Hola|Estimad[oa]"
    "|Querid[oa]|Olá|Oi|Prezad[oa]|Car[oa]"
)
_CLOSINGS = (
    "regards|thanks|thank you|cheers|sincerely|yours|grüße|grüßen|gruß|danke|cordialement|merci|saludos|gracias"
    "|atentamente|obrigad[oa]|atenciosamente|abraços?"
)
_GREETED = re.compile(rf"(?:\b(?:{_GREETINGS}),? {_TITLE}?|\b{_TITLE})({_NAME})")
_SIGNED = re.compile(rf"(?:\b(?i:{_CLOSINGS})[,.!]? ?\n?|\n)({_NAME})[ .!]*$")
_HAN_TITLED = re.compile(r"([㐀-鿿々]{1,4}|[ァ-ヶー]{2,12})(?= ?(?:様|さま|さん|先生|女士|小姐))")
_HANGUL_TITLED = re.compile(r"(?<![가-힣])([가-힣]{2,4})(?= ?(?:님|씨)(?:[,!. ]|께|의|은|이|$))")
_NOT_NAMES = frozenset(
    {"您", "客", "顾客", "客户", "お客", "皆", "尊敬的", "亲爱的", "我是", "고객", "손", "손님", "선생"}
)
_HAN_HONOUR = re.compile(r"^(?:尊敬的|亲爱的|你好|您好|我是|我叫|感谢|谢谢)")
_HAN_STREET = re.compile(
    r"[㐀-鿿]{2,10}(?:路|街|大道|胡同|弄|巷)\d+(?:号|弄|栋|楼)?[^\s,;.!?]{0,20}"
    r"|[㐀-鿿ぁ-んァ-ヶ]{1,10}\d+(?:丁目)[\d番地号-]*"
    r"|[가-힣\d]{1,12}(?:로|길)(?:\d+번?길)? ?\d+(?:-\d+)?"
)
_WORD = rf"[{_UP}][{_LOW}]+"
_OF_STREETS = "St|Street|Rd|Road|Ave|Avenue|Lane|Ln|Drive|Dr|Way|Court|Close|Blvd"
_RUE = "rue|avenue|av\\.|boulevard|bd|place|chemin|impasse|allée|quai"
_CALLE = "Calle|C/|Avenida|Av\\.|Paseo|Plaza|Rua|R\\.|Travessa|Praça|Alameda"
_ENDS = "".join(
    f"(?<={one})|" for one in ("straße", "strasse", "weg", "allee", "platz", "gasse", "ring", "damm", "ufer")
)
_STREET = re.compile(
    rf"\b\d{{1,5}}[a-z]? (?:{_WORD} ){{1,3}}(?i:{_OF_STREETS})\b\.?"
    rf"|\b{_WORD}(?:{_ENDS}(?<=str)\.) ?\d{{1,4}} ?[a-z]?\b"
    rf"|\b\d{{1,4}}(?: ?bis| ?ter)?,? (?i:{_RUE})(?: (?:des?|du|la|les?|{_WORD}|[ld]'{_WORD})){{1,6}}"
    rf"|\b(?i:{_CALLE})(?: (?:de|del|la|las|los|da|do|dos|das|{_WORD})){{1,6}},?(?: n[º°o.]{{1,2}})? ?\d{{1,5}}"
)


@dataclass(frozen=True, slots=True)
class Known:
    """What the desk knows of the customer and the people in the talk, literally: kind of STAND_INS -> values."""

    values: tuple[tuple[str, str], ...] = ()

    @classmethod
    def of(cls, given: Iterable[tuple[str, str]]) -> Known:
        """Names also by their parts: who is "Mira Kovač" signs as "Mira"."""
        found: dict[str, str] = {}
        for kind, value in given:
            value = normalise(value).shown if value else ""
            parts = [value, *(value.split() if kind == "name" else ())]
            for part in parts:
                if len(part) >= 3 or (len(part) == 2 and not part.isascii()):
                    found.setdefault(part, kind)
        longest_first = sorted(found, key=len, reverse=True)
        return cls(tuple((found[value], value) for value in longest_first))


def put_aside(text: str, *, language: str = "", pack: str = "ecommerce", known: Known | None = None) -> str:
    """The text, cleaned as understanding cleans it, with stand-ins. Letters stay as they were written."""
    clean = normalise(text[:READ])
    spans = [*_literally(clean, known or Known()), *_found(clean, language, pack), *_shaped(clean.shown)]
    shown, at, parts = clean.shown, 0, list[str]()
    for start, end, kind in _apart(spans):
        parts += [shown[at:start], STAND_INS[kind]]
        at = end
    return "".join([*parts, shown[at:]])


def _literally(clean: Text, known: Known) -> Iterator[tuple[int, int, str]]:
    for kind, value in known.values:
        edge = r"(?<![^\W\d_])", r"(?![^\W\d_])"
        before, after = edge if value.isascii() else ("", "")
        for hit in re.finditer(before + re.escape(fold(value)) + after, clean.folded):
            yield hit.start(), hit.end(), kind


def _found(clean: Text, language: str, pack: str) -> Iterator[tuple[int, int, str]]:
    """By the understanding's own entities."""
    everything = lexicon(pack)
    words = everything.within(language) if language in everything.languages else everything.within("en")
    for entity in find_entities(clean.unaccented(), words, ListeningFor(language=language), language or "en"):
        if entity.kind in STAND_INS:
            yield entity.start, entity.end, entity.kind


def _shaped(shown: str) -> Iterator[tuple[int, int, str]]:
    for shape, kind in (
        (_EMAIL, "email"), (_STREET, "street"), (_HAN_STREET, "street"), (_LETTERED_CODE, "postcode"),
        (_SHAPED_CODE, "postcode"), (_HAN_NUMBER, "number"), (_LONG_NUMBER, "number"), (_MIXED, "number"),
    ):  # fmt: skip
        for hit in shape.finditer(shown):
            if not _DAY.fullmatch(hit[0].strip()):
                yield hit.start(), hit.end(), kind
    for hit in _GREETED.finditer(shown):
        yield *hit.span(1), "name"
    for hit in _SIGNED.finditer(shown):
        yield *hit.span(1), "name"
    for hit in _HANGUL_TITLED.finditer(shown):
        if hit[1] not in _NOT_NAMES:
            yield *hit.span(1), "name"
    for hit in _HAN_TITLED.finditer(shown):
        honour = _HAN_HONOUR.match(hit[1])
        start = hit.start(1) + (honour.end() if honour else 0)
        if start < hit.end(1) and shown[start : hit.end(1)] not in _NOT_NAMES:
            yield start, hit.end(1), "name"


def _apart(spans: Iterable[tuple[int, int, str]]) -> Iterator[tuple[int, int, str]]:
    """Spans that touch each other become one, of the kind that began first."""
    current: tuple[int, int, str] | None = None
    for start, end, kind in sorted(spans, key=lambda one: (one[0], -one[1])):
        if current is None or start >= current[1]:
            if current is not None:
                yield current
            current = (start, end, kind)
        else:
            current = (current[0], max(current[1], end), current[2])
    if current is not None:
        yield current
