"""Which products a question is about when it doesn't name them: those talked about last, or the customer's own."""

from __future__ import annotations

import re
from dataclasses import dataclass

from kefu.assistant.actions.catalog.asking import asking_of
from kefu.assistant.actions.catalog.aspects import asked_aspects
from kefu.assistant.actions.catalog.finding import Match, find, kinds_of_products
from kefu.assistant.actions.catalog.kinds import kind_hits, kinds_in, kinds_of
from kefu.assistant.actions.catalog.phrases import fold
from kefu.assistant.actions.catalog.saying import ColorWords
from kefu.knowledge.rules import terms_of
from kefu.people.models import Brand

#: Chinese characters that may stand beside what is asked of the product talked about last: 那红色的还有吗
_FEW_HAN = 3
_HAN = re.compile(r"[㐀-鿿]")
_DETERMINED = re.compile(
    r"\b(?:the|this|that|these|those|it|el|la|los|las|ese|esa|este|esta|le|les|ce|cet|cette|der|die|das|den|dem|dieser"
    r"|diese|dieses|o|a|os|as|esse|essa)\b|[这那它该]|その|この|그\s|이\s", re.IGNORECASE,
)  # fmt: skip
_COLOR_OR_SIZE = re.compile(
    r"\b(?:xxs|xs|s|m|l|xl|xxl|size|colou?rs?|[0-9]{1,3})\b|[0-9]{1,3}\s*码|[a-z]{1,3}\s*码"
    r"|(?<![a-z0-9])(?:x{0,2}s|m|l|x{1,3}l|[0-9]{2,3})(?=[^a-z0-9\s])|\b(?:talla|taille|pointure|grosse|tamanho|numero)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Known:
    """What the talk knows beside the question: ids of the products talked about last, of those the customer has
    bought, and of those shown last to pick one of. All are empty for a stranger's first question."""

    remembered: tuple[int, ...] = ()
    owned: tuple[int, ...] = ()
    listed: tuple[int, ...] = ()

    def nth(self, place: int | None) -> int | None:
        """The product that "the second one" means; -1 is the last. None when there is none of that number."""
        if place is None or not self.listed:
            return None
        at = place - 1 if place > 0 else len(self.listed) - 1
        return self.listed[at] if 0 <= at < len(self.listed) else None


NOBODY = Known()
_LONE_NUMBER = re.compile(
    r"\W*(?:nr|no|n|num|numero|number|nummer|第)?\W*(\d{1,2})\W*(?:号|個|个|款|番|번|番目|번째)?\W*", re.I
)


def lone_number(text: str) -> int | None:
    """The number that is all an answer says: "2", "no. 2", 2番."""
    hit = _LONE_NUMBER.fullmatch(text)
    return int(hit[1]) if hit else None


def find_subject(brand: Brand, question: str, known: Known, colors: ColorWords) -> Match:
    """The products that the question names, or else means."""
    match = find(brand, question)
    if match.products and not match.is_vague:
        return match
    if not match.products and not match.is_vague:
        return match  # another product, one there isn't
    if owned := _of_kinds(brand, known.owned, match.kinds) if match.kinds else ():
        return Match(owned, _without_kinds(brand.pack, question), match.kinds)
    if not known.remembered:
        return match
    if match.kinds:
        alike = _of_kinds(brand, known.remembered, match.kinds)
        if alike and _DETERMINED.search(question):
            return Match(alike, _without_kinds(brand.pack, question), match.kinds)
        return match
    if refers_back(brand, question, colors):
        kinds = kinds_of_products(brand, known.remembered)
        return Match(known.remembered, question, kinds, product_kinds=kinds)
    return match


def refers_back(brand: Brand, question: str, colors: ColorWords) -> bool:
    """Whether a question without a product means the one talked about last: it says "it", or says no more than what
    is asked: "what colours?", 能机洗吗."""
    asking = asking_of(brand.pack)
    if asking.elsewhere.in_text(question):
        return False
    if asking.pronouns.in_text(question):
        return True
    aspects = asked_aspects(brand.pack, question)
    has_variant = bool(_COLOR_OR_SIZE.search(question)) or any(
        fold(word) in fold(question) for words in colors.values() for word in words
    )
    rest = fold(question)
    rest = asking.choosing.without(asking.fillers.without(rest))
    for aspect in aspects:
        rest = aspect.without(rest)
    for words in colors.values():
        for word in words:
            word = fold(word)
            rest = re.sub(rf"\b{re.escape(word)}\b" if word.isascii() else re.escape(word), " ", rest)
    rest = _COLOR_OR_SIZE.sub(" ", rest)
    latin = [term for term in terms_of(rest) if term.isascii()]
    if aspects or has_variant:
        return not latin and len(_HAN.findall(rest)) <= _FEW_HAN
    return len(latin) <= 2 and len(_HAN.findall(question)) <= 8


def _of_kinds(brand: Brand, products: tuple[int, ...], named: frozenset[str]) -> tuple[int, ...]:
    kinds = kinds_of(brand.pack)
    return tuple(one for one in products if kinds.are_alike(kinds_of_products(brand, [one]), named))[:3]


def _without_kinds(pack: str, text: str) -> str:
    for hit in reversed(kind_hits(pack, text)):
        text = f"{text[: hit.start]} {text[hit.end :]}"
    return text


def kinds_meant(brand: Brand, question: str, match: Match) -> frozenset[str]:
    """The kinds that a question speaks of, by name or by the product it means; materials included."""
    return kinds_in(brand.pack, question) | match.kinds | match.product_kinds
