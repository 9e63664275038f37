"""Which product a question is about: by stock number, by its title in any language, with small misspellings."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter, OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass, replace
from difflib import SequenceMatcher
from functools import lru_cache
from threading import Lock

from django.db import connection
from rapidfuzz import process
from rapidfuzz.distance import OSA

from kefu.assistant.actions.catalog.kinds import kind_hits, kinds_in, kinds_of
from kefu.assistant.actions.catalog.phrases import fold
from kefu.commerce.models import Product, Variant
from kefu.kernel import clock
from kefu.knowledge.rules import stem, worth
from kefu.people.models import Brand

#: titles of a brand that are kept in memory for looking up; a larger catalogue is answered by stock number only
MOST_PRODUCTS = 20_000
#: so many products that fit alike are told one by one; more than that is too vague to answer
MOST_ALIKE = 6
MOST_CANDIDATES = 400
#: share of a title that the question must name: of its words by worth, of its Chinese characters
NAMED, NAMED_HAN = 0.5, 0.4
#: a title named by the same words as the best one stands beside it when it is named nearly as far
ALIKE = 0.85
#: how long a title list is believed; a renamed product is found by its new name after that
KEPT_SECONDS = 60
KEPT_BRANDS = 32
#: characters between a product's name and the word for its kind: "the Fjord or the Tundra tent"
FARTHEST_KIND = 40
#: letters of a word that may be wrong: one in 5 to 7, two from 8 on
SHORTEST_MISSPELT = 5

_CJK = re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff]+")
_HAN_GAP = re.compile(r"(?<=[\u4e00-\u9fff])\s+(?=[\u4e00-\u9fff])")
_LATIN = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_SKU = re.compile(r"[A-Z0-9]+(?:[-_/.][A-Z0-9]+)+|[A-Z]+[0-9][A-Z0-9]*|[0-9]{6,}")


@dataclass(frozen=True, slots=True)
class _Title:
    """lines: the words it begins with in each language, its proper name in most shops; kinds: what it is."""

    product: int
    words: frozenset[str]
    #: the words of each language's title; a question names the title in one of them
    sets: tuple[frozenset[str], ...]
    latin: tuple[str, ...]
    han: str
    kinds: frozenset[str]
    lines: frozenset[str]


@dataclass(frozen=True, slots=True)
class _Titles:
    """A brand's titles; places: word or pair of characters -> where in `titles`; first_words: what they begin with."""

    stamp: tuple[int, int, int]
    titles: tuple[_Title, ...]
    frequency: dict[str, int]
    places: dict[str, list[int]]
    first_words: frozenset[str]
    #: first word -> where in `titles`
    lines: dict[str, list[int]]

    def candidates(self, words: set[str], han: str) -> list[_Title]:
        """Titles that share a word with the question; those of its rarest words, at most MOST_CANDIDATES."""
        keys = words | {han[at : at + 2] for at in range(len(han) - 1)}
        found: dict[int, None] = {}
        for key in sorted(keys & self.places.keys(), key=lambda key: len(self.places[key])):
            found.update(dict.fromkeys(self.places[key]))
            if len(found) > MOST_CANDIDATES:
                break
        return [self.titles[at] for at in list(found)[:MOST_CANDIDATES]]


@dataclass(frozen=True, slots=True)
class Match:
    """The products that the question names equally well. rest: the question without the name, so that the 防水 in
    冰川防水冲锋衣 asks nothing by itself. kinds: the kinds it names. is_vague: no product in particular is named,
    only what kind of thing it is."""

    products: tuple[int, ...]
    rest: str
    kinds: frozenset[str] = frozenset()
    is_vague: bool = False
    #: the kinds of the products themselves
    product_kinds: frozenset[str] = frozenset()


_kept: OrderedDict[int, _Titles] = OrderedDict()
_lock = Lock()
#: one thread reads titles at a time: it is work for one core, however many ask
_reading = Lock()


def find(brand: Brand, question: str) -> Match:
    """The product or the few products that a question is about; none when it names none or too many.

    Titles that share the same words with the question are named alike: "the rain jacket" is each of them.
    """
    text = unicodedata.normalize("NFKC", question)
    if found := _by_sku(brand, text):
        return found
    known = _titles(brand)
    match = _find(brand, text, known)
    if not match.products and not match.kinds and (whole := _whole_title(text, known)):
        match = Match((whole.product,), without_name(text, whole))
    return replace(match, product_kinds=_kinds_of(known, match.products))


