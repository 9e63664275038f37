"""What a wish is made of: the rows of a shop, drawn from by chance, and the deeds of τ²'s tools that it comes to."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from random import Random
from typing import Any

from bench.tau2.files import Action
from bench.tau2.shop import label_of
from bench.tau2.telling import thing_of

Json = Any


@dataclass(slots=True)
class Made:
    """A wish as the scenario writes it, the deeds that are right for it, and the orders it is about."""

    wish: Json
    deeds: list[Action] = field(default_factory=list)
    orders: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ShopRows:
    """db.json and the one source of chance: the same wishes come of the same rows and seed, in the same order."""

    db: Json
    rng: Random

    def orders(self, user: Json, status: str) -> list[Json]:
        """Theirs of that status, shuffled."""
        found = [self.db["orders"][key] for key in user["orders"]]
        found = [order for order in found if order["status"] == status]
        self.rng.shuffle(found)
        return found

    def all_orders(self, user: Json) -> list[Json]:
        return [self.db["orders"][key] for key in user["orders"]]

    def lone(self, order: Json, user: Json) -> list[Json]:
        """Items of the order whose name stands nowhere else in the user's orders, so that the name alone tells them."""
        names = [item["name"] for one in self.all_orders(user) for item in one["items"]]
        return [item for item in order["items"] if names.count(item["name"]) == 1]

    def lone_items(self, user: Json, status: str) -> Iterator[tuple[Json, Json]]:
        """(order, item) of theirs, of orders of that status, whose name stands nowhere else in their orders."""
        for order in self.orders(user, status):
            for item in self.lone(order, user):
                yield order, item

    def original(self, order: Json, user: Json) -> Json:
        """What the order was paid with, None if they have it no longer."""
        return user["payment_methods"].get(order["payment_history"][0]["payment_method_id"])

    def payer(self, user: Json, amount: float) -> Json | None:
        """A method that covers the amount and has a name of its own."""
        methods = [one for one in user["payment_methods"].values() if covers(one, amount)]
        methods = [one for one in methods if self.is_told_apart(one, user)]
        return self.rng.choice(methods) if methods else None

    def is_told_apart(self, method: Json, user: Json) -> bool:
        """Whether no other method of theirs is called the same."""
        return [label_of(one) for one in user["payment_methods"].values()].count(label_of(method)) == 1

    def named(self, order: Json, user: Json) -> Json:
        """How they name the order: by number, or by what no other order of theirs has; {} when it is neither."""
        if self.rng.random() < 0.4:
            return {"order": order["order_id"]}
        others = {item["name"] for one in self.all_orders(user) if one is not order for item in one["items"]}
        own = [item for item in order["items"] if item["name"] not in others]
        if not own:
            return {"order": order["order_id"]}
        return {"things": [{"name": item["name"]} for item in own[:2]]}

    def things(self, items: list[Json], order: Json, user: Json) -> Json:
        """Items as things, with the order's number where words would not tell them from others of the user's."""
        things = [thing_of(item, user, self.db) for item in items]
        left = [item for item in order["items"] if all(item is not one for one in items)]
        names = {thing["name"] for thing in things}
        found: Json = {"things": things, "keeps": sorted({item["name"] for item in left} - names)}
        if any(thing["marks"] for thing in things) or len(names) < len(things):
            found["order"] = order["order_id"]
        return found

    def some(self, items: list[Json]) -> list[Json]:
        """One or more of them, in their order."""
        chosen = self.rng.sample(items, self.rng.randint(1, len(items)))
        return [item for item in items if any(item is one for one in chosen)]

    def variants(self, item: Json, *, available: bool = True) -> list[Json]:
        """Other variants of the item's product, shuffled."""
        found = [one for one in self.db["products"][item["product_id"]]["variants"].values()
                 if one["available"] is available and one["item_id"] != item["item_id"]]  # fmt: skip
        self.rng.shuffle(found)
        return found


def covers(method: Json, amount: float) -> bool:
    return method["source"] != "gift_card" or method["balance"] >= amount


def cancelled(order: Json, reason: str) -> Action:
    return Action("cancel_pending_order", {"order_id": order["order_id"], "reason": reason})


def sent_back(order: Json, items: list[Json], method: Json) -> Action:
    return Action("return_delivered_order_items", {
        "order_id": order["order_id"], "item_ids": [item["item_id"] for item in items],
        "payment_method_id": method["id"],
    })  # fmt: skip


def differing(item: Json, new: Json) -> dict[str, str]:
    return {name: value for name, value in new["options"].items() if item["options"].get(name) != value}
