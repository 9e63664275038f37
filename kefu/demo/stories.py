"""The customers with a story: declared in the pack, dated back from the demo's day."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from kefu.commerce import rules
from kefu.demo.customers import Buyer
from kefu.demo.history import (
    ELSEWHERE,
    History,
    cents,
    euros,
    order_state,
    parcel_record,
    return_record,
    text,
)
from kefu.demo.pack import declared
from kefu.demo.tracks import Step

Json = Any


@dataclass(frozen=True, slots=True)
class StoryOrder:
    """about: one English sentence on how the order stands, for people. lines: {product, color, size, quantity}."""

    number: str
    about: str
    lines: tuple[Json, ...]


@dataclass(frozen=True, slots=True)
class Story:
    """One customer of the demo shop who can write in: `email`, `phone` and `postcode` prove the orders."""

    key: str
    customer_id: str  # the shop's id, Customer.external_id
    name: str
    email: str
    phone: str
    postcode: str
    country: str
    language: str
    orders: tuple[StoryOrder, ...]

    @property
    def number(self) -> str:
        """The number of the order that the story is about."""
        return self.orders[0].number


def stories() -> tuple[Story, ...]:
    """The demo shop's customers with a story, as the pack declares them; Mira is the first."""
    return tuple(_story(number, one) for number, one in enumerate(declared("stories"), 1001))


def _story(number: int, one: Json) -> Story:
    customer = one["customer"]
    orders = tuple(
        StoryOrder(
            order["number"], order["about"], tuple({"size": "", "quantity": 1, **line} for line in order["lines"])
        )
        for order in one["orders"]
    )
    return Story(
        key=one["key"], customer_id=f"C-{number}", name=customer["name"], email=customer["email"],
        phone=customer["phone"], postcode=customer["postcode"], country=customer["country"],
        language=customer["language"], orders=orders,
    )  # fmt: skip


def story_records(brand: Json, products: list[Json], now: datetime) -> tuple[list[Buyer], History]:
    """The stories' customers and all that they bought, as records. now: the demo's moment, UTC midnight."""
    people, history = [], History()
    catalogue = {product["handle"]: product for product in products}
    for story, one in zip(stories(), declared("stories"), strict=True):
        buyer = _buyer(story, one["customer"])
        people.append(buyer)
        for order in one["orders"]:
            _order(brand, buyer, order, catalogue, now, history)
    return people, history


def _buyer(story: Story, customer: Json) -> Buyer:
    record = {"id": story.customer_id, "name": story.name, "email": story.email, "phone": story.phone,
              "language": story.language, "country": story.country, "tier": ""}  # fmt: skip
    address = {"name": story.name, "street": customer["street"], "city": customer["city"]}
    if region := customer.get("region"):
        address["region"] = region
    return Buyer(record, story.postcode, address)


def _order(brand: Json, buyer: Buyer, order: Json, catalogue: Json, now: datetime, history: History) -> None:
    number, country = order["number"], buyer.record["country"]
    placed_at = now - timedelta(days=order["placed_days_ago"]) + timedelta(hours=8, minutes=12)
    lines, priced = [], []
    for position, wanted in enumerate(order["lines"], 1):
        line, price = _line(position, wanted, catalogue)
        lines.append(line)
        priced.append(price)
    goods = sum(line.quantity * line.unit_price_minor for line in priced)
    shipping = declared("shipping")
    is_free = goods >= cents(shipping["free_from"]) and country in rules.EU
    freight = 0 if is_free else cents(shipping["countries"][country]["cost"])
    cancelled_at = None
    if "cancelled_days_ago" in order:
        cancelled_at = now - timedelta(days=order["cancelled_days_ago"]) + timedelta(hours=14, minutes=5)
    states = [_parcel(number, count, one, lines, now, history) for count, one in enumerate(order.get("parcels", []), 1)]
    followed = order_state(states, parcels=len(states), waits=timedelta())
    history.orders.append(
        {
            "number": number, "customer": buyer.record["id"],
            "state": "cancelled" if cancelled_at else order.get("state", followed), "placed_at": text(placed_at),
            "email": buyer.record["email"], "phone": buyer.record["phone"], "postcode": buyer.postcode,
            "country": country, "address": buyer.address, "currency": brand["currency"],
            "marketplace": order.get("marketplace", ""), "shipping": euros(freight), "total": euros(goods + freight),
            "cancelled_at": text(cancelled_at) if cancelled_at else None,
            "cancel_reason": "changed_mind" if cancelled_at else None, "lines": lines,
        }
    )  # fmt: skip
    refunds = []
    if cancelled_at:
        refunds = [{"id": f"cancel:{number}", "amount": euros(goods + freight), "reason": "cancelled",
                    "state": "pending", "at": text(cancelled_at), "rule": "shop.cancel"}]  # fmt: skip
    history.payments.append(
        {
            "id": f"pay_{number}", "order": number, "method": order.get("method", ELSEWHERE[0][0]),
            "state": "pending" if order.get("state") == "unpaid" else "paid", "amount": euros(goods + freight),
            "currency": brand["currency"], "at": text(placed_at + timedelta(seconds=40)), "refunds": refunds,
        }
    )  # fmt: skip
    if back := order.get("return"):
        opened_at = now - timedelta(days=back["opened_days_ago"]) + timedelta(hours=10)
        amount = rules.line_refund(priced, 0, position=back["line"], quantity=back["quantity"])
        history.returns.append(
            return_record(number, opened_at, back["line"], back["reason"], amount, None, currency=brand["currency"])
        )


def _line(position: int, wanted: Json, catalogue: Json) -> tuple[Json, rules.PricedLine]:
    """Raises KeyError or StopIteration when the pack's story names what its catalogue does not have."""
    product = catalogue[wanted["product"]]
    variant = next(
        one for one in product["variants"] if one["color"] == wanted["color"] and one["size"] == wanted.get("size", "")
    )
    quantity = wanted.get("quantity", 1)
    line = {"position": position, "sku": variant["sku"], "titles": product["titles"], "quantity": quantity,
            "unit_price": variant["price"]}  # fmt: skip
    return line, rules.PricedLine(position, quantity, cents(variant["price"]))


def _parcel(number: str, count: int, one: Json, lines: list[Json], now: datetime, history: History) -> str:
    steps = []
    for days_ago, clock, code, place in one["track"]:
        hours, _, minutes = clock.partition(":")
        # days ago from midnight: "6 days ago at 12:40" lies within that day
        at = now - timedelta(days=days_ago) + timedelta(hours=int(hours), minutes=int(minutes))
        steps.append(Step(at, code, place))
    carried = [line for line in lines if line["position"] in one["lines"]]
    promised_on = (now - timedelta(days=one["promised_days_ago"])).date()
    tracking_number = f"{number.replace('-', '')}DE{count}00{len(steps):02}"
    history.shipments.append(
        parcel_record(f"S-{number}-{count}", number, one["carrier"], tracking_number, promised_on, carried, steps)
    )
    return str(rules.shipment_state([rules.Tracking(step.at, step.code) for step in steps]))
