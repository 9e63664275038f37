"""What the customer's own words name among things they own: pure, in any language, by the names those things have.

Nothing is guessed: of two things that fit alike, none is taken.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from kefu.assistant.actions.plans.preferring import (
    Degree,
    choices_told,
    degree_told,
    extreme_told,
    is_left_out,
    neighbour,
    says_only,
    values_by_option,
)

#: words that name a way of payment of a kind, in eight languages; a label or its last digits name it best
PAYMENT_WORDS: Mapping[str, tuple[str, ...]] = {
    "gift_card": ("gift card", "giftcard", "gift certificate", "gutschein", "geschenkkarte", "carte cadeau",
                  "tarjeta de regalo", "vale-presente", "cartão-presente", "ギフトカード", "기프트카드", "礼品卡"),
    "paypal": ("paypal",),
    "card": ("credit card", "debit card", "card", "kreditkarte", "karte", "carte", "tarjeta", "cartão", "カード",
             "카드", "信用卡", "银行卡"),
}  # fmt: skip
_AGAIN = ("same item", "the same one", "same one again", "same again", "identical", "new pair", "genau den gleichen",
          "le même", "el mismo", "o mesmo", "同款", "同じもの", "같은 것")  # fmt: skip
ALL = re.compile(
    r"\b(both|all|every|everything|beide|alle|tous|toutes|todos|todas|ambos)\b|全部|都|两个|すべて|両方|모두|둘 다"
)
_EXCEPT = re.compile(r"\b(except|but not|apart from|ausser|sauf|excepto|menos|exceto)\b|除了|以外|빼고|제외")
#: what was excepted ends here: "all but the lamp and the mug, only …"
_GOES_ON = re.compile(r"[.;!?]|, ?(?:only|just|but)\b|，只|、(?=.*だけ)")
_NO = re.compile(r"^(no|nope|nein|non|não|nao|不|いいえ|아니)")
#: letters of the shortest word that names a thing alone: "lamp", not "set"
SHORTEST_NAME = 4
#: values that say nothing without the name of their option
_SMALL = frozenset({"yes", "no", "none"})


def plain(text: str) -> str:
    """Lower case (ß is ss), full-width made half, marks kept, single spaces."""
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())


def spans(text: str, phrase: str) -> list[tuple[int, int]]:
    """Where the phrase stands in the text (both plain), whole words, its last word in the plural as well."""
    if not phrase:
        return []
    body = r"[\s-]+".join(map(re.escape, re.split(r"[\s-]+", phrase)))
    joined = re.escape(phrase.replace(" ", "").replace("-", ""))
    # "it's" is no size S
    latin = rf"(?<![a-z0-9'’])(?:{body}|{joined})(?:s|es)?(?![a-z0-9])"
    return [hit.span() for hit in re.finditer(latin if phrase.isascii() else body, text)]


def has_any(text: str, phrases: Iterable[str]) -> bool:
    return any(phrase in text for phrase in phrases)


def names_of(title: str) -> list[str]:
    """How people call it: the whole title, and its end alone: "glacier rain jacket", "rain jacket", "jacket"."""
    whole = plain(title)
    if whole.isascii():
        words = whole.split()
        ends = [" ".join(words[place:]) for place in range(1, len(words))]
        return [whole, *(end for end in ends if len(end) >= SHORTEST_NAME)]
    return [whole, *(whole[place:] for place in range(1, len(whole) - 1) if " " not in whole)]


@dataclass(frozen=True, slots=True)
class Owned:
    """A line of an order: `names` in all languages, plain; `options` by name, values as the shop writes them."""

    ref: str
    sku: str
    product: int
    names: tuple[str, ...]
    options: Mapping[str, str]
    price_minor: int

    @property
    def order(self) -> str:
        return self.ref.rpartition("/")[0]


@dataclass(frozen=True, slots=True)
class Sister:
    """A variant that could take a line's place."""

    sku: str
    product: int
    options: Mapping[str, str]
    price_minor: int
    in_stock: bool


@dataclass(frozen=True, slots=True)
class Mention:
    """One place where words name an item: the lines that fit it best, and what is said right after it."""

    lines: tuple[Owned, ...]
    after: str
    is_several: bool = False


def numbers_named(texts: Sequence[str], numbers: Iterable[str]) -> list[str]:
    """Order numbers of the list that stand in the texts: those of the newest text first, each text's in its order."""
    known: dict[str, str] = {}
    for number in numbers:
        own = re.sub(r"[^a-z0-9]", "", number.casefold())
        known |= {own: number, re.sub(r"[^0-9]", "", own): number}
    found: dict[str, None] = {}
    for text in reversed(texts):
        for word in re.sub(r"[^a-z0-9]", " ", plain(text)).split():
            if word in known:
                found[known[word]] = None
    return list(found)


