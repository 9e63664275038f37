"""What τ²-bench retail's own tools do to its rows, written from policy.md and the tools' documented effects.

Independent of Kefu: it gives the right end state of generated tasks, and is itself proved by the public expected ones
(`python -m bench tau2 --part semantics`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from copy import deepcopy
from typing import Any

from bench.tau2.files import Action

Json = Any
ADDRESS = ("address1", "address2", "city", "state", "country", "zip")


class Refusal(Exception):
    """policy.md forbids this; the message is the sentence that does."""


def after(db: Json, actions: Iterable[Action], *, is_faulty: bool = False) -> dict[str, dict[str, Json]]:
    """table -> key -> the whole row as it is after all writing actions, of the rows that change.

    A refused action changes nothing. is_faulty: the customer told of a fault, so that the same item may be had again.
    """
    shop = _Shop(db, is_faulty)
    for action in actions:
        deed = _DEEDS.get(action.name)
        if deed is not None:
            try:
                deed(shop, **action.args)
            except Refusal:
                continue
    return {table: rows for table, rows in shop.changed.items() if rows}


class _Shop:
    def __init__(self, db: Json, is_faulty: bool) -> None:
        self.db, self.is_faulty = db, is_faulty
        self.changed: dict[str, dict[str, Json]] = {"orders": {}, "users": {}}

    def see(self, table: str, key: str) -> Json:
        if key not in self.db[table]:
            raise Refusal(f"{key} is not there")
        return self.changed[table].get(key) or self.db[table][key]

    def change(self, table: str, key: str) -> Json:
        if key not in self.changed[table]:
            self.changed[table][key] = deepcopy(self.db[table][key])
        return self.changed[table][key]

    def order(self, order_id: str, status: str) -> Json:
        order = self.see("orders", order_id)
        if order["status"] != status:
            raise Refusal(f"only a {status} order")
        return order

    def method(self, order: Json, payment: str) -> Json:
        methods = self.see("users", order["user_id"])["payment_methods"]
        if payment not in methods:
            raise Refusal("a payment method of the user's own")
        return methods[payment]

    @staticmethod
    def covers(method: Json, amount: float) -> None:
        if method["source"] == "gift_card" and method["balance"] < amount:
            raise Refusal("enough balance")

    def move(self, user_id: str, payment: str, amount: float) -> None:
        """Money onto (or, negative, from) a gift card; nothing is kept of other methods."""
        if self.see("users", user_id)["payment_methods"][payment]["source"] == "gift_card":
            card = self.change("users", user_id)["payment_methods"][payment]
            card["balance"] = round(card["balance"] + amount, 2)

    def swaps(self, order: Json, item_ids: list[str], new_item_ids: list[str]) -> list[tuple[Json, Json]]:
        """(item, new variant), each of the order's items at most as often as it is there."""
        if not item_ids or len(item_ids) != len(new_item_ids):
            raise Refusal("the items are listed, each with its new one")
        left, found = list(order["items"]), []
        for item_id, new_id in zip(item_ids, new_item_ids, strict=True):
            item = next((one for one in left if one["item_id"] == item_id), None)
            if item is None:
                raise Refusal("an item of the order")
            left.remove(item)
            new = self.db["products"][item["product_id"]]["variants"].get(new_id)
            if new is None:
                raise Refusal("no change of product type")
            if not new["available"]:
                raise Refusal("an available item")
            if new_id == item_id and not self.is_faulty:
                raise Refusal("an item of another option")
            found.append((item, new))
        return found

    def swapping(
        self, order_id: str, status: str, item_ids: list[str], new_item_ids: list[str], payment: str
    ) -> tuple[Json, Json, list[tuple[Json, Json]], float]:
        """The order, the method that pays or is paid, the swaps and what they cost (negative: what goes back)."""
        order = self.order(order_id, status)
        method = self.method(order, payment)
        swaps = self.swaps(order, item_ids, new_item_ids)
        due = difference(swaps)
        self.covers(method, due)
        return order, method, swaps, due


def difference(swaps: Iterable[tuple[Json, Json]]) -> float:
    return round(sum(new["price"] - item["price"] for item, new in swaps), 2)


