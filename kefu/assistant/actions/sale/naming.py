"""Which product an unanswered question was about, so that what is missing can be named and asked of a department."""

from __future__ import annotations

from dataclasses import dataclass

from kefu.assistant.actions.arguments import Question, Text
from kefu.assistant.actions.call import ActionCall
from kefu.assistant.actions.registry import READS, action
from kefu.assistant.actions.sale.refusals import ProductNeeded
from kefu.assistant.actions.sale.subject import subject_of
from kefu.assistant.actions.told import Ordinal
from kefu.assistant.actions.values import Localised


@dataclass(frozen=True, slots=True)
class Named:
    """found: whether one product is meant. title: by language. handle: the shop's word for it, for the department."""

    found: bool
    title: Localised
    handle: str
    cites: list[str]
    about: list[str]


@action(name="catalog.named", kind=READS)
def named(call: ActionCall, *, question: Question, which: Text | None = None, ordinal: Ordinal | None = None) -> Named:
    """The one product that a question is about; not found when it is about none or several."""
    try:
        product = subject_of(call, question, which, ordinal).product
    except ProductNeeded:
        return Named(False, Localised(), "", [], [])
    row = f"product:{product.pk}"
    return Named(True, Localised(product.titles), product.handle, [row], [row])
