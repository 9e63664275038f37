"""The book's own shop: a private brand with a small catalogue, and the customer and orders of one story in it.

Everything goes in by the import format, the door of a real shop's data. The caller's transaction undoes it all.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from kefu.academy.book.story import BadBook, Bought, Parcel, Story, folder_of
from kefu.commerce.exchange import KINDS, Importer, Problem
from kefu.commerce.models import OrderLine, Variant
from kefu.commerce.services import begin_repair
from kefu.desk.models import Channel
from kefu.kernel import yaml_text
from kefu.kernel.ids import new_id
from kefu.knowledge.pack import load_pack_articles
from kefu.people.actors import SYSTEM
from kefu.people.models import Brand, Customer
from kefu.people.own_data import MARKETING, record_consent
from kefu.people.services import add_brand

Json = Any
CUSTOMER = "C-1"
EMAIL, PHONE, POSTCODE = "mira@example.com", "+4915112345678", "10115"
CITIES = {"GB": "Bristol", "CN": "杭州", "ES": "Valencia", "FR": "Lyon", "DE": "Berlin", "JP": "大阪市", "KR": "서울",
          "BR": "Curitiba", "US": "Portland"}  # fmt: skip
#: tracking of a parcel by its state: (code, part of the way it happened at: 0 when it left, 1 now)
TRACKS: Mapping[str, tuple[tuple[str, float], ...]] = {
    "on_the_way": (("picked_up", 0), ("in_transit", 0.6)),
    "late": (("picked_up", 0), ("in_transit", 0.8)),
    "out": (("picked_up", 0), ("in_transit", 0.5), ("out_for_delivery", 0.97)),
    "missed": (("picked_up", 0), ("in_transit", 0.5), ("delivery_failed", 0.9)),
    "customs": (("picked_up", 0), ("arrived_country", 0.5), ("customs_in", 0.6), ("customs_held", 0.7)),
    "damaged": (("picked_up", 0), ("exception_damaged", 0.6)),
    "lost": (("picked_up", 0), ("in_transit", 0.1), ("lost", 0.95)),
    "silent": (("picked_up", 0),),
    "returning": (("picked_up", 0), ("delivery_failed", 0.5), ("returning", 0.8)),
}
#: days of the way of a parcel that has arrived; days from its leaving to the day that was promised
TRAVEL, PROMISE = 3, 5


def make_shop(pack: str) -> Brand:
    """The brand with catalogue, coupons and help articles, without a customer. Raises BadBook."""
    file = folder_of(pack) / "shop.yaml"
    told = yaml_text.load(file.read_text(encoding="utf-8"))
    brand = add_brand(
        f"book-{new_id().hex[:12]}", told["name"], languages=told["languages"], currency=told["currency"],
        country=told["country"], time_zone=told["time_zone"], settings=told["settings"], pack=pack,
    )  # fmt: skip
    Channel.objects.create(brand=brand, kind="chat", name="Book")
    _bring_in(brand, {"products": (_product(one, told["currency"]) for one in told["products"])})
    load_pack_articles(brand)
    return brand


def bring_in_coupons(brand: Brand, now: datetime) -> None:
    """The shop's coupons, their days counted from now."""
    told = yaml_text.load((folder_of(brand.pack) / "shop.yaml").read_text(encoding="utf-8"))

    def day(days: int) -> str:
        return (now + timedelta(days=days)).date().isoformat()

    rows = ({**one, "starts_on": day(one["starts_on"]), "ends_on": day(one["ends_on"])} for one in told["coupons"])
    _bring_in(brand, {"coupons": rows})


