"""db.json becomes a Kefu brand. What the import format has words for goes in by the import; the rest is said here.

| τ² | Kefu |
|---|---|
| user | customer; its default address is the customer's address |
| payment method | payment method, called as its owner would: "Mastercard ending 9212", "PayPal", "gift card" |
| product, variant | product, variant: sku is the item id; color and size are columns, other options are options |
| available | stock PLENTY, else 0 |
| order "#W1" | order "W1": pending is paid, processed is shipped, delivered and cancelled are themselves |
| fulfillment | shipment with its first tracking id |
| payment, refund | payment with its method, refund |

Times are not in db.json; every order gets PLACED_AT, so nothing that depends on days can be measured with it.
"""

from __future__ import annotations

import atexit
import json
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import yaml
from django.conf import settings

from kefu.commerce.exchange import KINDS, Importer, Problem
from kefu.commerce.models import Order, Payment, PaymentMethod, Variant
from kefu.desk.models import Channel
from kefu.people.models import Brand, Customer
from kefu.people.services import add_brand

Json = Any
SLUG, PACK = "tau2-retail", "tau2"
HERE = Path(__file__).parent
PLENTY = 1000
PLACED_AT = datetime(2024, 5, 1, 12, tzinfo=UTC)
#: policy.md knows no window
RETURN_DAYS = 36500
CURRENCY, COUNTRY, LANGUAGE = "USD", "US", "en"
STATES = {"pending": "paid", "processed": "shipped", "delivered": "delivered", "cancelled": "cancelled"}
#: parts of an address that the import format has
IMPORTED = ("street", "city", "region")
#: what the bench's pack borrows from the e-commerce pack, for its language is the same
BORROWED = ("intents", "knowledge", "replies/en", "playbooks")
#: playbooks borrowed besides small talk and the shared ones
TALK = frozenset({"human", "clarify", "product_question", "question"})
#: policy.md's reasons for cancelling, and how people put them
CANCEL_REASONS = {
    "no longer needed": ["longer need", "don't need", "not needed", "changed my mind", "don't want"],
    "ordered by mistake": ["mistake", "accident", "wrong order"],
}


class ShopBroken(Exception):
    """The converter made rows that the import refuses; the message names them."""


def use_pack() -> None:
    """Put the bench's pack beside the installed ones, for this process: a folder of links.

    What the bench's pack has not written itself it borrows, file by file, from the e-commerce pack.
    """
    packs = Path(settings.PACKS_DIR)
    staged = Path(tempfile.mkdtemp(prefix="kefu-bench-packs-"))  # two benches at a time must not share one
    atexit.register(shutil.rmtree, staged, ignore_errors=True)
    for pack in packs.iterdir():
        if pack.is_dir() and pack.name != PACK:
            (staged / pack.name).symlink_to(pack)
    own = HERE / "pack"
    for folder in (own, *(packs / "ecommerce" / name for name in BORROWED)):
        root = own if folder == own else packs / "ecommerce"
        for file in sorted(folder.rglob("*")):
            place = staged / PACK / file.relative_to(root)
            if file.is_file() and not place.exists() and not _is_left_out(file.relative_to(root)):
                place.parent.mkdir(parents=True, exist_ok=True)
                place.symlink_to(file)
    for file in sorted((staged / PACK / "intents").glob("*.yaml")):
        taught = own / "intents" / file.name
        borrowed = packs / "ecommerce" / "intents" / file.name
        _spoken(borrowed if borrowed.exists() else taught, taught if borrowed.exists() else None, file)
    settings.PACKS_DIR = staged


def _spoken(base: Path, more: Path | None, into: Path) -> None:
    """An intent's examples in the brand's one language, with the bench's own examples and cues: learnt in seconds."""
    intent = yaml.safe_load(base.read_text(encoding="utf-8"))
    own = yaml.safe_load(more.read_text(encoding="utf-8")) if more is not None and more.exists() else {}
    intent["cues"] = [*intent.get("cues", ()), *own.get("cues", ())]
    intent["examples"] = _of_language(intent["examples"])
    for language, texts in own.get("examples", {}).items():
        intent["examples"][language] = [*intent["examples"].get(language, ()), *texts]
    intent["not"] = {label: _of_language(texts) for label, texts in (intent.get("not") or {}).items()}
    into.unlink()
    into.write_text(yaml.safe_dump(intent, allow_unicode=True), encoding="utf-8")


