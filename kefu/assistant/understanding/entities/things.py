"""Colours, sizes, reasons, countries, "the second one", and the words that name an item."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from babel import Locale

from kefu.assistant.language import ListeningFor
from kefu.assistant.understanding.entities.found import Entity, Taken
from kefu.assistant.understanding.lexicon import Lexicon, any_of
from kefu.assistant.understanding.normal import Text, fold, without_accents

_LETTERS = r"xxs|xs|s|m|l|xl|xxl|xxxl|[2-5]xl"
_LETTER_SIZE = re.compile(rf"(?<![a-z0-9'-])({_LETTERS})(?:[ ]?(?:码|号|サイズ|사이즈))?(?![a-z0-9'-])")
_NUMBER_SIZE = re.compile(r"(?<![a-z0-9.,])(\d{1,3}(?:[.,]5)?)[ ]?(?:码|サイズ| ?사이즈)")
#: a size that names its country: "UK 8", "US 9.5", "EU 42"
_SYSTEM_SIZE = re.compile(
    r"(?<![a-z])(eu|eur|uk|us|jp|cn|kr|br)[ -]?(?:(?:shoe )?size |taille |talla |grosse )?"
    rf"({_LETTERS}|\d{{1,3}}(?:[.,]5)?)(?![a-z0-9.,]*\d|[a-z])"
)
_ALONE_SIZE = re.compile(r"(?<![a-z0-9.,])(\d{1,3}(?:[.,]5)?)(?![a-z0-9])")
#: "its to small": too small, misspelt
_TOO = re.compile(r"(?:it'?s|is|are|was|were|way|bit|much|little|they'?re) to $")
#: letters that alone make no text in capitals
FEW_LETTERS = 6
_NAMES = {"small": "S", "medium": "M", "large": "L", "2XL": "XXL", "3XL": "XXXL", "2XS": "XXS"}


def colors(text: Text, words: Lexicon, listening: ListeningFor, language: str, taken: Taken) -> Iterator[Entity]:
    names, stems = words.map("colors"), words.map("color_stems")
    for hit in words.pattern("colors").finditer(text.folded):
        yield Entity("color", names[hit[0]], hit.start(), hit.end(), 0.9)
    if stems:
        if text.folded.strip(" .!;,") in stems:
            yield Entity("color", stems[text.folded.strip(" .!;,")], 0, len(text.folded), 0.9)
        for hit in _stemmed(words).finditer(text.folded):
            yield Entity("color", stems[hit[1]], hit.start(1), hit.end(1), 0.8)


@lru_cache(maxsize=64)
def _stemmed(words: Lexicon) -> re.Pattern[str]:
    """红夹克, 青い方; but 面白い is no white, and 赤ちゃん no red."""
    after = [*words.group("color_after"), *(item for item in words.group("items") if not item.isascii())]
    return re.compile(rf"(?<!面)({any_of([*words.map('color_stems')])})(?={any_of(after)})")


def sizes(text: Text, words: Lexicon, listening: ListeningFor, language: str, taken: Taken) -> Iterator[Entity]:
    asked = "size" in listening.kinds
    for hit in _SYSTEM_SIZE.finditer(text.folded):
        system = "" if hit[1] in ("eu", "eur") else f"{hit[1].upper()} "
        yield Entity("size", system + _size(hit[2]), hit.start(), hit.end(), 0.95)
    for hit in _named_size(words).finditer(text.folded):
        system = f"{hit[1].upper()} " if hit[1] and hit[1] not in ("eu", "eur") else ""
        yield Entity("size", system + _size(hit[2]), hit.start(2), hit.end(2), 0.95)
    for hit in _NUMBER_SIZE.finditer(text.folded):
        yield Entity("size", _size(hit[1]), hit.start(), hit.end(), 0.9)
    for hit in _LETTER_SIZE.finditer(text.folded):
        written = text.shown[hit.start() : hit.end()]
        is_short = len(hit[1]) == 1
        if not is_short or asked or (written[0].isupper() and not _shouts(text.shown)) or len(written) > 1:
            yield Entity("size", _size(hit[1]), hit.start(), hit.end(), 0.9 if not is_short else 0.75)
    names = words.map("sizes")
    for hit in words.pattern("sizes").finditer(text.folded):
        around = text.folded[max(0, hit.start() - 12) : hit.end() + 12]
        is_plain = not hit[0].isascii() or hit[0].startswith(("extra", "x-", "tres ", "sehr "))
        if asked or is_plain or words.has("size_words", around):
            yield Entity("size", names[hit[0]], hit.start(), hit.end(), 0.8)
        elif (
            re.search(r"(?:an?|the|in|to|for|is|ordered|need|want|got) $", text.folded[: hit.start()])
            and re.match(r"[ ]?(?:$|[,.?!]|one|instead|but|and|please|pls|too)", text.folded[hit.end() :])
            and not _TOO.search(text.folded[: hit.start()])
        ):
            yield Entity("size", names[hit[0]], hit.start(), hit.end(), 0.75)
    for hit in _swapped_size(words).finditer(text.folded):
        if SMALLEST <= float(hit["size"].replace(",", ".")) <= LARGEST:
            yield Entity("size", _size(hit["size"]), hit.start("size"), hit.end("size"), 0.8)
    if asked:
        for hit in _ALONE_SIZE.finditer(text.folded):
            yield Entity("size", _size(hit[1]), hit.start(), hit.end(), 0.85)


def _shouts(shown: str) -> bool:
    """Whether all is in capitals; the T and the M of "TシャツをMに" are no shouting."""
    return shown.isupper() and sum(letter.isascii() and letter.isalpha() for letter in shown) > FEW_LETTERS


@lru_cache(maxsize=64)
def _named_size(words: Lexicon) -> re.Pattern[str]:
    """ "size 42", "尺码换成XL", "Größe ist L", "taille du 42", "サイズはM", also with a country's letters."""
    systems = ("eu", "uk", "us", "eur")
    names = any_of([name for name in words.group("size_words") if name not in systems])
    joint = any_of([*words.group("size_joint")])
    return re.compile(
        rf"{names}[ :]{{0,2}}(?:{joint}[ ]?){{0,2}}(?:an? )?(?:(eu|eur|uk|us|jp)[ ]?)?"
        rf"({_LETTERS}|small|medium|large|\d{{1,3}}(?:[.,]5)?)(?![a-z0-9]|[.,]\d| ?(?:cm|kg|%|€|euro))"
    )


