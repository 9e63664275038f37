"""The shop's data comes in from files and goes out the same."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from kefu.commerce.exchange import KINDS
from kefu.commerce.models import Exchange, Order, OrderLine, Payment, Product, Refund, Shipment, Variant
from kefu.commerce.tests.exchanging import (
    COUPON,
    CUSTOMER,
    METHOD,
    ORDER,
    PAYMENT,
    PRODUCT,
    REMEDY,
    RETURN,
    SHIPMENT,
    SHOP,
    Door,
    exported,
)
from kefu.people.models import Consent, Customer


def test_a_shop_comes_in_whole(door):
    door.take_shop()
    order = Order.objects.get()
    assert (order.total_minor, order.number, order.placed_at.isoformat()) == (
        26290,
        "KF-1",
        "2026-02-01T09:00:00+00:00",
    )
    assert Customer.objects.get().phone == "+4915112345678"
    assert Variant.objects.get(sku="RJ-M").color == "blue"
    assert Product.objects.get().attributes["r_value"] == 2.5
    line = OrderLine.objects.get()
    assert (line.titles, line.returned_quantity) == ({"en": "Rain jacket", "zh": "雨衣"}, 1)
    payment = Payment.objects.get()
    assert (payment.refunded_minor, payment.refunds.get().rule) == (1290, "shop")
    shipment = Shipment.objects.get()
    assert (shipment.state, shipment.tracking_number, str(shipment.delivered_at)) == (
        "delivered", "DE123", "2026-02-04 08:00:00+00:00",
    )  # fmt: skip


def test_importing_again_changes_nothing(door):
    door.take_shop()
    before = exported(door.brand)
    for kind, records in SHOP.items():
        assert door.take(kind, *records) == (0, 0, len(records), 0)
    assert exported(door.brand) == before


def test_only_what_differs_is_changed(door):
    door.take_shop()
    assert door.take("customers", {**CUSTOMER, "name": "Mira S."}) == (0, 1, 0, 0)
    moved = {**SHIPMENT, "tracking": [*SHIPMENT["tracking"], {"at": "2026-02-09T08:00:00Z", "code": "returning"}]}
    assert door.take("shipments", moved) == (0, 1, 0, 0)
    assert Shipment.objects.get().state == "returned"
    renamed = {**PRODUCT, "titles": {"en": "Storm jacket"}}
    assert door.take("products", renamed) == (0, 1, 0, 0)
    assert door.take("orders", ORDER) == (0, 0, 1, 0)  # what was bought keeps the name it was bought under
    assert OrderLine.objects.get().titles["en"] == "Rain jacket"


#: everything that an export can hold besides, each with a trap in it
WHOLE = {
    "customers": [{**CUSTOMER, "address": {"street": "Hauptstr. 5", "street2": "2. OG", "postcode": "10119"},
                   "consents": [{"topic": "marketing", "is_given": True, "at": "2026-01-01T10:00:00Z"},
                                {"topic": "marketing", "is_given": False, "at": "2026-02-01T10:00:00Z",
                                 "source": "conversation:17"}]}],
    "payment_methods": [METHOD, {"id": "pm-2", "customer": "C-1", "kind": "card", "is_usable": False}],
    "products": [{**PRODUCT, "variants": [{**PRODUCT["variants"][0], "options": {"switch type": "clicky", "=a": "b"}},
                                          {**PRODUCT["variants"][0], "sku": "RJ-XL", "size": "XL"}]}],
    "coupons": [{**COUPON, "customer": "C-1", "uses_at_most": 1, "is_public": True, "audience": "student"}],
    "orders": [{**ORDER, "address": {**ORDER["address"], "street2": "c/o Stein"}, "changes": [
        {"id": "chg-1", "kind": "address", "was": {"city": "Bonn"}, "became": {"city": "Berlin", "country": "DE"},
         "at": "2026-02-01T11:00:00Z", "rule": "change.address"},
        {"id": "chg-2", "kind": "items", "was": [{"position": 1, "sku": "RJ-XL"}], "difference": "-10.00",
         "became": [{"position": 1, "sku": "RJ-M"}], "at": "2026-02-01T12:00:00Z"},
    ]}],
    "payments": [{**PAYMENT, "paid_with": "pm-2", "refunds": [{**PAYMENT["refunds"][0], "refunded_to": "pm-1"}]}],
    "returns": [{**RETURN, "refund_to": "pm-1", "difference": "-5.00", "pay_difference_with": "pm-2",
                 "sent_at": "2026-02-10T10:00:00Z",
                 "lines": [{**RETURN["lines"][0], "new_sku": "RJ-XL", "new_price": "124.00"}]}],
    "remedies": [REMEDY, {**REMEDY, "id": "deed-8", "by": "agent", "kind": "coupon", "coupon": "WELCOME"}],
}  # fmt: skip


@pytest.mark.parametrize("as_csv", [False, True])
def test_nothing_that_a_shop_holds_is_lost_on_the_way_to_another(door, other_brand, tmp_path, as_csv):
    for kind in KINDS:
        assert door.take(kind, *{**SHOP, **WHOLE}[kind])[3] == 0, door.problems
    first = exported(door.brand, as_csv=as_csv)
    for said in ("2. OG", "conversation:17", "switch type", "c/o Stein", "chg-2", "-10.00", "RJ-XL", "student", "pm-2"):
        assert any(said in content for content in first.values()), said
    there = Door(other_brand, tmp_path)
    for again in (False, True):
        for kind, content in first.items():
            new, changed, same, bad = there.run(there.file(f"{kind}.{'csv' if as_csv else 'jsonl'}", content), kind)
            assert (bad, changed) == (0, 0), (kind, there.problems)
            assert not again or new == 0, (kind, same)
    assert exported(other_brand, as_csv=as_csv) == first
    assert Order.objects.get(brand=other_brand).address_changes == 1
    assert Exchange.objects.get(brand=other_brand).lines.get().variant.sku == "RJ-XL"
    assert not Consent.objects.filter(brand=other_brand, topic="marketing").order_by("-id")[0].is_given


def test_an_address_told_in_a_talk_outlives_a_file_that_knows_none(door):
    door.take("customers", {**CUSTOMER, "address": {"city": "Bonn"}})
    door.take("customers", {**CUSTOMER, "name": "Mira S."})
    assert Customer.objects.get().address == {"city": "Bonn"}


@pytest.mark.parametrize("as_csv", [False, True])
def test_export_and_import_into_an_empty_brand_give_the_same_bytes(door, other_brand, tmp_path, as_csv):
    door.take_shop()
    door.take("customers", {"id": "C-2", "name": "=HYPERLINK(1)", "tier": "'-x"}, {"id": "C-3", "name": 'a "b", c\nd'})
    first = exported(door.brand, as_csv=as_csv)
    there = Door(other_brand, tmp_path)
    for kind, content in first.items():
        path = there.file(f"{kind}.csv" if as_csv else f"{kind}.jsonl", content)
        *_, bad = there.run(path, kind)
        assert bad == 0, there.problems
    assert exported(other_brand, as_csv=as_csv) == first


def test_a_spreadsheet_runs_nothing_of_the_export(door):
    door.take("customers", {"id": "C-2", "name": "=cmd|' /C calc'!A0"})
    assert "'=cmd" in exported(door.brand, as_csv=True)["customers"]


def test_two_brands_may_use_the_same_keys(door, other_brand, tmp_path):
    door.take_shop()
    Door(other_brand, tmp_path).take_shop()
    assert Order.objects.filter(number="KF-1").count() == 2
    assert Refund.objects.count() == 2


def test_a_batch_needs_no_query_for_each_row(door):
    door.take("products", PRODUCT)
    people = [{"id": f"C-{number}"} for number in range(300)]
    orders = [{**ORDER, "number": f"KF-{number}", "customer": f"C-{number}"} for number in range(300)]
    with CaptureQueriesContext(
        connection,
    ) as few:
        door.take("customers", *people)
        door.take("orders", *orders)
    assert len(few) < 40
    assert Order.objects.count() == 300
