"""Answering questions: from the catalogue's attributes and from published articles, never from thin air."""

from __future__ import annotations

from dataclasses import dataclass

from kefu.assistant.actions import catalog
from kefu.assistant.actions.arguments import Question
from kefu.assistant.actions.call import ActionCall
from kefu.assistant.actions.registry import READS, action
from kefu.assistant.actions.values import Localised
from kefu.assistant.understanding.meaning import embedder
from kefu.knowledge import queries


@dataclass(frozen=True, slots=True)
class Answered:
    """found: whether anything trustworthy answers; the rest is empty when not.

    text, title: by language. source: "catalogue" or "article". cites: rows, e.g. ["article:12@v3"], ["product:7"].
    """

    found: bool
    text: Localised
    title: Localised
    source: str
    cites: list[str]


NOTHING = Answered(found=False, text=Localised(), title=Localised(), source="", cites=[])


#: how sure an article must be when the question names a product
SURE_BESIDE_A_PRODUCT = 0.7


@action(name="catalog.answer", kind=READS)
def catalog_answer(call: ActionCall, *, question: Question) -> Answered:
    """Answer a question about one product from its attributes, sizes, stock and price; what the catalogue does not
    state is not answered."""
    answer = catalog.answer(call.brand, question.value)
    if answer is None:
        return NOTHING
    return Answered(True, Localised(answer.text), Localised(answer.title), "catalogue", list(answer.rows))


@action(name="knowledge.answer", kind=READS)
def knowledge_answer(call: ActionCall, *, question: Question) -> Answered:
    """Answer from the published articles: the passage that fits, word for word, with its article and version."""
    # an article about rain jackets in general does not answer what the catalogue leaves open about one of them
    least = SURE_BESIDE_A_PRODUCT if catalog.names_a_product(call.brand, question.value) else queries.CONFIDENT
    passage = queries.answer(
        call.brand, question.value, language=call.language, on=call.facts.today, embedder=embedder(), least=least
    )
    if passage is None:
        return NOTHING
    return Answered(True, Localised(passage.texts), Localised(passage.titles), "article", [passage.cite])