#: sizes of shoes and clothes that are plain numbers; more or less is a count or a price
SMALLEST, LARGEST = 16, 64


@lru_cache(maxsize=64)
def _swapped_size(words: Lexicon) -> re.Pattern[str]:
    """A number that something is swapped for: "for a 42", "gegen die 43", "43으로 교환"."""
    before, after = words.group("swapped_for"), words.group("swapped_after")
    number = r"(?<![a-z0-9.,:/-])(?P<size>\d{2}(?:[.,]5)?)"
    measure = any_of([*words.group("measures")])
    plain = rf"(?![a-z0-9%€$£]|[.,:/-]\d| ?(?:{measure}|%|€|\$|£| [a-z]+(?:street|road|lane|strasse)))"
    if before:
        return re.compile(rf"{any_of([*before])} {number}{plain}")
    return re.compile(rf"{number}{any_of([*after])}") if after else re.compile(r"(?!)(?P<size>)")


def _size(written: str) -> str:
    written = written.replace(",", ".")
    return _NAMES.get(written, _NAMES.get(written.upper(), written.upper()))


def reasons(text: Text, words: Lexicon, listening: ListeningFor, language: str, taken: Taken) -> Iterator[Entity]:
    names = words.map("reasons")
    for hit in words.pattern("reasons").finditer(text.folded):
        if _is_denied(text.folded, hit, words) or text.folded[hit.end() : hit.end() + 1] in ("吗", "么"):
            continue
        yield Entity("reason", names.get(hit[0], names.get(hit[0].replace("'", ""))), hit.start(), hit.end(), 0.85)


