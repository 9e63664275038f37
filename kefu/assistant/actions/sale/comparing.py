"""Two or three products side by side: only what is stated of at least one, and where they differ."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from kefu.assistant.actions.answers import MOST_REMEMBERED, Answered, known_of_talk
from kefu.assistant.actions.arguments import Question, Text
from kefu.assistant.actions.call import ActionCall
from kefu.assistant.actions.catalog.answering import titles, wordings
from kefu.assistant.actions.catalog.asking import asking_of
from kefu.assistant.actions.catalog.aspects import Aspect, asked_aspects
from kefu.assistant.actions.catalog.finding import find
from kefu.assistant.actions.catalog.saying import Saying, Wanted, fact, price_of
from kefu.assistant.actions.registry import READS, action
from kefu.assistant.actions.sale.refusals import CouponMeant, OtherAspect, ProductsNeeded
from kefu.assistant.actions.sale.subject import names_coupons, texts_of
from kefu.assistant.actions.values import Localised
from kefu.commerce.models import Product
from kefu.commerce.queries import products_on_sale

Json = Any
#: what products are compared by, in this order; each has the texts sale.aspect.<name> and catalog.short.<name>
COMPARED = (
    "price", "weight_g", "waterproof_mm", "capacity_l", "persons", "comfort_c", "r_value", "fill_power_cuin",
    "capacity_mah", "lumens", "magnification", "material", "warranty",
)  # fmt: skip
#: the aspect that a question names -> the line that answers it
LINE_OF = {"price": "price", "warranty": "warranty", "material": "material"}
SIDE_BY_SIDE = 3


@action(
    name="catalog.compare", kind=READS,
    refusals=("sale.products_needed", "sale.other_aspect", "sale.coupon_meant"),
)  # fmt: skip
def compare(call: ActionCall, *, question: Question, which: Text | None = None) -> Answered:
    """Put two or three products side by side by what the catalogue states: those named, else those told of last.
    Raises ProductsNeeded while fewer than two are known; OtherAspect where one product is asked about and nothing is
    to be compared, CouponMeant where codes are."""
    if names_coupons(call, question.value):
        raise CouponMeant()
    products = _products(call, f"{question.value}\n{which.value}" if which else question.value)
    if len(products) < 2:
        if which is None and products and not asking_of(call.brand.pack).compare.in_text(question.value):
            raise OtherAspect()
        raise ProductsNeeded()
    aspects = asked_aspects(call.brand.pack, question.value)
    lines = _lines(products, aspects)
    texts = texts_of(call)
    text = {}
    for language, wording in wordings(call.brand).items():
        said = [wording.text("sale.compare", {"titles": [one.title(language) for one in products]})]
        for name, values in lines:
            sides = [
                wording.text(
                    "sale.compare_side",
                    {
                        "title": product.title(language),
                        "value": wording.text(value.key, value.facts) if value else wording.text("sale.not_there", {}),
                    },
                )
                for product, value in zip(products, values, strict=True)
            ]
            facts = {"aspect": {"key": f"sale.aspect.{name}"}, "value": "; ".join(sides)}
            said.append(wording.text("sale.compare_line", facts))
        if not lines:
            said.append(wording.text("sale.compare_same", {}))
        text[language] = "\n".join(said)
    rows = [f"product:{one.pk}" for one in products]
    return Answered(True, Localised(text), Localised(titles(products, texts)), "catalogue", rows, rows)


def _products(call: ActionCall, text: str) -> list[Product]:
    match = find(call.brand, text)
    named = match.products if not match.is_vague or len(match.products) == 2 else ()
    remembered = known_of_talk(call, text).remembered
    if len(named) < 2:
        named = (*named, *(one for one in remembered if one not in named))
    by_id = {one.pk: one for one in products_on_sale(call.brand, named[:MOST_REMEMBERED])}
    return [by_id[pk] for pk in named[:SIDE_BY_SIDE] if pk in by_id]


def _lines(products: list[Product], aspects: list[Aspect]) -> list[tuple[str, list[Saying | None]]]:
    """The lines in which they differ; what was asked for comes first, and alone where it answers."""
    lines = []
    for name in COMPARED:
        values = [_value(product, name) for product in products]
        if any(values):
            lines.append((name, values))
    asked = {LINE_OF.get(aspect.name) or aspect.attribute for aspect in aspects}
    answering = [line for line in lines if line[0] in asked]
    if answering:
        return answering
    return [line for line in lines if any(one != line[1][0] for one in line[1])]


def _value(product: Product, name: str) -> Saying | None:
    if name == "price":
        price = price_of(product, Wanted())
        return replace(price, key=price.key.replace("catalog.", "sale.short.")) if price else None
    if name == "warranty":
        months = product.warranty_months
        return Saying("sale.short.warranty", {"value": months}) if months else None
    value = product.attributes.get(name)
    if value is None or value == "" or isinstance(value, bool):
        return None
    return Saying(f"catalog.short.{name}", {"value": fact(value)})
