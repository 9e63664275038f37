"""Which of the offered options an answer picks: by number, by place, by a word only one of them has, by likeness."""

from __future__ import annotations

import re

from rapidfuzz import fuzz, process

from kefu.assistant.language import Choose, ListeningFor
from kefu.assistant.understanding.entities.found import Entity
from kefu.assistant.understanding.lexicon import Lexicon
from kefu.assistant.understanding.normal import Text, normalise

_NUMBER = re.compile(r"(?:option|number|no\.?|nr\.?|#|选项?|第|号)?\s?(\d{1,2})\s?(?:[.)、号]|please|pls|吧|个)?")
_LETTER = re.compile(r"(?:option )?([a-h])[.)]?")
#: likeness (0..100) from which a name is the name, and how far ahead of the next one it must be
ALIKE, AHEAD = 82, 8


def choose(text: Text, listening: ListeningFor, entities: list[Entity], words: Lexicon) -> Choose | None:
    options = listening.options
    if not options:
        return None
    said = text.folded.strip(" .!,\n")
    labels = [normalise(label).folded for _, label in options]
    values = [normalise(value).folded for value, _ in options]

    def pick(place: int, score: float) -> Choose:
        return Choose(score, text.shown, options[place][0])

    for place, (value, label) in enumerate(zip(values, labels, strict=True)):
        if said in (value, label):
            return pick(place, 0.99)
    hit = _NUMBER.fullmatch(said)
    if hit and 1 <= int(hit[1]) <= len(options):
        return pick(int(hit[1]) - 1, 0.95)
    if (letter := _LETTER.fullmatch(said)) and len(options) >= ord(letter[1]) - 96:
        return pick(ord(letter[1]) - 97, 0.8)
    for entity in entities:
        if entity.kind == "ordinal" and (counted := _place(entity.value, len(options))) is not None:
            return pick(counted, 0.9)
    if (only := _only_one(said, entities, values, labels, words)) is not None:
        return pick(only, 0.9)
    if (meant := _by_its_words(said, values, words)) is not None:
        return pick(meant, 0.9)
    if len(said) > 60 or (len(said) < 3 and said.isascii()):
        return None
    ranked = process.extract(said, labels, scorer=_likeness, limit=2)
    if ranked and words.has("negation", said) and not words.has("negation", ranked[0][0]):
        return None  # "never used" is not "used"
    if ranked and ranked[0][1] >= ALIKE and (len(ranked) == 1 or ranked[0][1] - ranked[1][1] >= AHEAD):
        return pick(int(ranked[0][2]), round(ranked[0][1] / 100 * 0.95, 2))
    return None


def _likeness(said: str, label: str, **_: object) -> float:
    """Typing mistakes forgiven, words of the label left out forgiven, words it does not have not forgiven."""
    return max(fuzz.partial_ratio(said, label) if len(said) >= 5 else 0.0, fuzz.token_sort_ratio(said, label))


def _place(ordinal: int, count: int) -> int | None:
    if ordinal == -1:
        return count - 1
    return ordinal - 1 if 1 <= ordinal <= count else None


def _only_one(said: str, entities: list[Entity], values: list[str], labels: list[str], words: Lexicon) -> int | None:
    """The one option that has the named colour, size, number or the very words. What is named of several kinds must
    meet in it: "the blue one, in L" is not the blue one in M."""
    fitting = set(range(len(labels)))
    is_told = False
    for entity in entities:
        if entity.kind == "color":
            names = [phrase for phrase, color in words.map("colors").items() if color == entity.value]
            having = [place for place, label in enumerate(labels) if any(name in label for name in names)]
        elif entity.kind == "reason":
            having = [place for place, value in enumerate(values) if value == entity.value]
        elif entity.kind in ("order_number", "size", "item_words"):
            wanted = normalise(str(entity.value)).folded
            shape = re.compile(rf"(?<![a-z0-9]){re.escape(wanted)}(?![a-z0-9])")
            having = [place for place, label in enumerate(labels) if shape.search(f"{label} {values[place]}")]
            if not having and entity.kind == "item_words":
                having = [place for place, label in enumerate(labels) if _shares(wanted, label)]
        else:
            continue
        if having:
            fitting, is_told = fitting & set(having), is_told or len(having) == 1
    if is_told or len(fitting) == 1 < len(labels):
        return fitting.pop() if len(fitting) == 1 else None
    inside = [place for place, label in enumerate(labels) if len(said) >= 3 and said in label]
    if len(inside) == 1:
        return inside[0]
    return _telling_word(said, labels)


def _by_its_words(said: str, values: list[str], words: Lexicon) -> int | None:
    """The one option that people call by words its label doesn't have: "just send me another" is send_again. Words of
    two options, or a no to them, pick none."""
    answer, comma, rest = said.partition(",")
    if comma and answer.strip() in words.group("no"):
        said = rest  # "no, it's for me" denies what was asked, not what it goes on to name
    named = words.pattern("options")
    if len(said) > 80 or words.has("negation", named.sub(" ", said)):  # "not here" is called so, "don't send" is none
        return None
    known = words.map("options")
    meant = {known[hit] for hit in named.findall(said) if hit in known} & set(values)
    return values.index(meant.pop()) if len(meant) == 1 else None


#: characters of any short answer: 照片发你了 is not 发错货
_TELL_NOTHING = frozenset("发了的是有不我你您们一个这那")


def _telling_word(said: str, labels: list[str]) -> int | None:
    """The one option that shares a word, or in a short Chinese answer a character, that no other option has."""
    if len(said) > 40:
        return None
    letters = set(re.findall(r"[㐀-鿿]", said)) - _TELL_NOTHING if len(said) <= 6 else set()
    parts = set(re.findall(r"[a-z]{4,}", said)) | letters
    telling = {
        places[0]
        for part in parts
        if len(places := [place for place, label in enumerate(labels) if part in label]) == 1
    }
    if len(telling) != 1:
        return None
    place = telling.pop()
    # "large, fleece" is not the fleece one that is small: what other options have and this one lacks is meant as well
    against = any(part not in labels[place] and any(part in label for label in labels) for part in parts)
    return None if against else place


def _shares(wanted: str, label: str) -> bool:
    return any(word in label for word in re.findall(r"[a-z]{4,}", wanted)) or (
        not wanted.isascii() and any(wanted[at : at + 3] in label for at in range(len(wanted) - 2))
    )
