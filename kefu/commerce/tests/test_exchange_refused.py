"""What is wrong in a file is named with its cure, and costs only itself."""

from __future__ import annotations

import json

import pytest

from kefu.commerce import services
from kefu.commerce.exchange import KINDS
from kefu.commerce.models import Order, Product
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
    exported,
)
from kefu.people.actors import assistant
from kefu.people.models import Customer

GOOD = {"id": "C-9", "name": "good"}


BAD = [
    ("customers", {**CUSTOMER, "email": "mira at example"}, "write it like name@example.com"),
    ("customers", {**CUSTOMER, "phone": "call me"}, "with its country"),
    ("customers", {**CUSTOMER, "id": "=1+1"}, "no formula"),
    ("customers", {**CUSTOMER, "id": ""}, "fill it in"),
    ("customers", {**CUSTOMER, "name": "a\x00b"}, "remove it"),
    ("customers", {**CUSTOMER, "name": "\ud800"}, "remove it"),
    ("customers", {**CUSTOMER, "name": ["Mira"]}, "quotation marks"),
    ("customers", {**CUSTOMER, "nmae": "Mira"}, "correct its name"),
    ("customers", {**CUSTOMER, "name": "x" * 5000}, "shorten it to 200"),
    ("products", {**PRODUCT, "variants": []}, "fill it in"),
    ("products", {**PRODUCT, "titles": "Rain jacket"}, 'write it like {"en"'),
    ("products", {**PRODUCT, "variants": [{**PRODUCT["variants"][0], "price": "-1.00"}]}, 'like "129.00"'),
    ("products", {**PRODUCT, "variants": [{**PRODUCT["variants"][0], "price": 129.0}]}, "quotation marks"),
    ("products", {**PRODUCT, "variants": [{**PRODUCT["variants"][0], "price": 129}]}, "quotation marks"),
    ("products", {**PRODUCT, "variants": [{**PRODUCT["variants"][0], "price": "1e3"}]}, 'like "129.00"'),
    ("products", {**PRODUCT, "variants": [{**PRODUCT["variants"][0], "price": "NaN"}]}, 'like "129.00"'),
    ("products", {**PRODUCT, "variants": [{**PRODUCT["variants"][0], "price": "1,299.00"}]}, 'like "129.00"'),
    ("products", {**PRODUCT, "variants": [{**PRODUCT["variants"][0], "price": "9" * 40}]}, 'like "129.00"'),
    ("products", {**PRODUCT, "variants": [{**PRODUCT["variants"][0], "price": "1.005"}]}, "round it to 2"),
    ("products", {**PRODUCT, "variants": [{**PRODUCT["variants"][0], "currency": "XYZ"}]}, "ISO 4217"),
    ("products", {**PRODUCT, "variants": [{**PRODUCT["variants"][0], "stock": -1}]}, "from 0 to"),
    ("products", {**PRODUCT, "variants": [{**PRODUCT["variants"][0], "stock": 10**30}]}, "from 0 to"),
    ("products", {**PRODUCT, "variants": [PRODUCT["variants"][0]] * 2}, "leave one of them out"),
    ("products", {**PRODUCT, "attributes": {"a": 10**400}}, "six deep"),
    ("products", {**PRODUCT, "attributes": {"a": [[[[[[[[1]]]]]]]]}}, "six deep"),
    ("orders", {**ORDER, "placed_at": "31.02.2026"}, "2026-03-01T10:00:00+01:00"),
    ("orders", {**ORDER, "placed_at": "2026-02-31T10:00:00Z"}, "2026-03-01T10:00:00+01:00"),
    ("orders", {**ORDER, "placed_at": "0026-02-01T10:00:00Z"}, "a year from 1990"),
    ("orders", {**ORDER, "placed_at": 1767225600}, "2026-03-01T10:00:00+01:00"),
    ("orders", {**ORDER, "customer": "C-404"}, "import the customers first"),
    ("orders", {**ORDER, "lines": [{**ORDER["lines"][0], "sku": "NO-SUCH"}]}, "import the products first"),
    ("orders", {**ORDER, "lines": [{**ORDER["lines"][0], "quantity": 0}]}, "from 1 to"),
    ("orders", {**ORDER, "lines": [{**ORDER["lines"][0], "quantity": True}]}, "from 1 to"),
    ("orders", {**ORDER, "total": "262.91"}, "leave total out"),
    ("orders", {**ORDER, "discount": "999.00", "total": None}, "lower it"),
    ("orders", {**ORDER, "state": "eaten"}, "write one of unpaid"),
    ("orders", {**ORDER, "state": "cancelled"}, "say when"),
    ("payments", {**PAYMENT, "order": "KF-404"}, "import the orders first"),
    ("payments", {**PAYMENT, "id": "pay-2", "currency": "USD", "refunds": []}, "correct the currency"),
    ("payments", {**PAYMENT, "refunds": [{**PAYMENT["refunds"][0], "amount": "300.00"}]}, "never exceed"),
    ("payments", {**PAYMENT, "refunds": [{**PAYMENT["refunds"][0], "amount": "1.00"}]}, "only its state"),
    ("payments", {**PAYMENT, "state": "pending"}, "set state to paid"),
    ("payments", {**PAYMENT, "amount": "0.00", "refunds": []}, "above 0"),
    ("payments", {**PAYMENT, "amount": "5.00", "refunds": []}, "correct the amounts"),
    ("shipments", {**SHIPMENT, "lines": [{"position": 7, "quantity": 1}]}, "write the position"),
    (
        "shipments",
        {**SHIPMENT, "tracking": [{"at": "2026-02-02T08:00:00Z", "code": "teleported"}]},
        "label_created",
    ),
    ("shipments", {**SHIPMENT, "delivered_at": "2026-01-01T08:00:00Z"}, "correct one of them"),
    ("returns", {**RETURN, "number": "KF-1-R2", "lines": [{**RETURN["lines"][0], "quantity": 2}]}, "quantities"),
    ("returns", {**RETURN, "currency": "USD"}, "correct the currency"),
    ("returns", {**RETURN, "number": "KF-1-R2", "difference": "5.00"}, "write new_sku"),
    (
        "returns",
        {**RETURN, "number": "KF-1-R2", "lines": [{**RETURN["lines"][0], "new_sku": "NO"}]},
        "the products first",
    ),
    ("returns", {**RETURN, "refund_to": "pm-404"}, "import the payment methods first"),
    ("payments", {**PAYMENT, "id": "pay-3", "refunds": [], "paid_with": "pm-404"}, "import the payment methods first"),
    ("payment_methods", {**METHOD, "customer": "C-404"}, "import the customers first"),
    ("payment_methods", {**METHOD, "balance": "-1.00"}, 'like "129.00"'),
    ("payment_methods", {**METHOD, "balance": None}, "write the balance"),
    ("remedies", {**REMEDY, "id": "d", "position": 9}, "import the orders first"),
    ("remedies", {**REMEDY, "id": "d", "currency": "USD"}, "correct the currency"),
    ("remedies", {**REMEDY, "id": "d", "coupon": "NO"}, "import the coupons first"),
    ("remedies", {**REMEDY, "id": "d"}, "correct the row"),
    ("remedies", {**REMEDY, "amount": "1.00"}, "its own id"),
    ("customers", {**CUSTOMER, "consents": [{"topic": "marketing"}]}, "fill it in"),
    ("customers", {**CUSTOMER, "address": {"planet": "Mars"}}, "correct its name"),
    ("products", {**PRODUCT, "variants": [{**PRODUCT["variants"][0], "options": {"a": 1}}]}, "name with a text"),
    (
        "orders",
        {**ORDER, "changes": [{"id": "c", "kind": "wish", "at": "2026-02-01T10:00:00Z"}]},
        "write one of address",
    ),
    ("coupons", {**COUPON, "code": "X", "customer": "C-404"}, "import the customers first"),
    ("coupons", {**COUPON, "amount": "5.00"}, "keep one"),
    ("coupons", {**COUPON, "ends_on": "2025-01-01"}, "correct one of them"),
]


