"""Is it there now, and word when it is again."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from kefu.assistant.actions.answers import NOTHING, Answered, answered
from kefu.assistant.actions.arguments import Question, Text
from kefu.assistant.actions.call import ActionCall
from kefu.assistant.actions.catalog.aspects import asked_aspects
from kefu.assistant.actions.catalog.counting import asks_over_versions
from kefu.assistant.actions.catalog.saying import stock_of, variant_words
from kefu.assistant.actions.registry import READS, WRITES, action
from kefu.assistant.actions.sale.refusals import OtherAspect, ProductNeeded
from kefu.assistant.actions.sale.subject import (
    Subject,
    asks_measure,
    fitting,
    item_fact,
    meant,
    remember_variant,
    subject_of,
    wanted_of,
)
from kefu.assistant.actions.told import ColorName, Ordinal, SizeName
from kefu.assistant.actions.values import Localised
from kefu.assistant.stock_notices import note_wish
from kefu.commerce.models import Variant

#: variants of one wish that a notice is kept for: "in blue" of a jacket in five sizes
MOST_VARIANTS = 12


@dataclass(frozen=True, slots=True)
class SoldOutItem:
    """found: whether what was asked for is out of stock. item: its name with colour and size, as a fact. cites: the
    variants."""

    found: bool
    item: Any
    cites: list[str]


@dataclass(frozen=True, slots=True)
class NoticeNoted:
    """is_new: False when the same wish was noted before. title: by language."""

    title: Localised
    is_new: bool
    cites: list[str]


@action(name="catalog.stock", kind=READS, refusals=("sale.product_needed", "sale.other_aspect"))
def stock(
    call: ActionCall, *, question: Question, which: Text | None = None, ordinal: Ordinal | None = None,
    size: SizeName | None = None, color: ColorName | None = None,
) -> Answered:  # fmt: skip
    """Whether one product is in stock, in the size and colour asked for, else at all. Raises ProductNeeded, and
    OtherAspect where something else is asked of it."""
    if asks_measure(call, question.value) or asks_over_versions(call.brand.pack, question.value):
        raise OtherAspect()
    if _asks_what_it_is_made_of(call, question.value, ordinal):
        raise OtherAspect()
    subject = subject_of(call, question, which, ordinal)
    wanted = wanted_of(call, subject, size, color)
    remember_variant(call, subject, wanted)
    stated = stock_of(subject.product, wanted)
    return answered(call, [(subject.product, [stated])]) if stated else NOTHING


def _asks_what_it_is_made_of(call: ActionCall, question: str, ordinal: Ordinal | None) -> bool:
    """The material beside the product's name, and no word of stock: "the wool beanie" is only called so."""
    aspects = {aspect.name for aspect in asked_aspects(call.brand.pack, meant(call, question, ordinal).rest)}
    return "material" in aspects and "stock" not in aspects


@action(name="catalog.sold_out", kind=READS)
def sold_out(
    call: ActionCall, *, question: Question, which: Text | None = None, ordinal: Ordinal | None = None,
    size: SizeName | None = None, color: ColorName | None = None,
) -> SoldOutItem:  # fmt: skip
    """Whether all that was asked for is out of stock, so that a notice makes sense. A variant that the shop doesn't
    have at all is not sold out."""
    try:
        subject = subject_of(call, question, which, ordinal)
    except ProductNeeded:
        return SoldOutItem(False, "", [])
    variants = _wished(call, subject, size, color)
    found = bool(variants) and not any(variant.stock > 0 for variant in variants)
    wanted = wanted_of(call, subject, size, color)
    words = variant_words(wanted)
    return SoldOutItem(found, item_fact(subject.product, words), [f"variant:{one.pk}" for one in variants])


@action(name="commerce.notify_stock", kind=WRITES, confirm=True, refusals=("sale.product_needed",))
def notify_stock(
    call: ActionCall, *, question: Question, which: Text | None = None, ordinal: Ordinal | None = None,
    size: SizeName | None = None, color: ColorName | None = None,
) -> NoticeNoted:  # fmt: skip
    """Note that the customer wants to hear, once and in this conversation, when it is there again. The yes to this very
    deed is the consent. Asked for twice, it is one notice. Raises ProductNeeded."""
    subject = subject_of(call, question, which, ordinal)
    variants = [one for one in _wished(call, subject, size, color) if one.stock <= 0][:MOST_VARIANTS]
    if not variants:
        raise ProductNeeded()
    noted = [note_wish(call.conversation, variant, language=call.language) for variant in variants]
    is_new = any(new for _, new in noted)
    return NoticeNoted(Localised(subject.product.titles), is_new, [f"stocknotice:{one.pk}" for one, _ in noted])


def _wished(call: ActionCall, subject: Subject, size: SizeName | None, color: ColorName | None) -> list[Variant]:
    return fitting(subject.product, wanted_of(call, subject, size, color))
