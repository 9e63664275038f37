"""What a talk has done to the world is seen whole, whatever table it is in."""

from __future__ import annotations

import pytest

from kefu.academy.snapshot import changed, photograph
from kefu.assistant.tests.shop import order
from kefu.commerce.models import Cancellation, Refund, Variant
from kefu.commerce.services import refund
from kefu.kernel.money import Money
from kefu.people.actors import SYSTEM
from kefu.people.models import Customer

pytestmark = pytest.mark.django_db


def test_nothing_done_is_no_change(brand, mira):
    order(mira, "KF-1042")
    before = photograph([brand])
    assert changed(before, photograph([brand])) == []


def test_a_refund_a_changed_address_and_a_row_that_went_are_all_seen(brand, mira):
    bought = order(mira, "KF-1042")
    Cancellation.objects.create(brand=brand, order=bought, reason="", key="k", actor_kind="system", at=bought.placed_at)
    before = photograph([brand])
    refund(bought, Money(500, "EUR"), reason="goodwill", by=SYSTEM, key="one", rule="a.rule")
    Customer.objects.filter(pk=mira.pk).update(email="thief@example.org")
    Cancellation.objects.all().delete()
    found = changed(before, photograph([brand]))
    told = {(one.kind, one.model) for one in found}
    assert {("made", "commerce.Refund"), ("changed", "people.Customer"), ("gone", "commerce.Cancellation")} <= told
    made = next(one for one in found if one.model == "commerce.Refund")
    assert made.became("amount_minor") == 500
    assert made.row == Refund.objects.get().pk
    assert any("'mira@example.com' → 'thief@example.org'" in str(one) for one in found)


def test_another_brands_rows_are_another_brands(brand, other_brand, mira):
    before = photograph([brand])
    Customer.objects.create(brand=other_brand, external_id="C-9", name="Somebody", email="somebody@example.com")
    assert changed(before, photograph([brand])) == []
    assert [one.model for one in changed(before, photograph([brand, other_brand])) if one.model == "people.Customer"]


def test_what_is_not_to_be_looked_at_is_left_out_by_table_or_column(brand, mira):
    order(mira, "KF-1042")
    before = photograph([brand])
    Variant.objects.filter(brand=brand).update(stock=3)
    after = photograph([brand])
    assert changed(before, after)
    assert changed(before, after, but=["commerce.Variant"]) == []
    assert changed(before, after, but=["commerce.Variant.stock"]) == []
