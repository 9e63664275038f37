"""Tables as people's programs save them."""

from __future__ import annotations

import pytest

from kefu.commerce.models import Order
from kefu.commerce.tests.exchanging import CUSTOMER, PRODUCT
from kefu.people.models import Customer

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
