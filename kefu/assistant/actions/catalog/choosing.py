"""Products to choose from: "a waterproof jacket under 200 euros" names the few in stock that are stated to be so."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from kefu.assistant.actions.catalog.asking import Asking, Limits, asking_of
from kefu.assistant.actions.catalog.aspects import Aspect, asked_aspects
from kefu.assistant.actions.catalog.finding import Match, kinds_of_products, of_kinds
from kefu.assistant.actions.catalog.kinds import kind_hits, kinds_of
from kefu.assistant.actions.catalog.saying import (
    ColorWords,
    Json,
    Saying,
    Wanted,
    fact,
    say,
    stated_feature,
    variant_words,
)
from kefu.assistant.actions.catalog.saying import wanted_variant as variant_of
from kefu.commerce.models import Product, Variant
from kefu.commerce.queries import products_on_sale
from kefu.kernel.money import Money
from kefu.knowledge.rules import terms_of
from kefu.people.models import Brand

#: products told at once, and products of a kind that are looked at
TOLD, LOOKED_AT = 3, 200
#: aspects that a choice can be made by; a question about any other is about one product
CHOOSABLE = frozenset({"cheapest", "dearest", 
    "waterproof", "weight", "battery", "capacity", "comfort", "fill_power", "lumens", "magnification", "persons",
    "r_value", "price", "material", "colors", "stock", "sizes", "dimensions", "description",
})  # fmt: skip
#: aspects whose being stated at all is what is asked for: "waterproof backpacks"
_YES_OR_NO = frozenset({"waterproof"})
_WATERPROOF = re.compile(r"\bwater(?:proof|tight)|防水")
_SMALL_HAN = re.compile("[是的有吗呢吧呀啊哪件款个条双顶只把台住睡用穿人给我你们都]")
#: what recommends a product of which no feature is stated, the most telling first
_TELLING = ("material", "lumens", "capacity_mah", "capacity_l", "persons", "comfort_c", "waterproof_mm", "weight_g")
#: how far a number may be from what was asked: a backpack of 28 litres for one who wants 30
NEAR = 0.2


@dataclass(frozen=True, slots=True)
class Choice:
    """lines: the products with what is said of each. none: what is said where nothing fits, beside {kind}.
    kind: "" where anything would do. looked_at: the products this rests on. is_partly: a part of the wish is stated of
    none of them."""

    kind: str
    lines: tuple[tuple[Product, tuple[Saying, ...]], ...] = ()
    none: Saying | None = None
    looked_at: tuple[Product, ...] = ()
    is_partly: bool = False


@dataclass(slots=True)
class _Wish:
    """What shall fit, read from the question."""

    limits: Limits
    ends: tuple[str, ...]
    numbers: dict[str, int]
    aspects: list[Aspect]
    rest: str
    wanted: Wanted = field(default_factory=Wanted)


def is_choosing(brand: Brand, question: str, *, by_kind_alone: bool = False) -> bool:
    """Whether somebody asks for something out of many, and not about one thing. by_kind_alone: naming the kind is
    enough, "bottle without BPA?"."""
    asking = asking_of(brand.pack)
    is_for_child = asking.children.in_text(question)  # "my daughter" is nothing bought
    if (asking.owned.in_text(question) and not is_for_child) or asking.elsewhere.in_text(question):
        return False
    if any(aspect.name not in CHOOSABLE for aspect in asked_aspects(brand.pack, question)):
        return False
    limits, _ = asking.limits(question)
    return (
        by_kind_alone
        or is_for_child
        or asking.choosing.in_text(question)
        or limits != Limits()
        or bool(asking.wanted_ends(question))
    )


def choose(
    brand: Brand, question: str, match: Match, colors: ColorWords, *, limits: Limits | None = None,
    is_lenient: bool = False,
) -> Choice | None:  # fmt: skip
    """The products of the named kinds that are stated to be what is asked; None when the catalogue cannot tell.

    limits: of price, where they were understood apart from the question's words. is_lenient: what the catalogue states
    of no product is left out of the wish, and the choice says that it is.
    """
    asking, kinds = asking_of(brand.pack), kinds_of(brand.pack)
    named = set(match.kinds)
    if asking.children.in_text(question):
        named = {kinds.children.get(kind, kind) for kind in named}
    if not named:
        return None
    products = products_on_sale(brand, of_kinds(brand, frozenset(named), most=LOOKED_AT))
    if not products:
        return None
    wish = _wish(asking, question, match, brand.pack)
    if limits is not None:
        wish.limits = limits
    kind = next(iter(sorted(named)))
    some = tuple(products[:6])
    in_stock, wish.wanted = _in_stock(products, question, colors)
    if not in_stock:
        return Choice(kind, none=Saying("catalog.no_kind_in_stock", {}), looked_at=some)
    if wish.limits.currency and wish.limits.currency != (own := in_stock[0].variants[0].currency):
        facts: dict[str, Any] = {"currency": own, "named": wish.limits.currency}
        return Choice(kind, none=Saying("sale.other_currency", facts), looked_at=some)
    fitting, unmet = _fitting(in_stock, wish, _without_variant(wish, colors))
    is_partly = is_lenient and unmet is not None and not unmet.key
    if is_partly:
        fitting, unmet = _fitting(in_stock, wish, "")
        if unmet is not None:
            fitting, unmet = in_stock, None
    if unmet is not None:
        return Choice(kind, none=unmet, looked_at=some) if unmet.key else None
    affordable = [one for one in fitting if _costs_within(one.variants, wish.limits)]
    if not affordable:
        cheapest = min(fitting, key=lambda one: _price(one.variants))
        facts = {
            "amount": _money(wish.limits.most or wish.limits.least or 0, cheapest),
            "price": _price_fact(cheapest.variants),
            "title": {"text": cheapest.product.titles},
        }
        return Choice(kind, none=Saying("catalog.none_so_cheap", facts), looked_at=(cheapest.product,))
    ordered, sign = _ordered(affordable, wish.ends)
    if wish.ends and not sign and not is_lenient:
        return None
    if wish.wanted.size or wish.wanted.color:
        for one in ordered:
            one.reasons.insert(0, Saying("catalog.short.variant", {"value": variant_words(wish.wanted)}))
    lines = tuple((one.product, _said(one, sign)) for one in ordered[:TOLD])
    return Choice(kind, lines=lines, is_partly=is_partly or bool(wish.ends and not sign))


def choose_within(brand: Brand, limits: Limits) -> Choice | None:
    """What the shop has of any kind within a budget, a gift for somebody: of different kinds, those first that make
    most of it. None when the shop has nothing in stock."""
    if limits.currency and limits.currency != brand.currency:
        return Choice("", none=Saying("sale.other_currency", {"currency": brand.currency, "named": limits.currency}))
    there = Variant.objects.filter(
        product__brand=brand, product__is_sold=True, stock__gt=0, currency=brand.currency
    ).select_related("product")
    affordable = there
    if limits.most is not None:
        affordable = affordable.filter(price_minor__lte=Money.of(Decimal(str(limits.most)), brand.currency).minor)
    if limits.least is not None:
        affordable = affordable.filter(price_minor__gte=Money.of(Decimal(str(limits.least)), brand.currency).minor)
    found: list[_Candidate] = []
    kinds: set[frozenset[str]] = set()
    for variant in affordable.order_by("-price_minor", "product_id", "pk")[:LOOKED_AT]:
        kind = kinds_of_products(brand, [variant.product_id]) or frozenset({f"product:{variant.product_id}"})
        if kind not in kinds:
            kinds.add(kind)
            found.append(_Candidate(variant.product, [variant]))
        if len(found) == TOLD:
            break
    if found:
        return Choice("", lines=tuple((one.product, _said(one, "")) for one in found))
    cheapest = there.order_by("price_minor", "pk").first()
    if cheapest is None:
        return None
    one = _Candidate(cheapest.product, [cheapest])
    facts = {
        "amount": _money(limits.most or limits.least or 0, one),
        "price": _price_fact(one.variants),
        "title": {"text": cheapest.product.titles},
    }
    return Choice("", none=Saying("catalog.none_so_cheap", facts), looked_at=(cheapest.product,))


@dataclass(slots=True)
class _Candidate:
    product: Product
    variants: list[Variant]
    reasons: list[Saying] = field(default_factory=list)


def _wish(asking: Asking, question: str, match: Match, pack: str) -> _Wish:
    text = question
    for hit in reversed(kind_hits(pack, question)):
        text = f"{text[: hit.start]} {text[hit.end :]}"
    limits, text = asking.limits(text)
    ends, numbers = asking.wanted_ends(text), asking.wanted_numbers(text)
    aspects = asked_aspects(pack, text)
    rest = asking.most.without(text)
    for words in (asking.choosing, asking.children, asking.pronouns, asking.fillers, asking.occasions):
        rest = words.without(rest)
    for aspect in aspects:
        rest = aspect.without(rest)
    if numbers:
        rest = " ".join(word for word in rest.split() if not any(letter.isdigit() for letter in word))
    return _Wish(limits, ends, numbers, aspects, _plain(rest))


def _in_stock(products: Iterable[Product], question: str, colors: ColorWords) -> tuple[list[_Candidate], Wanted]:
    """Products with pieces of the size and colour asked for."""
    found, wish = [], Wanted()
    for product in products:
        wanted = variant_of(product, question, colors)
        wish = Wanted(wish.size or wanted.size, wish.color or wanted.color)
        variants = [v for v in product.variants.all()
                    if v.stock > 0 and wanted.size in ("", v.size) and wanted.color in ("", v.color)]  # fmt: skip
        if variants:
            found.append(_Candidate(product, variants))
    return found, wish


def _fitting(candidates: list[_Candidate], wish: _Wish, rest: str) -> tuple[list[_Candidate], Saying | None]:
    """Those that are stated to be what is asked. The saying tells what none of them is; its key is "" when the
    catalogue cannot tell."""
    for aspect in wish.aspects:
        if aspect.name not in _YES_OR_NO:
            continue
        candidates = [
            one
            for one in candidates
            if _is_waterproof(one.product) and _reasoned(one, say(aspect, one.product, "", {}))
        ]
        if not candidates:
            return [], Saying("catalog.none_stated", {"wish": {"key": f"catalog.wish.{aspect.name}"}})
    for attribute, number in wish.numbers.items():
        candidates = [one for one in candidates if _is_near(one.product.attributes.get(attribute), number, attribute)]
        for one in candidates:
            one.reasons.append(Saying(f"catalog.short.{attribute}", {"value": one.product.attributes[attribute]}))
    if candidates and terms_of(rest):
        candidates = [one for one in candidates if _reasoned(one, stated_feature(one.product, rest))]
    return (candidates, None) if candidates else ([], Saying("", {}))


def _is_waterproof(product: Product) -> bool:
    """Said so in as many words: what sheds light rain is not waterproof."""
    attributes = product.attributes
    stated = [attributes.get("material"), *(attributes.get("features") or ())]
    texts = " ".join(str(text) for one in stated if isinstance(one, dict) for text in one.values())
    return isinstance(attributes.get("waterproof_mm"), int) or bool(_WATERPROOF.search(texts))


def _without_variant(wish: _Wish, colors: ColorWords) -> str:
    """What is left to be looked for in features: no size, no colour."""
    rest = f" {wish.rest} "
    for word in (wish.wanted.size.lower(), *(colors.get(wish.wanted.color) or ())):
        if word:
            rest = re.sub(rf"(?<![a-z0-9]){re.escape(word)}(?![a-z0-9])", " ", rest)
    return re.sub(r"\bsize\b|尺码|\d+\s*码|码", " ", rest)


def _plain(rest: str) -> str:
    """Without the small Chinese words that stand around what is wished."""
    return _SMALL_HAN.sub(" ", rest)


def _reasoned(candidate: _Candidate, saying: Saying | None) -> bool:
    if saying is None:
        return False
    short = saying.key.replace("catalog.", "catalog.short.", 1)
    candidate.reasons.append(Saying(short, saying.facts))
    return True


def _is_near(value: Json, number: int, attribute: str) -> bool:
    if not isinstance(value, int) or isinstance(value, bool):
        return False
    return value == number if attribute == "persons" else abs(value - number) <= NEAR * number


def _ordered(candidates: list[_Candidate], ends: tuple[str, ...]) -> tuple[list[_Candidate], str]:
    """Sorted by the first end that they all state, else by price; and that end."""
    for sign in ends:
        attribute = sign[1:]
        if attribute == "price":
            return sorted(candidates, key=lambda one: _price(one.variants), reverse=sign[0] == "+"), sign
        values = [one.product.attributes.get(attribute) for one in candidates]
        if all(isinstance(value, int) for value in values):
            down = sign[0] == "+"
            return sorted(candidates, key=lambda one: one.product.attributes[attribute], reverse=down), sign
    return sorted(candidates, key=lambda one: _price(one.variants)), ""


def _said(one: _Candidate, sign: str) -> tuple[Saying, ...]:
    attribute = sign[1:]
    reasons = list(one.reasons)
    if attribute and attribute != "price":
        reasons.insert(0, Saying(f"catalog.short.{attribute}", {"value": one.product.attributes[attribute]}))
    features = one.product.attributes.get("features") or ()
    if not reasons and features:
        reasons.append(Saying("catalog.short.feature", {"value": fact(features[0])}))
    stated = next((name for name in _TELLING if one.product.attributes.get(name)), "")
    if not reasons and stated:  # a price alone recommends nothing
        reasons.append(Saying(f"catalog.short.{stated}", {"value": fact(one.product.attributes[stated])}))
    return (Saying("catalog.short.price", {"value": _price_fact(one.variants)}), *reasons[:2])


def _costs_within(variants: list[Variant], limits: Limits) -> bool:
    price = _price(variants) / 100
    return (limits.most is None or price <= limits.most) and (limits.least is None or price >= limits.least)


def _price(variants: list[Variant]) -> int:
    return min(variant.price_minor for variant in variants)


def _price_fact(variants: list[Variant]) -> Json:
    cheapest = min(variants, key=lambda variant: variant.price_minor)
    return {"minor": cheapest.price_minor, "currency": cheapest.currency}


def _money(amount: float, of: _Candidate) -> Json:
    return {"minor": round(amount * 100), "currency": of.variants[0].currency}
