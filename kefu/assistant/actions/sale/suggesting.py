"""A few products for a need and a budget, each with what is stated of it; and the price of one."""

from __future__ import annotations

from dataclasses import replace

from kefu.assistant.actions.answers import NOTHING, Answered, answered
from kefu.assistant.actions.arguments import Quantity, Question, Text
from kefu.assistant.actions.call import ActionCall
from kefu.assistant.actions.catalog.answering import worded_choice
from kefu.assistant.actions.catalog.asking import Limits, asking_of
from kefu.assistant.actions.catalog.choosing import choose, choose_within
from kefu.assistant.actions.catalog.counting import asks_over_versions
from kefu.assistant.actions.catalog.finding import find
from kefu.assistant.actions.catalog.saying import Saying, price_of
from kefu.assistant.actions.registry import READS, action
from kefu.assistant.actions.sale.refusals import (
    CouponMeant,
    DeliveryMeant,
    KindNeeded,
    OtherAspect,
    ProductNeeded,
)
from kefu.assistant.actions.sale.subject import (
    asks_measure,
    colors_of,
    fitting,
    is_of_delivery,
    names_coupons,
    subject_of,
    texts_of,
    wanted_of,
)
from kefu.assistant.actions.told import Budget, Ordinal
from kefu.assistant.actions.values import Localised


@action(name="catalog.suggest", kind=READS, refusals=("sale.kind_needed",))
def suggest(
    call: ActionCall, *, question: Question, which: Text | None = None, budget: Budget | None = None
) -> Answered:
    """The few products of the named kind that are in stock, within the budget and stated to be what is wished; or that
    there are none, and what comes closest. A budget without a kind is for anything that the shop has. What the
    catalogue does not state of a wish is said. Raises KindNeeded where neither is known."""
    text = f"{question.value}\n{which.value}" if which else question.value
    match = find(call.brand, text)
    if match.products and not match.is_vague:
        return NOTHING  # one is named: it is asked about, not looked for
    limits = None
    if budget is not None and asking_of(call.brand.pack).limits(text)[0] == Limits():
        limits = Limits(_whole(budget.at_least), _whole(budget.at_most), budget.currency)
    if match.kinds:
        found = choose(call.brand, text, replace(match, is_vague=True), colors_of(call), limits=limits, is_lenient=True)
    else:
        spend = limits or asking_of(call.brand.pack).limits(text)[0]
        if which is not None or (spend.most is None and spend.least is None):
            raise KindNeeded()  # nothing is known to go by, or they were asked and named a kind that is not sold
        found = choose_within(call.brand, spend)
    if found is None:
        return NOTHING
    told = worded_choice(call.brand, found, texts_of(call))
    rows = list(told.rows)
    about = [f"product:{product.pk}" for product, _ in found.lines]
    return Answered(True, Localised(told.text), Localised(told.title), "catalogue", rows, about)


def _whole(amount: object) -> float | None:
    return None if amount is None else float(str(amount))


@action(
    name="catalog.price", kind=READS,
    refusals=("sale.product_needed", "sale.other_aspect", "sale.delivery_meant", "sale.coupon_meant"),
)  # fmt: skip
def price(
    call: ActionCall, *, question: Question, which: Text | None = None, ordinal: Ordinal | None = None,
    quantity: Quantity | None = None,
) -> Answered:  # fmt: skip
    """What one product costs, by size and colour where they differ, and so many of it. Raises ProductNeeded, and
    OtherAspect, DeliveryMeant or CouponMeant where no price is asked for."""
    if asks_measure(call, question.value) or asks_over_versions(call.brand.pack, question.value):
        raise OtherAspect()
    try:
        subject = subject_of(call, question, which, ordinal)
    except ProductNeeded:
        if names_coupons(call, question.value):
            raise CouponMeant() from None
        if is_of_delivery(call, question.value):
            raise DeliveryMeant() from None
        raise
    wanted = wanted_of(call, subject)
    stated = price_of(subject.product, wanted) or price_of(subject.product, replace(wanted, size="", color=""))
    if stated is None:
        return NOTHING
    sayings = [stated]
    prices = {(v.price_minor, v.currency) for v in fitting(subject.product, wanted)}
    if quantity is not None and quantity.value > 1 and len(prices) == 1:
        minor, currency = next(iter(prices))
        total = {"minor": minor * quantity.value, "currency": currency}
        sayings.append(Saying("sale.price_of_many", {"count": quantity.value, "total": total}))
    return answered(call, [(subject.product, sayings)])
