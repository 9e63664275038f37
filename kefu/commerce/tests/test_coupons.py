"""A coupon is good or it is said why not."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from kefu.commerce.coupons import CouponTerms, best, standing, worth
from kefu.kernel.money import Money

TEN = CouponTerms("TEN", 10, None, Money(5000, "EUR"), date(2026, 3, 1), date(2026, 3, 31), is_on=True)
FIVER = replace(TEN, code="FIVER", percent=None, amount=Money(500, "EUR"), least_total=Money(0, "EUR"))
IN_MARCH, BASKET = date(2026, 3, 10), Money(8000, "EUR")


@pytest.mark.parametrize(
    ("terms", "on", "basket", "used", "expected"),
    [
        (TEN, IN_MARCH, BASKET, 0, "valid"),
        (TEN, date(2026, 3, 31), BASKET, 0, "valid"),  # its last day counts
        (TEN, date(2026, 4, 1), BASKET, 0, "ended"),
        (TEN, date(2026, 2, 28), BASKET, 0, "not_started"),
        (TEN, IN_MARCH, Money(4999, "EUR"), 0, "below_least"),
        (TEN, IN_MARCH, Money(5000, "EUR"), 0, "valid"),
        (TEN, IN_MARCH, None, 0, "valid"),  # the basket isn't known, so it isn't judged
        (FIVER, IN_MARCH, Money(8000, "GBP"), 0, "other_currency"),
        (TEN, IN_MARCH, Money(8000, "GBP"), 0, "other_currency"),  # its least total is in euros
        (replace(TEN, is_on=False), IN_MARCH, BASKET, 0, "off"),
        (replace(TEN, uses_at_most=1), IN_MARCH, BASKET, 1, "used"),
        (replace(TEN, uses_at_most=1), IN_MARCH, BASKET, 0, "valid"),
        (replace(TEN, is_of_other_customer=True), IN_MARCH, BASKET, 0, "not_yours"),
    ],
)
def test_a_coupon_is_good_or_it_is_said_why_not(terms, on, basket, used, expected) -> None:
    assert standing(terms, on=on, basket=basket, used=used) == expected


def test_it_never_takes_off_more_than_the_basket_and_rounds_down() -> None:
    assert worth(FIVER, Money(300, "EUR")) == Money(300, "EUR")
    assert worth(replace(TEN, percent=15), Money(999, "EUR")) == Money(149, "EUR")


def test_the_best_is_the_one_that_takes_most_off_this_basket() -> None:
    assert best([TEN, FIVER], Money(8000, "EUR")) == TEN
    assert best([TEN, FIVER], Money(4000, "EUR")) == FIVER
    assert best([], BASKET) is None