def bring_in(brand: Brand, story: Story, now: datetime) -> Customer:
    """The story's customer with their orders. Raises BadBook when the import refuses them."""
    told = story.customer
    customer = {
        "id": CUSTOMER, "name": told.get("name", "Mira Lang"), "email": told.get("email", EMAIL),
        "phone": told.get("phone", PHONE), "language": story.language, "country": told["country"],
        "tier": told.get("tier", ""), "loyalty_points": told.get("points"),
    }  # fmt: skip
    orders = [_order(one, customer, str(told.get("postcode", POSTCODE)), now, brand) for one in story.orders]
    _bring_in(
        brand,
        {
            "customers": [customer],
            "orders": orders,
            "payments": [row for one in story.orders for row in _payments(one, orders, now)],
            "shipments": [row for one in story.orders for row in _shipments(one, now)],
            "returns": [row for one in story.orders for row in _returns(one, now, brand)],
        },
        story=story,
    )
    mine = Customer.objects.get(brand=brand, external_id=CUSTOMER)
    if told.get("subscribed"):
        record_consent(mine, MARKETING, is_given=True, source="shop", by=SYSTEM)
    if story.terms:
        terms = {**brand.settings.get("terms", {}), **story.terms}
        Brand.objects.filter(pk=brand.pk).update(settings={**brand.settings, "terms": terms})
    for bought in story.orders:
        _claim_before(brand, bought)
    return mine


def _claim_before(brand: Brand, bought: Bought) -> None:
    """The faults of the order's first item that were made good before the story begins."""
    for cause in bought.claimed:
        line = OrderLine.objects.get(brand=brand, order__number=bought.number, position=1)
        begin_repair(line, cause=cause, quantity=1, by=SYSTEM, key=f"before-{bought.number}-{cause}", rule="shop")


def _bring_in(brand: Brand, records: Mapping[str, Iterable[Json]], *, story: Story | None = None) -> None:
    problems: list[Problem] = []
    with tempfile.TemporaryDirectory(prefix="kefu-book-") as folder:
        for kind in (one for one in KINDS if one in records):
            rows = [json.dumps(record, ensure_ascii=False) for record in records[kind]]
            if not rows:
                continue
            file = Path(folder) / f"{kind}.jsonl"
            file.write_text("\n".join(rows), encoding="utf-8")
            Importer(brand, problems.append).run(file, kind)
    if problems:
        where = f"{story.file}: {story.name}" if story else "shop.yaml"
        raise BadBook([f"{where}: {problem}" for problem in problems])


def _product(told: Json, currency: str) -> Json:
    """Variants are every colour in every size, at one price unless `prices` says otherwise for a size."""
    stock: Mapping[str, int] = told.get("stock", {})
    variants = []
    for color in told.get("colors", [""]):
        for size in told.get("sizes", [""]):
            sku = "-".join(part for part in (told["id"], color, str(size)) if part)
            variants.append({
                "sku": sku, "size": str(size), "color": color, "currency": currency, "stock": stock.get(sku, 20),
                "price": told.get("prices", {}).get(str(size), told["price"]),
            })  # fmt: skip
    fields = ("titles", "descriptions", "attributes", "category", "is_returnable", "warranty_months")
    return {"id": told["id"], "handle": told["id"], "variants": variants} | {
        name: told[name] for name in fields if name in told
    }


def _price(brand: Brand, sku: str) -> str:
    found = Variant.objects.filter(brand=brand, sku=sku).first()
    return f"{found.price_minor / 100:.2f}" if found else "0.01"


def _placed(bought: Bought, now: datetime) -> datetime:
    """Orders are placed the day before they leave, and some days before they are cancelled."""
    before = {"cancelled": 3, "delivered": TRAVEL + 1}
    at_once = ("unpaid", "declined", "paying", "twice", "paid", "packing")
    return now - timedelta(days=bought.days + (0 if bought.state in at_once else before.get(bought.state, 1)), hours=2)


def _order(bought: Bought, customer: Json, postcode: str, now: datetime, brand: Brand) -> Json:
    state = {"unpaid": "unpaid", "declined": "unpaid", "paying": "unpaid", "twice": "paid"}.get(
        bought.state, bought.state
    )
    if state in TRACKS:
        state = "shipped"
    record = {
        "number": bought.number, "customer": CUSTOMER, "state": state, "placed_at": _placed(bought, now).isoformat(),
        "email": customer["email"], "phone": customer["phone"], "postcode": postcode, "country": bought.country,
        "address": {"name": customer["name"], "street": "Gartenweg 5", "city": CITIES.get(bought.country, "Berlin")},
        "currency": brand.currency, "marketplace": bought.marketplace,
        "shipping": bought.shipping or "0", "discount": bought.discount or "0",
        "lines": [{"sku": sku, "quantity": count, "unit_price": _price(brand, sku)} for sku, count in bought.items],
    }  # fmt: skip
    if state == "cancelled":
        record |= {"cancelled_at": (now - timedelta(days=bought.days)).isoformat(), "cancel_reason": "by the customer"}
    return record