def mentions(texts: Sequence[str], lines: Sequence[Owned]) -> list[Mention]:
    """Every naming of an item in the texts that is meant. A text that begins with a no, or says "only", and names
    items takes back what was named before it; what is to be left as it is is not meant."""
    found: list[Mention] = []
    for text in texts:
        said = plain(text)
        own, left_out = _mentions_in(said, lines)
        if own and (_NO.match(said) or (found and says_only(said))):
            found = []
        found = [one for one in found if not {line.ref for line in one.lines} <= left_out] + own
    return found


def left_out_of(texts: Sequence[str], lines: Sequence[Owned]) -> set[str]:
    """Refs of the lines that are told to stay as they are: "everything but the lamp"."""
    found: set[str] = set()
    for text in texts:
        own, left_out = _mentions_in(plain(text), lines)
        found = (found - {line.ref for one in own for line in one.lines}) | left_out
    return found


def _mentions_in(said: str, lines: Sequence[Owned]) -> tuple[list[Mention], set[str]]:
    """What is meant, and the refs of what is named to be left out."""
    hits = _hits(said, lines)
    found: list[Mention] = []
    taken: set[str] = set()
    left_out: set[str] = set()
    leaves: re.Match[str] | None = None
    for place, (start, end, name) in enumerate(hits):
        begin = hits[place - 1][1] if place else 0
        before = said[max(begin, start - 40) : start]
        after = said[end : hits[place + 1][0] if place + 1 < len(hits) else len(said)]
        between = said[begin:start]
        leaves = _EXCEPT.search(between) or (None if _GOES_ON.search(between) else leaves)
        marks = _marks(after)
        of_name = [line for line in lines if name in line.names]
        best = _best(of_name, f"{before} {marks}" if marks else f"{before} {after}", strict=bool(marks))
        if leaves or is_left_out(before, after):
            left_out |= {line.ref for line in best}
            continue
        free = [line for line in best if line.ref not in taken] or best
        several = said[start:end] != name and said[start:end].endswith("s") and not name.endswith("s")
        several = several or ALL.search(before[-24:]) is not None
        found.append(Mention(tuple(free), after[len(marks) + 2 :] if marks else after, several))
        if len(free) == 1 or not several:
            taken.add(free[0].ref)
    return found, left_out


def _hits(said: str, lines: Sequence[Owned]) -> list[tuple[int, int, str]]:
    """Where names of things stand, the longest name at each place."""
    hits: list[tuple[int, int, str]] = []
    brackets = [hit.span() for hit in re.finditer(r"[(（][^()（）]*[)）]", said)]
    for name in sorted({name for line in lines for name in line.names}, key=len, reverse=True):
        for start, end in spans(said, name):
            is_detail = any(start > open_ and end < close for open_, close in brackets)
            if not is_detail and not any(start < other_end and end > other for other, other_end, _ in hits):
                hits.append((start, end, name))
    return sorted(hits)


def _marks(after: str) -> str:
    """What stands in brackets right after the name: "(blue, size M)"."""
    hit = re.match(r"\s?[(（]([^)）]{1,120})[)）]", after)
    return hit[1] if hit else ""


def _best(lines: Sequence[Owned], words: str, *, strict: bool) -> list[Owned]:
    """The lines whose options the words name most of; all of them when they name none."""
    scores = [len(named_options(words, [line.options])) for line in lines]
    top = max(scores, default=0)
    return [line for line, score in zip(lines, scores, strict=True) if score == top] if top or strict else list(lines)


def named_options(words: str, of: Sequence[Mapping[str, str]]) -> dict[str, str]:
    """Options that the words name, by their name, out of all values that `of` has. The longest value first; one that
    is told as another option's ("size 8" is no length of 8) counts once."""
    values: dict[tuple[str, str], None] = {}
    for options in of:
        for name, value in options.items():
            values[name, value] = None
    left = f" {plain(words)} "
    named: dict[str, str] = {}
    for (name, value), own in sorted(((pair, plain(pair[1])) for pair in values), key=lambda one: -len(one[1])):
        label = plain(name)
        for start, end in spans(left, own):
            near = left[max(0, start - len(label) - 8) : end + len(label) + 8]
            has_label = any(part in near for part in label.split() if len(part) > 2)
            shared = [other for other, one in values if plain(one) == own and other != name]
            is_vague = own in _SMALL or bool(shared)
            if is_vague and not has_label:
                continue
            if name not in named:
                named[name] = value
                left = left[:start] + "\x00" * (end - start) + left[end:]
            break
    return named


def options_told(options: Mapping[str, str]) -> str:
    """ "clicky, backlight none": a value that says little by itself comes with its name."""
    return ", ".join(
        f"{name} {value}" if len(value) <= 3 or value.casefold() in ("none", "basic") else value
        for name, value in options.items()
    )


Unfit = Literal["unsaid", "unavailable", "several", "same"]


def wanted_variant(line: Owned, words: str, sisters: Sequence[Sister]) -> Sister | tuple[Unfit, list[Sister]]:
    """The variant that the words want in the line's place, else why there is none and which ones there are.

    What isn't named stays as it is where that can be had; else the variant that keeps most of it, if only one does.
    Of several choices told ("blue, or else black") the first that can be had.
    """
    first: Sister | tuple[Unfit, list[Sister]] | None = None
    for choice in choices_told(plain(words)):
        found = _variant_of(line, choice, sisters)
        if isinstance(found, Sister) or found[0] == "several":
            return found
        first = first or found
    return first or ("unsaid", [])