def _cancel(shop: _Shop, order_id: str, reason: str) -> None:
    order = shop.order(order_id, "pending")
    if reason not in ("no longer needed", "ordered by mistake"):
        raise Refusal("one of two reasons")
    row = shop.change("orders", order_id)
    for paid in order["payment_history"]:
        back = {**paid, "transaction_type": "refund"}
        row["payment_history"] = [*row["payment_history"], back]
        shop.move(order["user_id"], paid["payment_method_id"], paid["amount"])
    row |= {"status": "cancelled", "cancel_reason": reason}


def _address(shop: _Shop, order_id: str, **parts: str) -> None:
    shop.order(order_id, "pending")
    shop.change("orders", order_id)["address"] = {name: parts[name] for name in ADDRESS}


def _user_address(shop: _Shop, user_id: str, **parts: str) -> None:
    shop.see("users", user_id)
    shop.change("users", user_id)["address"] = {name: parts[name] for name in ADDRESS}


def _payment(shop: _Shop, order_id: str, payment_method_id: str) -> None:
    order = shop.order(order_id, "pending")
    method = shop.method(order, payment_method_id)
    paid = order["payment_history"][0]
    if method["id"] == paid["payment_method_id"]:
        raise Refusal("another payment method")
    shop.covers(method, paid["amount"])
    row = shop.change("orders", order_id)
    row["payment_history"] = [
        *row["payment_history"],
        {"transaction_type": "payment", "amount": paid["amount"], "payment_method_id": method["id"]},
        {"transaction_type": "refund", "amount": paid["amount"], "payment_method_id": paid["payment_method_id"]},
    ]
    shop.move(order["user_id"], method["id"], -paid["amount"])
    shop.move(order["user_id"], paid["payment_method_id"], paid["amount"])


def _items(shop: _Shop, order_id: str, item_ids: list[str], new_item_ids: list[str], payment_method_id: str) -> None:
    order, method, swaps, due = shop.swapping(order_id, "pending", item_ids, new_item_ids, payment_method_id)
    places = [next(n for n, one in enumerate(order["items"]) if one is item) for item, _ in swaps]
    row = shop.change("orders", order_id)
    for place, (_, new) in zip(places, swaps, strict=True):
        row["items"][place] |= {"item_id": new["item_id"], "price": new["price"], "options": dict(new["options"])}
    kind = "payment" if due > 0 else "refund"
    row["payment_history"] = [
        *row["payment_history"],
        {"transaction_type": kind, "amount": abs(due), "payment_method_id": method["id"]},
    ]
    row["status"] = "pending (item modified)"
    shop.move(order["user_id"], method["id"], -due)


def _return(shop: _Shop, order_id: str, item_ids: list[str], payment_method_id: str) -> None:
    order = shop.order(order_id, "delivered")
    method = shop.method(order, payment_method_id)
    if method["source"] != "gift_card" and method["id"] != order["payment_history"][0]["payment_method_id"]:
        raise Refusal("the original payment method or a gift card")
    left = [item["item_id"] for item in order["items"]]
    for item in item_ids:
        if item not in left:
            raise Refusal("an item of the order")
        left.remove(item)
    if not item_ids:
        raise Refusal("the items are listed")
    shop.change("orders", order_id).update(
        status="return requested", return_items=sorted(item_ids), return_payment_method_id=payment_method_id
    )


def _exchange(shop: _Shop, order_id: str, item_ids: list[str], new_item_ids: list[str], payment_method_id: str) -> None:
    _, _, _, due = shop.swapping(order_id, "delivered", item_ids, new_item_ids, payment_method_id)
    shop.change("orders", order_id).update(
        status="exchange requested", exchange_items=sorted(item_ids), exchange_new_items=sorted(new_item_ids),
        exchange_payment_method_id=payment_method_id, exchange_price_difference=due,
    )  # fmt: skip


_DEEDS: Mapping[str, Callable[..., None]] = {
    "cancel_pending_order": _cancel,
    "modify_pending_order_address": _address,
    "modify_user_address": _user_address,
    "modify_pending_order_payment": _payment,
    "modify_pending_order_items": _items,
    "return_delivered_order_items": _return,
    "exchange_delivered_order_items": _exchange,
}