def _total(order: Json) -> Decimal:
    goods = sum(Decimal(line["unit_price"]) * line["quantity"] for line in order["lines"])
    return Decimal(goods) + Decimal(order["shipping"]) - Decimal(order["discount"])


def _payments(bought: Bought, orders: list[Json], now: datetime) -> Iterator[Json]:
    order = next(one for one in orders if one["number"] == bought.number)
    states = {"unpaid": [], "declined": ["failed"], "paying": ["pending"], "twice": ["paid", "paid"]}
    refunded = bought.days if bought.state == "cancelled" and bought.refunded is None else bought.refunded
    for place, state in enumerate(states.get(bought.state, ["paid"]), 1):
        back = refunded if place == 1 and state == "paid" else None
        yield {
            "id": f"{bought.number}-P{place}", "order": bought.number, "method": bought.method, "state": state,
            "amount": str(_total(order)), "currency": order["currency"], "at": order["placed_at"],
            "refunds": [] if back is None else [
                {"id": f"{bought.number}-B", "amount": bought.refund or str(_total(order)), "reason": "shop",
                 "state": "pending", "at": (now - timedelta(days=back)).isoformat()}
            ],
        }  # fmt: skip


def _shipments(bought: Bought, now: datetime) -> Iterator[Json]:
    everything = tuple(range(1, len(bought.items) + 1))
    own = bought.parcels
    if not own and (bought.state in TRACKS or bought.state == "delivered"):
        own = (Parcel(bought.state, bought.days, everything),)
    for place, parcel in enumerate(own, 1):
        yield _shipment(bought, parcel, place, now)


def _shipment(bought: Bought, parcel: Parcel, place: int, now: datetime) -> Json:
    arrived = now - timedelta(days=parcel.days, hours=1) if parcel.state == "delivered" else None
    left = (arrived or now) - timedelta(days=TRAVEL if arrived else parcel.days, hours=1)
    track = (("picked_up", 0.0), ("out_for_delivery", 0.9), ("delivered", 1.0)) if arrived else TRACKS[parcel.state]
    way = (arrived or now) - left
    promised = left + timedelta(days=PROMISE) if bought.promised is None else now + timedelta(days=bought.promised)
    day = {} if bought.is_unpromised else {"promised_on": promised.date().isoformat()}
    return day | {
        "id": f"{bought.number}-S{place}", "order": bought.number, "carrier": bought.carrier,
        "tracking_number": f"TN{bought.number.removeprefix('KF-')}{place}",
        "lines": [{"position": n, "quantity": bought.items[n - 1][1]} for n in parcel.items],
        "tracking": [{"at": (left + way * part).isoformat(), "code": code} for code, part in track],
    }  # fmt: skip


def _returns(bought: Bought, now: datetime, brand: Brand) -> Iterator[Json]:
    """Everything of the order, announced so many days ago; back with us when its money has been sent."""
    if bought.returned is None:
        return
    opened = now - timedelta(days=bought.returned)
    is_back = bought.refunded is not None
    record = {
        "number": f"{bought.number}-R1", "order": bought.number, "state": "refunded" if is_back else "open",
        "opened_at": opened.isoformat(), "deadline": (opened + timedelta(days=14)).date().isoformat(),
        "currency": brand.currency, "refund": bought.refund or "0",
        "lines": [
            {"position": place, "quantity": count, "reason": "changed_mind"}
            for place, (_, count) in enumerate(bought.items, 1)
        ],
    }  # fmt: skip
    if is_back:
        record["received_at"] = (opened + timedelta(days=1)).isoformat()
    yield record