def _variant_of(line: Owned, said: str, sisters: Sequence[Sister]) -> Sister | tuple[Unfit, list[Sister]]:
    own = [one for one in sisters if one.product == line.product]
    named_sku = next((one for one in own if one.sku.casefold() in re.split(r"[^a-z0-9-]+", said)), None)
    if named_sku is not None:
        return named_sku
    shown = [one for one in own if one.sku != line.sku and len(one.options) > 1
             and spans(said, plain(options_told(one.options)))]  # fmt: skip
    if len(shown) == 1 and shown[0].in_stock:  # picked as it was offered, though two options share a value
        return shown[0]
    named = named_options(said, [one.options for one in own])
    fits = [one for one in own if all(one.options.get(name) == value for name, value in named.items())]
    others = [one for one in fits if one.in_stock and one.sku != line.sku]
    if extreme := extreme_told(said):
        kept = named_options(_kept_words(said), [line.options])
        others = [one for one in others if all(one.options.get(name) == value for name, value in kept.items())]
        ranked = sorted(others, key=lambda one: one.price_minor, reverse=extreme == "dearest")
        return ranked[0] if ranked else ("unavailable", _near(line, own))
    if degree := degree_told(said):
        graded = _graded(line, own, others, named, degree)
        if graded is not None:
            return graded
    if not named:
        again = next((one for one in own if one.sku == line.sku), None)
        if has_any(said, _AGAIN) and again is not None:
            return again if again.in_stock else ("unavailable", _near(line, own))
        return "unsaid", _near(line, own)
    if all(line.options.get(name) == value for name, value in named.items()) and not others:
        return "same", _near(line, own)
    if not others:
        return "unavailable", _near(line, own, named)
    most = max(_kept(line, one, named) for one in others)
    best = [one for one in others if _kept(line, one, named) == most]
    return best[0] if len(best) == 1 else ("several", best)


def _graded(line: Owned, own: Sequence[Sister], others: Sequence[Sister], named: Mapping[str, str],
            degree: Degree) -> Sister | tuple[Unfit, list[Sister]] | None:  # fmt: skip
    """One step more or less of the one option that has an order: "one size smaller". None when no option, or more than
    one, could be meant."""
    values = values_by_option(one.options for one in own)
    open_ = [name for name in line.options if name not in named and neighbour(line.options[name], values[name], degree)]
    if len(open_) != 1:
        return None
    for value in neighbour(line.options[open_[0]], values[open_[0]], degree):
        fits = [one for one in others if one.options.get(open_[0]) == value]
        if fits:
            most = max(_kept(line, one, {**named, open_[0]: value}) for one in fits)
            best = [one for one in fits if _kept(line, one, {**named, open_[0]: value}) == most]
            return best[0] if len(best) == 1 else ("several", best)
    return "unavailable", _near(line, own)


def _kept_words(said: str) -> str:
    return " ".join(hit[0] for hit in re.finditer(r"same [^,.;]{1,30}", said))


def _kept(line: Owned, one: Sister, named: Mapping[str, str]) -> int:
    return sum(one.options.get(name) == value for name, value in line.options.items() if name not in named)


def _near(line: Owned, own: Sequence[Sister], named: Mapping[str, str] | None = None) -> list[Sister]:
    """What can be had, the likest first."""
    there = [one for one in own if one.in_stock and one.sku != line.sku]
    wanted = {**line.options, **(named or {})}
    return sorted(there, key=lambda one: -sum(one.options.get(name) == value for name, value in wanted.items()))


@dataclass(frozen=True, slots=True)
class Method:
    id: str
    kind: str
    label: str


def method_named(texts: Sequence[str], methods: Sequence[Method]) -> Method | list[Method]:
    """The payment method that the newest text names one by; else those that fit, all when none was named."""
    for text in reversed(texts):
        said = plain(text)
        by_label = [one for one in methods if one.label and _names_label(said, plain(one.label))]
        if len(by_label) == 1:
            return by_label[0]
        rest = said
        kinds: list[str] = []
        for kind, words in PAYMENT_WORDS.items():  # a gift card is no credit card
            if any(spans(rest, word) for word in words):
                kinds.append(kind)
                for word in sorted(words, key=len, reverse=True):
                    rest = re.sub(rf"{re.escape(word)}s?", " ", rest)
        by_kind = [one for one in methods if one.kind in kinds]
        if len(by_kind) == 1:
            return by_kind[0]
        if by_label or by_kind:
            return by_label or by_kind
    return list(methods)


def _names_label(said: str, label: str) -> bool:
    digits = re.search(r"\d{4}$", label)
    return bool(spans(said, label)) or (digits is not None and bool(spans(said, digits[0])))