def _find(brand: Brand, text: str, known: _Titles) -> Match:
    kinds = kinds_in(brand.pack, text) - kinds_of(brand.pack).materials
    of_kind = tuple(_of_kinds(brand, known, kinds, most=MOST_ALIKE + 1)) if kinds else ()
    no_match = Match(of_kind if len(of_kind) <= MOST_ALIKE else (), text, kinds, is_vague=True)
    if no_match.products:
        no_match = replace(no_match, rest=_without_kinds(brand.pack, text))
    if named := _by_line(brand.pack, text, known):
        lines = {line for title in named for line in title.lines}
        rest = _without_kinds(brand.pack, text)
        return Match(tuple(sorted(title.product for title in named)), _without_words(rest, lines), kinds)
    asked = words_of(text)
    asked |= {right for word in asked - known.frequency.keys() if (right := _respelt(word, known))}
    han = "".join(_CJK.findall(text))
    scored = [
        (*max(_named(title, asked, known), _named_han(title, han, known)), title)
        for title in known.candidates(asked, han)
    ]
    best = max(scored, key=lambda one: (one[0], -one[2].product), default=None)
    if best is None or best[0] < 1:
        return no_match
    alike = [title for score, by, title in scored if by == best[1] and score >= ALIKE * best[0]]
    if len(alike) > MOST_ALIKE:
        return no_match
    if _is_another(text, best[2], known):
        return Match((), text, kinds)
    is_vague = not any(line in asked or line in han for line in best[2].lines)
    return Match(tuple(sorted(title.product for title in alike)), without_name(text, best[2]), kinds, is_vague)


def _whole_title(text: str, known: _Titles) -> _Title | None:
    """The one product whose title, however short, stands in the text whole: "the cheapest laptop" in a shop that sells
    a product called Laptop."""
    words = tuple(stem(hit.group()) for hit in _LATIN.finditer(fold(text)))
    found = [
        title for title in known.candidates(set(words), "")
        if title.latin and any(words[at : at + len(title.latin)] == title.latin for at in range(len(words)))
    ]  # fmt: skip
    longest = max((len(title.latin) for title in found), default=0)
    best = [title for title in found if len(title.latin) == longest]
    return best[0] if len(best) == 1 else None


def of_kinds(brand: Brand, kinds: frozenset[str], *, most: int) -> list[int]:
    """Ids of the products of some kind, at most `most`."""
    return _of_kinds(brand, _titles(brand), kinds, most=most)


def _of_kinds(brand: Brand, known: _Titles, kinds: frozenset[str], *, most: int) -> list[int]:
    wide = kinds_of(brand.pack).widened(kinds)
    return [title.product for title in known.titles if title.kinds & wide][:most]


def kinds_of_products(brand: Brand, products: Iterable[int]) -> frozenset[str]:
    """What kinds these products are."""
    return _kinds_of(_titles(brand), products)


def _kinds_of(known: _Titles, products: Iterable[int]) -> frozenset[str]:
    wanted = set(products)
    if not wanted:
        return frozenset()
    return frozenset(kind for title in known.titles if title.product in wanted for kind in title.kinds)


def named_products(brand: Brand, question: str) -> tuple[int, ...]:
    """Ids of the products that a question names as such, and not only by their kind."""
    match = find(brand, question)
    return () if match.is_vague else match.products


def names_a_product(brand: Brand, question: str) -> bool:
    """Whether the question is about some product by name."""
    return bool(find(brand, question).products)


