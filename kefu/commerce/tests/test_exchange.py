"""The shop's data comes in from files of all kinds, and goes out the same."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from kefu.commerce import services
from kefu.commerce.exchange import KINDS, Importer, Problem, export_kind
from kefu.commerce.models import Exchange, Order, OrderLine, Payment, Product, Refund, Shipment, Variant
from kefu.people.actors import assistant
from kefu.people.models import Brand, Consent, Customer

CUSTOMER = {"id": "C-1", "name": "Mira", "email": "mira@example.com", "phone": "0151 12345678", "country": "DE"}
PRODUCT = {
    "id": "P-1", "handle": "rain-jacket", "titles": {"en": "Rain jacket", "zh": "雨衣"}, "category": "jackets",
    "attributes": {"weight_g": 320, "r_value": 2.5, "features": [{"en": "light", "zh": "轻"}]},
    "variants": [
        {"sku": "RJ-M", "size": "M", "color": "Blue", "price": "129.00", "currency": "EUR", "stock": 4},
        {"sku": "RJ-L", "size": "L", "color": "Blue", "price": "129.00", "currency": "EUR", "stock": 0},
    ],
}  # fmt: skip
ORDER = {
    "number": "KF-1", "customer": "C-1", "state": "delivered", "placed_at": "2026-02-01T10:00:00+01:00",
    "email": "mira@example.com", "postcode": "10119", "country": "DE", "currency": "EUR", "shipping": "4.90",
    "total": "262.90", "address": {"name": "Mira", "city": "Berlin"},
    "lines": [{"sku": "RJ-M", "quantity": 2, "unit_price": "129.00"}],
}  # fmt: skip
PAYMENT = {
    "id": "pay-1", "order": "KF-1", "method": "card", "state": "paid", "amount": "262.90", "currency": "EUR",
    "at": "2026-02-01T10:00:40Z",
    "refunds": [{"id": "r-1", "amount": "12.90", "reason": "late", "state": "done", "at": "2026-02-09T10:00:00Z"}],
}  # fmt: skip
SHIPMENT = {
    "id": "S-1", "order": "KF-1", "carrier": "DHL", "tracking_number": "de 123", "promised_on": "2026-02-06",
    "lines": [{"position": 1, "quantity": 2}],
    "tracking": [
        {"at": "2026-02-02T08:00:00Z", "code": "picked_up", "place": "Leipzig"},
        {"at": "2026-02-04T08:00:00Z", "code": "delivered", "place": "Berlin", "text": "Left with a neighbour"},
    ],
}  # fmt: skip
RETURN = {
    "number": "KF-1-R1", "order": "KF-1", "state": "open", "opened_at": "2026-02-06T10:00:00Z",
    "deadline": "2026-02-20", "currency": "EUR", "refund": "129.00",
    "lines": [{"position": 1, "quantity": 1, "reason": "too_small"}],
}  # fmt: skip
COUPON = {"code": "welcome", "percent": 10, "starts_on": "2026-01-01", "ends_on": "2026-12-31"}
METHOD = {"id": "pm-1", "customer": "C-1", "kind": "gift_card", "label": "Gift card", "balance": "20.00",
          "currency": "EUR"}  # fmt: skip
REMEDY = {"id": "deed-7", "order": "KF-1", "position": 1, "cause": "damaged", "kind": "part_refund", "quantity": 1,
          "amount": "12.90", "currency": "EUR", "rule": "remedy.part", "by": "assistant",
          "at": "2026-02-09T10:00:00Z"}  # fmt: skip
SHOP = {
    "customers": [CUSTOMER], "payment_methods": [METHOD], "products": [PRODUCT], "coupons": [COUPON],
    "orders": [ORDER], "payments": [PAYMENT], "shipments": [SHIPMENT], "returns": [RETURN], "remedies": [REMEDY],
}  # fmt: skip


class Door:
    """The import, with a folder for its files and a book of its problems."""

    def __init__(self, brand: Brand, folder: Path) -> None:
        self.brand = brand
        self.folder = folder
        self.problems: list[str] = []

    def file(self, name: str, content: bytes | str) -> Path:
        path = self.folder / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    def run(self, path: Path, kind: str) -> tuple[int, int, int, int]:
        """(new, changed, as before, not taken)"""
        self.problems = []

        def note(problem: Problem) -> None:
            self.problems.append(str(problem))

        tally, bad = Importer(self.brand, note).run(path, kind)
        return tally.new, tally.changed, tally.same, bad

    def take(self, kind: str, *records: Any) -> tuple[int, int, int, int]:
        lines = "".join(json.dumps(record) + "\n" for record in records)
        return self.run(self.file(f"{kind}.jsonl", lines), kind)

    def take_shop(self) -> None:
        for kind, records in SHOP.items():
            assert self.take(kind, *records) == (len(records), 0, 0, 0), self.problems


@pytest.fixture
def door(brand: Brand, tmp_path: Path) -> Door:
    return Door(brand, tmp_path)


def exported(brand: Brand, *, as_csv: bool = False) -> dict[str, str]:
    files = {}
    for kind in KINDS:
        out = io.StringIO(newline="")
        with transaction.atomic():
            export_kind(brand, kind, out, as_csv=as_csv)
        files[kind] = out.getvalue()
    return files


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


def test_two_brands_may_use_the_same_keys(door, other_brand, tmp_path):
    door.take_shop()
    Door(other_brand, tmp_path).take_shop()
    assert Order.objects.filter(number="KF-1").count() == 2
    assert Refund.objects.count() == 2


# -- CSV ----------------------------------------------------------------------

CSV = (
    "number;customer;state;placed_at;country;currency;total;address.city;lines.sku;lines.quantity;lines.unit_price\r\n"
    "KF-7;C-1;paid;2026-02-01 10:00;DE;EUR;258.00;北京;RJ-M;1;129.00\r\n"
    "KF-7;;;;;;;;RJ-L;1;129.00\r\n"
    "\r\n"
    "KF-8;C-1;paid;2026-02-01 10:00;DE;EUR;129.00;上海;RJ-M;1;129.00\r\n"
)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_csv_comes_in_whatever_program_saved_it(door, encoding):
    door.take("customers", CUSTOMER)
    door.take("products", PRODUCT)
    assert door.run(door.file("orders.csv", CSV.encode(encoding)), "orders") == (2, 0, 0, 0), door.problems
    order = Order.objects.get(number="KF-7")
    assert (order.lines.count(), order.address) == (2, {"city": "北京"})
    assert order.placed_at.isoformat() == "2026-02-01T09:00:00+00:00"  # the brand's own time


def test_latin_1_is_not_mistaken_for_chinese(door):
    path = door.file("customers.csv", "id,name\nC-1,Müller Jürgen\nC-2,François\n".encode("latin-1"))
    assert door.run(path, "customers") == (0, 0, 0, 1)
    assert "CSV UTF-8" in door.problems[0]


def test_half_an_order_does_not_go_in(door):
    door.take("customers", CUSTOMER)
    door.take("products", PRODUCT)
    broken = CSV.replace("KF-7;;;;;;;;RJ-L", "KF-7;C-2;;;;;;;RJ-L")
    assert door.run(door.file("orders.csv", broken), "orders") == (1, 0, 0, 1)
    assert door.problems[0].startswith("orders.csv:3: customer: differs from the first row")
    assert not Order.objects.filter(number="KF-7").exists()


@pytest.mark.parametrize(
    ("content", "cure"),
    [
        ("", "begin the file with the column names"),
        ("name,email\nMira,x\n", "begin the file with the column names"),
        ("id,name,name\nC-1,a,b\n", "leave one of them out"),
        ("id,name\nC-1,a,b,c\nC-9,good\n", "put cells with commas in quotation marks"),
        ('id,name\nC-1,"a"b\nC-9,good\n', "close quotation marks"),
        ("id,name\nC-1,a\x00b\nC-9,good\n", "remove it"),
        ("id,name\n=C-1,a\nC-9,good\n", "no formula"),
    ],
)
def test_broken_csv_says_how_to_mend_it(door, content, cure):
    *_, bad = door.run(door.file("customers.csv", content), "customers")
    assert bad == 1
    assert cure in door.problems[0]
    assert Customer.objects.count() == (1 if "good" in content else 0)


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
