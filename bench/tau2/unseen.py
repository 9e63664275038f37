"""New tasks of the retail kind, made of a shop's data by seed: who, what they want with all its ifs and buts, and the
end state that is right by τ²'s own semantics. Nothing here knows Kefu or the public tasks."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from random import Random
from typing import Any

from bench.tau2.attempts import REASONS
from bench.tau2.files import Action
from bench.tau2.semantics import Refusal, after, difference
from bench.tau2.shop import label_of
from bench.tau2.telling import thing_of, wishes_into
from kefu.academy.scenario import Scenario, read_scenario

Json = Any
MANNERS = ("plain", "plain", "terse", "chatty", "hesitant", "rambling", "typos", "angry")
STREETS = ("Oak Lane", "Harbor Road", "Mill Street", "Sunset Avenue", "Garden Court")
CITIES = (("Albany", "NY", "12207"), ("Boise", "ID", "83702"), ("Tulsa", "OK", "74103"), ("Reno", "NV", "89501"))


@dataclass(frozen=True, slots=True)
class Unseen:
    """One task. kinds: what its wishes are, for the table. users: whose rows may change."""

    name: str
    kinds: tuple[str, ...]
    scenario: Scenario
    changed: Mapping[str, Mapping[str, Json]]
    users: frozenset[str]


@dataclass(slots=True)
class _Made:
    """A wish as the scenario writes it, the deeds that are right for it, and the orders it is about."""

    wish: Json
    deeds: list[Action] = field(default_factory=list)
    orders: tuple[str, ...] = ()


class Maker:
    """Tasks from a shop's data; the same for the same data and seed."""

    def __init__(self, db: Json, seed: int) -> None:
        self.db, self.seed, self.rng = db, seed, Random(f"unseen:{seed}")
        self.kinds: Mapping[str, Callable[[Json], _Made | None]] = {
            "cancel": self._cancel,
            "cancel all pending": self._cancel_all,
            "cancel a part, else all": self._cancel_part,
            "cancel a part or nothing": self._cancel_part_only,
            "cancel what has left": self._cancel_late,
            "return": self._return,
            "return all but": self._return_all_but,
            "return from several orders": self._return_several,
            "refund elsewhere, else as allowed": self._refund_elsewhere,
            "second thought adds": self._adds,
            "second thought drops": self._drops,
            "regret": self._regret,
            "exchange": lambda user: self._swap(user, "delivered"),
            "exchange for the cheapest": lambda user: self._extreme(user, "delivered", dearest=False),
            "exchange for the dearest": lambda user: self._extreme(user, "delivered", dearest=True),
            "exchange, else another": lambda user: self._else_another(user, "delivered"),
            "exchange, else return": self._else_return,
            "change": lambda user: self._swap(user, "pending"),
            "change to the cheapest": lambda user: self._extreme(user, "pending", dearest=False),
            "change, else another": lambda user: self._else_another(user, "pending"),
            "change, else cancel": self._else_cancel,
            "gift card too small": self._small_card,
            "if it costs less": self._if_cheaper,
            "address": self._address,
            "address of another order": self._address_of_other,
            "default address": self._home,
            "payment": self._payment,
            "ask the order's total": self._ask_total,
            "ask how many options": self._ask_count,
            "ask the refund, then return": self._ask_refund,
            "ask the cheapest": self._ask_cheapest,
        }  # fmt: skip

    def tasks(self, count: int, kind: str = "") -> Iterator[Unseen]:
        """Each kind in turn (or only `kind`) as the first wish; some customers have a second or third one."""
        kinds = [one for one in self.kinds if not kind or one == kind]
        users = [user for user in self.db["users"].values() if user["payment_methods"] and user["orders"]]
        made = 0
        while made < count:
            chosen, task = kinds[made % len(kinds)], None
            for user in self.rng.sample(users, len(users)):
                task = self._task(user, chosen, made)
                if task is not None:
                    break
            made += 1
            if task is not None:
                yield task

    def _task(self, user: Json, kind: str, place: int) -> Unseen | None:
        first = self.kinds[kind](user)
        if first is None:
            return None
        chosen = [(kind, first)]
        for _ in range(self.rng.choice((0, 0, 1, 1, 2))):
            other = self.rng.choice(list(self.kinds))
            more = self.kinds[other](user)
            taken = {order for _, one in chosen for order in one.orders}
            if more is not None and not set(more.orders) & taken and other not in [name for name, _ in chosen]:
                chosen.append((other, more))
        deeds = [deed for _, one in chosen for deed in one.deeds]
        try:
            changed = after(self.db, deeds)
        except Refusal:  # wishes that go together nowhere
            return None
        manner = self.rng.choice(MANNERS)
        name = user["name"]
        knows = {"name": f"{name['first_name']} {name['last_name']}", "postcode": user["address"]["zip"]}
        if self.rng.random() < 0.5:
            knows = {"email": user["email"]}
        scenario = read_scenario({
            "name": f"unseen {self.seed}.{place}", "seed": self.seed + place, "language": "en", "manner": manner,
            "clicks": self.rng.random() < 0.5, "knows": knows, "wishes": [one.wish for _, one in chosen],
            "opens_with": "greeting" if self.rng.random() < 0.25 else "wish",
            "together": len(chosen) > 1 and self.rng.random() < 0.4,
        })  # fmt: skip
        return Unseen(scenario.name, tuple(one for one, _ in chosen), scenario, changed, frozenset({user["user_id"]}))

    # ---- what a user has ----

    def _orders(self, user: Json, status: str) -> list[Json]:
        found = [self.db["orders"][key] for key in user["orders"]]
        found = [order for order in found if order["status"] == status]
        self.rng.shuffle(found)
        return found

    def _all(self, user: Json) -> list[Json]:
        return [self.db["orders"][key] for key in user["orders"]]

    def _original(self, order: Json, user: Json) -> Json:
        return user["payment_methods"].get(order["payment_history"][0]["payment_method_id"])

    def _payer(self, user: Json, amount: float) -> Json | None:
        """A method that covers the amount and has a name of its own."""
        methods = [one for one in user["payment_methods"].values() if _covers(one, amount)]
        methods = [one for one in methods if self._is_told_apart(one, user)]
        return self.rng.choice(methods) if methods else None

    def _is_told_apart(self, method: Json, user: Json) -> bool:
        return [label_of(one) for one in user["payment_methods"].values()].count(label_of(method)) == 1

    def _named(self, order: Json, user: Json) -> Json:
        """How they name the order: by number, or by what no other order of theirs has; {} when it is neither."""
        if self.rng.random() < 0.4:
            return {"order": order["order_id"]}
        others = {item["name"] for one in self._all(user) if one is not order for item in one["items"]}
        own = [item for item in order["items"] if item["name"] not in others]
        if not own:
            return {"order": order["order_id"]}
        return {"things": [{"name": item["name"]} for item in own[:2]]}

    def _things(self, items: list[Json], order: Json, user: Json) -> Json:
        """Items as things, with the order's number where words would not tell them from others of the user's."""
        things = [thing_of(item, user, self.db) for item in items]
        left = [item for item in order["items"] if all(item is not one for one in items)]
        names = {thing["name"] for thing in things}
        found: Json = {"things": things, "keeps": sorted({item["name"] for item in left} - names)}
        if any(thing["marks"] for thing in things) or len(names) < len(things):
            found["order"] = order["order_id"]
        return found

    # ---- cancelling ----

    def _cancel(self, user: Json) -> _Made | None:
        for order in self._orders(user, "pending"):
            reason = self.rng.choice(REASONS)
            wish = {"want": "cancel_order", "reason": reason, **self._named(order, user)}
            return _Made(wish, [_cancelled(order, reason)], (order["order_id"],))
        return None

    def _cancel_all(self, user: Json) -> _Made | None:
        orders = self._orders(user, "pending")
        if not 2 <= len(orders) <= 3:
            return None
        reason = self.rng.choice(REASONS)
        parts = [
            {"want": "cancel_order", "reason": reason, "things": [{"name": item["name"]} for item in order["items"]],
             "shows": [order["order_id"]]}
            for order in orders
        ]  # fmt: skip
        says = ["I'd like to cancel all my pending orders.", "Please cancel every order that hasn't been sent yet.",
                "Cancel all of my open orders, please."]  # fmt: skip
        wish = {"want": "cancel_order", "reason": reason, "says": says, "parts": parts}
        return _Made(wish, [_cancelled(order, reason) for order in orders], tuple(one["order_id"] for one in orders))

    def _part(self, user: Json) -> tuple[Json, Json] | None:
        for order in self._orders(user, "pending"):
            others = [item["name"] for one in self._all(user) for item in one["items"]]
            items = [item for item in order["items"] if others.count(item["name"]) == 1]
            if items and len(order["items"]) > 1:
                return order, self.rng.choice(items)
        return None

    def _cancel_part(self, user: Json) -> _Made | None:
        found = self._part(user)
        if found is None:
            return None
        order, item = found
        reason = self.rng.choice(REASONS)
        name = item["name"]
        says = [f"I want to cancel just the {name} in my order. If that's not possible, cancel the whole order.",
                f"Take the {name} out of my pending order. If you can't, then cancel the entire order."]  # fmt: skip
        wish = {"want": "cancel_order", "reason": reason, "says": says, "things": [{"name": item["name"]}]}
        return _Made(wish, [_cancelled(order, reason)], (order["order_id"],))

    def _cancel_part_only(self, user: Json) -> _Made | None:
        found = self._part(user)
        if found is None:
            return None
        order, item = found
        rest = [one["name"] for one in order["items"] if one["name"] != item["name"]]
        says = [f"Can you cancel the {item['name']} in my pending order? Only that, I want to keep the rest.",
                f"I don't need the {item['name']} any more, please cancel only this one item."]  # fmt: skip
        wish = {"want": "cancel_order", "reason": REASONS[0], "says": says, "things": [{"name": item["name"]}],
                "keeps": rest, "regrets": True}  # fmt: skip
        return _Made(wish, [], (order["order_id"],))

    def _cancel_late(self, user: Json) -> _Made | None:
        for order in self._orders(user, self.rng.choice(("delivered", "processed"))):
            return _Made({"want": "cancel_order", "reason": REASONS[0], "order": order["order_id"]}, [],
                         (order["order_id"],))  # fmt: skip
        return None

    # ---- sending back ----

    def _return(self, user: Json) -> _Made | None:
        for order in self._orders(user, "delivered"):
            items = self._some(order["items"])
            wish = {"want": "return_items", **self._things(items, order, user)}
            return self._returned(wish, order, items, self._original(order, user), user)
        return None

    def _some(self, items: list[Json]) -> list[Json]:
        chosen = self.rng.sample(items, self.rng.randint(1, len(items)))
        return [item for item in items if any(item is one for one in chosen)]

    def _returned(self, wish: Json, order: Json, items: list[Json], method: Json, user: Json) -> _Made | None:
        if method is None or not self._is_told_apart(method, user):
            return None
        wish.setdefault("pay", [label_of(method)])
        return _Made(wish, [_sent_back(order, items, method)], (order["order_id"],))

    def _return_all_but(self, user: Json) -> _Made | None:
        for order in self._orders(user, "delivered"):
            names = [item["name"] for item in order["items"]]
            if len(names) < 3 or len(set(names)) < len(names):
                continue
            kept = self.rng.choice(order["items"])
            items = [item for item in order["items"] if item is not kept]
            own, name = order["order_id"], kept["name"]
            says = [f"I want to return everything in order {own} except the {name}.",
                    f"Please help me return all items of order {own} but not the {name}."]  # fmt: skip
            wish = {"want": "return_items", "says": says, "order": order["order_id"], "keeps": [kept["name"]],
                    "things": [{"name": item["name"]} for item in items]}  # fmt: skip
            return self._returned(wish, order, items, self._original(order, user), user)
        return None

    def _return_several(self, user: Json) -> _Made | None:
        """Things of two orders in one breath."""
        orders = self._orders(user, "delivered")[:2]
        if len(orders) < 2:
            return None
        names = [item["name"] for one in self._all(user) for item in one["items"]]
        parts, deeds, told = [], [], []
        for order in orders:
            items = [item for item in order["items"] if names.count(item["name"]) == 1][:2]
            method = self._original(order, user)
            if not items or method is None or not self._is_told_apart(method, user):
                return None
            told += [f"the {item['name']}" for item in items]
            parts.append({"want": "return_items", **self._things(items, order, user), "pay": [label_of(method)]})
            deeds.append(_sent_back(order, items, method))
        listed = ", ".join(told[:-1]) + f" and {told[-1]}"
        says = [f"I'd like to return {listed}.", f"Please help me send back {listed}, they're from different orders."]
        wish = {"want": "return_items", "says": says, "parts": parts}
        return _Made(wish, deeds, tuple(order["order_id"] for order in orders))

    def _refund_elsewhere(self, user: Json) -> _Made | None:
        for order in self._orders(user, "delivered"):
            original = self._original(order, user)
            others = [one for one in user["payment_methods"].values()
                      if one is not original and one["source"] != "gift_card"]  # fmt: skip
            if original is None or not others or not self._is_told_apart(others[0], user):
                continue
            items = self._some(order["items"])[:2]
            wish = {"want": "return_items", **self._things(items, order, user),
                    "pay": [label_of(others[0]), label_of(original)]}  # fmt: skip
            return self._returned(wish, order, items, original, user)
        return None

    def _adds(self, user: Json) -> _Made | None:
        for order in self._orders(user, "delivered"):
            names = [item["name"] for one in self._all(user) for item in one["items"]]
            items = [item for item in order["items"] if names.count(item["name"]) == 1][:2]
            if len(items) < 2:
                continue
            wish = {"want": "return_items", **self._things(items[:1], order, user),
                    "adds": [{"name": items[1]["name"]}]}  # fmt: skip
            return self._returned(wish, order, items, self._original(order, user), user)
        return None

    def _drops(self, user: Json) -> _Made | None:
        for order in self._orders(user, "delivered"):
            names = [item["name"] for one in self._all(user) for item in one["items"]]
            items = [item for item in order["items"] if names.count(item["name"]) == 1][:2]
            if len(items) < 2:
                continue
            wish = {"want": "return_items", **self._things(items, order, user), "drops": [items[1]["name"]]}
            return self._returned(wish, order, items[:1], self._original(order, user), user)
        return None

    def _regret(self, user: Json) -> _Made | None:
        made = self.rng.choice((self._cancel, self._return))(user)
        return replace(made, wish={**made.wish, "regrets": True}, deeds=[]) if made is not None else None

    # ---- other variants ----

    def _variants(self, item: Json, *, available: bool = True) -> list[Json]:
        found = [one for one in self.db["products"][item["product_id"]]["variants"].values()
                 if one["available"] is available and one["item_id"] != item["item_id"]]  # fmt: skip
        self.rng.shuffle(found)
        return found

    def _swapped(self, user: Json, order: Json, pairs: list[tuple[Json, Json]], things: list[Json],
                 method: Json | None = None, **more: Json) -> _Made | None:  # fmt: skip
        """`things`: how each item and its new one are told."""
        method = method or self._payer(user, max(0.0, difference(pairs)))
        if method is None:
            return None
        is_open = order["status"] == "pending"
        wish = {"want": "change_items" if is_open else "exchange_items", "pay": [label_of(method)],
                **self._things([item for item, _ in pairs], order, user), **more}  # fmt: skip
        wish["things"] = things
        name = "modify_pending_order_items" if is_open else "exchange_delivered_order_items"
        deed = Action(name, {
            "order_id": order["order_id"], "item_ids": [item["item_id"] for item, _ in pairs],
            "new_item_ids": [new["item_id"] for _, new in pairs], "payment_method_id": method["id"],
        })  # fmt: skip
        return _Made(wish, [deed], (order["order_id"],))

    def _swap(self, user: Json, status: str) -> _Made | None:
        for order in self._orders(user, status):
            items = [item for item in self._some(order["items"])[:3] if self._variants(item)]
            if not items or len({item["item_id"] for item in items}) < len(items):
                continue
            pairs = [(item, self._variants(item)[0]) for item in items]
            things = [{**thing_of(item, user, self.db), **wishes_into(item, new)} for item, new in pairs]
            return self._swapped(user, order, pairs, things)
        return None

    def _one(self, user: Json, status: str) -> Iterator[tuple[Json, Json]]:
        """Orders with an item of theirs that no other has."""
        names = [item["name"] for one in self._all(user) for item in one["items"]]
        for order in self._orders(user, status):
            for item in order["items"]:
                if names.count(item["name"]) == 1:
                    yield order, item

    def _extreme(self, user: Json, status: str, *, dearest: bool) -> _Made | None:
        for order, item in self._one(user, status):
            variants = sorted(self._variants(item), key=lambda one: one["price"], reverse=dearest)
            if not variants or (len(variants) > 1 and variants[0]["price"] == variants[1]["price"]):
                continue
            new = variants[0]
            if (new["price"] > item["price"]) is not dearest:
                continue
            words = "the most expensive one" if dearest else "the cheapest one"
            thing = {"name": item["name"], "into": {"": words}, "shows": list(_differing(item, new).values())}
            return self._swapped(user, order, [(item, new)], [thing])
        return None

    def _unavailable(self, item: Json) -> Json | None:
        """A variant that is out and whose options no available one has."""
        there = self._variants(item)
        for out in self._variants(item, available=False):
            wanted = _differing(item, out).items()
            if not any(wanted <= one["options"].items() for one in there):
                return out
        return None

    def _else_another(self, user: Json, status: str) -> _Made | None:
        for order, item in self._one(user, status):
            out, there = self._unavailable(item), self._variants(item)
            if out is None or not there:
                continue
            thing = {"name": item["name"], "into": _differing(item, out), "or_else": [_differing(item, there[0])]}
            tells = self.rng.random() < 0.5
            return self._swapped(user, order, [(item, there[0])], [thing], tells_instead=tells)
        return None

    def _else_return(self, user: Json) -> _Made | None:
        for order, item in self._one(user, "delivered"):
            out, method = self._unavailable(item), self._original(order, user)
            if out is None or method is None or not self._is_told_apart(method, user):
                continue
            instead = {"want": "return_items", **self._things([item], order, user), "pay": [label_of(method)]}
            wish = {"want": "exchange_items", **self._things([item], order, user), "pay": [label_of(method)],
                    "instead": instead, "tells_instead": self.rng.random() < 0.6}  # fmt: skip
            wish["things"] = [{"name": item["name"], "into": _differing(item, out)}]
            return _Made(wish, [_sent_back(order, [item], method)], (order["order_id"],))
        return None

    def _else_cancel(self, user: Json) -> _Made | None:
        for order, item in self._one(user, "pending"):
            out, method = self._unavailable(item), self._payer(user, 10000)
            if out is None or method is None:
                continue
            instead = {"want": "cancel_order", "things": [{"name": item["name"]}], "reason": REASONS[0]}
            wish = {"want": "change_items", **self._things([item], order, user), "pay": [label_of(method)],
                    "instead": instead, "tells_instead": self.rng.random() < 0.6}  # fmt: skip
            wish["things"] = [{"name": item["name"], "into": _differing(item, out)}]
            return _Made(wish, [_cancelled(order, REASONS[0])], (order["order_id"],))
        return None

    def _small_card(self, user: Json) -> _Made | None:
        cards = [one for one in user["payment_methods"].values() if one["source"] == "gift_card"]
        others = [one for one in user["payment_methods"].values() if one["source"] != "gift_card"]
        if len(cards) != 1 or not others or not self._is_told_apart(others[0], user):
            return None
        for order, item in self._one(user, self.rng.choice(("pending", "delivered"))):
            dear = [one for one in self._variants(item) if one["price"] - item["price"] > cards[0]["balance"]]
            if dear:
                thing = {"name": item["name"], "into": _differing(item, dear[0])}
                pay = [label_of(cards[0]), label_of(others[0])]
                return self._swapped(user, order, [(item, dear[0])], [thing], others[0], pay=pay)
        return None

    def _if_cheaper(self, user: Json) -> _Made | None:
        """ "What's the cheapest …? Under $X I'd swap mine for it, else send mine back." """
        for order, item in self._one(user, "delivered"):
            available = sorted(
                (one for one in self.db["products"][item["product_id"]]["variants"].values() if one["available"]),
                key=lambda one: one["price"],
            )
            method = self._original(order, user)
            if len(available) < 2 or available[0]["item_id"] == item["item_id"] or method is None:
                continue
            if available[0]["price"] == available[1]["price"] or not _covers(method, 1000):
                continue
            if not self._is_told_apart(method, user):
                continue
            new, takes = available[0], self.rng.random() < 0.5
            limit = new["price"] + (10 if takes else -10)
            told = self._things([item], order, user)
            swap = self._swapped(user, order, [(item, new)], [
                {"name": item["name"], "into": {"": "the cheapest one"}, "shows": list(_differing(item, new).values())}
            ], method)  # fmt: skip
            back = {"want": "return_items", **told, "pay": [label_of(method)]}
            wish = {"want": "ask", "says": [f"What is the cheapest {item['name']} you have right now?",
                                            f"How much is your cheapest {item['name']}?"],
                    "answers": [f"{new['price']:.2f}"], "limit": f"{limit:.2f}", "then": swap.wish if swap else back,
                    "instead": back}  # fmt: skip
            deeds = swap.deeds if takes and swap else [_sent_back(order, [item], method)]
            return _Made(wish, deeds, (order["order_id"],))
        return None

    # ---- addresses, payment ----

    def _new_address(self) -> Json:
        city, state, code = self.rng.choice(CITIES)
        return {"address1": f"{self.rng.randint(10, 999)} {self.rng.choice(STREETS)}", "address2":
                self.rng.choice(("", f"Suite {self.rng.randint(100, 999)}")), "city": city, "state": state,
                "country": "USA", "zip": code}  # fmt: skip

    def _address(self, user: Json) -> _Made | None:
        for order in self._orders(user, "pending"):
            return self._sent_to(order, self._new_address(), user)
        return None

    def _sent_to(self, order: Json, address: Json, user: Json) -> _Made:
        wish = {"want": "change_address", "address": _written(address), **self._named(order, user)}
        deed = Action("modify_pending_order_address", {"order_id": order["order_id"], **address})
        return _Made(wish, [deed], (order["order_id"],))

    def _address_of_other(self, user: Json) -> _Made | None:
        for order in self._orders(user, "pending"):
            for other in self._all(user):
                if other["address"]["address1"] != order["address"]["address1"]:
                    made = self._sent_to(order, other["address"], user)
                    own, its = order["order_id"], other["order_id"]
                    made.wish["says"] = [
                        f"Please send order {own} to the same address as order {its}.",
                        f"Change the shipping address of order {own} to that of my order {its}.",
                    ]  # fmt: skip
                    made.wish["order"] = order["order_id"]
                    return made
        return None

    def _home(self, user: Json) -> _Made | None:
        address = self._new_address()
        wish = {"want": "change_default_address", "address": _written(address)}
        return _Made(wish, [Action("modify_user_address", {"user_id": user["user_id"], **address})])

    def _payment(self, user: Json) -> _Made | None:
        for order in self._orders(user, "pending"):
            total, original = order["payment_history"][0]["amount"], self._original(order, user)
            others = [one for one in user["payment_methods"].values()
                      if one is not original and _covers(one, total) and self._is_told_apart(one, user)]  # fmt: skip
            if others:
                wish = {"want": "change_payment", "pay": [label_of(others[0])], **self._named(order, user)}
                deed = Action("modify_pending_order_payment",
                              {"order_id": order["order_id"], "payment_method_id": others[0]["id"]})  # fmt: skip
                return _Made(wish, [deed], (order["order_id"],))
        return None

    # ---- questions of fact ----

    def _ask_total(self, user: Json) -> _Made | None:
        for order in self._orders(user, self.rng.choice(("pending", "delivered"))):
            says = [f"How much did I pay in total for order {order['order_id']}?",
                    f"What's the total of order {order['order_id']}?"]  # fmt: skip
            total = f"{order['payment_history'][0]['amount']:.2f}"
            return _Made({"want": "ask", "says": says, "answers": [total]}, [], ())
        return None

    def _ask_count(self, user: Json) -> _Made | None:
        product = self.rng.choice(sorted(self.db["products"].values(), key=lambda one: str(one["product_id"])))
        there = sum(one["available"] for one in product["variants"].values())
        says = [f"How many {product['name']} options are available right now?",
                f"How many different variants of the {product['name']} do you have in stock?"]  # fmt: skip
        return _Made({"want": "ask", "says": says, "answers": [str(there)]}, [], ())

    def _ask_refund(self, user: Json) -> _Made | None:
        made = self._return(user)
        if made is None:
            return None
        order = self.db["orders"][made.orders[0]]
        ids = list(made.deeds[0].args["item_ids"])
        total = 0.0
        for item in order["items"]:
            if item["item_id"] in ids:
                ids.remove(item["item_id"])
                total += item["price"]
        made.wish["amount"] = f"{total:,.2f}"
        return made

    def _ask_cheapest(self, user: Json) -> _Made | None:
        product = self.rng.choice(sorted(self.db["products"].values(), key=lambda one: str(one["product_id"])))
        there = [one for one in product["variants"].values() if one["available"]]
        if not there:
            return None
        says = [f"Which {product['name']} is the cheapest one and what does it cost?",
                f"What's the price of the cheapest {product['name']}?"]  # fmt: skip
        return _Made({"want": "ask", "says": says, "answers": [f"{min(one['price'] for one in there):.2f}"]}, [], ())


def _covers(method: Json, amount: float) -> bool:
    return method["source"] != "gift_card" or method["balance"] >= amount


def _cancelled(order: Json, reason: str) -> Action:
    return Action("cancel_pending_order", {"order_id": order["order_id"], "reason": reason})


def _sent_back(order: Json, items: list[Json], method: Json) -> Action:
    return Action("return_delivered_order_items", {
        "order_id": order["order_id"], "item_ids": [item["item_id"] for item in items],
        "payment_method_id": method["id"],
    })  # fmt: skip


def _differing(item: Json, new: Json) -> dict[str, str]:
    return {name: value for name, value in new["options"].items() if item["options"].get(name) != value}


def _written(address: Json) -> str:
    parts = [address["address1"], address["address2"], address["city"], address["state"], address["zip"]]
    return ", ".join(part for part in parts if part)
