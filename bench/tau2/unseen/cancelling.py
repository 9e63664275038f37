"""Orders to cancel: one, all, a part (which cannot be had), and what has left already."""

from __future__ import annotations

from typing import Any

from bench.tau2.attempts import REASONS
from bench.tau2.unseen.drawing import Made, ShopRows, cancelled

Json = Any


def cancel(shop: ShopRows, user: Json) -> Made | None:
    for order in shop.orders(user, "pending"):
        reason = shop.rng.choice(REASONS)
        wish = {"want": "cancel_order", "reason": reason, **shop.named(order, user)}
        return Made(wish, [cancelled(order, reason)], (order["order_id"],))
    return None


def cancel_all(shop: ShopRows, user: Json) -> Made | None:
    orders = shop.orders(user, "pending")
    if not 2 <= len(orders) <= 3:
        return None
    reason = shop.rng.choice(REASONS)
    parts = [
        {"want": "cancel_order", "reason": reason, "things": [{"name": item["name"]} for item in order["items"]],
         "shows": [order["order_id"]]}
        for order in orders
    ]  # fmt: skip
    says = ["I'd like to cancel all my pending orders.", "Please cancel every order that hasn't been sent yet.",
            "Cancel all of my open orders, please."]  # fmt: skip
    wish = {"want": "cancel_order", "reason": reason, "says": says, "parts": parts}
    return Made(wish, [cancelled(order, reason) for order in orders], tuple(one["order_id"] for one in orders))


def _part(shop: ShopRows, user: Json) -> tuple[Json, Json] | None:
    for order in shop.orders(user, "pending"):
        items = shop.lone(order, user)
        if items and len(order["items"]) > 1:
            return order, shop.rng.choice(items)
    return None


def cancel_part(shop: ShopRows, user: Json) -> Made | None:
    found = _part(shop, user)
    if found is None:
        return None
    order, item = found
    reason = shop.rng.choice(REASONS)
    name = item["name"]
    says = [f"I want to cancel just the {name} in my order. If that's not possible, cancel the whole order.",
            f"Take the {name} out of my pending order. If you can't, then cancel the entire order."]  # fmt: skip
    wish = {"want": "cancel_order", "reason": reason, "says": says, "things": [{"name": item["name"]}]}
    return Made(wish, [cancelled(order, reason)], (order["order_id"],))


def cancel_part_only(shop: ShopRows, user: Json) -> Made | None:
    found = _part(shop, user)
    if found is None:
        return None
    order, item = found
    rest = [one["name"] for one in order["items"] if one["name"] != item["name"]]
    says = [f"Can you cancel the {item['name']} in my pending order? Only that, I want to keep the rest.",
            f"I don't need the {item['name']} any more, please cancel only this one item."]  # fmt: skip
    wish = {"want": "cancel_order", "reason": REASONS[0], "says": says, "things": [{"name": item["name"]}],
            "keeps": rest, "regrets": True}  # fmt: skip
    return Made(wish, [], (order["order_id"],))


def cancel_late(shop: ShopRows, user: Json) -> Made | None:
    for order in shop.orders(user, shop.rng.choice(("delivered", "processed"))):
        return Made({"want": "cancel_order", "reason": REASONS[0], "order": order["order_id"]}, [],
                     (order["order_id"],))  # fmt: skip
    return None
