"""Whether a coupon is good for a basket, and why not. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Literal

from kefu.kernel.money import Money

Standing = Literal["valid", "off", "not_started", "ended", "below_least", "other_currency", "used", "not_yours"]


@dataclass(frozen=True, slots=True)
class CouponTerms:
    """A coupon as far as its worth and its limits go. amount: None for a percentage."""

    code: str
    percent: int | None
    amount: Money | None
    least_total: Money
    starts_on: date
    ends_on: date
    is_on: bool
    uses_at_most: int | None = None
    is_of_other_customer: bool = False


def standing(terms: CouponTerms, *, on: date, basket: Money | None, used: int) -> Standing:
    """Whether the coupon is good on that day for that basket (None: not known, so not judged).

    used: how often it was used up to now by those whom its limit counts. What no waiting mends is said first.
    """
    if terms.is_of_other_customer:
        return "not_yours"
    if not terms.is_on:
        return "off"
    if on > terms.ends_on:
        return "ended"
    if terms.uses_at_most is not None and used >= terms.uses_at_most:
        return "used"
    if on < terms.starts_on:
        return "not_started"
    if basket is None:
        return "valid"
    if terms.amount is not None and terms.amount.currency != basket.currency:
        return "other_currency"
    if terms.least_total.minor and terms.least_total.currency != basket.currency:
        return "other_currency"
    return "below_least" if basket.minor < terms.least_total.minor else "valid"


def worth(terms: CouponTerms, basket: Money) -> Money:
    """What it takes off a basket that it is good for: rounded down to whole minor units, never more than the basket."""
    if terms.percent is not None:
        return Money(basket.minor * terms.percent // 100, basket.currency)
    amount = terms.amount or Money(0, basket.currency)
    return Money(min(amount.minor, basket.minor), basket.currency)


def best(found: list[CouponTerms], basket: Money) -> CouponTerms | None:
    """The one that takes most off; of equals the one that ends first."""
    return min(found, key=lambda one: (-worth(one, basket).minor, one.ends_on, one.code), default=None)