def _is_denied(folded: str, hit: re.Match[str], words: Lexicon) -> bool:
    """ "It's not too small", 不小, 小さくない. A negation of its own ("doesn't fit") denies nothing."""
    before = folded[max(0, hit.start() - 8) : hit.start()].rstrip()
    if before.endswith(("not", "isn't", "n't", "不", "没", "没有", "不是")):
        return True
    if hit[0].isascii() and re.search(
        r"(?:\bno|\bpas|\bnicht|\bnao|\bn'est pas) (?:es |est |e |me |ist |esta )?$", before + " "
    ):
        return True
    after = folded[hit.end() : hit.end() + 6]
    return bool(words.group("negation_after")) and words.pattern("negation_after").match(after) is not None


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


#: "everything but the lamp", in either order; marks may be left out by whoever types
_ALL_BUT = re.compile(
    r"\b(?:all|everything|every item)(?: of (?:it|them))?(?: (?:in|from|on|of) [^.,;!?]{1,24}?)?"
    r" (?:but|except|apart from|other than|save for|besides)\b(?! not)"
    r"|\b(?:except|apart from)\b[^.;!?]{1,40}\b(?:everything|all of|all the|the rest)\b"
    r"|\balle[sn]?\b[^.,;!?]{0,30}?\b(?:au(?:ß|ss?)er|bis auf|ohne)\b"
    r"|\b(?:au(?:ß|ss?)er|bis auf)\b[^.;!?]{1,40}\balle[sn]?\b"
    r"|\b(?:tout|tous|toutes)\b[^.;!?]{0,30}?\b(?:sauf|except[ée]|hormis|[àa] part)\b|\bsauf\b[^.;!?]{1,40}\btout\b"
    r"|\btod[oa]s?\b[^.;!?]{0,30}?\b(?:menos|excepto|exceto|salvo|fora|tirando|a no ser|a n[ãa]o ser)\b"
    r"|\btudo\b[^.;!?]{0,30}?\b(?:menos|exceto|salvo|fora|tirando|a n[ãa]o ser)\b"
    r"|除了?[^。！？]{1,20}?(?:以外|之外|外|，)?(?:其他|其它|别的|其余|剩下|都|全)"
    r"|(?:以外|を除いて|を除き)[^。！？]{0,10}?(?:全部|すべて|全て|全品|返品|キャンセル|取り消|交換)"
    r"|(?:빼고|제외하고|말고)[^.!?]{0,12}?(?:다|전부|모두|나머지|전체)"
)


def several(text: Text, words: Lexicon) -> Iterator[Entity]:
    """ "Both", "all of them": more than one of what was offered or named; "all but the lamp": what is named stays."""
    if rest := _ALL_BUT.search(text.folded):
        yield Entity("all_of", "all_but", rest.start(), rest.end(), 0.85)
        return
    values = words.map("all_of")
    best = next(words.pattern("all_of").finditer(text.folded), None)
    if best is not None and not _is_denied(text.folded, best, words):
        yield Entity(
            "all_of", values.get(best[0], values.get(best[0].replace("'", ""))), best.start(), best.end(), 0.85
        )


def conditions(text: Text, words: Lexicon, listening: ListeningFor) -> Iterator[Entity]:
    """In what state something goes back. A lone word like "used" counts only where the state was asked for: a
    coupon is used, too."""
    asked = "condition" in listening.kinds
    names = words.map("conditions")
    found: dict[str, re.Match[str]] = {}
    for hit in words.pattern("conditions").finditer(text.folded):
        value = str(names.get(hit[0], names.get(hit[0].replace("'", ""))))
        is_lone = (
            hit[0].isascii() and " " not in hit[0] and not hit[0].startswith(("un", "tried", "pr", "es", "ex", "an"))
        )
        if value == "used" and _unworn(text.folded, hit, words):
            value = "unused"
        elif is_lone and not asked:
            continue
        found.setdefault(value, hit)
    for value in ("tried_on", "used", "unused"):
        if (said := found.get(value)) is not None:
            yield Entity("condition", value, said.start(), said.end(), 0.85)
            return


