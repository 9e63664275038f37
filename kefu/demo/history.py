"""Eighteen months of orders with their payments, parcels and returns: records of the import format.

Each order gets a fate (late, lost, held at customs …) and its whole course; what lies after the demo's moment has not
happened yet and is cut off, so that the newest orders are on their way by themselves.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from kefu.commerce import rules
from kefu.demo.customers import Buyer
from kefu.demo.pack import declared
from kefu.demo.tracks import FATES, Step, course

Json = Any
MONTHS_DAYS = 548
METHODS = {"CN": [("alipay", 55), ("wechat_pay", 35), ("card", 10)]}
ELSEWHERE = [("card", 45), ("paypal", 35), ("invoice", 12), ("bank_transfer", 8)]
REASONS = ["too_small", "too_large", "changed_mind", "not_as_described", "damaged", "wrong_item"]
CANCEL_REASONS = ["changed_mind", "ordered_twice", "too_slow", "found_cheaper"]
WELCOME = "WELCOME10"


@dataclass(slots=True)
class History:
    """Records by kind, to be written and imported as they stand."""

    orders: list[Json] = field(default_factory=list)
    payments: list[Json] = field(default_factory=list)
    shipments: list[Json] = field(default_factory=list)
    returns: list[Json] = field(default_factory=list)


@dataclass(slots=True)
class _Draft:
    """An order while it is being made. Amounts in cents."""

    record: Json
    placed_at: datetime
    total: int
    discount: int
    lines: list[rules.PricedLine]
    parcels: list[list[Step]] = field(default_factory=list)


def text(moment: datetime) -> str:
    return moment.isoformat().replace("+00:00", "Z")


def euros(cents: int) -> str:
    return f"{cents // 100}.{cents % 100:02}"


def cents(amount: str) -> int:
    whole, _, rest = amount.partition(".")
    return int(whole) * 100 + int(rest or 0)


def make_history(brand: Json, products: list[Json], people: list[Buyer], now: datetime) -> History:
    """now: the demo's moment, UTC; nothing in the history lies after it."""
    rng = random.Random(f"{brand['slug']}:history")
    history = History()
    ages = sorted((_age(rng) for _ in range(brand["orders"])), reverse=True)
    # a few buy often, most once or twice
    weights = [rng.paretovariate(1.4) for _ in people]
    buyers = rng.choices(people, weights, k=len(ages))
    for number, (age, buyer) in enumerate(zip(ages, buyers, strict=True), brand["first_number"]):
        placed_at = (now - timedelta(minutes=age)).replace(second=rng.randrange(60))
        name = f"{brand['settings']['order_prefix']}{number}"
        _order(brand, name, placed_at, buyer, products, now, rng, history)
    return history


def _age(rng: random.Random) -> int:
    """Minutes; newer orders are more, for the shop grows."""
    return 30 + int(MONTHS_DAYS * 1440 * (1 - rng.random() ** 0.7))


def _order(
    brand: Json, number: str, placed_at: datetime, buyer: Buyer, products: list[Json], now: datetime,
    rng: random.Random, history: History,
) -> None:  # fmt: skip
    draft = _draft(brand, number, placed_at, buyer, products, rng)
    fate = rng.choices(list(FATES), list(FATES.values()))[0]
    country = draft.record["country"]
    if fate == "unpaid":
        _unpaid(draft, now, rng, history)
        return
    cancels_at = draft.placed_at + timedelta(hours=rng.randint(1, 20)) if fate == "cancelled" else None
    if cancels_at and cancels_at <= now:
        draft.record |= {"state": "cancelled", "cancelled_at": text(cancels_at),
                         "cancel_reason": rng.choice(CANCEL_REASONS)}  # fmt: skip
        _pay(draft, rng, history, refunds=[(cancels_at, draft.total, "cancelled", "cancel")], now=now)
    else:
        _ship(draft, fate, country, now, rng, history)
        back = _return(draft, now, rng, history) if draft.record["state"] == "delivered" else None
        refunds = [back] if back else []
        if fate == "lost" and (lost := _at(draft, "lost", now)):
            refunds = [(lost + timedelta(days=2), draft.total, "lost on the way", "lost")]
        _pay(draft, rng, history, refunds=refunds, now=now)
    history.orders.append(draft.record)


