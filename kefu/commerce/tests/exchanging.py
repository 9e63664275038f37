"""A small shop as its files tell it, and the door they go through."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

from django.db import transaction

from kefu.commerce.exchange import KINDS, Importer, Problem, export_kind
from kefu.people.models import Brand

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


def exported(brand: Brand, *, as_csv: bool = False) -> dict[str, str]:
    files = {}
    for kind in KINDS:
        out = io.StringIO(newline="")
        with transaction.atomic():
            export_kind(brand, kind, out, as_csv=as_csv)
        files[kind] = out.getvalue()
    return files
