"""Colours, sizes, reasons, countries, "the second one", and the words that name an item."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from babel import Locale

from kefu.assistant.language import ListeningFor
from kefu.assistant.understanding.entities.found import Entity, Taken
from kefu.assistant.understanding.lexicon import Lexicon, any_of
from kefu.assistant.understanding.normal import Text, fold

_LETTER_SIZE = re.compile(r"(?<![a-z0-9'-])(xxs|xs|s|m|l|xl|xxl|xxxl|[2-5]xl)(?:[ ]?(?:码|号))?(?![a-z0-9'-])")
_NUMBER_SIZE = re.compile(r"(?<![a-z0-9.,])(\d{1,3}(?:[.,]5)?)[ ]?码")
_NAMED_SIZE = re.compile(
    r"(?:(?<![a-z])(?:size|sz|eu|uk|us|eur)|尺码|码数|尺寸)[ ]?(?:is|was|number|to|:|是|为|换|换成|改成|要)?[ ]?"
    r"(?:(?:an?|eu|uk|us)[ ])?(xxs|xs|s|m|l|xl|xxl|xxxl|[2-5]xl|small|medium|large|\d{1,3}(?:[.,]5)?)(?![a-z0-9])"
)
_ALONE_SIZE = re.compile(r"(?<![a-z0-9.,])(\d{1,3}(?:[.,]5)?)(?![a-z0-9])")
#: "its to small": too small, misspelt
_TOO = re.compile(r"(?:it'?s|is|are|was|were|way|bit|much|little|they'?re) to $")
_NAMES = {"small": "S", "medium": "M", "large": "L", "2XL": "XXL", "3XL": "XXXL", "2XS": "XXS"}


def colors(text: Text, words: Lexicon, listening: ListeningFor, language: str, taken: Taken) -> Iterator[Entity]:
    names, stems = words.map("colors"), words.map("color_stems")
    for hit in words.pattern("colors").finditer(text.folded):
        yield Entity("color", names[hit[0]], hit.start(), hit.end(), 0.9)
    if stems:
        if text.folded in stems:
            yield Entity("color", stems[text.folded], 0, len(text.folded), 0.9)
        for hit in _stemmed(frozenset(stems), frozenset(words.group("items"))).finditer(text.folded):
            yield Entity("color", stems[hit[1]], hit.start(1), hit.end(1), 0.8)


@lru_cache(maxsize=8)
def _stemmed(stems: frozenset[str], items: frozenset[str]) -> re.Pattern[str]:
    return re.compile(rf"({any_of([*stems])})(?=那|这|款|{any_of([item for item in items if not item.isascii()])})")


def sizes(text: Text, words: Lexicon, listening: ListeningFor, language: str, taken: Taken) -> Iterator[Entity]:
    asked = "size" in listening.kinds
    for hit in _NAMED_SIZE.finditer(text.folded):
        yield Entity("size", _size(hit[1]), hit.start(1), hit.end(1), 0.95)
    for hit in _NUMBER_SIZE.finditer(text.folded):
        yield Entity("size", _size(hit[1]), hit.start(), hit.end(), 0.9)
    for hit in _LETTER_SIZE.finditer(text.folded):
        written = text.shown[hit.start() : hit.end()]
        is_short = len(hit[1]) == 1
        if not is_short or asked or (written[0].isupper() and not text.shown.isupper()) or len(written) > 1:
            yield Entity("size", _size(hit[1]), hit.start(), hit.end(), 0.9 if not is_short else 0.75)
    names = words.map("sizes")
    for hit in words.pattern("sizes").finditer(text.folded):
        around = text.folded[max(0, hit.start() - 12) : hit.end() + 12]
        if asked or not hit[0].isascii() or len(hit[0]) > 6 or words.has("size_words", around):
            yield Entity("size", names[hit[0]], hit.start(), hit.end(), 0.8)
        elif (
            re.search(r"(?:an?|the|in|to|for|is|ordered|need|want|got) $", text.folded[: hit.start()])
            and re.match(r"[ ]?(?:$|[,.?!]|one|instead|but|and|please|pls|too)", text.folded[hit.end() :])
            and not _TOO.search(text.folded[: hit.start()])
        ):
            yield Entity("size", names[hit[0]], hit.start(), hit.end(), 0.75)
    if asked:
        for hit in _ALONE_SIZE.finditer(text.folded):
            yield Entity("size", _size(hit[1]), hit.start(), hit.end(), 0.85)


def _size(written: str) -> str:
    written = written.replace(",", ".")
    return _NAMES.get(written, _NAMES.get(written.upper(), written.upper()))


def reasons(text: Text, words: Lexicon, listening: ListeningFor, language: str, taken: Taken) -> Iterator[Entity]:
    names = words.map("reasons")
    for hit in words.pattern("reasons").finditer(text.folded):
        before = text.folded[max(0, hit.start() - 6) : hit.start()].rstrip()
        if before.endswith(("not", "isn't", "n't", "不", "没", "没有", "不是")) or text.folded[
            hit.end() : hit.end() + 1
        ] in ("吗", "么"):
            continue
        yield Entity("reason", names[hit[0]], hit.start(), hit.end(), 0.85)


def marks(text: Text, words: Lexicon) -> Iterator[Entity]:
    """What a phrase says about the rest: "I don't have it", "only one of them", "one size up". Each kind once."""
    names = words.map("marks")
    seen: set[str] = set()
    for hit in words.pattern("marks").finditer(text.folded):
        kind = str(names.get(hit[0], names.get(hit[0].replace("'", ""), "")))
        if kind and kind not in seen:
            seen.add(kind)
            value = {"lacking": True, "part": "only_part"}.get(kind, text.cut(hit.start(), hit.end()))
            yield Entity(kind, value, hit.start(), hit.end(), 0.85)


def ordinals(text: Text, words: Lexicon, listening: ListeningFor, language: str, taken: Taken) -> Iterator[Entity]:
    values = words.map("ordinals")
    for hit in _ordinal(frozenset(values), words.group("ordinal_nouns")).finditer(text.folded):
        yield Entity("ordinal", int(values[hit[1]]), hit.start(), hit.end(), 0.85)
    bare = text.folded.strip(" .!?,;的").removeprefix("the ").strip()
    if bare in values:
        yield Entity("ordinal", int(values[bare]), 0, len(text.folded), 0.85)


@lru_cache(maxsize=8)
def _ordinal(values: frozenset[str], nouns: frozenset[str]) -> re.Pattern[str]:
    return re.compile(rf"({any_of([*values])})[ ]?{any_of([*nouns])}")


def countries(text: Text, words: Lexicon, listening: ListeningFor, language: str, taken: Taken) -> Iterator[Entity]:
    asked = "country" in listening.kinds
    names = _country_names(words)
    for hit in _country_pattern(words).finditer(text.folded):
        before = text.folded[max(0, hit.start() - 14) : hit.start()]
        alone = len(text.folded) - len(hit[0]) <= 4
        if asked or alone or not hit[0].isascii() or _before(words.group("country_before")).search(before):
            yield Entity("country", names[hit[0]], hit.start(), hit.end(), 0.85)


@lru_cache(maxsize=8)
def _before(phrases: frozenset[str]) -> re.Pattern[str]:
    return re.compile(any_of([*phrases]) + r"[ ]?(?:the[ ])?$")


@lru_cache(maxsize=8)
def _country_names(words: Lexicon) -> dict[str, str]:
    names: dict[str, str] = {}
    for language in words.languages:
        for code, name in Locale.parse(language).territories.items():
            if len(code) == 2 and code.isalpha() and code not in ("EU", "EZ", "UN", "ZZ", "XA", "XB", "QO"):
                names[fold(name)] = code
    names.update(words.map("countries"))
    for name in words.group("not_countries"):  # "jersey" is far more often a shirt than the island
        names.pop(name, None)
    return names


@lru_cache(maxsize=8)
def _country_pattern(words: Lexicon) -> re.Pattern[str]:
    return re.compile(any_of(list(_country_names(words))))


def item_words(text: Text, words: Lexicon, listening: ListeningFor, language: str, taken: Taken) -> list[Entity]:
    """The noun phrases that name things: "the blue rain jacket", "那件蓝色的冲锋衣"."""
    found = [*_latin_items(text, words), *_han_items(text, words)]
    return found[:6]


_WORD = re.compile(r"[a-z0-9][a-z0-9'/-]*|[^\sa-z0-9]")


def _is_latin(token: str) -> bool:
    return token[0].isascii() and token[0].isalnum()


def _latin_items(text: Text, words: Lexicon) -> list[Entity]:
    tokens = [(hit[0], hit.start(), hit.end()) for hit in _WORD.finditer(text.folded)]
    stop, nouns = words.group("item_stop"), words.group("items")
    generic, determiners = words.group("generic"), words.group("determiners")
    found: list[Entity] = []
    index = 0
    while index < len(tokens):
        word = tokens[index][0]
        after_determiner = word in determiners
        begin = index + 1 if after_determiner else index
        if not after_determiner and (word in stop or not _is_latin(word)):
            index += 1
            continue
        end = begin
        while end < len(tokens) and end - begin < 5:
            token = tokens[end][0]
            if not _is_latin(token) or token in stop or token in determiners:
                break
            end += 1
        phrase = [token for token, _, _ in tokens[begin:end]]
        known = [place for place, token in enumerate(phrase) if token in nouns]
        if known:
            last = known[-1] + 1
            first = 0 if after_determiner else max(0, known[0] - 2)
            keep = (begin + first, begin + last)
        elif (
            after_determiner and phrase and not phrase[0][0].isdigit() and not any(token in generic for token in phrase)
        ):
            keep = (begin, end)
        else:
            index = max(end, index + 1)
            continue
        start, stop_at = tokens[keep[0]][1], tokens[keep[1] - 1][2]
        found.append(Entity("item_words", text.cut(start, stop_at), start, stop_at, 0.85 if known else 0.6))
        index = max(end, index + 1)
    return found


def _han_items(text: Text, words: Lexicon) -> list[Entity]:
    found = []
    shape = _han_item(words.group("items"), words.group("measure_words"), words.group("item_stop"))
    for hit in shape.finditer(text.folded):
        value = text.cut(*hit.span())
        if text.folded[hit.end() - 1 : hit.end() + 1] in words.group("not_items"):  # 包 is a bag, 包裹 a parcel
            continue
        if hit["noun"] or hit["loose"]:
            found.append(Entity("item_words", value, hit.start(), hit.end(), 0.85 if hit["noun"] else 0.65))
    return found


@lru_cache(maxsize=8)
def _han_item(items: frozenset[str], measures: frozenset[str], stops: frozenset[str]) -> re.Pattern[str]:
    noun = any_of([item for item in items if not item.isascii()])
    stop = any_of([word for word in stops if not word.isascii()])
    measure = any_of([word for word in measures if not word.isascii()])
    han = "[㐀-鿿a-z0-9]"
    return re.compile(
        rf"(?:(?:那|这|哪)?(?:一)?{measure})?(?P<noun>(?:(?!{stop}|那|这|的话){han}){{0,6}}?的?{noun}(?:{noun})?)"
        rf"|(?:那|这){measure}(?P<loose>(?:(?!{stop}|订单|包裹|快递|问题){han}){{2,10}})"
    )
