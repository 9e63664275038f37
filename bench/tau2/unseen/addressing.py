"""Where an order goes and how it is paid."""

from __future__ import annotations

from typing import Any

from bench.tau2.files import Action
from bench.tau2.shop import label_of
from bench.tau2.unseen.drawing import Made, ShopRows, covers

Json = Any
STREETS = ("Oak Lane", "Harbor Road", "Mill Street", "Sunset Avenue", "Garden Court")
CITIES = (("Albany", "NY", "12207"), ("Boise", "ID", "83702"), ("Tulsa", "OK", "74103"), ("Reno", "NV", "89501"))


def _new_address(shop: ShopRows) -> Json:
    city, state, code = shop.rng.choice(CITIES)
    return {"address1": f"{shop.rng.randint(10, 999)} {shop.rng.choice(STREETS)}", "address2":
            shop.rng.choice(("", f"Suite {shop.rng.randint(100, 999)}")), "city": city, "state": state,
            "country": "USA", "zip": code}  # fmt: skip


def send_to_new_address(shop: ShopRows, user: Json) -> Made | None:
    for order in shop.orders(user, "pending"):
        return _sent_to(shop, order, _new_address(shop), user)
    return None


def _sent_to(shop: ShopRows, order: Json, address: Json, user: Json) -> Made:
    wish = {"want": "change_address", "address": _written(address), **shop.named(order, user)}
    deed = Action("modify_pending_order_address", {"order_id": order["order_id"], **address})
    return Made(wish, [deed], (order["order_id"],))


def send_to_address_of_other(shop: ShopRows, user: Json) -> Made | None:
    for order in shop.orders(user, "pending"):
        for other in shop.all_orders(user):
            if other["address"]["address1"] != order["address"]["address1"]:
                made = _sent_to(shop, order, other["address"], user)
                own, its = order["order_id"], other["order_id"]
                made.wish["says"] = [
                    f"Please send order {own} to the same address as order {its}.",
                    f"Change the shipping address of order {own} to that of my order {its}.",
                ]  # fmt: skip
                made.wish["order"] = order["order_id"]
                return made
    return None


def move_home(shop: ShopRows, user: Json) -> Made | None:
    address = _new_address(shop)
    wish = {"want": "change_default_address", "address": _written(address)}
    return Made(wish, [Action("modify_user_address", {"user_id": user["user_id"], **address})])


def pay_otherwise(shop: ShopRows, user: Json) -> Made | None:
    for order in shop.orders(user, "pending"):
        total, original = order["payment_history"][0]["amount"], shop.original(order, user)
        others = [one for one in user["payment_methods"].values()
                  if one is not original and covers(one, total) and shop.is_told_apart(one, user)]  # fmt: skip
        if others:
            wish = {"want": "change_payment", "pay": [label_of(others[0])], **shop.named(order, user)}
            deed = Action("modify_pending_order_payment",
                          {"order_id": order["order_id"], "payment_method_id": others[0]["id"]})  # fmt: skip
            return Made(wish, [deed], (order["order_id"],))
    return None


def _written(address: Json) -> str:
    parts = [address["address1"], address["address2"], address["city"], address["state"], address["zip"]]
    return ", ".join(part for part in parts if part)