def _by_line(pack: str, text: str, known: _Titles) -> list[_Title]:
    """Products by their proper name and any word for their kind: "glacier jacket", 冰川雨衣, "the Fjord or the Tundra
    tent". A name goes with the kind that follows it, or else with the one before."""
    kinds = kind_hits(pack, text)
    if not kinds:
        return []
    lower = fold(text)
    names = [(hit.start(), stem(hit.group())) for hit in _LATIN.finditer(lower)]
    names += [(at, lower[at : at + 2]) for run in _CJK.finditer(lower) for at in range(run.start(), run.end() - 1)]
    found: dict[int, _Title] = {}
    for at, name in names:
        if name not in known.first_words or any(hit.start <= at < hit.end for hit in kinds):
            continue
        after = next((hit for hit in kinds if hit.start > at and hit.start - at <= FARTHEST_KIND), None)
        before = next((hit for hit in reversed(kinds) if hit.end <= at), kinds[0])  # "a barraca Alder e o saco Tundra"
        for near in (after, before):
            wide = kinds_of(pack).widened({near.label}) if near is not None else frozenset()
            titles = [known.titles[place] for place in known.lines.get(name, ()) if known.titles[place].kinds & wide]
            found.update((title.product, title) for title in titles)
            if titles:
                break
    return list(found.values()) if len(found) <= MOST_ALIKE else []


def _without_words(text: str, words: set[str]) -> str:
    for hit in reversed(list(_LATIN.finditer(fold(text)))):
        if stem(hit.group()) in words:
            text = f"{text[: hit.start()]} {text[hit.end() :]}"
    for word in words:
        if not word.isascii():
            text = text.replace(word, " ", 1)
    return _HAN_GAP.sub("", text)


def _without_kinds(pack: str, text: str) -> str:
    for hit in reversed(kind_hits(pack, text)):
        text = f"{text[: hit.start]} {text[hit.end :]}"
    return _HAN_GAP.sub("", text)


def without_name(text: str, title: _Title) -> str:
    """The text without the words that name the product, each taken once and in the title's order:
    冰川冲锋衣防水吗 and 冰川防水冲锋衣防水吗 both leave 防水吗."""
    keep = [True] * len(text)
    for block in SequenceMatcher(None, text, title.han, autojunk=False).get_matching_blocks():
        if block.size >= 2:
            keep[block.a : block.a + block.size] = [False] * block.size
    words = list(_LATIN.finditer(fold(text)))
    stems = [stem(word.group()) for word in words]
    for block in SequenceMatcher(None, stems, title.latin, autojunk=False).get_matching_blocks():
        for word in words[block.a : block.a + block.size]:
            keep[word.start() : word.end()] = [False] * (word.end() - word.start())
    rest = "".join(char if kept else " " for char, kept in zip(text, keep, strict=True))
    return _HAN_GAP.sub("", rest)


@lru_cache(maxsize=20_000)
def _title(pack: str, product: int, titles: tuple[tuple[str, str], ...]) -> _Title:
    """A title is looked up in every language it has; its proper name is the word that it begins with in English (or
    in the only language with letters), and the first two characters in Chinese."""
    by_language = dict(titles)
    ordered = sorted(titles, key=lambda one: (one[0] != "en", one[0]))
    latin = [stem(word) for _, text in ordered for word in _LATIN.findall(fold(text))]
    han = "".join(_CJK.findall(by_language.get("zh") or "".join(text for _, text in ordered)))
    return _Title(
        product=product,
        words=frozenset(words_of(" ".join(by_language.values()))),
        sets=tuple(words for _, text in ordered if (words := frozenset(words_of(text)))),
        latin=tuple(latin),
        han=han,
        kinds=frozenset(kind for text in by_language.values() for kind in kinds_in(pack, text)),
        lines=frozenset({*latin[:1], han[:2]} - {""}),
    )


def words_of(text: str) -> set[str]:
    """Latin words without their endings; a word with hyphens also gives its parts."""
    words: set[str] = set()
    for word in _LATIN.findall(fold(text)):
        words |= {stem(part) for part in (word, *word.split("-"))}
    return words


def _by_sku(brand: Brand, text: str) -> Match | None:
    skus = list(dict.fromkeys(_SKU.findall(text.upper())))[:10]
    if not skus:
        return None
    variant = Variant.objects.filter(brand=brand, sku__in=skus, product__is_sold=True).first()
    return Match((variant.product_id,), text.replace(variant.sku, " ")) if variant else None


