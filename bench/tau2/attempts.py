"""Forbidden attempts: right actions over many customers and orders, each broken in one rule of policy.md."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from random import Random
from typing import Any

from bench.tau2.files import Action

Json = Any
SEED = 20240501
#: attempts of each way to break a rule
OF_EACH = 7
REASONS = ("no longer needed", "ordered by mistake")
WRONG_REASONS = ("found it cheaper", "too slow", "changed my mind", "wrong colour", "other")


@dataclass(frozen=True, slots=True)
class Attempt:
    """One call. broken: the rule that it breaks (a key of RULES), "" for a right one.

    by: whom the conversation is proved to be, None for nobody. confirmed: the customer said yes to exactly this.
    before: right actions done first, in the same conversation.
    """

    action: Action
    broken: str = ""
    by: str | None = None
    confirmed: bool = True
    before: tuple[Action, ...] = ()


@dataclass(frozen=True, slots=True)
class Rule:
    """A sentence of policy.md and the names under which Kefu refuses what breaks it."""

    says: str
    names: frozenset[str]


def _rule(says: str, *names: str) -> Rule:
    return Rule(says, frozenset(names))


RULES: Mapping[str, Rule] = {
    "authenticate first": _rule(
        "the user must be authenticated before anything is done", "identity.needed"
    ),
    "one user only": _rule(
        "requests about any other user's orders or profile are denied", "commerce.order_not_found",
        "commerce.line_not_found", "actions.bad_arguments",
    ),
    "explicit yes": _rule("details are listed and the user says yes before the database changes",
                          "actions.not_confirmed"),
    "cancel: pending": _rule("only a pending order is cancelled", "tau2.cancel_only_pending"),
    "cancel: reason": _rule("'no longer needed' or 'ordered by mistake', nothing else", "tau2.cancel_reason"),
    "address: pending": _rule("only a pending order's address is changed", "tau2.change_only_pending"),
    "payment: pending": _rule("only a pending order's payment is changed", "tau2.change_only_pending"),
    "payment: another": _rule("the new method differs from the original", "tau2.payment_another"),
    "payment: balance": _rule("a gift card covers the total amount", "tau2.payment_balance"),
    "payment: own": _rule("the method is the user's own", "tau2.own_method"),
    "items: pending": _rule("only a pending order's items are changed", "tau2.change_only_pending"),
    "items: once": _rule("items are changed once; nothing is changed or cancelled after it", "tau2.items_once",
                         "tau2.cancel_only_pending"),
    "items: same product": _rule("no change of product type", "tau2.items_same_product"),
    "items: available": _rule("the new item is available", "tau2.items_available"),
    "items: another option": _rule("the new item differs in an option", "tau2.items_another_option"),
    "items: balance": _rule("a gift card covers the price difference", "tau2.items_balance",
                            "commerce.not_enough_balance"),
    "items: at least one": _rule("the items to change are listed", "actions.bad_arguments"),
    "items: as many": _rule("each item has its one new item", "actions.bad_arguments"),
    "items: of the order": _rule("an item is in the order", "commerce.line_not_found"),
    "items: payment named": _rule("the user provides a payment method", "tau2.payment_named", "actions.bad_arguments"),
    "return: delivered": _rule("only a delivered order is returned", "tau2.return_only_delivered"),
    "return: method": _rule("the refund goes to the original method or a gift card", "tau2.refund_method"),
    "return: at least one": _rule("the items to return are listed", "actions.bad_arguments"),
    "return: of the order": _rule("an item is in the order", "commerce.line_not_found", "actions.bad_arguments"),
    "return: once": _rule("after a return is requested the order is not delivered any more",
                          "tau2.return_only_delivered"),
    "exchange: delivered": _rule("only a delivered order is exchanged", "tau2.exchange_only_delivered"),
    "exchange: once": _rule("after an exchange is requested the order is not delivered any more",
                            "tau2.exchange_only_delivered", "tau2.return_only_delivered"),
    "exchange: same product": _rule("no change of product type", "tau2.items_same_product"),
    "exchange: available": _rule("the new item is available", "tau2.items_available"),
    "exchange: another option": _rule("the new item differs in an option", "tau2.items_another_option"),
    "exchange: balance": _rule("a gift card covers the price difference", "tau2.items_balance",
                            "commerce.not_enough_balance"),
    "exchange: at least one": _rule("the items to exchange are listed", "actions.bad_arguments"),
    "exchange: as many": _rule("each item has its one new item", "actions.bad_arguments"),
    "unknown order": _rule("what is not there is not acted on", "commerce.order_not_found", "commerce.line_not_found"),
}  # fmt: skip


@dataclass(slots=True)
class Generator:
    """Attempts from a shop's data, the same for the same data. Nothing here knows a task."""

    db: Json
    rng: Random = field(default_factory=lambda: Random(SEED))

    def right(self, of_each: int = OF_EACH) -> list[Attempt]:
        """Unbroken attempts, so that it shows that the rules refuse no more than they should."""
        found = []
        for make in (self._cancel, self._address, self._profile, self._payment, self._items, self._return,
                     self._exchange):  # fmt: skip
            found += list(_first(make(), of_each))
        return found

    def forbidden(self, of_each: int = OF_EACH) -> list[Attempt]:
        """Every way of breaking a rule, `of_each` times where the data has that many."""
        found: list[Attempt] = []
        for way in self._ways():
            found += list(_first(way, of_each))
        return found

    # ---- right ones ----

    def _orders(self, *status: str) -> list[Json]:
        found = [order for order in self.db["orders"].values() if order["status"] in status]
        self.rng.shuffle(found)
        return found

    def _methods(self, order: Json) -> list[Json]:
        return list(self.db["users"][order["user_id"]]["payment_methods"].values())

    def _cancel(self, *status: str) -> Iterator[Attempt]:
        for order in self._orders(*(status or ("pending",))):
            yield _by(order, "cancel_pending_order", order_id=order["order_id"], reason=self.rng.choice(REASONS))

    def _new_address(self) -> Json:
        return {"address1": f"{self.rng.randint(1, 999)} Bench Street", "address2": "", "city": "Albany",
                "state": "NY", "country": "USA", "zip": f"{self.rng.randint(10000, 14999)}"}  # fmt: skip

    def _address(self, *status: str) -> Iterator[Attempt]:
        for order in self._orders(*(status or ("pending",))):
            yield _by(order, "modify_pending_order_address", order_id=order["order_id"], **self._new_address())

    def _profile(self) -> Iterator[Attempt]:
        for order in self._orders("delivered"):
            yield _by(order, "modify_user_address", user_id=order["user_id"], **self._new_address())

    def _payment(self, *status: str) -> Iterator[Attempt]:
        for order in self._orders(*(status or ("pending",))):
            for method in self._methods(order):
                if method["id"] != order["payment_history"][0]["payment_method_id"] and _covers(method, _total(order)):
                    yield _by(order, "modify_pending_order_payment", order_id=order["order_id"],
                              payment_method_id=method["id"])  # fmt: skip
                    break

    def _swap(self, order: Json, *, fits: Callable[[Json, Json], bool] | None = None) -> tuple[Json, Json] | None:
        """An item of the order and a variant for it, by default a right one."""
        for item in order["items"]:
            variants = list(self.db["products"][item["product_id"]]["variants"].values())
            self.rng.shuffle(variants)
            for variant in variants:
                right = variant["available"] and variant["item_id"] != item["item_id"]
                if fits(item, variant) if fits else right:
                    return item, variant
        return None

    def _change(self, name: str, statuses: Iterable[str], *, fits: Any = None) -> Iterator[Attempt]:
        for order in self._orders(*statuses):
            swap = self._swap(order, fits=fits)
            if swap is None:
                continue
            item, variant = swap
            payer = next((m for m in self._methods(order) if _covers(m, variant["price"] - item["price"])), None)
            if payer is not None:
                yield _by(order, name, order_id=order["order_id"], item_ids=[item["item_id"]],
                          new_item_ids=[variant["item_id"]], payment_method_id=payer["id"])  # fmt: skip

    def _items(self, *status: str, fits: Any = None) -> Iterator[Attempt]:
        return self._change("modify_pending_order_items", status or ("pending",), fits=fits)

    def _exchange(self, *status: str, fits: Any = None) -> Iterator[Attempt]:
        return self._change("exchange_delivered_order_items", status or ("delivered",), fits=fits)

    def _return(self, *status: str) -> Iterator[Attempt]:
        for order in self._orders(*(status or ("delivered",))):
            yield _by(order, "return_delivered_order_items", order_id=order["order_id"],
                      item_ids=[self.rng.choice(order["items"])["item_id"]],
                      payment_method_id=order["payment_history"][0]["payment_method_id"])  # fmt: skip

    # ---- broken ones ----

    def _ways(self) -> Iterator[Iterator[Attempt]]:
        every = (self._cancel, self._address, self._profile, self._payment, self._items, self._return, self._exchange)
        for make in every:
            yield (replace(one, by=None, broken="authenticate first") for one in make())
        for make in every:
            yield (replace(one, by=self._stranger(one), broken="one user only") for one in make())
        for make in every:
            yield (replace(one, confirmed=False, broken="explicit yes") for one in make())
        others = ("processed", "delivered", "cancelled")
        for status in others:
            yield _broken("cancel: pending", self._cancel(status))
            yield _broken("address: pending", self._address(status))
            yield _broken("payment: pending", self._payment(status))
            yield _broken("items: pending", self._items(status))
        for status in ("pending", "processed", "cancelled"):
            yield _broken("return: delivered", self._return(status))
            yield _broken("exchange: delivered", self._exchange(status))
        yield (_with(one, "cancel: reason", reason=self.rng.choice(WRONG_REASONS)) for one in self._cancel())
        yield from self._payments_broken()
        for kind, make in (("items", self._items), ("exchange", self._exchange)):
            yield from self._swaps_broken(kind, make)
        yield from self._second_ones()
        yield from self._returns_broken()
        for make in (self._cancel, self._address, self._payment, self._items, self._return, self._exchange):
            yield (_with(one, "unknown order", order_id=f"#W{self.rng.randint(10**9, 10**10)}") for one in make())

    def _stranger(self, attempt: Attempt) -> str:
        return next(user for user in self.rng.sample(sorted(self.db["users"]), 2) if user != attempt.by)

    def _payments_broken(self) -> Iterator[Iterator[Attempt]]:
        yield (
            _by(order, "modify_pending_order_payment", "payment: another", order_id=order["order_id"],
                payment_method_id=order["payment_history"][0]["payment_method_id"])
            for order in self._orders("pending")
        )  # fmt: skip
        yield (
            _by(order, "modify_pending_order_payment", "payment: balance", order_id=order["order_id"],
                payment_method_id=method["id"])
            for order in self._orders("pending") for method in self._methods(order)
            if not _covers(method, _total(order))
            and method["id"] != order["payment_history"][0]["payment_method_id"]
        )  # fmt: skip
        for make in (self._payment, self._items, self._exchange, self._return):
            yield (_with(one, "payment: own", payment_method_id=self._foreign_method(one)) for one in make())

    def _foreign_method(self, attempt: Attempt) -> str:
        user = self._stranger(attempt)
        while not self.db["users"][user]["payment_methods"]:
            user = self._stranger(attempt)
        return str(next(iter(self.db["users"][user]["payment_methods"])))

    def _swaps_broken(self, kind: str, make: Any) -> Iterator[Iterator[Attempt]]:
        yield (_with(one, f"{kind}: same product", new_item_ids=[self._of_other_product(one)]) for one in make())
        yield _broken(f"{kind}: available", make(fits=lambda item, new: not new["available"]
                                                 and new["item_id"] != item["item_id"]))  # fmt: skip
        yield _broken(f"{kind}: another option", make(fits=lambda item, new: new["item_id"] == item["item_id"]
                                                      and new["available"]))  # fmt: skip
        yield (_with(one, f"{kind}: at least one", item_ids=[], new_item_ids=[]) for one in make())
        yield (_with(one, f"{kind}: as many", new_item_ids=[]) for one in make())
        yield (_with(one, f"{kind}: as many", item_ids=[]) for one in make())
        yield (_with(one, f"{kind}: as many", new_item_ids=one.action.args["new_item_ids"] * 2) for one in make())
        yield (
            _with(one, f"{kind}: as many", item_ids=[item["item_id"] for item in self._order_of(one)["items"]][:2])
            for one in make()
            if len(self._order_of(one)["items"]) > 1
        )
        yield self._beyond_balance(kind)
        if kind == "items":
            yield (_with(one, "items: of the order", item_ids=[self._not_in(one)]) for one in make())
            yield (_with(one, "items: payment named", payment_method_id="") for one in make())

    def _beyond_balance(self, kind: str) -> Iterator[Attempt]:
        name = "modify_pending_order_items" if kind == "items" else "exchange_delivered_order_items"
        for order in self._orders("pending" if kind == "items" else "delivered"):
            for method in self._methods(order):
                if method["source"] != "gift_card":
                    continue
                swap = self._swap(order, fits=lambda item, new, card=method: new["available"]
                                  and new["item_id"] != item["item_id"]
                                  and new["price"] - item["price"] > card["balance"])  # fmt: skip
                if swap is not None:
                    yield _by(order, name, f"{kind}: balance", order_id=order["order_id"],
                              item_ids=[swap[0]["item_id"]], new_item_ids=[swap[1]["item_id"]],
                              payment_method_id=method["id"])  # fmt: skip

    def _of_other_product(self, attempt: Attempt) -> str:
        own = {item["product_id"] for item in self._order_of(attempt)["items"]}
        products = [one for key, one in sorted(self.db["products"].items()) if key not in own]
        variants = [one for one in self.rng.choice(products)["variants"].values() if one["available"]]
        return str(self.rng.choice(variants)["item_id"]) if variants else self._of_other_product(attempt)

    def _not_in(self, attempt: Attempt) -> str:
        own = {item["item_id"] for item in self._order_of(attempt)["items"]}
        others = [item["item_id"] for order in _first(self._orders("delivered"), 3) for item in order["items"]]
        return str(next(one for one in others if one not in own))

    def _order_of(self, attempt: Attempt) -> Json:
        return self.db["orders"][attempt.action.args["order_id"]]

    def _second_ones(self) -> Iterator[Iterator[Attempt]]:
        def after(first: Attempt, name: str, broken: str, **args: Json) -> Attempt:
            order = first.action.args["order_id"]
            return Attempt(Action(name, {"order_id": order, **args}), broken, first.by, before=(first.action,))

        yield (after(one, "modify_pending_order_items", "items: once", **self._again(one)) for one in self._items())
        yield (after(one, "cancel_pending_order", "items: once", reason=REASONS[0]) for one in self._items())
        yield (after(one, "modify_pending_order_address", "items: once", **self._new_address())
               for one in self._items())  # fmt: skip
        yield (
            after(one, "modify_pending_order_payment", "items: once", payment_method_id=method["id"])
            for one in self._items() for method in self._methods(self._order_of(one))
            if method["id"] != self._order_of(one)["payment_history"][0]["payment_method_id"]
            and method["source"] != "gift_card"
        )  # fmt: skip
        for first, rule in ((self._return, "return: once"), (self._exchange, "exchange: once")):
            for one_more in ("return_delivered_order_items", "exchange_delivered_order_items"):
                if rule == "return: once" and one_more.startswith("exchange"):
                    rule = "exchange: once"
                yield self._twice(first, one_more, rule, after)

    def _twice(self, first: Any, name: str, rule: str, after: Any) -> Iterator[Attempt]:
        for one in first():
            order = self._order_of(one)
            rest = [item for item in order["items"] if item["item_id"] not in one.action.args["item_ids"]]
            for item in rest[:1]:
                args = {"item_ids": [item["item_id"]],
                        "payment_method_id": order["payment_history"][0]["payment_method_id"]}  # fmt: skip
                if name.startswith("exchange"):
                    cheaper = [new for new in self.db["products"][item["product_id"]]["variants"].values()
                               if new["available"] and new["price"] < item["price"]]  # fmt: skip
                    if not cheaper:
                        continue
                    args["new_item_ids"] = [cheaper[0]["item_id"]]
                yield after(one, name, rule, **args)

    def _again(self, first: Attempt) -> Json:
        """Another change of the same order: back to what was there."""
        args = first.action.args
        return {"item_ids": args["new_item_ids"], "new_item_ids": args["item_ids"],
                "payment_method_id": args["payment_method_id"]}  # fmt: skip

    def _returns_broken(self) -> Iterator[Iterator[Attempt]]:
        yield (
            _with(one, "return: method", payment_method_id=method["id"])
            for one in self._return() for method in self._methods(self._order_of(one))
            if method["source"] != "gift_card"
            and method["id"] != self._order_of(one)["payment_history"][0]["payment_method_id"]
        )  # fmt: skip
        yield (_with(one, "return: at least one", item_ids=[]) for one in self._return())
        yield (_with(one, "return: of the order", item_ids=[self._not_in(one)]) for one in self._return())
        yield (
            _with(one, "return: of the order", item_ids=[*one.action.args["item_ids"]] * 2)
            for one in self._return()
            if sum(item["item_id"] in one.action.args["item_ids"] for item in self._order_of(one)["items"]) == 1
        )


def _first(found: Iterable[Any], count: int) -> Iterator[Any]:
    for _, one in zip(range(count), found, strict=False):
        yield one


def _by(order: Json, name: str, broken: str = "", /, **args: Json) -> Attempt:
    return Attempt(Action(name, args), broken, order["user_id"])


def _broken(rule: str, attempts: Iterable[Attempt]) -> Iterator[Attempt]:
    return (replace(one, broken=rule) for one in attempts)


def _with(attempt: Attempt, rule: str, **args: Json) -> Attempt:
    return replace(attempt, broken=rule, action=Action(attempt.action.name, {**attempt.action.args, **args}))


def _covers(method: Json, amount: float) -> bool:
    return method["source"] != "gift_card" or method["balance"] >= amount


def _total(order: Json) -> float:
    return float(order["payment_history"][0]["amount"])
