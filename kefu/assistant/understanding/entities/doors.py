"""A house number or a flat told alone, while a whole address stands to be confirmed: "no, number 101"."""

from __future__ import annotations

import re
from collections.abc import Iterator

from kefu.assistant.language import STREET, ListeningFor
from kefu.assistant.understanding.entities.found import Entity, Taken
from kefu.assistant.understanding.lexicon import Lexicon
from kefu.assistant.understanding.normal import Text

#: a number of a house as it is written: 101, 12b, 1-2-3; never one of the digits of a longer one
_NUMBER = re.compile(r"(?<![a-z0-9#-])(?<!\d[.,])\d{1,5}(?:-\d{1,4}){0,3}(?:[a-z](?![a-z]))?(?![\d%€$£])")
#: what may stand between the word for it and the number: "house number is 101", "番地は101"
_BETWEEN = re.compile(r"(?: ?(?:is|ist|es|é|e|est|le|el|o|die|should be|:|是|は|が|는|은|이|가))?[ :]{0,3}")
#: signs that say which number of an address is meant: 101号, 3号楼, 302室, 5층
_SIGN = re.compile(r"号楼|号室|番地|丁目|번지|[号號室弄栋楼层層호동층번]")
_SPELT = str.maketrans("號層", "号层")
#: letters of a message that may be nothing but the number
MOST_ALONE = 20


def told_doors(text: Text, words: Lexicon, listening: ListeningFor, language: str, taken: Taken) -> Iterator[Entity]:
    """The street of the address that was shown, with the number told now in the place of its own."""
    street = str(listening.extras.get(STREET) or "")
    if not listening.is_confirming or not street or not any(letter.isdigit() for letter in text.folded):
        return
    if flat := _flat(text, words, street):
        yield flat
        return
    own = {hit[0] for hit in _NUMBER.finditer(street.lower())}
    told = [hit for hit in _NUMBER.finditer(text.folded) if hit[0] not in own]  # "101 and not 100"
    alone = len(told) == 1 and len(text.folded) <= MOST_ALONE
    doors = [hit for hit in told if alone or _is_door(text.folded, hit, words)]
    if len(doors) != 1:
        return
    hit = doors[0]
    sign = _SIGN.match(text.folded, hit.end())
    value = _with_number(street, text.shown[hit.start() : hit.end()], sign[0] if sign else "")
    if value != street:
        yield Entity("street", value, hit.start(), sign.end() if sign else hit.end(), 0.9)


def _is_door(folded: str, hit: re.Match[str], words: Lexicon) -> bool:
    if _SIGN.match(folded, hit.end()):
        return True
    for cue in words.pattern("door_words").finditer(folded, 0, hit.start()):
        between = _BETWEEN.match(folded, cue.end())
        if between is not None and between.end() >= hit.start():
            return True
    return False


def _with_number(street: str, number: str, sign: str) -> str:
    """The number put where one with the same sign stands, else where the first one stands, which is the house's."""
    places = list(re.finditer(r"\d{1,5}(?:-\d{1,4}){0,3}[A-Za-z]?(?![A-Za-z])", street))
    signed = [one for one in places if sign and street[one.end() :].lstrip().translate(_SPELT).startswith(sign)]
    if sign and not signed and sign.translate(_SPELT) not in ("号", "番地", "번지"):
        return f"{street} {number}{sign}"
    place = next(iter(signed or places), None)
    return street[: place.start()] + number + street[place.end() :] if place else f"{street} {number}"


def _flat(text: Text, words: Lexicon, street: str) -> Entity | None:
    """ "add flat 3B": put in the place of the flat that the address has, else after the street."""
    cue = words.pattern("flat_words")
    shape = re.compile(rf"{cue.pattern} ?(?:no\.? ?|nr\.? ?|n[oº°] ?)?(\d{{1,4}} ?[a-z]?|[a-z]\d{{0,3}})(?![a-z0-9])")
    hit = shape.search(text.folded)
    if hit is None:
        return None
    flat = text.shown[hit.start() : hit.end()].strip()
    had = shape.search(street.lower())
    value = street[: had.start()] + flat + street[had.end() :] if had else f"{street}, {flat}"
    return Entity("street", value, hit.start(), hit.end(), 0.9)
