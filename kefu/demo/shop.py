"""The demo shop, made and loaded. It goes in by the same door as a real shop's data: the import."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable, Iterable
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any

from kefu.commerce.exchange import KINDS, Importer, Problem
from kefu.demo.catalogue import product_records
from kefu.demo.customers import buyers
from kefu.demo.history import WELCOME, make_history
from kefu.demo.pack import declared
from kefu.demo.stories import Story, stories, story_records
from kefu.kernel import clock
from kefu.kernel.upsert import Tally
from kefu.people.models import Brand
from kefu.people.services import add_brand

__all__ = ["DemoBroken", "Story", "load_demo", "stories", "write_demo"]


class DemoBroken(Exception):
    """The pack's demo data made rows that the import refuses; the message names them."""


def write_demo(folder: Path, today: date) -> list[str]:
    """Write every demo brand's data in the import format: folder/lumen/orders.jsonl and so on; returns the slugs.

    The same day gives the same bytes, another day the same shop with all dates moved.
    """
    for brand in declared("brands"):
        target = folder / brand["slug"]
        target.mkdir(parents=True, exist_ok=True)
        for kind, records in _records(brand, today).items():
            with (target / f"{kind}.jsonl").open("w", encoding="utf-8") as out:
                out.writelines(json.dumps(record, ensure_ascii=False) + "\n" for record in records)
    return [brand["slug"] for brand in declared("brands")]


def _records(brand: Any, today: date) -> dict[str, Iterable[Any]]:
    # midnight in UTC: whatever the hour the demo starts, nothing in it lies in the future
    now = datetime.combine(today, time(), tzinfo=UTC)
    products = product_records(brand, currency=brand["currency"])
    people = buyers(brand)
    history = make_history(brand, products, people, now)
    if brand["slug"] == "lumen":
        told, story = story_records(brand, products, now)
        people = told + people
        history.orders = story.orders + history.orders
        history.payments = story.payments + history.payments
        history.shipments = story.shipments + history.shipments
        history.returns = story.returns + history.returns
    coupon = {
        "code": WELCOME, "percent": 10, "least_total": "0", "starts_on": (today - timedelta(days=730)).isoformat(),
        "ends_on": (today + timedelta(days=365)).isoformat(),
    }  # fmt: skip
    return {
        "customers": [buyer.record for buyer in people],
        "products": products,
        "coupons": [coupon, *_advertised(today)],
        "orders": history.orders,
        "payments": history.payments,
        "shipments": history.shipments,
        "returns": history.returns,
    }


def _advertised(today: date) -> list[Any]:
    """Coupons of every standing, so that "is it valid?" has every answer."""

    def days(count: int) -> str:
        return (today + timedelta(days=count)).isoformat()

    return [
        {"code": "HIKE5", "amount": "5.00", "currency": "EUR", "least_total": "40.00", "starts_on": days(-30),
         "ends_on": days(60), "is_public": True},
        {"code": "CAMPUS15", "percent": 15, "least_total": "0", "starts_on": days(-200), "ends_on": days(200),
         "is_public": True, "audience": "student"},
        {"code": "FROST20", "percent": 20, "least_total": "80.00", "starts_on": days(20), "ends_on": days(50)},
        {"code": "SPRING24", "percent": 15, "least_total": "0", "starts_on": days(-300), "ends_on": days(-200)},
    ]  # fmt: skip


def load_demo(today: date | None = None, *, progress: Callable[[str], None] = lambda line: None) -> list[Brand]:
    """Make the demo's brands and bring their data in; returns them, the main one first.

    today: the day from which the demo's dates are counted back (default: the clock's day in UTC). Loaded again for
    the same day it changes nothing; brands that exist keep their settings. Raises DemoBroken.
    """
    made = []
    with tempfile.TemporaryDirectory(prefix="kefu-demo-") as folder:
        write_demo(Path(folder), today or clock.today())
        for brand_declared in declared("brands"):
            brand = _brand(brand_declared)
            for kind in KINDS:
                file = Path(folder) / brand.slug / f"{kind}.jsonl"
                if not file.exists():  # the demo keeps no payment methods and has made nothing good yet
                    continue
                tally = _import(brand, file, kind)
                progress(f"{brand.name}: {tally.new + tally.changed + tally.same} {kind}")
            made.append(brand)
    return made


def _brand(wanted: Any) -> Brand:
    existing = Brand.objects.filter(slug=wanted["slug"]).first()
    return existing or add_brand(
        wanted["slug"], wanted["name"], languages=wanted["languages"], currency=wanted["currency"],
        country=wanted["country"], time_zone=wanted["time_zone"], settings=wanted["settings"],
    )  # fmt: skip


def _import(brand: Brand, file: Path, kind: str) -> Tally:
    problems: list[Problem] = []
    tally, bad = Importer(brand, lambda problem: problems.append(problem)).run(file, kind)
    if bad:
        shown = "\n".join(str(problem) for problem in problems[:10])
        raise DemoBroken(f"{bad} rows of the demo's {kind}:\n{shown}")
    return tally