@pytest.mark.parametrize("kind", KINDS)
def test_a_bad_row_is_named_with_its_cure_and_the_rest_goes_in(door, kind):
    door.take_shop()
    before = exported(door.brand)
    bad_rows = [(record, cure) for bad_kind, record, cure in BAD if bad_kind == kind]
    assert bad_rows
    for record, cure in bad_rows:
        *_, bad = door.take(kind, record, *([GOOD] if kind == "customers" else []))
        assert bad == 1, record
        assert f"{kind}.jsonl:1: " in door.problems[0], record
        assert cure in door.problems[0], (record, door.problems)
        assert Customer.objects.filter(external_id="C-9").delete()[0] == (kind == "customers")
        assert exported(door.brand) == before


@pytest.mark.parametrize(
    ("line", "cure"),
    [
        ("{", "one JSON map a line"),
        ("[1]", "one JSON map a line"),
        ('{"id": "C-1", "id": "C-2"}', "one JSON map a line"),
        ('{"id": "C-1", "name": NaN}', "one JSON map a line"),
        ("[" * 100_000, "one"),
        ('{"id": "' + "x" * 2_000_000 + '"}', "one record a line"),
        (b'{"id": "C-1", "name": "M\xfcller"}', "UTF-8"),
    ],
)
def test_a_line_that_cannot_be_read_does_not_stop_the_others(door, line, cure):
    raw = line if isinstance(line, bytes) else line.encode()
    path = door.file("customers.jsonl", raw + b"\n\n" + json.dumps(GOOD).encode() + b"\n")
    assert door.run(path, "customers") == (1, 0, 0, 1)
    assert door.problems[0].startswith("customers.jsonl:1: ")
    assert cure in door.problems[0]