def _draft(
    brand: Json, number: str, placed_at: datetime, buyer: Buyer, products: list[Json], rng: random.Random
) -> _Draft:
    country = buyer.record["country"]
    shipping = declared("shipping")
    lines, priced = [], []
    for position in range(1, rng.choices([1, 2, 3, 4], [50, 30, 14, 6])[0] + 1):
        product = rng.choice(products)
        variant = rng.choice(product["variants"])
        quantity = rng.choices([1, 2, 3], [85, 12, 3])[0]
        lines.append({"position": position, "sku": variant["sku"], "titles": product["titles"], "quantity": quantity,
                      "unit_price": variant["price"]})  # fmt: skip
        priced.append(rules.PricedLine(position, quantity, cents(variant["price"])))
    goods = sum(line.quantity * line.unit_price_minor for line in priced)
    free = goods >= cents(shipping["free_from"]) and country in rules.EU
    freight = 0 if free else cents(shipping["countries"][country]["cost"])
    has_coupon = rng.random() < 0.08
    discount = goods // 10 if has_coupon else 0
    record = {
        "number": number, "customer": buyer.record["id"], "state": "paid", "placed_at": text(placed_at),
        "email": buyer.record["email"], "phone": buyer.record["phone"], "postcode": buyer.postcode,
        "country": country, "address": buyer.address, "currency": brand["currency"], "shipping": euros(freight),
        "discount": euros(discount), "total": euros(goods + freight - discount),
        "coupon": WELCOME if has_coupon else "", "marketplace": "" if has_coupon else _marketplace(number, country),
        "lines": lines,
    }  # fmt: skip
    return _Draft(record, placed_at, goods + freight - discount, discount, priced)


def _marketplace(number: str, country: str) -> str:
    """Where it was bought, "" for the shop itself; drawn apart, so that the rest of the order stays what it was."""
    shares: dict[str, int] = declared("marketplaces").get(country, {})
    rng = random.Random(f"{number}:marketplace")
    return rng.choices(["", *shares], [100 - sum(shares.values()), *shares.values()])[0]


def _unpaid(draft: _Draft, now: datetime, rng: random.Random, history: History) -> None:
    """Bank transfers that never came; after two weeks the shop cancels."""
    draft.record["state"] = "unpaid"
    gives_up = draft.placed_at + timedelta(days=14)
    if gives_up <= now:
        draft.record |= {"state": "cancelled", "cancelled_at": text(gives_up), "cancel_reason": "not paid"}
    history.orders.append(draft.record)
    history.payments.append(_payment(draft, "bank_transfer", "failed" if gives_up <= now else "pending", []))


def _pay(
    draft: _Draft, rng: random.Random, history: History, *, refunds: list[tuple[datetime, int, str, str]], now: datetime
) -> None:
    names, weights = zip(*METHODS.get(draft.record["country"], ELSEWHERE), strict=True)
    method = rng.choices(names, weights)[0]
    given = [
        {"id": f"{why}:{draft.record['number']}", "amount": euros(amount), "reason": reason,
         "state": "done" if at + timedelta(days=4) <= now else "pending", "at": text(at), "rule": f"shop.{why}"}
        for at, amount, reason, why in refunds
        if at <= now and amount > 0
    ]  # fmt: skip
    history.payments.append(_payment(draft, method, "paid", given))


def _payment(draft: _Draft, method: str, state: str, refunds: list[Json]) -> Json:
    return {
        "id": f"pay_{draft.record['number']}", "order": draft.record["number"], "method": method, "state": state,
        "amount": euros(draft.total), "currency": draft.record["currency"],
        "at": text(draft.placed_at + timedelta(seconds=40)), "refunds": refunds,
    }  # fmt: skip


