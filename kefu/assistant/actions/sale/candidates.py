"""The products that a question may mean, where it names only what kind of thing it is: shown, so that one can be
picked by its number, its name or what sets it apart."""

from __future__ import annotations

from dataclasses import dataclass

from kefu.assistant.actions.answers import MOST_LISTED
from kefu.assistant.actions.arguments import Question, Text
from kefu.assistant.actions.call import ActionCall
from kefu.assistant.actions.catalog.finding import of_kinds
from kefu.assistant.actions.catalog.kinds import kinds_in, kinds_of
from kefu.assistant.actions.registry import READS, action
from kefu.assistant.actions.sale.subject import meant, points_at_one
from kefu.assistant.actions.told import Ordinal
from kefu.assistant.actions.values import Localised
from kefu.commerce.models import Product
from kefu.commerce.queries import products_on_sale


@dataclass(frozen=True, slots=True)
class Candidates:
    """found: whether there are some to choose from. lines: "1. …" for each, by language. about: the products in that
    order, "product:7"; "the second one" means the second of them."""

    found: bool
    lines: Localised
    cites: list[str]
    about: list[str]


#: products of a kind that are sorted before the first few are shown
MOST_LOOKED_AT = 200
NONE = Candidates(False, Localised(), [], [])


@action(name="catalog.candidates", kind=READS)
def candidates(
    call: ActionCall, *, question: Question, which: Text | None = None, ordinal: Ordinal | None = None
) -> Candidates:
    """The products of the kind that a question names, those in stock first, at most MOST_LISTED; not found where it
    names no kind, or the shop has none of it."""
    found = _of(call, which.value, ordinal) if which else []
    found = found or _of(call, question.value, ordinal)
    ordered = sorted(
        products_on_sale(call.brand, found), key=lambda one: (not any(v.stock > 0 for v in one.variants.all()), one.pk)
    )
    shown = ordered[:MOST_LISTED]
    if len(shown) < 2:
        return NONE
    rows = [f"product:{one.pk}" for one in shown]
    return Candidates(True, _numbered(shown, call.brand.languages), rows, rows)


def _of(call: ActionCall, text: str, ordinal: Ordinal | None) -> list[int]:
    """The products that a text means. The kind it names outweighs a word that stands in other titles too: a waterproof
    jacket is no waterproof bag."""
    match = meant(call, text, ordinal)
    kinds = kinds_in(call.brand.pack, text) - kinds_of(call.brand.pack).materials
    of_kind = of_kinds(call.brand, kinds, most=MOST_LOOKED_AT) if kinds else []
    return [one for one in match.products if not of_kind or one in of_kind] or of_kind


@action(name="catalog.pointed_at", kind=READS)
def pointed_at(call: ActionCall, *, question: Question, ordinal: Ordinal | None = None) -> Candidates:
    """The same where a question points at one product of a kind ("is this jacket waterproof?") that the talk doesn't
    know; a question about such things in general ("can down be washed?") is for the help pages."""
    if not points_at_one(call, question.value):
        return NONE
    return candidates(call, question=question, ordinal=ordinal)


def _numbered(products: list[Product], languages: list[str]) -> Localised:
    every = dict.fromkeys([*languages, "en"])
    return Localised({
        language: "\n".join(f"{place}. {one.title(language)}" for place, one in enumerate(products, start=1))
        for language in every
    })  # fmt: skip
