"""A question about a product, answered from what the catalogue states, or not at all."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from django.conf import settings

from kefu.assistant.actions.catalog.asking import clauses
from kefu.assistant.actions.catalog.aspects import asked_aspects
from kefu.assistant.actions.catalog.choosing import Choice, choose, is_choosing
from kefu.assistant.actions.catalog.counting import ASPECTS, say_over_versions
from kefu.assistant.actions.catalog.finding import Match
from kefu.assistant.actions.catalog.kinds import kinds_of
from kefu.assistant.actions.catalog.phrases import by_language, knowledge_file
from kefu.assistant.actions.catalog.saying import (
    COMMAS,
    ColorWords,
    Saying,
    say,
    stated_feature,
    stock_of,
    wanted_variant,
)
from kefu.assistant.actions.catalog.subject import NOBODY, Known, find_subject
from kefu.assistant.replies.texts import Texts, load_texts
from kefu.assistant.replies.wording import Wording
from kefu.commerce.models import Product
from kefu.commerce.queries import products_on_sale
from kefu.kernel import clock
from kefu.people.models import Brand

LONGEST_QUESTION = 600  # characters that are read
MOST_ASPECTS = 3  # told of one product at once
SHORT_WISH = 60  # characters of a message that is nothing but a wish for some kind of thing


@dataclass(frozen=True, slots=True)
class CatalogueAnswer:
    """text, title: by language. rows: the products it was read from, "product:7". is_named: the question names them,
    or means those of the talk; else it asked for a kind of thing."""

    text: dict[str, str]
    title: dict[str, str]
    rows: tuple[str, ...]
    is_named: bool = True


def answer(brand: Brand, question: str, known: Known = NOBODY, *, match: Match | None = None) -> CatalogueAnswer | None:
    """What the catalogue states on what is asked; None when no product is meant, several too vaguely, or when the
    attributes are silent: a yes or no is only given where it is written.

    Several products that are named alike ("the rain jacket") are told one by one, at most finding.MOST_ALIKE; who asks
    for something out of many gets the few that are stated to fit. match: where it was looked for already.
    """
    question = question[:LONGEST_QUESTION]
    texts = load_texts(Path(settings.PACKS_DIR) / brand.pack / "replies")
    colors = color_words(texts, brand.pack)
    match = match or find_subject(brand, question, known, colors)
    if (
        match.is_vague
        and match.kinds
        and is_choosing(brand, question, by_kind_alone=not match.products and len(question) <= SHORT_WISH)
    ):
        choice = choose(brand, question, match, colors)
        return worded_choice(brand, choice, texts) if choice else None
    if not match.products:
        return None
    products = products_on_sale(brand, match.products)
    stated = [(product, sayings) for product in products if (sayings := _sayings(brand, product, match, colors))]
    return told(brand, stated, texts, is_named=not match.is_vague) if stated else None


def color_words(texts: Texts, pack: str = "") -> ColorWords:
    """The words of every colour in the languages of the pack, with their forms where the pack lists them."""
    kept = _colors.get((id(texts), pack))
    if kept is None or kept[0] is not texts:
        if len(_colors) >= KEPT_TEXTS:
            _colors.clear()
        kept = _colors[id(texts), pack] = (texts, _color_words(texts, pack))
    return kept[1]


#: texts -> their words of colours; every message looks, and they change with the texts only
_colors: dict[tuple[int, str], tuple[Texts, ColorWords]] = {}
KEPT_TEXTS = 32


def _color_words(texts: Texts, pack: str) -> ColorWords:
    forms = knowledge_file(pack, "colors") if pack else {}
    known = [key.removeprefix("color.") for key in texts.keys() if key.startswith("color.")]  # noqa: SIM118 not a dict
    return {
        color: tuple(
            dict.fromkeys(
                [
                    color,
                    *(texts.template(f"color.{color}", language).lower() for language in texts.languages),
                    *by_language(forms.get(color) or {}),
                ]
            )
        )
        for color in known
    }


def _sayings(brand: Brand, product: Product, match: Match, colors: ColorWords) -> list[Saying]:
    """For each question of the message the narrowest aspect that the product can answer, else a feature that says so
    in its own words; a size or a colour alone asks whether it is there."""
    found: list[Saying] = []
    for clause in clauses(match.rest):
        one = _saying(brand, product, clause, match, colors)
        if one is not None and one not in found:
            found.append(one)
    if not found and (wanted := wanted_variant(product, match.rest, colors)) and (wanted.size or wanted.color):
        stock = None if asked_aspects(brand.pack, match.rest) else stock_of(product, wanted)
        found = [stock] if stock else []
    return found[:MOST_ASPECTS]


def _saying(brand: Brand, product: Product, clause: str, match: Match, colors: ColorWords) -> Saying | None:
    for aspect in asked_aspects(brand.pack, clause):
        if aspect.name in ASPECTS:
            if len(match.products) > 1:
                continue  # which of them is the cheapest is another question
            return say_over_versions(aspect.name, product, wanted_variant(product, clause, colors), colors)
        if found := say(aspect, product, match.rest if aspect.name in ("stock", "sizes", "colors") else clause, colors):
            return found
    return stated_feature(product, clause)


# ---- wording ----


def wordings(brand: Brand) -> dict[str, Wording]:
    """How answers are worded: in the languages that the brand speaks, and in English for those who read along."""
    texts = load_texts(Path(settings.PACKS_DIR) / brand.pack / "replies")
    today = clock.now().astimezone(brand.zone).date()
    spoken = {*brand.languages, "en"}
    return {
        language: Wording(texts, language, "chat", today, brand.zone)
        for language in texts.languages
        if language in spoken
    }


def told(brand: Brand, stated: list[tuple[Product, list[Saying]]], texts: Texts, *, is_named: bool) -> CatalogueAnswer:
    """Products of which the same is to be said are told together."""
    together: list[tuple[list[Product], list[Saying]]] = []
    for product, sayings in stated:
        same = next((products for products, said in together if said == sayings), None)
        if same is None:
            together.append(([product], sayings))
        else:
            same.append(product)
    text = {}
    for language, wording in wordings(brand).items():
        lines = []
        for products, sayings in together:
            title = _joined([one.title(language) for one in products], language)
            lines += [wording.text(saying.key, {"title": title, **saying.facts}) for saying in sayings]
        text[language] = "\n".join(lines)
    return CatalogueAnswer(
        text, titles([one for one, _ in stated], texts), rows_of([one for one, _ in stated]), is_named
    )


def worded_choice(brand: Brand, choice: Choice, texts: Texts) -> CatalogueAnswer:
    names = kinds_of(brand.pack).names[choice.kind] if choice.kind else {}
    text = {}
    for language, wording in wordings(brand).items():
        if choice.none is not None:
            kind = names.get(language) or names.get("en", "")
            text[language] = wording.text(choice.none.key, {"kind": kind, **choice.none.facts})
            continue
        lines = [wording.text("sale.choice_partly" if choice.is_partly else "catalog.choice", {})]
        for product, sayings in choice.lines:
            said = [wording.text(saying.key, saying.facts) for saying in sayings]
            facts = {"title": product.title(language), "value": COMMAS.get(language, ", ").join(said)}
            lines.append(wording.text("catalog.choice_line", facts))
        text[language] = "\n".join(lines)
    products = [product for product, _ in choice.lines] or list(choice.looked_at)
    title = titles(products, texts) if choice.lines or not names else dict(names)
    return CatalogueAnswer(text, title, rows_of(products), is_named=False)


def titles(products: list[Product], texts: Texts) -> dict[str, str]:
    return {language: _joined([one.title(language) for one in products], language) for language in texts.languages}


def rows_of(products: list[Product]) -> tuple[str, ...]:
    return tuple(f"product:{product.pk}" for product in products)


def _joined(titles: list[str], language: str) -> str:
    return {"zh": "、", "ja": "、"}.get(language, ", ").join(titles)