def _of_language(texts: Mapping[str, list[str]]) -> dict[str, list[str]]:
    return {language: list(own) for language, own in texts.items() if language == LANGUAGE}


def _is_left_out(path: Path) -> bool:
    """Playbooks of deeds that the retail set has its own rules for, and the intent that its own ones divide."""
    if path == Path("intents/change_order.yaml"):
        return True
    return path.parts[0] == "playbooks" and path.name.endswith(".yaml") and len(path.parts) == 2 and (
        path.stem not in TALK and not (HERE / "pack" / path).exists()
    )  # fmt: skip


def load_shop(db: Json) -> Brand:
    """Make the brand and bring everything in. Raises ShopBroken. Call it in a transaction that is rolled back."""
    brand = add_brand(
        SLUG, "Retail", languages=[LANGUAGE], currency=CURRENCY, country=COUNTRY, time_zone="America/New_York",
        settings={"order_prefix": "W", "payments": {"captured_at_once": True}, "terms": {"return_days": RETURN_DAYS},
                  "cancel_reasons": CANCEL_REASONS},
    )  # fmt: skip
    Brand.objects.filter(pk=brand.pk).update(pack=PACK)
    brand.refresh_from_db()
    Channel.objects.create(brand=brand, kind="chat", name="Bench")
    with tempfile.TemporaryDirectory(prefix="kefu-tau2-") as folder:
        for kind in KINDS:
            file = Path(folder) / f"{kind}.jsonl"
            with file.open("w", encoding="utf-8") as out:
                out.writelines(json.dumps(record) + "\n" for record in records(kind, db))
            problems: list[Problem] = []
            _, bad = Importer(brand, problems.append).run(file, kind)
            if bad:
                raise ShopBroken(f"{bad} rows of {kind}:\n" + "\n".join(map(str, problems[:10])))
    _beyond_the_format(brand, db)
    return brand


def number_of(order_id: str) -> str:
    """ "#W2378156" -> "W2378156"."""
    return str(order_id).lstrip("#").upper()


# ---- the import format ----


def records(kind: str, db: Json) -> Iterator[Json]:
    """Records of one kind of the import format."""
    if kind == "customers":
        for user in db["users"].values():
            name = user["name"]
            yield {
                "id": user["user_id"], "name": f"{name['first_name']} {name['last_name']}", "email": user["email"],
                "language": "en", "country": COUNTRY,
            }  # fmt: skip
    elif kind == "products":
        yield from map(_product, db["products"].values())
    elif kind == "orders":
        yield from (_order(order, db) for order in db["orders"].values())
    elif kind == "payments":
        for order in db["orders"].values():
            yield from _payments(order, db)
    elif kind == "shipments":
        for order in db["orders"].values():
            yield from _shipments(order)


def _product(product: Json) -> Json:
    return {
        "id": product["product_id"], "handle": f"p{product['product_id']}", "titles": {"en": product["name"]},
        "category": product["name"].lower()[:80],
        "variants": [
            {"sku": one["item_id"], "size": one["options"].get("size", ""), "color": one["options"].get("color", ""),
             "price": f"{one['price']:.2f}", "currency": CURRENCY, "stock": PLENTY if one["available"] else 0}
            for one in product["variants"].values()
        ],
    }  # fmt: skip


def _order(order: Json, db: Json) -> Json:
    user, address = db["users"][order["user_id"]], order["address"]
    record = {
        "number": number_of(order["order_id"]), "customer": order["user_id"], "state": STATES[order["status"]],
        "placed_at": PLACED_AT.isoformat(), "email": user["email"], "postcode": address["zip"], "country": COUNTRY,
        "address": {name: value for name, value in address_of(address).items() if value and name in IMPORTED},
        "currency": CURRENCY,
        "lines": [
            {"sku": item["item_id"], "quantity": 1, "unit_price": f"{item['price']:.2f}"} for item in order["items"]
        ],
    }  # fmt: skip
    if order["status"] == "cancelled":
        record |= {"cancelled_at": PLACED_AT.isoformat(), "cancel_reason": order.get("cancel_reason") or ""}
    return record


