"""Questions of fact, with the figure that the answer must hold."""

from __future__ import annotations

from typing import Any

from bench.tau2.unseen.drawing import Made, ShopRows
from bench.tau2.unseen.returning import send_back

Json = Any


def ask_total(shop: ShopRows, user: Json) -> Made | None:
    for order in shop.orders(user, shop.rng.choice(("pending", "delivered"))):
        says = [f"How much did I pay in total for order {order['order_id']}?",
                f"What's the total of order {order['order_id']}?"]  # fmt: skip
        total = f"{order['payment_history'][0]['amount']:.2f}"
        return Made({"want": "ask", "says": says, "answers": [total]}, [], ())
    return None


def ask_count(shop: ShopRows, user: Json) -> Made | None:
    product = shop.rng.choice(sorted(shop.db["products"].values(), key=lambda one: str(one["product_id"])))
    there = sum(one["available"] for one in product["variants"].values())
    says = [f"How many {product['name']} options are available right now?",
            f"How many different variants of the {product['name']} do you have in stock?"]  # fmt: skip
    return Made({"want": "ask", "says": says, "answers": [str(there)]}, [], ())


def ask_refund(shop: ShopRows, user: Json) -> Made | None:
    made = send_back(shop, user)
    if made is None:
        return None
    order = shop.db["orders"][made.orders[0]]
    ids = list(made.deeds[0].args["item_ids"])
    total = 0.0
    for item in order["items"]:
        if item["item_id"] in ids:
            ids.remove(item["item_id"])
            total += item["price"]
    made.wish["amount"] = f"{total:,.2f}"
    return made


def ask_cheapest(shop: ShopRows, user: Json) -> Made | None:
    product = shop.rng.choice(sorted(shop.db["products"].values(), key=lambda one: str(one["product_id"])))
    there = [one for one in product["variants"].values() if one["available"]]
    if not there:
        return None
    says = [f"Which {product['name']} is the cheapest one and what does it cost?",
            f"What's the price of the cheapest {product['name']}?"]  # fmt: skip
    return Made({"want": "ask", "says": says, "answers": [f"{min(one['price'] for one in there):.2f}"]}, [], ())
