"""What a size advice needs of a body: height, weight, length of a foot, in whatever units people think in."""

from __future__ import annotations

import re
from collections.abc import Iterator

from kefu.assistant.language import ListeningFor
from kefu.assistant.understanding.entities.found import Entity, Taken
from kefu.assistant.understanding.lexicon import Lexicon
from kefu.assistant.understanding.normal import Text

_METRES = re.compile(
    r"(?<![\d.,])([12]) ?(?:[.,] ?|m(?:etres?|eters?|etros?)? ?|米 ?|メートル ?|미터 ?)(\d{1,2})(?![\d.,]\d)"
)
_METRES_ZH = re.compile(r"([一1])米([一二三四五六七八九])([一二三四五六七八九零])?")
_CENTIMETRES = re.compile(
    r"(?<![\d.,])(1[2-9]\d|2[0-3]\d)(?:[.,]\d)? ?(cm|厘米|公分|センチ|센티|zentimeter|centim\w+)?(?![\d.,]*\d)"
)
_FEET = re.compile(
    r"(?<![\d.,])([4-7]) ?(?:ft\.?|feet|foot|['′]) ?(?:(\d{1,2})(?:[.,]5)? ?(?:in(?:ches|ch)?\b|[\"″]|'')?)?"
)
_KILOS = re.compile(
    r"(?<![\d.,])(\d{2,3}(?:[.,]\d)?) ?(kgs?|kilos?|quilos?|公斤|千克|キロ|킬로|키로|市?斤|lbs?\b|pounds?)"
)
#: a height right before a weight needs no unit: "168, 120斤", "180/75 kg"
_BESIDE_WEIGHT = re.compile(
    r"(?<![\d.,])(1[4-9]\d|20\d)(?: ?cm)?[ ,/]{1,3}"
    r"(\d{2,3}(?:[.,]\d)?) ?(kgs?|kilos?|quilos?|公斤|千克|キロ|킬로|키로|市?斤|lbs?)"
)
_STONE = re.compile(r"(?<![\d.,])(\d{1,2}) ?(?:st\b|stone)(?: ?(\d{1,2}))?")
_FOOT = re.compile(r"(?<![\d.,])(2[0-9]|3[0-2])(?:[.,](\d))? ?(?:cm|厘米|公分|センチ|센티)")
_CHINESE_DIGITS = "零一二三四五六七八九"
#: letters around a number in which the word that names it stands
NEAR = 18


def bodies(text: Text, words: Lexicon, listening: ListeningFor, language: str, taken: Taken) -> Iterator[Entity]:
    folded = text.folded
    if not any(letter.isdigit() for letter in folded) and "米" not in folded:
        return
    beside = _BESIDE_WEIGHT.search(folded)
    both = _KILOS.search(folded) is not None and any(hit[2] for hit in _CENTIMETRES.finditer(folded))
    if beside is not None:
        yield Entity("height", int(beside[1]), *beside.span(1), 0.85)
        kilos = _kilos(float(beside[2].replace(",", ".")), beside[3])
        yield Entity("weight", _short(kilos), beside.start(2), beside.end(3), 0.85)
        return
    named = {kind: words.has(f"{kind}_words", folded) or kind in listening.kinds or both
             for kind in ("height", "weight")}  # fmt: skip
    if named["height"] or named["weight"]:
        height = _height(folded, words, listening, both)
        if height is not None:
            yield height
        weight = _weight(folded, words, listening, (height.start, height.end) if height else (-1, -1))
        if weight is not None:
            yield weight
    if "foot_length" in listening.kinds or words.has("foot_words", folded):
        for hit in _FOOT.finditer(folded):
            yield Entity("foot_length", _short(float(f"{hit[1]}.{hit[2] or 0}")), hit.start(), hit.end(), 0.85)


def _is_named(folded: str, hit: re.Match[str], words: Lexicon, kind: str, listening: ListeningFor) -> bool:
    around = folded[max(0, hit.start() - NEAR) : hit.end() + NEAR]
    return kind in listening.kinds or words.has(f"{kind}_words", around)


def _height(folded: str, words: Lexicon, listening: ListeningFor, with_weight: bool) -> Entity | None:
    for hit in _METRES_ZH.finditer(folded):
        tens, ones = _CHINESE_DIGITS.index(hit[2]), _CHINESE_DIGITS.index(hit[3]) if hit[3] else 0
        return Entity("height", 100 + 10 * tens + ones, hit.start(), hit.end(), 0.85)
    for hit in _METRES.finditer(folded):
        centimetres = 100 * int(hit[1]) + int(hit[2].ljust(2, "0"))
        if 120 <= centimetres <= 230 and _is_named(folded, hit, words, "height", listening):
            return Entity("height", centimetres, hit.start(), hit.end(), 0.85)
    for hit in _FEET.finditer(folded):
        inches = int(hit[2] or 0)
        if inches < 12 and (_is_named(folded, hit, words, "height", listening)):
            return Entity("height", round((12 * int(hit[1]) + inches) * 2.54), hit.start(), hit.end(), 0.85)
    for hit in _CENTIMETRES.finditer(folded):
        before = folded[max(0, hit.start() - NEAR) : hit.start()]
        is_named = _is_named(folded, hit, words, "height", listening)
        if (
            (hit[2] and (is_named or with_weight))
            or (is_named and words.has("height_words", before))
            or ("height" in listening.kinds)
        ):
            return Entity("height", int(hit[1]), hit.start(), hit.end(), 0.85)
    return None


def _weight(folded: str, words: Lexicon, listening: ListeningFor, height: tuple[int, int]) -> Entity | None:
    for hit in _STONE.finditer(folded):
        return Entity(
            "weight", _short(6.35029 * int(hit[1]) + 0.45359 * int(hit[2] or 0)), hit.start(), hit.end(), 0.85
        )
    for hit in _KILOS.finditer(folded):
        kilos = _kilos(float(hit[1].replace(",", ".")), hit[2])
        is_told = height[0] >= 0 or _is_named(folded, hit, words, "weight", listening)
        if 25 <= kilos <= 250 and is_told:
            return Entity("weight", _short(kilos), hit.start(), hit.end(), 0.85)
    for hit in re.finditer(r"(?<![\d.,])(\d{2,3}(?:[.,]\d)?)(?![\d.,]*\d)", folded):
        before = folded[max(0, hit.start() - 8) : hit.start()]
        if height[0] <= hit.start() < height[1] or not words.has("weight_words", before):
            continue
        said = float(hit[1].replace(",", "."))
        kilos = said / 2 if "㐀" <= folded[max(0, hit.start() - 1)] <= "鿿" and said > 95 else said  # 体重130 counts 斤
        if 25 <= kilos <= 250 and not re.match(r" ?(?:cm|m\b|g\b|厘米|%)", folded[hit.end() : hit.end() + 4]):
            return Entity("weight", _short(kilos), hit.start(), hit.end(), 0.75)
    return None


def _kilos(said: float, unit: str) -> float:
    if unit.endswith("斤") and unit != "公斤":
        return said / 2
    return said * 0.45359 if unit.startswith(("lb", "pound")) else said


def _short(number: float) -> float | int:
    """One decimal at most, none where it would be a nought."""
    rounded = round(number, 1)
    return int(rounded) if rounded == int(rounded) else rounded