def test_a_key_that_stands_twice_is_taken_once(door):
    assert door.take("customers", GOOD, {**GOOD, "name": "other"}) == (1, 0, 0, 1)
    assert "stands in this file before" in door.problems[0]
    assert Customer.objects.get().name == "good"


def test_two_products_cannot_share_a_sku(door):
    other = {**PRODUCT, "id": "P-2", "handle": "other"}
    assert door.take("products", PRODUCT, other) == (1, 0, 0, 1)
    assert door.take("products", other) == (0, 0, 0, 1)
    same_handle = {**other, "handle": "rain-jacket", "variants": [{**PRODUCT["variants"][0], "sku": "N"}]}
    assert door.take("products", same_handle) == (0, 0, 0, 1)
    assert "own handle" in door.problems[0]
    assert Product.objects.count() == 1


def test_one_row_that_the_database_refuses_costs_only_itself(door):
    door.take_shop()
    payments = [{**PAYMENT, "id": f"p-{number}", "refunds": []} for number in range(50)]
    payments[17]["currency"] = "USD"
    assert door.take("payments", *payments) == (49, 0, 0, 1)
    assert door.problems == ["payments.jsonl:18: currency: is not in the order's currency; correct the currency"]


def test_an_order_cancelled_here_is_not_brought_back_by_an_older_file(door):
    door.take("customers", CUSTOMER)
    door.take("products", PRODUCT)
    order = {**ORDER, "state": "paid"}
    door.take("orders", order)
    services.cancel_order(Order.objects.get(), reason="", by=assistant(door.brand.pk), key="deed")
    assert door.take("orders", order) == (0, 0, 0, 1)
    assert "cancel it in the shop too" in door.problems[0]
    assert Order.objects.get().is_cancelled
