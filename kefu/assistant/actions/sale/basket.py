"""Help to place the order: the link that puts the chosen article into the basket, built from the shop's own pattern."""

from __future__ import annotations

from dataclasses import dataclass
from string import Formatter
from typing import Any
from urllib.parse import quote, urlsplit

from kefu.assistant.actions.arguments import Quantity, Question, Text
from kefu.assistant.actions.call import ActionCall
from kefu.assistant.actions.catalog.saying import Wanted, variant_words
from kefu.assistant.actions.registry import READS, action
from kefu.assistant.actions.sale.refusals import ColorNeeded, SizeNeeded, SoldOut
from kefu.assistant.actions.sale.subject import Subject, fitting, item_fact, remember_variant, subject_of, wanted_of
from kefu.assistant.actions.told import ColorName, Ordinal, SizeName
from kefu.assistant.actions.values import Localised
from kefu.commerce.models import Variant
from kefu.commerce.sizing import size_order
from kefu.kernel.money import Money

Json = Any
#: what the brand's setting `basket_url` may fill in
FILLS = frozenset({"sku", "quantity", "handle"})


@dataclass(frozen=True, slots=True)
class BasketLink:
    """found: whether the shop has a pattern for such links. item: its name with colour and size, as a fact. price: of
    all pieces together."""

    found: bool
    link: str
    item: Any
    quantity: int
    price: Money
    cites: list[str]
    about: list[str]


@dataclass(frozen=True, slots=True)
class Choices:
    """found: whether there is anything to choose from. values: sizes or colours in stock."""

    found: bool
    title: Localised
    values: list[Any]
    cites: list[str]


@action(
    name="commerce.basket_link", kind=READS,
    refusals=("sale.product_needed", "sale.size_needed", "sale.color_needed", "sale.sold_out"),
)  # fmt: skip
def basket_link(
    call: ActionCall, *, question: Question, which: Text | None = None, ordinal: Ordinal | None = None,
    size: SizeName | None = None, color: ColorName | None = None, quantity: Quantity | None = None,
) -> BasketLink:  # fmt: skip
    """The link that puts one variant into the basket. Raises ProductNeeded, SizeNeeded, ColorNeeded, SoldOut; not found
    where the brand has no `basket_url` setting: a link is never made up."""
    subject = subject_of(call, question, which, ordinal)
    wanted = wanted_of(call, subject, size, color)
    remember_variant(call, subject, wanted)
    one = _the_variant(subject, wanted)
    count = quantity.value if quantity else 1
    if one.stock < count:
        raise SoldOut(title={"text": subject.product.titles})
    pattern = str(call.brand.settings.get("basket_url") or "")
    return BasketLink(
        found=is_pattern(pattern),
        link=_filled(pattern, one, count) if is_pattern(pattern) else "",
        item=item_fact(subject.product, variant_words(one)),
        quantity=count,
        price=Money(one.price_minor * count, one.currency),
        cites=[f"product:{subject.product.pk}"],
        about=[f"product:{subject.product.pk}"],
    )


@action(name="catalog.sizes", kind=READS)
def sizes(
    call: ActionCall, *, question: Question, which: Text | None = None, ordinal: Ordinal | None = None,
    color: ColorName | None = None,
) -> Choices:  # fmt: skip
    """The sizes of a product that are in stock, in the colour asked for. Raises ProductNeeded."""
    subject = subject_of(call, question, which, ordinal)
    wanted = Wanted(color=wanted_of(call, subject, None, color).color)
    found = {one.size for one in fitting(subject.product, wanted) if one.stock > 0 and one.size} or {
        one.size for one in subject.product.variants.all() if one.stock > 0 and one.size
    }
    return _choices(subject, sorted(found, key=size_order))


@action(name="catalog.colors", kind=READS)
def colors(
    call: ActionCall, *, question: Question, which: Text | None = None, ordinal: Ordinal | None = None,
    size: SizeName | None = None,
) -> Choices:  # fmt: skip
    """The colours of a product that are in stock, in the size asked for. Raises ProductNeeded."""
    subject = subject_of(call, question, which, ordinal)
    wanted = Wanted(size=wanted_of(call, subject, size).size)
    found = dict.fromkeys(one.color for one in fitting(subject.product, wanted) if one.stock > 0 and one.color)
    return _choices(subject, [{"key": f"color.{color}"} for color in found])


def _choices(subject: Subject, values: list[Any]) -> Choices:
    return Choices(bool(values), Localised(subject.product.titles), values, [f"product:{subject.product.pk}"])


def _the_variant(subject: Subject, wanted: Wanted) -> Variant:
    everything = list(subject.product.variants.all())
    left = fitting(subject.product, wanted)
    if len({one.size for one in left or everything}) > 1 or (wanted.size and not left):
        raise SizeNeeded()
    if len({one.color for one in left or everything}) > 1 or not left:
        raise ColorNeeded()
    return left[0]


def is_pattern(pattern: str) -> bool:
    """Whether it is a web address that says which article: https://…?sku={sku}&quantity={quantity}."""
    try:
        names = {name for _, name, _, _ in Formatter().parse(pattern) if name is not None}
    except ValueError:
        return False
    is_web = urlsplit(pattern).scheme in ("https", "http") and bool(urlsplit(pattern).hostname)
    return is_web and bool(names & {"sku", "handle"}) and names <= FILLS


def _filled(pattern: str, variant: Variant, count: int) -> str:
    return pattern.format_map(
        {"sku": quote(variant.sku, safe=""), "quantity": count, "handle": quote(variant.product.handle, safe="")}
    )