def _ship(draft: _Draft, fate: str, country: str, now: datetime, rng: random.Random, history: History) -> None:
    lines = draft.record["lines"]
    groups = [lines[:1], lines[1:]] if fate == "split" and len(lines) > 1 else [lines]
    states = []
    way = declared("shipping")["countries"][country]
    for count, group in enumerate(groups, 1):
        packs_at = draft.placed_at + timedelta(hours=rng.randint(14, 44) + 72 * (count - 1))
        packs_at = packs_at.replace(hour=rng.randint(6, 9), minute=rng.randrange(60))
        steps = course(fate, country, draft.record["address"]["city"], max(packs_at, draft.placed_at), rng)
        happened = [step for step in steps if step.at <= now]
        carrier = rng.choice(way["carriers"])
        tracking_number = _number(carrier, rng)
        if not happened:
            continue
        draft.parcels.append(happened)
        promised_on = (draft.placed_at + timedelta(days=way["promise"])).date()
        shipment = parcel_record(
            f"S-{draft.record['number']}-{count}", draft.record["number"], carrier, tracking_number, promised_on, group,
            happened,
        )  # fmt: skip
        history.shipments.append(shipment)
        events = [rules.Tracking(step.at, step.code) for step in happened]
        states.append(str(rules.shipment_state(events)))
    draft.record["state"] = order_state(states, parcels=len(groups), waits=now - draft.placed_at)


def order_state(states: list[str], *, parcels: int, waits: timedelta) -> str:
    """The order's state from its parcels' (ShipmentState); waits: how long ago it was placed."""
    if states and len(states) == parcels and all(state == "delivered" for state in states):
        return "delivered"
    if any(state != "preparing" for state in states):
        return "shipped"
    return "packing" if states or waits > timedelta(hours=30) else "paid"


def parcel_record(
    key: str, order: str, carrier: str, tracking_number: str, promised_on: Any, lines: list[Json], steps: list[Step]
) -> Json:
    words = declared("shipping")["words"]
    return {
        "id": key, "order": order, "carrier": carrier, "tracking_number": tracking_number,
        "promised_on": promised_on.isoformat(),
        "lines": [{"position": line["position"], "quantity": line["quantity"]} for line in lines],
        "tracking": [
            {"at": text(step.at), "code": step.code, "place": step.place, "text": words[step.code]} for step in steps
        ],
    }  # fmt: skip


def _number(carrier: str, rng: random.Random) -> str:
    draws = {"#": "0123456789", "!": "123456789", "?": "ABCDEFGHJKLMNPQRSTUVWXYZ"}
    pattern = declared("shipping")["carriers"][carrier]["number"]
    return "".join(rng.choice(draws[sign]) if sign in draws else sign for sign in pattern)


def _at(draft: _Draft, code: str, now: datetime) -> datetime | None:
    return next((step.at for steps in draft.parcels for step in steps if step.code == code and step.at <= now), None)


def _return(
    draft: _Draft, now: datetime, rng: random.Random, history: History
) -> tuple[datetime, int, str, str] | None:
    """One delivered order in eleven comes back in part; the refund follows when the warehouse has it."""
    if rng.random() > 0.09:
        return None
    arrived = max(step.at for steps in draft.parcels for step in steps if step.code == "delivered")
    opened_at = arrived + timedelta(days=rng.randint(1, 12), hours=rng.randint(1, 9))
    if opened_at > now:
        return None
    line = rng.choice(draft.lines)
    amount = rules.line_refund(draft.lines, draft.discount, position=line.position, quantity=1)
    received_at = opened_at + timedelta(days=rng.randint(4, 11), hours=rng.randint(1, 9))
    is_there = received_at <= now
    history.returns.append(
        return_record(draft.record["number"], opened_at, line.position, rng.choice(REASONS), amount,
                      received_at if is_there else None, currency=draft.record["currency"])
    )  # fmt: skip
    return (received_at, amount, "returned", "return") if is_there else None


def return_record(
    order: str, opened_at: datetime, position: int, reason: str, amount: int, received_at: datetime | None, *,
    currency: str,
) -> Json:  # fmt: skip
    return {
        "number": f"{order}-R1", "order": order, "state": "refunded" if received_at else "open",
        "opened_at": text(opened_at), "deadline": (opened_at + timedelta(days=14)).date().isoformat(),
        "received_at": text(received_at) if received_at else None, "currency": currency, "refund": euros(amount),
        "lines": [{"position": position, "quantity": 1, "reason": reason}],
    }  # fmt: skip
