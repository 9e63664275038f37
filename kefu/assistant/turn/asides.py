"""A wish that is no more than a question about a product: "what colours does it come in, and can I return it?"

Understanding reads every "can I return it" as the wish to return something. Whoever is only looking at a product has
nothing to send back; asked for an order number, they would leave.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from django.conf import settings

from kefu.assistant.actions.catalog.answering import color_words
from kefu.assistant.actions.catalog.asking import asking_of
from kefu.assistant.actions.catalog.phrases import knowledge_file
from kefu.assistant.actions.catalog.subject import Known, find_subject, refers_back
from kefu.assistant.facts import Facts
from kefu.assistant.language import Ask, Command, Fill, Start, Understanding
from kefu.assistant.replies.texts import load_texts
from kefu.commerce.models import Product, Variant
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
    return [_read(conversation, one, facts, becomes) if becomes else one for one in understood]


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