def _unworn(folded: str, hit: re.Match[str], words: Lexicon) -> bool:
    before = folded[max(0, hit.start() - 14) : hit.start()]
    after = folded[hit.end() : hit.end() + 6]
    return words.has("negation", before) or (
        bool(words.group("negation_after")) and words.pattern("negation_after").match(after) is not None
    )


def ordinals(text: Text, words: Lexicon, listening: ListeningFor, language: str, taken: Taken) -> Iterator[Entity]:
    values = words.map("ordinals")
    shape = _ordinal(frozenset(values), words.group("ordinal_nouns"), words.group("ordinal_before"))
    for hit in shape.finditer(text.folded):
        said = hit[1] or hit[2]
        yield Entity("ordinal", int(values[said]), hit.start(), hit.end(), 0.85)
    bare = text.folded.strip(" .!?,;的").removeprefix("the ").strip()
    if bare in values:
        yield Entity("ordinal", int(values[bare]), 0, len(text.folded), 0.85)


@lru_cache(maxsize=64)
def _ordinal(values: frozenset[str], nouns: frozenset[str], before: frozenset[str]) -> re.Pattern[str]:
    """ "The second one", 第二个; and where an article tells enough: "la segunda", "das zweite"."""
    value = any_of([*values])
    article = (
        rf"|{any_of([*before])}[ ]?({value})(?= ?(?:$|[,.!?;]|por|svp|bitte|s'il|pf|e |y |et |und ))"
        if before
        else "|(?!)()"
    )
    return re.compile(rf"({value})[ ]?{any_of([*nouns])}{article}")


def countries(text: Text, words: Lexicon, listening: ListeningFor, language: str, taken: Taken) -> Iterator[Entity]:
    asked = "country" in listening.kinds
    names = _country_names(words)
    yield from _of_nation(text, words)
    for hit in _country_pattern(words).finditer(text.folded):
        before = text.folded[max(0, hit.start() - 14) : hit.start()]
        alone = len(text.folded) - len(hit[0]) <= 4
        if asked or alone or not hit[0].isascii() or _before(words.group("country_before")).search(before):
            yield Entity("country", names[hit[0]], hit.start(), hit.end(), 0.85)


def _of_nation(text: Text, words: Lexicon) -> Iterator[Entity]:
    """ "My French address", "die österreichische Adresse"."""
    nations = words.map("nationalities")
    if nations and words.has("nationalities", text.folded):
        for hit in _nation_shape(words).finditer(text.folded):
            yield Entity("country", nations[hit[1] or hit[2]], hit.start(), hit.end(), 0.75)


@lru_cache(maxsize=64)
def _nation_shape(words: Lexicon) -> re.Pattern[str]:
    adjective, noun = any_of([*words.map("nationalities")]), any_of([*words.group("nationality_nouns")])
    return re.compile(rf"({adjective}) {noun}|{noun} ({adjective})")


@lru_cache(maxsize=64)
def _before(phrases: frozenset[str]) -> re.Pattern[str]:
    return re.compile(any_of([*phrases]) + r"[ ]?(?:the[ ])?$")


@lru_cache(maxsize=64)
def _country_names(words: Lexicon) -> dict[str, str]:
    names: dict[str, str] = {}
    for language in dict.fromkeys([*words.spoken, "en"]):
        for code, name in Locale.parse(language).territories.items():
            if len(code) == 2 and code.isalpha() and code not in ("EU", "EZ", "UN", "ZZ", "XA", "XB", "QO"):
                names.setdefault(without_accents(fold(name)), code)
    names.update(words.map("countries"))
    for name in words.group("not_countries"):  # "jersey" is far more often a shirt than the island
        names.pop(name, None)
    return names


