"""A question about a product, answered from what the catalogue states, or not at all."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from django.conf import settings

from kefu.assistant.actions.catalog.aspects import asked_aspects
from kefu.assistant.actions.catalog.finding import Match, find
from kefu.assistant.actions.catalog.saying import ColorWords, Saying, say, stated_feature
from kefu.assistant.replies.texts import Texts, load_texts
from kefu.assistant.replies.wording import Wording
from kefu.commerce.models import Product
from kefu.kernel import clock
from kefu.people.models import Brand

LONGEST_QUESTION = 600  # characters that are read


@dataclass(frozen=True, slots=True)
class CatalogueAnswer:
    """text, title: by language. rows: the products it was read from, "product:7"."""

    text: dict[str, str]
    title: dict[str, str]
    rows: tuple[str, ...]


def answer(brand: Brand, question: str) -> CatalogueAnswer | None:
    """What the catalogue states on what is asked; None when no product is named, several too vaguely, or when the
    attributes are silent: a yes or no is only given where it is written.

    Several products that are named alike ("the rain jacket") are told one by one, at most finding.MOST_ALIKE.
    """
    question = question[:LONGEST_QUESTION]
    match = find(brand, question)
    if not match.products:
        return None
    texts = load_texts(Path(settings.PACKS_DIR) / brand.pack / "replies")
    products = list(
        Product.objects.filter(brand=brand, pk__in=match.products).order_by("pk").prefetch_related("variants")
    )
    stated = [(product, saying) for product in products if (saying := _saying(brand, product, match, texts))]
    if not stated:
        return None
    languages = texts.languages
    wordings = {
        language: Wording(texts, language, "chat", clock.now().astimezone(brand.zone).date(), brand.zone)
        for language in languages
    }
    return CatalogueAnswer(
        text={
            language: "\n".join(_worded(one, saying, wordings[language]) for one, saying in stated)
            for language in languages
        },
        title={language: _joined([one.title(language) for one, _ in stated], language) for language in languages},
        rows=tuple(f"product:{product.pk}" for product, _ in stated),
    )


def _saying(brand: Brand, product: Product, match: Match, texts: Texts) -> Saying | None:
    """The narrowest aspect that the product can answer; else a feature that says so in its own words."""
    colors = _color_words(texts, product)
    for aspect in asked_aspects(brand.pack, match.rest):
        if found := say(aspect, product, match.rest, colors):
            return found
    return stated_feature(product, match.rest)


def _color_words(texts: Texts, product: Product) -> ColorWords:
    colors = {variant.color for variant in product.variants.all() if variant.color}
    known = {key.removeprefix("color.") for key in texts.keys() if key.startswith("color.")}  # noqa: SIM118 not a dict
    return {
        color: tuple(
            dict.fromkeys(
                [color, *(texts.template(f"color.{color}", language).lower() for language in texts.languages)]
            )
        )
        for color in colors | known
        if texts.has(f"color.{color}", "en")
    }


def _worded(product: Product, saying: Saying, wording: Wording) -> str:
    return wording.text(saying.key, {"title": product.title(wording.language), **saying.facts})


def _joined(titles: list[str], language: str) -> str:
    return ("、" if language == "zh" else ", ").join(titles)
