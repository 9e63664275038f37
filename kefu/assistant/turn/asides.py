"""A wish that is no more than a question about a product: "what colours does it come in, and can I return it?"

Understanding reads every "can I return it" as the wish to return something. Whoever is only looking at a product has
nothing to send back; asked for an order number, they would leave.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from django.conf import settings

from kefu.assistant.actions.catalog.answering import color_words
from kefu.assistant.actions.catalog.asking import asking_of
from kefu.assistant.actions.catalog.aspects import asked_aspects
from kefu.assistant.actions.catalog.finding import named_products
from kefu.assistant.actions.catalog.phrases import fold, knowledge_file
from kefu.assistant.actions.catalog.subject import Known, find_subject, refers_back
from kefu.assistant.facts import Facts
from kefu.assistant.language import (
    Affirm,
    Ask,
    AskPerson,
    Choose,
    Command,
    Correct,
    Deny,
    Feel,
    Fill,
    OutOfScope,
    Social,
    Start,
    Stop,
    Understanding,
)
from kefu.assistant.replies.texts import load_texts
from kefu.commerce.models import Coupon, Product, Variant
from kefu.desk.models import Conversation

#: fills that belong to a real return, so that it stays one
_OF_AN_ORDER = frozenset({"order_number", "email", "phone", "postcode", "tracking_number"})


def questions_only(
    conversation: Conversation, understood: Sequence[Understanding], facts: Facts
) -> list[Understanding]:
    """The same messages, with such wishes turned into questions about the product.

    Which wishes, and which question they become, says `asked_only` in packs/<pack>/knowledge/asking.yaml.
    """
    becomes: dict[str, str] = knowledge_file(conversation.brand.pack, "asking").get("asked_only") or {}
    read = [_read(conversation, one, facts, becomes) if becomes else one for one in understood]
    return [_about_a_thing(conversation, one) for one in read]


#: commands after which nobody needs to guess what a message is about
_SAYS_ENOUGH = (Start, Choose, Affirm, Deny, Stop, AskPerson, Correct, Social, Feel)
PRODUCT, STOCK, COUPON = "product_question", "stock_question", "coupon_question"


def _about_a_thing(conversation: Conversation, understood: Understanding) -> Understanding:
    """A message in which no wish was heard, but which names a product or a coupon of the shop, or goes on about the
    product told of last ("and in orange?"): the catalogue knows what it is about, whatever the words around it."""
    asked = (conversation.memory.get("talk") or {}).get("listening") or {}
    if asked.get("kinds") or asked.get("options") or asked.get("is_confirming"):
        return understood
    if not understood.text or any(isinstance(one, _SAYS_ENOUGH) for one in understood.commands):
        return understood
    intent = _intent_of_thing(conversation, understood)
    if not intent:
        return understood
    text = understood.text
    rest = [one for one in understood.commands if not isinstance(one, OutOfScope | Ask)]
    commands = (Start(THING, text, intent), Ask(THING, text, text), *rest)
    return replace(understood, commands=commands, alternatives=())


#: how sure such a reading is
THING = 0.6


def _intent_of_thing(conversation: Conversation, understood: Understanding) -> str:
    brand, text = conversation.brand, understood.text[:600]
    words = {word.upper() for word in _CODE.findall(text)}
    if words and Coupon.objects.filter(brand=brand, code__in=sorted(words)[:20]).exists():
        return COUPON
    colors = color_words(load_texts(Path(settings.PACKS_DIR) / brand.pack / "replies"), brand.pack)
    rows = (conversation.memory.get("about") or {}).get("products") or []
    asking, aspects = asking_of(brand.pack), asked_aspects(brand.pack, text)
    has_color = any(fold(word) in fold(text) for forms in colors.values() for word in forms)
    is_of_last = bool(rows and (aspects or has_color)) and len(text) <= SHORT and refers_back(brand, text, colors)
    if asking.owned.in_text(text) or asking.bought.in_text(text):
        return ""  # what was bought is no question yet
    if not is_of_last and not named_products(brand, text):
        return ""
    asks_stock = any(aspect.name == "stock" for aspect in aspects)
    return STOCK if asks_stock or has_color else PRODUCT


#: a code as it is printed; letters of a question that goes on about something
_CODE = re.compile(r"(?<![A-Za-z0-9])[A-Z][A-Z0-9_-]{2,39}(?![A-Za-z0-9])")
SHORT = 45


def _read(
    conversation: Conversation, understood: Understanding, facts: Facts, becomes: dict[str, str]
) -> Understanding:
    commands: list[Command] = []
    asks_of_a_product = any(isinstance(one, Start) and one.intent in becomes.values() for one in understood.commands)
    is_of_an_order = any(isinstance(one, Fill) and one.kind in _OF_AN_ORDER for one in understood.commands)
    for one in understood.commands:
        if (
            isinstance(one, Start)
            and one.intent in becomes
            and not is_of_an_order
            and _is_question_only(conversation, one.words or understood.text, facts, asks_of_a_product)
        ):
            words = one.words or understood.text
            commands += [replace(one, intent=becomes[one.intent], words=words), Ask(one.score, words, words)]
        else:
            commands.append(one)
    return replace(understood, commands=tuple(commands)) if commands != list(understood.commands) else understood


def _is_question_only(conversation: Conversation, words: str, facts: Facts, asks_of_a_product: bool) -> bool:
    brand, asking = conversation.brand, asking_of(conversation.brand.pack)
    if not asking.possible.in_text(words) or asking.owned.in_text(words) or asking.bought.in_text(words):
        return False
    colors = color_words(load_texts(Path(settings.PACKS_DIR) / brand.pack / "replies"), brand.pack)
    if asks_of_a_product:
        return refers_back(brand, words, colors)
    rows = (conversation.memory.get("about") or {}).get("products") or []
    remembered = tuple(int(str(row).partition(":")[2]) for row in rows)
    match = find_subject(brand, words, Known(remembered), colors)
    if not match.products:
        return False
    if match.is_vague and Product.objects.filter(pk__in=match.products, is_returnable=True).exists():
        return False  # which of them they mean, only an order tells
    return not _has_bought(conversation, facts, match.products)


def _has_bought(conversation: Conversation, facts: Facts, products: tuple[int, ...]) -> bool:
    skus = [line.sku for order in facts.orders for line in order.lines]
    mine = Variant.objects.filter(brand_id=conversation.brand_id, sku__in=skus, product_id__in=products)
    return bool(skus) and mine.exists()
