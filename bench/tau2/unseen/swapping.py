"""Other variants, of orders open and delivered: with limits, with what they'd take instead, with a card too small."""

from __future__ import annotations

from typing import Any

from bench.tau2.attempts import REASONS
from bench.tau2.files import Action
from bench.tau2.semantics import difference
from bench.tau2.shop import label_of
from bench.tau2.telling import thing_of, wishes_into
from bench.tau2.unseen.drawing import Made, ShopRows, cancelled, covers, differing, sent_back

Json = Any


def _swapped(shop: ShopRows, user: Json, order: Json, pairs: list[tuple[Json, Json]], things: list[Json],
             method: Json | None = None, **more: Json) -> Made | None:  # fmt: skip
    """`things`: how each item and its new one are told."""
    method = method or shop.payer(user, max(0.0, difference(pairs)))
    if method is None:
        return None
    is_open = order["status"] == "pending"
    wish = {"want": "change_items" if is_open else "exchange_items", "pay": [label_of(method)],
            **shop.things([item for item, _ in pairs], order, user), **more}  # fmt: skip
    wish["things"] = things
    name = "modify_pending_order_items" if is_open else "exchange_delivered_order_items"
    deed = Action(name, {
        "order_id": order["order_id"], "item_ids": [item["item_id"] for item, _ in pairs],
        "new_item_ids": [new["item_id"] for _, new in pairs], "payment_method_id": method["id"],
    })  # fmt: skip
    return Made(wish, [deed], (order["order_id"],))


def swap(shop: ShopRows, user: Json, status: str) -> Made | None:
    for order in shop.orders(user, status):
        items = [item for item in shop.some(order["items"])[:3] if shop.variants(item)]
        if not items or len({item["item_id"] for item in items}) < len(items):
            continue
        pairs = [(item, shop.variants(item)[0]) for item in items]
        things = [{**thing_of(item, user, shop.db), **wishes_into(item, new)} for item, new in pairs]
        return _swapped(shop, user, order, pairs, things)
    return None


def swap_for_extreme(shop: ShopRows, user: Json, status: str, *, dearest: bool) -> Made | None:
    for order, item in shop.lone_items(user, status):
        variants = sorted(shop.variants(item), key=lambda one: one["price"], reverse=dearest)
        if not variants or (len(variants) > 1 and variants[0]["price"] == variants[1]["price"]):
            continue
        new = variants[0]
        if (new["price"] > item["price"]) is not dearest:
            continue
        words = "the most expensive one" if dearest else "the cheapest one"
        thing = {"name": item["name"], "into": {"": words}, "shows": list(differing(item, new).values())}
        return _swapped(shop, user, order, [(item, new)], [thing])
    return None


def _unavailable(shop: ShopRows, item: Json) -> Json | None:
    """A variant that is out and whose options no available one has."""
    there = shop.variants(item)
    for out in shop.variants(item, available=False):
        wanted = differing(item, out).items()
        if not any(wanted <= one["options"].items() for one in there):
            return out
    return None


def swap_else_another(shop: ShopRows, user: Json, status: str) -> Made | None:
    for order, item in shop.lone_items(user, status):
        out, there = _unavailable(shop, item), shop.variants(item)
        if out is None or not there:
            continue
        thing = {"name": item["name"], "into": differing(item, out), "or_else": [differing(item, there[0])]}
        tells = shop.rng.random() < 0.5
        return _swapped(shop, user, order, [(item, there[0])], [thing], tells_instead=tells)
    return None


def exchange_else_return(shop: ShopRows, user: Json) -> Made | None:
    for order, item in shop.lone_items(user, "delivered"):
        out, method = _unavailable(shop, item), shop.original(order, user)
        if out is None or method is None or not shop.is_told_apart(method, user):
            continue
        instead = {"want": "return_items", **shop.things([item], order, user), "pay": [label_of(method)]}
        wish = {"want": "exchange_items", **shop.things([item], order, user), "pay": [label_of(method)],
                "instead": instead, "tells_instead": shop.rng.random() < 0.6}  # fmt: skip
        wish["things"] = [{"name": item["name"], "into": differing(item, out)}]
        return Made(wish, [sent_back(order, [item], method)], (order["order_id"],))
    return None


def change_else_cancel(shop: ShopRows, user: Json) -> Made | None:
    for order, item in shop.lone_items(user, "pending"):
        out, method = _unavailable(shop, item), shop.payer(user, 10000)
        if out is None or method is None:
            continue
        instead = {"want": "cancel_order", "things": [{"name": item["name"]}], "reason": REASONS[0]}
        wish = {"want": "change_items", **shop.things([item], order, user), "pay": [label_of(method)],
                "instead": instead, "tells_instead": shop.rng.random() < 0.6}  # fmt: skip
        wish["things"] = [{"name": item["name"], "into": differing(item, out)}]
        return Made(wish, [cancelled(order, REASONS[0])], (order["order_id"],))
    return None


def pay_with_small_card(shop: ShopRows, user: Json) -> Made | None:
    cards = [one for one in user["payment_methods"].values() if one["source"] == "gift_card"]
    others = [one for one in user["payment_methods"].values() if one["source"] != "gift_card"]
    if len(cards) != 1 or not others or not shop.is_told_apart(others[0], user):
        return None
    for order, item in shop.lone_items(user, shop.rng.choice(("pending", "delivered"))):
        dear = [one for one in shop.variants(item) if one["price"] - item["price"] > cards[0]["balance"]]
        if dear:
            thing = {"name": item["name"], "into": differing(item, dear[0])}
            pay = [label_of(cards[0]), label_of(others[0])]
            return _swapped(shop, user, order, [(item, dear[0])], [thing], others[0], pay=pay)
    return None


def exchange_if_cheaper(shop: ShopRows, user: Json) -> Made | None:
    """ "What's the cheapest …? Under $X I'd swap mine for it, else send mine back." """
    for order, item in shop.lone_items(user, "delivered"):
        available = sorted(
            (one for one in shop.db["products"][item["product_id"]]["variants"].values() if one["available"]),
            key=lambda one: one["price"],
        )
        method = shop.original(order, user)
        if len(available) < 2 or available[0]["item_id"] == item["item_id"] or method is None:
            continue
        if available[0]["price"] == available[1]["price"] or not covers(method, 1000):
            continue
        if not shop.is_told_apart(method, user):
            continue
        new, takes = available[0], shop.rng.random() < 0.5
        limit = new["price"] + (10 if takes else -10)
        told = shop.things([item], order, user)
        swap = _swapped(shop, user, order, [(item, new)], [
            {"name": item["name"], "into": {"": "the cheapest one"}, "shows": list(differing(item, new).values())}
        ], method)  # fmt: skip
        back = {"want": "return_items", **told, "pay": [label_of(method)]}
        wish = {"want": "ask", "says": [f"What is the cheapest {item['name']} you have right now?",
                                        f"How much is your cheapest {item['name']}?"],
                "answers": [f"{new['price']:.2f}"], "limit": f"{limit:.2f}", "then": swap.wish if swap else back,
                "instead": back}  # fmt: skip
        deeds = swap.deeds if takes and swap else [sent_back(order, [item], method)]
        return Made(wish, deeds, (order["order_id"],))
    return None
