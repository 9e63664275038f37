"""Which product a question before the sale is about: named now, named in the answer to "which one?", or the one of
several told of that "the second one" means."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Any

from kefu.assistant.actions import catalog
from kefu.assistant.actions.answers import known_of_talk
from kefu.assistant.actions.arguments import Text
from kefu.assistant.actions.call import ActionCall
from kefu.assistant.actions.catalog.answering import color_words
from kefu.assistant.actions.catalog.asking import asking_of
from kefu.assistant.actions.catalog.aspects import asked_aspects
from kefu.assistant.actions.catalog.finding import Match
from kefu.assistant.actions.catalog.saying import ColorWords, Wanted, wanted_variant
from kefu.assistant.actions.catalog.subject import find_subject
from kefu.assistant.actions.delivery import country_question
from kefu.assistant.actions.sale.refusals import ProductNeeded
from kefu.assistant.actions.told import ColorName, Ordinal, SizeName
from kefu.assistant.editions.working_texts import texts_for
from kefu.assistant.replies.texts import Texts
from kefu.commerce.models import Coupon, Product, Variant
from kefu.commerce.queries import products_on_sale


@dataclass(frozen=True, slots=True)
class Subject:
    """text: all that was said of it, the question and the answer to "which one?"."""

    product: Product
    text: str


def texts_of(call: ActionCall) -> Texts:
    return texts_for(call.brand)


def colors_of(call: ActionCall) -> ColorWords:
    return color_words(texts_of(call), call.brand.pack)


def meant(call: ActionCall, question: str, ordinal: Ordinal | None = None) -> Match:
    """The products that a question means, in the light of the talk."""
    known = known_of_talk(call, question)
    if (picked := nth(known, ordinal)) is not None or (picked := known.nth(catalog.lone_number(question))) is not None:
        return Match((picked,), question)
    return find_subject(call.brand, question, known, colors_of(call))


def nth(known: catalog.Known, ordinal: Ordinal | None) -> int | None:
    """The product that "the second one" means among those told of last."""
    return known.nth(ordinal.value) if ordinal is not None else None


def points_at_one(call: ActionCall, question: str) -> bool:
    """Whether it points at one product that the talk doesn't know, and asks something of it: "is this jacket
    waterproof?"."""
    known = known_of_talk(call, question)
    asking = asking_of(call.brand.pack)
    return (
        not known.listed
        and not known.owned
        and asking.pointing.in_text(question)
        and not asking.elsewhere.in_text(question)
        and bool(asked_aspects(call.brand.pack, question))
    )


def subject_of(call: ActionCall, question: Text, which: Text | None = None, ordinal: Ordinal | None = None) -> Subject:
    """The one product. Raises ProductNeeded when none is meant or several are."""
    text = f"{question.value}\n{which.value}" if which else question.value
    found = meant(call, which.value if which else question.value, ordinal)
    if len(found.products) != 1 and which is not None:
        found = meant(call, text, None)
    if len(found.products) != 1:
        raise ProductNeeded()
    products = products_on_sale(call.brand, found.products)
    if not products:
        raise ProductNeeded()
    return Subject(products[0], text)


def wanted_of(
    call: ActionCall, subject: Subject, size: SizeName | None = None, color: ColorName | None = None
) -> Wanted:
    """The size and colour asked for: as understood, else as the question's words name them; what was settled of this
    product a moment ago counts where nothing new is said."""
    said = wanted_variant(subject.product, subject.text, colors_of(call))
    has_size = {variant.size.upper(): variant.size for variant in subject.product.variants.all() if variant.size}
    wanted = Wanted(
        has_size.get(size.value.upper(), size.value) if size else said.size, color.value if color else said.color
    )
    before = (call.conversation.memory.get("about") or {}).get("variant") or {}
    if before.get("product") == subject.product.pk and (wanted.size or wanted.color):
        wanted = replace(wanted, size=wanted.size or str(before.get("size", "")))
        wanted = replace(wanted, color=wanted.color or str(before.get("color", "")))
    return wanted


def remember_variant(call: ActionCall, subject: Subject, wanted: Wanted) -> None:
    """ "and in blue?" after "do you have it in 42?" means 42 in blue. Kept in the conversation's memory, which the turn
    saves."""
    about = dict(call.conversation.memory.get("about") or {})
    about["variant"] = {"product": subject.product.pk, "size": wanted.size, "color": wanted.color}
    call.conversation.memory["about"] = about


def fitting(product: Product, wanted: Wanted) -> list[Variant]:
    """The variants of that size and colour, whichever were named."""
    return [
        variant
        for variant in product.variants.all()
        if wanted.size in ("", variant.size) and wanted.color in ("", variant.color)
    ]


def item_fact(product: Product, variant: Any) -> Any:
    """An article with its colour and size, as a fact for texts. variant: the words for these, None for none."""
    title = {"text": dict(product.titles)}
    if variant is None:
        return {"key": "sale.item_plain", "facts": {"title": title}}
    return {"key": "sale.item", "facts": {"title": title, "variant": variant}}


#: what is asked of a product in numbers of its own, and never by its price or its stock
MEASURED = frozenset({
    "weight", "battery", "capacity", "comfort", "fill_power", "lumens", "magnification", "persons", "r_value",
    "warranty", "care", "returnable",
})  # fmt: skip


def asks_measure(call: ActionCall, question: str) -> bool:
    """Whether a weight, a capacity or the like is asked for: "무게가 얼마예요" is no question about a price."""
    return any(aspect.name in MEASURED for aspect in asked_aspects(call.brand.pack, question))


def is_of_delivery(call: ActionCall, question: str) -> bool:
    """Whether it is about sending something somewhere: "what does it cost to Austria"."""
    asked = country_question(call.brand, question)
    return asked is not None and asked.is_delivery and not asked.goes_back


def names_coupons(call: ActionCall, question: str) -> bool:
    """Whether codes of the shop's coupons stand in it."""
    words = {word.upper() for word in re.findall(r"(?<![A-Za-z0-9])[A-Z][A-Z0-9_-]{2,39}(?![A-Za-z0-9])", question)}
    return bool(words) and Coupon.objects.filter(brand=call.brand, code__in=sorted(words)[:20]).exists()
