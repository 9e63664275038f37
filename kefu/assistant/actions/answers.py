"""Answering questions: from the catalogue's attributes and from published articles, never from thin air."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path

from django.conf import settings

from kefu.assistant.actions import catalog
from kefu.assistant.actions.arguments import Question, Text
from kefu.assistant.actions.call import ActionCall
from kefu.assistant.actions.catalog.answering import color_words
from kefu.assistant.actions.catalog.answering import told as tell
from kefu.assistant.actions.catalog.asking import asking_of
from kefu.assistant.actions.catalog.aspects import asked_aspects
from kefu.assistant.actions.catalog.finding import Match
from kefu.assistant.actions.catalog.kinds import kinds_in, kinds_of
from kefu.assistant.actions.catalog.saying import Saying
from kefu.assistant.actions.catalog.subject import find_subject, kinds_meant
from kefu.assistant.actions.delivery import (
    COUNTRIES,
    CountryQuestion,
    country_question,
    may_answer,
    not_delivered,
    told_first,
)
from kefu.assistant.actions.registry import READS, action
from kefu.assistant.actions.told import Ordinal
from kefu.assistant.actions.values import Localised
from kefu.assistant.replies.texts import load_texts
from kefu.assistant.understanding.meaning import embedder
from kefu.commerce.models import Product, Variant
from kefu.knowledge import queries
from kefu.knowledge.models import Passage
from kefu.knowledge.places import countries_in, country_name


@dataclass(frozen=True, slots=True)
class Answered:
    """found: whether anything trustworthy answers; the rest is empty when not.

    text, title: by language. source: "catalogue" or "article". cites: rows, e.g. ["article:12@v3"], ["product:7"].
    about: the products that the talk is about from here on, ["product:7"]; what is asked next may mean them.
    """

    found: bool
    text: Localised
    title: Localised
    source: str
    cites: list[str]
    about: list[str] = field(default_factory=list)


NOTHING = Answered(found=False, text=Localised(), title=Localised(), source="", cites=[])

#: how sure an article must be when the question names a product, and when all its passages speak of the country asked
SURE_BESIDE_A_PRODUCT = 0.7
SURE_OF_A_COUNTRY = 0.35
#: articles with these tags answer only who asks for one of these
ASPECTS_OF_TAG = {
    "care": frozenset({"care", "waterproof"}),
    "sizes": frozenset({"sizes", "size_chart", "dimensions", "capacity"}),
}
#: products that "it" and "they" may mean
MOST_REMEMBERED = 3
#: products shown to pick one of: "the fifth"
MOST_LISTED = 6
#: lines of the customer's own orders that are looked at for "my jacket"
OWN_LINES = 60


def answered(call: ActionCall, stated: list[tuple[Product, list[Saying]]]) -> Answered:
    """What was found of these products, worded in the languages of the shop."""
    texts = load_texts(Path(settings.PACKS_DIR) / call.brand.pack / "replies")
    told = tell(call.brand, stated, texts, is_named=True)
    rows = list(told.rows)
    return Answered(True, Localised(told.text), Localised(told.title), "catalogue", rows, rows[:MOST_REMEMBERED])


@action(name="catalog.answer", kind=READS)
def catalog_answer(
    call: ActionCall, *, question: Question, which: Text | None = None, ordinal: Ordinal | None = None
) -> Answered:
    """Answer a question about products from their attributes, sizes, stock and price: the product named, the one
    talked about last, or a few to choose from; what the catalogue does not state is not answered. which: what was
    answered to "which one?". ordinal: which of those told of last is meant, "is the second one waterproof?"."""
    known = known_of_talk(call, question.value)
    match = None
    if (picked := known.nth(ordinal.value if ordinal else None)) is not None:
        match = Match((picked,), question.value)
    elif which is not None:
        match = _picked(call, known, which.value, question.value)
        if match is None:
            return NOTHING
    answer = catalog.answer(call.brand, question.value, known, match=match)
    if answer is None:  # what is asked next is still about this product
        named = catalog.named_products(call.brand, question.value)
        return replace(NOTHING, about=[f"product:{one}" for one in named[:MOST_REMEMBERED]])
    about = list(answer.rows) if len(answer.rows) <= MOST_REMEMBERED else []
    return Answered(True, Localised(answer.text), Localised(answer.title), "catalogue", list(answer.rows), about)


def _picked(call: ActionCall, known: catalog.Known, which: str, question: str) -> Match | None:
    """The one product that the answer to "which one?" means; the question is then asked of it."""
    if (picked := known.nth(catalog.lone_number(which))) is not None:
        return Match((picked,), question)
    colors = color_words(load_texts(Path(settings.PACKS_DIR) / call.brand.pack / "replies"), call.brand.pack)
    found = find_subject(call.brand, which, known, colors)
    return Match(found.products, question, found.kinds) if len(found.products) == 1 else None


@action(name="knowledge.answer", kind=READS)
def knowledge_answer(call: ActionCall, *, question: Question) -> Answered:
    """Answer from the published articles: the passage that fits, word for word, with its article and version. A
    question that names a country is answered by passages that speak of it, or by the list of countries."""
    asked = country_question(call.brand, question.value, before=asked_before(call))
    if asked is not None and (answered := _of_country(call, question.value, asked)) is not None:
        return answered
    known = known_of_talk(call, question.value)
    colors = color_words(load_texts(Path(settings.PACKS_DIR) / call.brand.pack / "replies"), call.brand.pack)
    match = find_subject(call.brand, question.value, known, colors)
    is_of_the_shop = asking_of(call.brand.pack).elsewhere.in_text(question.value)
    if match.products and not match.is_vague and not is_of_the_shop:
        stated = catalog.answer(call.brand, question.value, known, match=match)
        if stated is not None:
            return NOTHING  # the catalogue knows it of this very product
    # an article about rain jackets in general does not answer what the catalogue leaves open about one of them
    is_of_a_product = bool(match.products) and not match.is_vague and not is_of_the_shop
    least = SURE_BESIDE_A_PRODUCT if is_of_a_product else queries.CONFIDENT
    text = match.rest if match.products and is_of_the_shop else question.value
    kinds = kinds_meant(call.brand, question.value, match)
    aspects = frozenset(aspect.name for aspect in asked_aspects(call.brand.pack, question.value))
    passage = queries.answer(
        call.brand, text, language=call.language, on=call.facts.today, embedder=embedder(), least=least,
        fits=lambda one: _fits(call, one, kinds, asked, aspects),
    )  # fmt: skip
    if passage is None:
        return NOTHING
    texts = _honestly(call, passage.texts)
    return Answered(True, Localised(texts), Localised(passage.titles), "article", [passage.cite])


def _of_country(call: ActionCall, question: str, asked: CountryQuestion) -> Answered | None:
    """What the list of countries and the passages about them say; None when that is no matter of delivery."""
    if not asked.is_delivery:
        return None
    table = queries.tagged(call.brand, COUNTRIES, language=call.language, on=call.facts.today)
    if table is None:
        return None
    if missing := not_delivered(call.brand, asked, table):
        texts = told_first(call.brand, "delivery.not_there", missing, dict(table.texts))
        texts = _honestly(call, texts)
        return Answered(True, Localised(texts), Localised(table.titles), "article", [table.cite])
    said = f"{asked_before(call)} {question}".strip() if asked.is_bare else question
    names = [country_name(code, call.language) for code in sorted(asked.countries)]
    said = f"{said} {' '.join(name for name in names if name.lower() not in said.lower())}".strip()  # Vienna, Austria
    passages = [_about_country(call, said, asked, topic) for topic in asked.topics or ("shipping",)]
    found = [one for one in passages if one is not None] or ([table] if asked.is_whether else [])
    if not found:
        return None
    texts = {language: "\n".join(one.texts[language] for one in found if language in one.texts)
             for language in found[0].texts}  # fmt: skip
    if asked.is_whether:
        texts = told_first(call.brand, "delivery.there", asked.countries, texts)
    cites = list(dict.fromkeys(one.cite for one in found))
    return Answered(True, Localised(_honestly(call, texts)), Localised(found[0].titles), "article", cites)


def _honestly(call: ActionCall, texts: Mapping[str, str]) -> dict[str, str]:
    """An article that isn't written in the customer's language is not translated, for nobody would answer for the
    translation: it is shown as it is, with a word on which language it is in, and that a person can explain it."""
    told = dict(texts)
    if not told or told.get(call.language):
        return told
    there = next((one for one in ("en", *call.brand.languages) if told.get(one)), next(iter(told)))
    wording = catalog.wordings(call.brand).get(call.language)
    if wording is not None and wording.texts.has(f"language.{there}", call.language):
        facts = {"language": {"key": f"language.{there}"}, "text": told[there]}
        told[call.language] = wording.text("answer.in_other_language", facts)
    return told


def _about_country(call: ActionCall, question: str, asked: CountryQuestion, topic: str) -> queries.Found | None:
    """The passage of articles tagged `topic` that speaks of the countries asked about: by name, or else by what it
    says of all countries around them."""

    def fits(passage: Passage, *, by_name: bool) -> bool:
        names_them = not by_name or asked.countries <= countries_in(passage.text)
        return topic in passage.article.tags and names_them and _fits(call, passage, frozenset(), asked)

    for by_name in (True, False) if asked.topics else (False,):
        found = queries.answer(
            call.brand, question, language=call.language, on=call.facts.today, embedder=embedder(),
            least=SURE_OF_A_COUNTRY, fits=partial(fits, by_name=by_name),
        )  # fmt: skip
        if found is not None:
            return found
    return None


def _fits(
    call: ActionCall,
    passage: Passage,
    kinds: frozenset[str],
    asked: CountryQuestion | None,
    aspects: frozenset[str] = frozenset(),
) -> bool:
    """A section about shoes answers no question about a jacket, one about washing none about itching, and one about
    France none about Spain."""
    told = kinds_in(call.brand.pack, passage.heading)
    if told and not kinds_of(call.brand.pack).are_alike(told, kinds):
        return False
    if any(not (ASPECTS_OF_TAG[tag] & aspects) for tag in passage.article.tags if tag in ASPECTS_OF_TAG):
        return False
    return asked is None or may_answer(asked, passage.article.tags, f"{passage.heading}. {passage.text}")


# ---- what the talk knows ----


def known_of_talk(call: ActionCall, question: str) -> catalog.Known:
    about = call.conversation.memory.get("about") or {}
    rows = about.get("products") or []
    listed = tuple(int(str(row).partition(":")[2]) for row in rows[:MOST_LISTED])
    remembered = listed if len(listed) <= MOST_REMEMBERED else ()
    return catalog.Known(remembered, _own_products(call, question), listed)


def asked_before(call: ActionCall) -> str:
    return str((call.conversation.memory.get("about") or {}).get("asked", ""))[:200]


def _own_products(call: ActionCall, question: str) -> tuple[int, ...]:
    """Products of the customer's own orders, when the question speaks of what is theirs; of the colour it names."""
    if not call.facts.orders or not asking_of(call.brand.pack).owned.in_text(question):
        return ()
    lines = [line for order in call.facts.orders for line in order.lines][:OWN_LINES]
    colors = color_words(load_texts(Path(settings.PACKS_DIR) / call.brand.pack / "replies"), call.brand.pack)
    named = {color for color, words in colors.items() if any(word in question.lower() for word in words)}
    skus = [line.sku for line in lines if not named or line.color in named]
    found = Variant.objects.filter(brand=call.brand, sku__in=skus, product__is_sold=True)
    return tuple(sorted(set(found.values_list("product_id", flat=True))))
