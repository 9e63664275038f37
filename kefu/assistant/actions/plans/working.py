"""The parts of a plan, settled one after another from what was told: which order, which items, what becomes of them,
the money, the place, and whether any rule allows it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from kefu.assistant.actions.call import ActionCall
from kefu.assistant.actions.judging import requests_of
from kefu.assistant.actions.plans.places import address_told
from kefu.assistant.actions.plans.reading import (
    ALL,
    Mention,
    Method,
    Owned,
    Sister,
    mentions,
    method_named,
    names_of,
    numbers_named,
    plain,
    wanted_variant,
)
from kefu.assistant.actions.registry import actions
from kefu.assistant.actions.values import Json
from kefu.assistant.facts import OrderFact
from kefu.assistant.policy import Ruling, decide, pack_rules
from kefu.assistant.policy.rules import STRICTEST_FIRST
from kefu.commerce.models import Order, PaymentMethod, Variant
from kefu.kernel.money import Money

#: states in which an order is meant first, by kind of deed
STATES = {"return": ("delivered",), "exchange": ("delivered",)}
OPEN_STATES = ("unpaid", "paid", "packing")
FAULTY = ("damaged", "broken", "defective", "faulty", "worn", "scratched", "cracked", "doesn't work", "kaputt",
          "defekt", "beschädigt", "défectueux", "cassé", "abîmé", "defectuoso", "roto", "dañado", "defeituoso",
          "quebrado", "坏了", "破损", "瑕疵", "壊れ", "不良", "파손", "불량", "고장")  # fmt: skip
SHOWN_AT_MOST = 6

Missing = Literal["none", "order", "unknown_order", "items", "into", "unavailable", "same", "payment", "reason",
                  "address", "refused", "other_payment", "open_order"]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Plan:
    """One deed, as far as it is clear.

    missing: what to ask for, "none" when it can be confirmed, "refused" when a rule forbids it (`why` says which).
    order, lines, changes, payment, address, reason: the deed's arguments. items, new_items, method, money: them in
    words. choices: labels to choose from; asked_about: the item a question is about. refund, charge: what moves.
    """

    missing: str = "none"
    order: str = ""
    order_number: str = ""
    lines: list[str] = field(default_factory=list)
    changes: list[Json] = field(default_factory=list)
    payment: str = ""
    address: Json = None
    reason: str = ""
    items: list[str] = field(default_factory=list)
    new_items: list[str] = field(default_factory=list)
    swaps: list[Json] = field(default_factory=list)
    method: str = ""
    money: Json = ""
    refund: Money | None = None
    charge: Money | None = None
    choices: list[str] = field(default_factory=list)
    asked_about: str = ""
    place: str = ""
    why: Json = ""
    rows: list[str] = field(default_factory=list)


class Lacking(Exception):
    def __init__(self, what: Missing, *, choices: Sequence[str] = (), about: str = "") -> None:
        self.what, self.choices, self.about = what, list(choices)[:SHOWN_AT_MOST], about


@dataclass(slots=True)
class Working:
    """What one plan is worked out from."""

    call: ActionCall
    kind: str
    texts: tuple[str, ...]
    #: what is known so far; names of Plan's fields
    known: dict[str, Any] = field(default_factory=dict)
    named: list[Mention] = field(default_factory=list)
    variants: dict[str, Variant] = field(default_factory=dict)

    # ---- which order, which items ----

    def owned(self) -> list[Owned]:
        lines = [line for order in self.call.facts.orders for line in order.lines]
        self.variants = {
            one.sku: one for one in Variant.objects.filter(brand=self.call.brand, sku__in={line.sku for line in lines})
        }
        return [
            Owned(
                line.ref, line.sku, self.variants[line.sku].product_id if line.sku in self.variants else 0,
                tuple(dict.fromkeys(name for title in line.titles.values() for name in names_of(title))),
                self.variants[line.sku].all_options if line.sku in self.variants else {}, line.unit_price.minor,
            )
            for line in lines
        ]  # fmt: skip

    def settle_order(self, owned: Sequence[Owned]) -> OrderFact:
        """The order that is meant: by its number, else by what is in it, else the only one it can be."""
        facts = self.call.facts
        states = STATES.get(self.kind, OPEN_STATES)
        numbers = tuple(order.number for order in facts.orders)
        # an order picked from a list comes with what is in it: that names no item
        texts = [text for text in self.texts if not text.startswith(tuple(f"{one}: " for one in numbers) or ("\0",))]
        named = numbers_named(self.texts, [order.number for order in facts.orders])
        liked = [order for order in facts.orders if order.state in states] or list(facts.orders)
        if named:
            order = facts.order(named[0])
            within = [line for line in owned if order is not None and line.order == order.number]
            self.named = mentions(texts, within)
            if order is None:
                raise Lacking("order", choices=self._orders(liked))
            return order
        if _names_a_number(self.texts):
            raise Lacking("unknown_order", choices=self._orders(liked))
        for orders in (liked, list(facts.orders)):
            wanted = {order.number for order in orders}
            self.named = mentions(texts, [line for line in owned if line.order in wanted])
            if self.named:
                fitting = self._fitting(orders)
                if len(fitting) == 1:
                    return self._only(fitting[0])
                if fitting:
                    raise Lacking("order", choices=self._orders(fitting))
        if len(liked) == 1:
            return liked[0]
        raise Lacking("order", choices=self._orders(liked))

    def _fitting(self, orders: Sequence[OrderFact]) -> list[OrderFact]:
        """The orders that hold most of what is named."""
        held = {order.number: sum(any(line.order == order.number for line in one.lines) for one in self.named)
                for order in orders}  # fmt: skip
        most = max(held.values(), default=0)
        return [order for order in orders if held[order.number] == most > 0]

    def _only(self, order: OrderFact) -> OrderFact:
        """The mentions, read anew within this order."""
        self.named = [
            Mention(tuple(line for line in one.lines if line.order == order.number), one.after, one.is_several)
            for one in self.named
        ]
        self.named = [one for one in self.named if one.lines]
        return order

    def _orders(self, orders: Sequence[OrderFact]) -> list[str]:
        language = self.call.language
        return [
            f"{order.number}: {', '.join(line.title(language) for line in order.lines[:3])}"
            + (f" +{len(order.lines) - 3}" if len(order.lines) > 3 else "")
            for order in orders
        ]

    def settle_lines(self, order: OrderFact, owned: Sequence[Owned]) -> dict[str, tuple[Owned, str]]:
        """Each line that is meant with all that was said after it, in the order they were named."""
        own = [line for line in owned if line.order == order.number]
        found: dict[str, tuple[Owned, str]] = {}
        for one in self.named:
            lines = one.lines if one.is_several else one.lines[:1]
            if len(one.lines) > 1 and not one.is_several:
                already = [line for line in one.lines if line.ref in found]
                if not already:
                    if len({line.sku for line in one.lines}) > 1:
                        raise Lacking("items", choices=[self.shown(line) for line in one.lines],
                                       about=one.lines[0].names[0])  # fmt: skip
                    already = [one.lines[0]]
                lines = tuple(already[:1])
            for line in lines:
                before = found.get(line.ref, (line, ""))[1]
                found[line.ref] = (line, f"{one.after} {before}" if before else one.after)
        if not found and _means_all(self.texts):
            found = {line.ref: (line, "") for line in own}
        if not found and len(own) == 1:
            found = {own[0].ref: (own[0], "")}
        if not found:
            raise Lacking("items", choices=[self.shown(line) for line in own])
        return found

    def shown(self, line: Owned) -> str:
        fact = self.call.facts.line(line.ref)
        title = fact.title(self.call.language) if fact else line.sku
        return with_options(title, line.options)

    # ---- what becomes of them ----

    def settle_changes(self, lines: Mapping[str, tuple[Owned, str]]) -> list[tuple[Owned, Sister]]:
        products = {line.product for line, _ in lines.values()}
        rows = Variant.objects.filter(brand=self.call.brand, product_id__in=products, product__is_sold=True)
        sisters = [
            Sister(one.sku, one.product_id, one.all_options, one.price_minor, one.stock > 0) for one in rows[:500]
        ]
        changes = []
        for line, after in lines.values():
            words = after
            if len(lines) == 1:  # what stands alone in an answer is of the only item
                words = f"{after} {' '.join(self._answers())}"
            found = wanted_variant(line, words, sisters)
            if isinstance(found, Sister):
                changes.append((line, found))
                continue
            unfit, near = found
            labels = [options_told(one.options) for one in near]
            about = self.shown(line)
            what: Missing = "unavailable" if unfit == "unavailable" else "same" if unfit == "same" else "into"
            raise Lacking(what, choices=labels, about=about)
        return changes

    def _answers(self) -> list[str]:
        """Messages in which no item is named: answers to a question; the newest last, and it alone where it tells."""
        told = [text for text in self.texts[1:] if not any(
            name in plain(text) for one in self.named for line in one.lines for name in line.names
        )]  # fmt: skip
        return told[-1:]

    # ---- money and places ----

    def settle_payment(self, order: OrderFact, *, of: Sequence[str] | None = None) -> Method:
        buyer = Order.objects.filter(brand=self.call.brand, number=order.number).values_list("customer_id", flat=True)
        rows = PaymentMethod.objects.filter(brand=self.call.brand, customer_id=buyer[0], is_usable=True)[:50]
        own = [Method(one.external_id, one.kind, one.label or one.kind) for one in rows]
        if not own:
            return Method("", "", "")  # the shop keeps none: it goes the way the order was paid
        found = method_named(self.texts, own)
        if isinstance(found, Method):
            return found
        if len(own) == 1:
            return own[0]
        raise Lacking("payment", choices=[one.label for one in (found or own)])

    def settle_address(self, order: OrderFact | None) -> dict[str, str]:
        customer = self.call.customer
        home = dict(customer.address) if customer is not None else {}
        rows = Order.objects.filter(brand=self.call.brand, number__in=[one.number for one in self.call.facts.orders])
        known = [{**row.address, "postcode": row.postcode, "country": row.country} for row in rows]
        country = (order.country if order else "") or home.get("country", "") or self.call.brand.country
        own = [one for one in known if order is None or one.get("street") != ""]
        default = home if order is not None else {}  # "change my default address" doesn't name the new one
        found = address_told(self.texts, own, default, country=country)
        if found is None:
            raise Lacking("address")
        found.pop("name", None)
        return {name: value for name, value in found.items() if value}

    def settle_reason(self) -> str:
        """The shop's reason whose words were told last; "" where the shop asks for none.

        The brand's setting `cancel_reasons`: reason -> words by which it is known."""
        reasons: Mapping[str, Sequence[str]] = self.call.brand.settings.get("cancel_reasons") or {}
        if not reasons:
            return ""
        for text in reversed(self.texts):
            said = plain(text)
            for reason, words in reasons.items():
                if plain(reason) in said or any(plain(word) in said for word in words):
                    return reason
        raise Lacking("reason", choices=list(reasons))

    # ---- may it be ----

    def judge(self, name: str, args: dict[str, Json]) -> dict[str, Any]:
        """What the deed would move, or why no rule allows it: told before anybody is asked for a yes."""
        known = actions()[name]
        clean = {key: value for key, value in args.items() if value not in (None, "", [])}
        typed = {one.name: one.read(clean[one.name]) for one in known.parameters if one.name in clean}
        requests, unclear = requests_of(known, self.call, clean, typed)
        rules = pack_rules(self.call.brand.pack)
        decision = min((decide(rules, one) for one in requests), key=lambda one: STRICTEST_FIRST.index(one.decision))
        if decision.decision is Ruling.REFUSE:
            return {"missing": "refused", "why": {"key": decision.explains or "common.refused"}}
        if unclear is not None:
            return {"missing": "refused", "why": {"key": unclear.tells_customer or "common.refused"}}
        return {"refund": requests[0].amount, "charge": requests[0].charge}


def with_options(title: str, options: Mapping[str, str]) -> str:
    told = options_told(options)
    return f"{title} ({told})" if told else title


def options_told(options: Mapping[str, str]) -> str:
    """ "clicky, backlight none": a value that says little by itself comes with its name."""
    return ", ".join(
        f"{name} {value}" if len(value) <= 3 or value.casefold() in ("none", "basic") else value
        for name, value in options.items()
    )


def _names_a_number(texts: Sequence[str]) -> bool:
    """Whether an order number stands there, though none of theirs."""
    return any(re.search(r"#?\b[a-z]{1,3}-?\d{5,}\b", plain(text)) for text in texts[-1:])


def _means_all(texts: Sequence[str]) -> bool:
    return any(ALL.search(plain(text)) for text in texts)
