"""Things to send back: some, all but one, of several orders, with the money elsewhere, with a second thought."""

from __future__ import annotations

from typing import Any

from bench.tau2.shop import label_of
from bench.tau2.unseen.drawing import Made, ShopRows, sent_back

Json = Any


def send_back(shop: ShopRows, user: Json) -> Made | None:
    for order in shop.orders(user, "delivered"):
        items = shop.some(order["items"])
        wish = {"want": "return_items", **shop.things(items, order, user)}
        return _returned(shop, wish, order, items, shop.original(order, user), user)
    return None


def _returned(shop: ShopRows, wish: Json, order: Json, items: list[Json], method: Json, user: Json) -> Made | None:
    if method is None or not shop.is_told_apart(method, user):
        return None
    wish.setdefault("pay", [label_of(method)])
    return Made(wish, [sent_back(order, items, method)], (order["order_id"],))


def send_back_all_but(shop: ShopRows, user: Json) -> Made | None:
    for order in shop.orders(user, "delivered"):
        names = [item["name"] for item in order["items"]]
        if len(names) < 3 or len(set(names)) < len(names):
            continue
        kept = shop.rng.choice(order["items"])
        items = [item for item in order["items"] if item is not kept]
        own, name = order["order_id"], kept["name"]
        says = [f"I want to return everything in order {own} except the {name}.",
                f"Please help me return all items of order {own} but not the {name}."]  # fmt: skip
        wish = {"want": "return_items", "says": says, "order": order["order_id"], "keeps": [kept["name"]],
                "things": [{"name": item["name"]} for item in items]}  # fmt: skip
        return _returned(shop, wish, order, items, shop.original(order, user), user)
    return None


def send_back_from_several(shop: ShopRows, user: Json) -> Made | None:
    """Things of two orders in one breath."""
    orders = shop.orders(user, "delivered")[:2]
    if len(orders) < 2:
        return None
    parts, deeds, told = [], [], []
    for order in orders:
        items = shop.lone(order, user)[:2]
        method = shop.original(order, user)
        if not items or method is None or not shop.is_told_apart(method, user):
            return None
        told += [f"the {item['name']}" for item in items]
        parts.append({"want": "return_items", **shop.things(items, order, user), "pay": [label_of(method)]})
        deeds.append(sent_back(order, items, method))
    listed = ", ".join(told[:-1]) + f" and {told[-1]}"
    says = [f"I'd like to return {listed}.", f"Please help me send back {listed}, they're from different orders."]
    wish = {"want": "return_items", "says": says, "parts": parts}
    return Made(wish, deeds, tuple(order["order_id"] for order in orders))


def refund_elsewhere(shop: ShopRows, user: Json) -> Made | None:
    for order in shop.orders(user, "delivered"):
        original = shop.original(order, user)
        others = [one for one in user["payment_methods"].values()
                  if one is not original and one["source"] != "gift_card"]  # fmt: skip
        if original is None or not others or not shop.is_told_apart(others[0], user):
            continue
        items = shop.some(order["items"])[:2]
        wish = {"want": "return_items", **shop.things(items, order, user),
                "pay": [label_of(others[0]), label_of(original)]}  # fmt: skip
        return _returned(shop, wish, order, items, original, user)
    return None


def add(shop: ShopRows, user: Json) -> Made | None:
    for order in shop.orders(user, "delivered"):
        items = shop.lone(order, user)[:2]
        if len(items) < 2:
            continue
        wish = {"want": "return_items", **shop.things(items[:1], order, user),
                "adds": [{"name": items[1]["name"]}]}  # fmt: skip
        return _returned(shop, wish, order, items, shop.original(order, user), user)
    return None


def drop(shop: ShopRows, user: Json) -> Made | None:
    for order in shop.orders(user, "delivered"):
        items = shop.lone(order, user)[:2]
        if len(items) < 2:
            continue
        wish = {"want": "return_items", **shop.things(items, order, user), "drops": [items[1]["name"]]}
        return _returned(shop, wish, order, items[:1], shop.original(order, user), user)
    return None