def _payments(order: Json, db: Json) -> Iterator[Json]:
    methods = db["users"][order["user_id"]]["payment_methods"]
    history = order["payment_history"]
    paid = [one for one in history if one["transaction_type"] == "payment"]
    refunds = [one for one in history if one["transaction_type"] == "refund"]
    for place, one in enumerate(paid, 1):
        number = number_of(order["order_id"])
        own = [back for back in refunds if back["payment_method_id"] == one["payment_method_id"]] if place == 1 else []
        yield {
            "id": f"{number}-{place}", "order": number, "method": kind_of(methods[one["payment_method_id"]]),
            "state": "paid", "amount": f"{one['amount']:.2f}", "currency": CURRENCY, "at": PLACED_AT.isoformat(),
            "refunds": [
                {"id": f"{number}-{place}-{n}", "amount": f"{back['amount']:.2f}", "reason": "cancelled",
                 "state": "done", "at": PLACED_AT.isoformat()}
                for n, back in enumerate(own, 1)
            ],
        }  # fmt: skip


def _shipments(order: Json) -> Iterator[Json]:
    left: dict[str, list[int]] = {}
    for position, item in enumerate(order["items"], 1):
        left.setdefault(item["item_id"], []).append(position)
    for place, sent in enumerate(order["fulfillments"], 1):
        codes = ["picked_up", *(["delivered"] if order["status"] == "delivered" else [])]
        yield {
            "id": f"{number_of(order['order_id'])}-{place}", "order": number_of(order["order_id"]),
            "carrier": "Carrier",
            "tracking_number": next(iter(sent["tracking_id"]), ""),
            "lines": [{"position": left[item].pop(0), "quantity": 1} for item in sent["item_ids"] if left.get(item)],
            "tracking": [{"at": PLACED_AT.isoformat(), "code": code} for code in codes],
        }  # fmt: skip


def address_of(address: Json) -> dict[str, str]:
    """A τ² address as an order's: street, street2, city, region. Postcode and country are columns of their own."""
    return {
        "street": address["address1"], "street2": address["address2"], "city": address["city"],
        "region": address["state"],
    }  # fmt: skip


def kind_of(method: Json) -> str:
    return {"credit_card": "card"}.get(method["source"], method["source"])


def label_of(method: Json) -> str:
    """As its owner would call it."""
    if method["source"] == "credit_card":
        return f"{method['brand'].title()} ending {method['last_four']}"
    return {"paypal": "PayPal", "gift_card": "gift card"}.get(method["source"], method["source"])


# ---- what the format has no words for ----


def _beyond_the_format(brand: Brand, db: Json) -> None:
    customers = {one.external_id: one for one in Customer.objects.filter(brand=brand)}
    methods = []
    for user in db["users"].values():
        customer = customers[user["user_id"]]
        customer.address = {**address_of(user["address"]), "postcode": user["address"]["zip"], "country": COUNTRY}
        for method in user["payment_methods"].values():
            balance = method.get("balance")
            methods.append(PaymentMethod(
                brand=brand, customer=customer, external_id=method["id"], kind=kind_of(method), label=label_of(method),
                balance_minor=None if balance is None else round(balance * 100),
                currency="" if balance is None else CURRENCY,
            ))  # fmt: skip
    Customer.objects.bulk_update(customers.values(), ["address"], batch_size=500)
    PaymentMethod.objects.bulk_create(methods, batch_size=500)
    orders = list(Order.objects.filter(brand=brand))
    for order in orders:
        address = address_of(db["orders"]["#" + order.number]["address"])
        order.address = {name: value for name, value in address.items() if value}
    Order.objects.bulk_update(orders, ["address"], batch_size=500)
    own = {one.external_id: one for one in PaymentMethod.objects.filter(brand=brand)}
    variants = {one.sku: one for one in Variant.objects.filter(brand=brand)}
    for product in db["products"].values():
        for one in product["variants"].values():
            variant = variants[one["item_id"]]
            columns = {"size": variant.size, "color": variant.color}  # a colour is kept in lower case: "RGB" is not it
            variant.options = {name: value for name, value in one["options"].items() if columns.get(name) != value}
    Variant.objects.bulk_update(variants.values(), ["options"], batch_size=500)
    payments = list(Payment.objects.filter(order__brand=brand).select_related("order"))
    for payment in payments:
        order = db["orders"]["#" + payment.order.number]
        place = int(payment.external_id.rpartition("-")[2])
        paid = [one for one in order["payment_history"] if one["transaction_type"] == "payment"]
        payment.paid_with = own[paid[place - 1]["payment_method_id"]]
    Payment.objects.bulk_update(payments, ["paid_with"], batch_size=500)
