"""A shop in memory: facts, actions that change them, and a talk to drive. No database, no clock."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from functools import cache
from typing import Any

from kefu.assistant.actions.registry import action_specs
from kefu.assistant.checks import CHECKS
from kefu.assistant.dialogue.drive import drive
from kefu.assistant.dialogue.talk import Outcome, Talk
from kefu.assistant.dialogue.tests.accounts_and_parcels import AccountsAndParcels
from kefu.assistant.dialogue.tests.stage_aftercare import Aftercare
from kefu.assistant.dialogue.tests.stage_orders import OrderActs
from kefu.assistant.dialogue.tests.world import NOW, PACK, TODAY
from kefu.assistant.engine.effects import Act, ActionResult, Ask, Confirm, Effect, Say
from kefu.assistant.engine.loader import load_book
from kefu.assistant.engine.playbook import Book
from kefu.assistant.facts import CustomerFact, Facts, LineFact, OrderFact, ReturnFact, ShipmentFact, TrackingFact
from kefu.assistant.language import Command, Fill, Understanding
from kefu.assistant.replies.texts import load_texts
from kefu.kernel.money import Money


@cache
def the_book() -> Book:
    return load_book(PACK / "playbooks", actions=action_specs(), checks=CHECKS,
                     texts=load_texts(PACK / "replies").by_language)  # fmt: skip


def line(ref: str, title: str = "Rain jacket", zh: str = "雨衣", *, size: str = "M", color: str = "blue",
         quantity: int = 1, price: int = 8900, is_returnable: bool = True, returned: int = 0) -> LineFact:  # fmt: skip
    return LineFact(ref, f"orderline:{ref}", f"SKU-{ref}", {"en": title, "zh": zh}, size, color, quantity,
                    Money(price, "EUR"), is_returnable, returned)  # fmt: skip


def order(
    number: str = "KF-1042", state: str = "paid", lines: Sequence[LineFact] = (), *, days_ago: int = 2,
    parcels: Sequence[ShipmentFact] = (), paid: bool = True,
) -> OrderFact:  # fmt: skip
    lines = tuple(lines) or (line(f"{number}/1"),)
    total, nothing = Money(sum(one.unit_price.minor * one.quantity for one in lines), "EUR"), Money(0, "EUR")
    return OrderFact(
        f"order:{number}", number, NOW - timedelta(days=days_ago), state, "DE", total,  # type: ignore[arg-type]
        total if paid else nothing, nothing, "card", lines, tuple(parcels), (),
    )  # fmt: skip


def parcel(
    number: str = "KF-1042", codes: Sequence[str] = ("picked_up", "in_transit"), *, shipped: int = 3,
    promised: int = 2, delivered: int | None = None, refs: Sequence[str] = (), place: str = "Köln",
) -> ShipmentFact:  # fmt: skip
    """shipped, delivered: days ago; promised: days from now."""
    states = {"lost": "lost", "customs_held": "customs_held", "returning": "returned"}
    last = codes[-1] if codes else ""
    state = "delivered" if delivered is not None else states.get(last, "in_transit" if codes else "preparing")
    events = tuple(TrackingFact(NOW - timedelta(days=max(0, shipped - n)), code, place) for n, code in enumerate(codes))
    return ShipmentFact(
        f"shipment:{number}", "DHL", f"TN{number}", state, NOW - timedelta(days=shipped),  # type: ignore[arg-type]
        TODAY + timedelta(days=promised), NOW - timedelta(days=delivered) if delivered is not None else None,
        tuple(refs) or (f"{number}/1",), events,
    )  # fmt: skip


def delivered_order(number: str = "KF-1042", lines: Sequence[LineFact] = (), *, days: int = 5) -> OrderFact:
    lines = tuple(lines) or (line(f"{number}/1"),)
    sent = parcel(number, ("picked_up", "delivered"), shipped=days + 3, promised=-days, delivered=days,
                  refs=[one.ref for one in lines])  # fmt: skip
    return order(number, "delivered", lines, days_ago=days + 5, parcels=[sent])


MIRA = CustomerFact("customer:1", 1, "Mira", "en", "DE", "")


@dataclass
class Shop(Aftercare, AccountsAndParcels, OrderActs):
    """The world behind the facts. `secrets`: order number -> what proves it. `done`: writing actions, in order."""

    orders: list[OrderFact] = field(default_factory=lambda: [order()])
    secrets: dict[str, str] = field(default_factory=lambda: {"KF-1042": "mira@example.com"})
    verification: int = 0
    proved: set[str] = field(default_factory=set)
    language: str = "en"
    answers: dict[str, dict[str, Any]] = field(default_factory=dict)
    #: action -> result to give instead, e.g. a refusal
    refuses: dict[str, ActionResult] = field(default_factory=dict)
    done: list[Act] = field(default_factory=list)
    tries: int = 0
    terms: dict[str, int | str] = field(default_factory=dict)
    points: int | None = None
    #: order number -> how its payments stand
    standings: dict[str, str] = field(default_factory=dict)

    def facts(self) -> Facts:
        seen = [one for one in self.orders if self.verification == 2 or one.number in self.proved]
        return Facts(NOW, TODAY, "demo", "Nordlicht", self.language, "chat", self.verification,
                     replace(MIRA, loyalty_points=self.points) if self.verification == 2 else None, tuple(seen),
                     {"return_days": 30, "refund_days": 5, **self.terms}, ships_from="DE")  # fmt: skip

    def perform(self, key: str, act: Act) -> tuple[ActionResult, Facts]:
        if act.action in self.refuses:
            return replace(self.refuses[act.action], action=act.action, step=act.step), self.facts()
        own = getattr(self, "_" + act.action.replace(".", "_"), None)
        return (own(act) if own else self._before_the_sale(act)), self.facts()

    def _identity_prove(self, act: Act) -> ActionResult:
        self.tries += 1
        number, proof = str(act.args["order_number"]).upper(), act.args["proof"]["value"]
        number = number if number.startswith("KF-") else f"KF-{number}"
        if self.tries > 5:
            return ActionResult(act.action, act.step, False, code="identity.too_many_tries",
                                tells_customer="policy.too_many_tries", decision="refuse")  # fmt: skip
        if self.secrets.get(number) != proof:
            return ActionResult(act.action, act.step, False, code="identity.no_match",
                                tells_customer="policy.no_match", decision="refuse")  # fmt: skip
        self.proved.add(number)
        self.verification = max(1, self.verification)
        return ActionResult(act.action, act.step, True, {"order_number": number}, rule="answers.prove_identity")

    def _answer(self, act: Act) -> ActionResult:
        said = f"{act.args['question']} {act.args.get('which', '')}".lower()
        found = next((text for words, text in self.answers.items() if words in said), None)
        if found is None or found["by"] != act.action:
            empty = {"found": False, "text": {"text": {}}, "title": {"text": {}}, "source": "", "cites": []}
            return ActionResult(act.action, act.step, True, empty, rule="answers.public")
        value = {"found": True, "text": {"text": {"en": found["en"]}}, "title": {"text": {"en": "Title"}},
                 "source": "article", "cites": ["article:1@v1"]}  # fmt: skip
        return ActionResult(act.action, act.step, True, value, rule="answers.public")

    _catalog_answer = _knowledge_answer = _answer

    def _before_the_sale(self, act: Act) -> ActionResult:
        """What the story says the shop knows: `by` names the actions that answer, `lacks` the arguments that each must
        have and the refusal without it ("*" refuses always); whatever is not named finds nothing."""
        said = " ".join(str(act.args.get(name, "")) for name in ("question", "which", "code")).lower()
        found = next((one for words, one in self.answers.items() if words in said), None)
        by = found["by"] if found else []
        lacks = found.get("lacks", {}).get(act.action, {}) if found else {}
        for name, code in lacks.items():
            if name == "*" or name not in act.args:
                return ActionResult(act.action, act.step, False, code=code, decision="refuse")
        is_known = found is not None and act.action in ([by] if isinstance(by, str) else by)
        if is_known and act.action == "commerce.notify_stock":
            self.done.append(act)
        text = {"text": {"en": "So it is."}}
        values = {"found": is_known, "quantity": 1, "values": ["M"], "price": {"minor": 8900, "currency": "EUR"},
                  "link": "https://shop.example/cart", "cites": ["product:1"], "about": [], "is_new": True}  # fmt: skip
        value = {name: values.get(name, text) for name in action_specs()[act.action].returns}
        return ActionResult(act.action, act.step, True, value, rule="sale.public")

    def _commerce_cancel_order(self, act: Act) -> ActionResult:
        self.done.append(act)
        found = next(one for one in self.orders if one.number == act.args["order"])
        self.orders[self.orders.index(found)] = replace(found, state="cancelled", refunded=found.paid)
        value = {"order_number": found.number, "refund": {"minor": found.paid.minor, "currency": "EUR"},
                 "refund_days": 5, "method": "card"}  # fmt: skip
        return ActionResult(act.action, act.step, True, value, rule="cancel.before_packing")

    def _commerce_open_return(self, act: Act) -> ActionResult:
        self.done.append(act)
        ref = act.args["line"]
        for place, one in enumerate(self.orders):
            if own := one.line(ref):
                count = act.args.get("quantity", own.quantity - own.returned)
                lines = tuple(replace(x, returned=x.returned + count) if x.ref == ref else x for x in one.lines)
                made = ReturnFact("return:1", "RT-1", ref, "open", NOW)
                self.orders[place] = replace(one, lines=lines, returns=(*one.returns, made))
        value = {"return_number": "RT-1", "refund": {"minor": 8900, "currency": "EUR"},
                 "deadline": {"date": "2026-03-16"}, "refund_days": 5, "address": "Lagerweg 1"}  # fmt: skip
        return ActionResult(act.action, act.step, True, value, rule="return.within_window")


@dataclass
class Stage:
    """Mira talking to the shop, one message after another."""

    shop: Shop = field(default_factory=Shop)
    talk: Talk = field(default_factory=Talk)
    outcomes: list[Outcome] = field(default_factory=list)

    def says(self, *commands: Command, text: str = "", alternatives: Sequence[tuple[str, float]] = ()) -> Outcome:
        said = Understanding(text or " ".join(one.words for one in commands), self.shop.language, commands,
                             alternatives=tuple(alternatives))  # fmt: skip
        return self.hears(said)

    def hears(self, *said: Understanding) -> Outcome:
        talk = Talk.from_json(self.talk.to_json())  # as it comes back from the database
        outcome = drive(talk, said, self.shop.facts(), the_book(), self.shop.perform)
        self.talk = outcome.talk
        self.outcomes.append(outcome)
        return outcome

    def proves(self, number: str = "KF-1042", email: str = "mira@example.com") -> Outcome:
        return self.says(Fill(0.99, number, "order_number", number), Fill(0.99, email, "email", email))


def keys(outcome: Outcome) -> list[str]:
    """The text keys that the customer gets, in order."""
    return [effect.key for _, effect in outcome.effects if isinstance(effect, Say | Ask | Confirm)]


def of_kind(outcome: Outcome, *kinds: type[Effect]) -> list[Effect]:
    return [effect for _, effect in outcome.effects if isinstance(effect, kinds)]
