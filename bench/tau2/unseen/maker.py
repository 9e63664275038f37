"""New tasks of the retail kind, made of a shop's data by seed: who, what they want with all its ifs and buts, and the
end state that is right by τ²'s own semantics. Nothing here knows Kefu or the public tasks."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from random import Random
from typing import Any

from bench.tau2.semantics import Refusal, after
from bench.tau2.unseen import addressing, asking, cancelling, returning, swapping
from bench.tau2.unseen.drawing import Made, ShopRows
from kefu.academy.scenario import Scenario, read_scenario

Json = Any
MANNERS = ("plain", "plain", "terse", "chatty", "hesitant", "rambling", "typos", "angry")

Kind = Callable[[ShopRows, Json], Made | None]


def _regret(shop: ShopRows, user: Json) -> Made | None:
    """They think better of it when they are asked to confirm."""
    made = shop.rng.choice((cancelling.cancel, returning.send_back))(shop, user)
    return replace(made, wish={**made.wish, "regrets": True}, deeds=[]) if made is not None else None


def _of(make: Callable[..., Made | None], *given: str, **more: bool) -> Kind:
    """The kind that `make` gives for one status of orders."""
    return lambda shop, user: make(shop, user, *given, **more)


KINDS: Mapping[str, Kind] = {
    "cancel": cancelling.cancel,
    "cancel all pending": cancelling.cancel_all,
    "cancel a part, else all": cancelling.cancel_part,
    "cancel a part or nothing": cancelling.cancel_part_only,
    "cancel what has left": cancelling.cancel_late,
    "return": returning.send_back,
    "return all but": returning.send_back_all_but,
    "return from several orders": returning.send_back_from_several,
    "refund elsewhere, else as allowed": returning.refund_elsewhere,
    "second thought adds": returning.add,
    "second thought drops": returning.drop,
    "regret": _regret,
    "exchange": _of(swapping.swap, "delivered"),
    "exchange for the cheapest": _of(swapping.swap_for_extreme, "delivered", dearest=False),
    "exchange for the dearest": _of(swapping.swap_for_extreme, "delivered", dearest=True),
    "exchange, else another": _of(swapping.swap_else_another, "delivered"),
    "exchange, else return": swapping.exchange_else_return,
    "change": _of(swapping.swap, "pending"),
    "change to the cheapest": _of(swapping.swap_for_extreme, "pending", dearest=False),
    "change, else another": _of(swapping.swap_else_another, "pending"),
    "change, else cancel": swapping.change_else_cancel,
    "gift card too small": swapping.pay_with_small_card,
    "if it costs less": swapping.exchange_if_cheaper,
    "address": addressing.send_to_new_address,
    "address of another order": addressing.send_to_address_of_other,
    "default address": addressing.move_home,
    "payment": addressing.pay_otherwise,
    "ask the order's total": asking.ask_total,
    "ask how many options": asking.ask_count,
    "ask the refund, then return": asking.ask_refund,
    "ask the cheapest": asking.ask_cheapest,
}


@dataclass(frozen=True, slots=True)
class Unseen:
    """One task. kinds: what its wishes are, for the table. users: whose rows may change."""

    name: str
    kinds: tuple[str, ...]
    scenario: Scenario
    changed: Mapping[str, Mapping[str, Json]]
    users: frozenset[str]


class Maker:
    """Tasks from a shop's data; the same for the same data and seed."""

    def __init__(self, db: Json, seed: int) -> None:
        self.seed, self.rng = seed, Random(f"unseen:{seed}")
        self.shop = ShopRows(db, self.rng)

    def tasks(self, count: int, kind: str = "") -> Iterator[Unseen]:
        """Each kind in turn (or only `kind`) as the first wish; some customers have a second or third one."""
        kinds = [one for one in KINDS if not kind or one == kind]
        users = [user for user in self.shop.db["users"].values() if user["payment_methods"] and user["orders"]]
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
        first = KINDS[kind](self.shop, user)
        if first is None:
            return None
        chosen = [(kind, first)]
        for _ in range(self.rng.choice((0, 0, 1, 1, 2))):
            other = self.rng.choice(list(KINDS))
            more = KINDS[other](self.shop, user)
            taken = {order for _, one in chosen for order in one.orders}
            if more is not None and not set(more.orders) & taken and other not in [name for name, _ in chosen]:
                chosen.append((other, more))
        deeds = [deed for _, one in chosen for deed in one.deeds]
        try:
            changed = after(self.shop.db, deeds)
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