@lru_cache(maxsize=64)
def _country_pattern(words: Lexicon) -> re.Pattern[str]:
    return re.compile(any_of(list(_country_names(words))))


def item_words(text: Text, words: Lexicon, listening: ListeningFor, language: str, taken: Taken) -> list[Entity]:
    """The noun phrases that name things: "the blue rain jacket", "那件蓝色的冲锋衣"."""
    found = [*_latin_items(text, words), *_named_things(text, words), *_han_items(text, words)]
    found = [one for one in found if not any(_within(one, other) for other in found)]
    found.sort(key=lambda one: one.start)
    return [_with_english(one, text, words) for one in found[:6]]


def _within(one: Entity, other: Entity) -> bool:
    is_inside = other.start <= one.start and one.end <= other.end
    return is_inside and (one.start, one.end) != (other.start, other.end)


def _named_things(text: Text, words: Lexicon) -> Iterator[Entity]:
    """Nouns of several words: "sac à dos", "saco de dormir"."""
    nouns = words.map("items")
    for hit in words.pattern("items").finditer(text.folded) if nouns else ():
        if " " in hit[0]:
            yield Entity("item_words", text.cut(*hit.span()), hit.start(), hit.end(), 0.85)


def _with_english(item: Entity, text: Text, words: Lexicon) -> Entity:
    """ "chaqueta azul" -> "chaqueta azul / jacket": titles may stand in either language."""
    nouns = words.map("items")
    said = [nouns[hit[0]] for hit in words.pattern("items").finditer(text.folded, item.start, item.end)
            if hit[0] in nouns] if nouns else []  # fmt: skip
    english = str(said[-1]) if said else ""
    if not english or english in str(item.value).lower():
        return item
    return Entity(item.kind, f"{item.value} / {english}", item.start, item.end, item.score)


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
        while keep[1] < end and tokens[keep[1]][0] in words.map("colors"):  # "la chaqueta azul"
            keep = (keep[0], keep[1] + 1)
        start, stop_at = tokens[keep[0]][1], tokens[keep[1] - 1][2]
        found.append(Entity("item_words", text.cut(start, stop_at), start, stop_at, 0.85 if known else 0.6))
        index = max(end, index + 1)
    return found


def _han_items(text: Text, words: Lexicon) -> list[Entity]:
    found = []
    shape = _han_item(words.group("items"), words.group("measure_words"), words.group("item_stop"))
    for hit in shape.finditer(text.folded):
        begin = _after_stop(text.folded, hit.start(), words.group("item_stop"))
        value = text.cut(begin, hit.end())
        if text.folded[hit.end() - 1 : hit.end() + 1] in words.group("not_items"):  # 包 is a bag, 包裹 a parcel
            continue
        if hit["noun"] or hit["loose"]:
            found.append(Entity("item_words", value, begin, hit.end(), 0.85 if hit["noun"] else 0.65))
    return found


def _after_stop(text: str, start: int, stops: frozenset[str]) -> int:
    """Where a noun begins that was read from the middle of a word which is none: 取消帽子 names 帽子, not 消帽子."""
    for begin in range(max(0, start - 3), start):
        for size in (4, 3, 2):
            if begin + size > start and text[begin : begin + size] in stops:
                return begin + size
    return start


@lru_cache(maxsize=64)
def _han_item(items: frozenset[str], measures: frozenset[str], stops: frozenset[str]) -> re.Pattern[str]:
    noun = any_of([item for item in items if not item.isascii()])
    stop = any_of([word for word in stops if not word.isascii()])
    measure = any_of([word for word in measures if not word.isascii()])
    han = "[㐀-鿿a-z0-9]"
    return re.compile(
        rf"(?:(?:那|这|哪)?(?:一)?{measure})?(?P<noun>(?:(?!{stop}|那|这|的话){han}){{0,6}}?的?{noun}(?:{noun})?)"
        rf"|(?:那|这){measure}(?P<loose>(?:(?!{stop}|订单|包裹|快递|问题){han}){{2,10}})"
    )
