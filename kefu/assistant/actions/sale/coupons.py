"""Coupons: is it valid, why not, which is best; and discounts for students and others, where the shop has them."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any

from kefu.assistant.actions.answers import NOTHING, Answered
from kefu.assistant.actions.arguments import Question, Text
from kefu.assistant.actions.call import ActionCall
from kefu.assistant.actions.catalog.answering import wordings
from kefu.assistant.actions.catalog.phrases import labelled
from kefu.assistant.actions.registry import READS, action
from kefu.assistant.actions.sale.refusals import CodeNeeded
from kefu.assistant.actions.told import CouponCode, Told
from kefu.assistant.actions.values import Localised, as_fact
from kefu.commerce.coupons import CouponTerms, best, standing, worth
from kefu.commerce.models import Coupon, Order, OrderState
from kefu.desk.models import Verification
from kefu.kernel.money import Money

Json = Any
#: codes looked at in one message, and advertised ones
MOST = 10
_CODE = re.compile(r"(?<![A-Za-z0-9])[A-Z][A-Z0-9_-]{2,19}(?![A-Za-z0-9])")
_ANY_CASE = re.compile(r"(?<![A-Za-z0-9])[A-Za-z][A-Za-z0-9_-]{2,39}(?![A-Za-z0-9])")


@action(name="commerce.check_coupon", kind=READS, refusals=("sale.code_needed",))
def check_coupon(
    call: ActionCall, *, question: Question, code: Text | None = None, coupon_code: CouponCode | None = None,
    amount: Told | None = None,
) -> Answered:  # fmt: skip
    """What becomes of the codes that were told: valid and worth how much, or why not. Without a code: the ones that the
    shop advertises, for whom they were asked. amount: what the basket comes to. Raises CodeNeeded.

    A code that is somebody else's alone is told like one that doesn't exist.
    """
    text = f"{question.value}\n{code.value}" if code else question.value
    basket = _basket(call, amount)
    group = _audience(call, text)
    named = _named(call, text, coupon_code)
    if not named and (asked := coupon_code.value if coupon_code else _looks_like_code(code or question)):
        return _told(call, [("sale.coupon_unknown", {"code": asked})], [])
    if named:
        lines = [_line(call, coupon, basket) for coupon in named]
        good = [coupon for coupon in named if _standing(call, coupon, basket) == "valid"]
        if basket is not None and len(named) > 1 and (winner := best([_terms(call, one) for one in good], basket)):
            facts = {"code": winner.code, "amount": as_fact(worth(winner, basket))}
            lines.append(("sale.coupon_best", facts))
        return _told(call, lines, named)
    public = list(
        Coupon.objects.filter(
            brand=call.brand, is_public=True, is_on=True, customer__isnull=True, ends_on__gte=call.facts.today
        ).order_by("ends_on", "code")[:MOST]
    )
    fitting = [one for one in public if one.audience == group] if group else [one for one in public if not one.audience]
    if fitting:
        return _told(call, [_line(call, coupon, basket) for coupon in fitting], fitting)
    if group:
        return NOTHING
    raise CodeNeeded()


def _named(call: ActionCall, text: str, coupon_code: CouponCode | None) -> list[Coupon]:
    """Coupons of the shop whose code stands in the text, in any case of letters."""
    words = {word.upper() for word in _ANY_CASE.findall(text)}
    if coupon_code:
        words.add(coupon_code.value)
    found = Coupon.objects.filter(brand=call.brand, code__in=sorted(words)[:60]).order_by("pk")[:MOST]
    return [one for one in found if not _is_of_other(call, one)]


def _looks_like_code(text: Text) -> str:
    """A word in capitals that names no coupon of the shop: "SUMMER24"."""
    codes = _CODE.findall(text.value)
    return next((one for one in codes if any(char.isdigit() for char in one) or len(one) >= 5), "")


def _is_of_other(call: ActionCall, coupon: Coupon) -> bool:
    if coupon.customer_id is None:
        return False
    is_known = call.level >= Verification.CUSTOMER and call.customer is not None
    return not (is_known and call.customer is not None and coupon.customer_id == call.customer.pk)


def _basket(call: ActionCall, amount: Told | None) -> Money | None:
    if amount is None:
        return None
    try:
        return Money.of(amount.amount, amount.currency or call.brand.currency)
    except ValueError:
        return Money.of(amount.amount.quantize(Decimal(1)), amount.currency or call.brand.currency)


def _audience(call: ActionCall, text: str) -> str:
    """For whom a discount is asked: "student"; the words are the pack's, knowledge/audiences.yaml."""
    hits = labelled(call.brand.pack, "audiences").hits(text)
    return hits[0].label if hits else ""


def _terms(call: ActionCall, coupon: Coupon) -> CouponTerms:
    home = coupon.currency or call.brand.currency
    return CouponTerms(
        code=coupon.code, percent=coupon.percent,
        amount=Money(coupon.amount_minor, coupon.currency) if coupon.amount_minor is not None else None,
        least_total=Money(coupon.least_total_minor, home), starts_on=coupon.starts_on, ends_on=coupon.ends_on,
        is_on=coupon.is_on, uses_at_most=coupon.uses_at_most, is_of_other_customer=_is_of_other(call, coupon),
    )  # fmt: skip


def _standing(call: ActionCall, coupon: Coupon, basket: Money | None) -> str:
    used = 0
    if coupon.uses_at_most is not None:
        orders = Order.objects.filter(brand=call.brand, coupon_code__iexact=coupon.code)
        used = orders.exclude(state=OrderState.CANCELLED)[: coupon.uses_at_most].count()
    return standing(_terms(call, coupon), on=call.facts.today, basket=basket, used=used)


def _line(call: ActionCall, coupon: Coupon, basket: Money | None) -> tuple[str, dict[str, Json]]:
    terms, judged = _terms(call, coupon), _standing(call, coupon, basket)
    facts: dict[str, Json] = {
        "code": coupon.code,
        "worth": {"key": "sale.percent", "facts": {"value": coupon.percent}}
        if coupon.percent is not None
        else as_fact(terms.amount),
        "starts_on": as_fact(coupon.starts_on),
        "ends_on": as_fact(coupon.ends_on),
        "least": as_fact(terms.least_total),
        "currency": coupon.currency or call.brand.currency,
    }
    if judged == "valid" and basket is not None:
        return "sale.coupon_valid_for", {**facts, "amount": as_fact(worth(terms, basket)), "basket": as_fact(basket)}
    if judged == "valid":
        return ("sale.coupon_valid_from" if terms.least_total.minor else "sale.coupon_valid"), facts
    return f"sale.coupon_{judged}", facts


def _told(call: ActionCall, lines: list[tuple[str, dict[str, Json]]], coupons: list[Coupon]) -> Answered:
    text = {
        language: "\n".join(wording.text(key, facts) for key, facts in lines)
        for language, wording in wordings(call.brand).items()
    }
    title = dict.fromkeys(text, ", ".join(one.code for one in coupons))
    return Answered(True, Localised(text), Localised(title), "coupons", [f"coupon:{one.pk}" for one in coupons])