def _named(title: _Title, asked: set[str], known: _Titles) -> tuple[float, str]:
    """How far the question names the title (1 is enough), and by which words; words count by worth."""
    best = (0.0, "")
    total = len(known.titles)
    for words in title.sets:
        shared = words & asked
        if not shared or shared <= known.first_words:  # "Glacier" alone names no product
            continue
        values = {word: worth(known.frequency[word], total) for word in words}
        by_worth = sum(values[word] for word in shared) / (sum(values.values()) or 1.0)
        # in a small catalogue every word is common: there the plain count tells more
        share = max(by_worth, len(shared) / len(words))
        best = max(best, (share / NAMED, " ".join(sorted(shared))))
    return best


def _named_han(title: _Title, asked: str, known: _Titles) -> tuple[float, str]:
    """The same for characters, at least two together: 冰川防水冲锋衣 is named by 冰川冲锋衣 to five sevenths."""
    is_named = [False] * len(title.han)
    for at in range(len(title.han) - 1):
        if title.han[at : at + 2] in asked:
            is_named[at] = is_named[at + 1] = True
    by = "".join(char for char, named in zip(title.han, is_named, strict=True) if named)
    if by in known.first_words:
        return 0.0, ""
    return len(by) / (len(title.han) or 1) / NAMED_HAN, by


def _is_another(text: str, title: _Title, known: _Titles) -> bool:
    """Whether the name in the question goes on with a word of other titles: "the Harbour earplugs" is none of the
    earplugs there are, if none of them is called Harbour."""
    words = [(word, stem(word)) for word in _LATIN.findall(fold(text))]
    first = next((at for at, (_, stemmed) in enumerate(words) if stemmed in title.words), 0)
    if first and words[first - 1][1] in known.first_words:
        return True
    block = SequenceMatcher(None, text, title.han, autojunk=False).find_longest_match()
    before = text[max(0, block.a - 2) : block.a]
    return block.size >= 2 and before != title.han[:2] and before in known.first_words


def _respelt(word: str, known: _Titles) -> str:
    if len(word) < SHORTEST_MISSPELT or not word.isalpha():
        return ""
    best = process.extractOne(
        word, _vocabulary(known.stamp), scorer=OSA.distance, score_cutoff=2 if len(word) > 7 else 1
    )
    return str(best[0]) if best else ""


@lru_cache(maxsize=KEPT_BRANDS)
def _vocabulary(stamp: tuple[int, int, int]) -> tuple[str, ...]:
    with _lock:
        titles = next((kept for kept in _kept.values() if kept.stamp == stamp), None)
    return tuple(word for word in titles.frequency if len(word) >= SHORTEST_MISSPELT) if titles else ()


_NEWEST = "SELECT coalesce(max(id), 0), count(*) FROM commerce_product WHERE brand_id = %s AND is_sold"


def _titles(brand: Brand) -> _Titles:
    """The brand's titles, read again when products came or went, and once a minute."""
    with connection.cursor() as cursor:  # asked several times in a turn: making the SQL of a queryset would cost most
        cursor.execute(_NEWEST, [brand.pk])
        newest, count = cursor.fetchone()
    stamp = (newest, count, int(clock.now().timestamp()) // KEPT_SECONDS)
    with _lock:
        kept = _kept.get(brand.pk)
        if kept is not None and kept.stamp == stamp:
            _kept.move_to_end(brand.pk)
            return kept
    sold = Product.objects.filter(brand=brand, is_sold=True)
    is_small = count <= MOST_PRODUCTS
    rows = list(sold.order_by("pk").values_list("pk", "titles")[:MOST_PRODUCTS]) if is_small else []
    with _reading:  # the threads that wait find every title read
        titles = tuple(
            _title(brand.pack, pk, tuple((str(language), str(text)) for language, text in by_language.items()))
            for pk, by_language in rows
        )
    places: dict[str, list[int]] = {}
    for at, title in enumerate(titles):
        for key in title.words | {title.han[n : n + 2] for n in range(len(title.han) - 1)}:
            places.setdefault(key, []).append(at)
    first_words = {line for title in titles for line in title.lines}
    frequency = Counter(word for title in titles for word in title.words)
    lines: dict[str, list[int]] = {}
    for at, title in enumerate(titles):
        for line in title.lines:
            lines.setdefault(line, []).append(at)
    fresh = _Titles(stamp, titles, dict(frequency), places, frozenset(first_words), lines)
    with _lock:
        _kept[brand.pk] = fresh
        while len(_kept) > KEPT_BRANDS:
            _kept.popitem(last=False)
    return fresh
