"""The parts of a plan, settled one after another from what was told: which order, which items, what becomes of them,
the money, the place, and whether any rule allows it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from kefu.assistant.actions.call import ActionCall
from kefu.assistant.actions.judging import requests_of
from kefu.assistant.actions.plans.places import address_told, in_town
from kefu.assistant.actions.plans.preferring import means_all_orders, mended, words_of
from kefu.assistant.actions.plans.reading import (
    ALL,
    Mention,
    Method,
    Owned,
    Sister,
    left_out_of,
    mentions,
    method_named,
    names_of,
    numbers_named,
    options_told,
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
STATES = {"return": ("delivered",), "exchange": ("delivered",), "look": ()}
OPEN_STATES = ("unpaid", "paid", "packing")
FAULTY = ("damaged", "broken", "defective", "faulty", "worn", "scratched", "cracked", "doesn't work", "kaputt",
          "defekt", "beschädigt", "défectueux", "cassé", "abîmé", "defectuoso", "roto", "dañado", "defeituoso",
          "quebrado", "坏了", "破损", "瑕疵", "壊れ", "不良", "파손", "불량", "고장")  # fmt: skip
SHOWN_AT_MOST = 6
#: letters of what is left to do
REST_AT_MOST = 1000
#: kinds of deeds that say where to, and those that put one thing in another's place
PLACED, SWAPS = frozenset({"address", "home"}), frozenset({"exchange", "change"})
#: the order named first is the one whose address is taken
_FROM_ORDER = re.compile(
    r"(?:same address as|use the address (?:of|from)|address from|wie bei|misma dirección que|même adresse que"
    r"|mesmo endereço d)[^\d]{0,30}\d{5,}.*\d{5,}"
)

Missing = Literal["none", "order", "unknown_order", "items", "into", "unavailable", "same", "payment", "reason",
                  "address", "refused", "other_payment", "open_order"]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Plan:
    """One deed, as far as it is clear.

    missing: what to ask for, "none" when it can be confirmed, "refused" when a rule forbids it (`why` says which).
    order, lines, changes, payment, address, reason: the deed's arguments. items, new_items, method, money: them in
    words. choices: labels to choose from; asked_about: the item a question is about. refund, charge: what moves.
    rest: what of the wish is about further orders, in words: a deed of its own, when this one is over.
    whole: why the deed is about more of the order than they named, "" when it isn't.
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
    rest: str = ""
    whole: Json = ""


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
    #: refs of lines that shall stay as they are
    left_out: set[str] = field(default_factory=set)
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
        texts = [mended(plain(text), words_of(name for line in owned for name in line.names)) for text in texts]
        named = self._numbers(numbers)
        liked = [order for order in facts.orders if order.state in states] or list(facts.orders)
        if named:
            order = facts.order(named[0])
            within = [line for line in owned if order is not None and line.order == order.number]
            self.settle_mentions(texts, within)
            if order is None:
                raise Lacking("order", choices=self._orders(liked))
            if self.kind not in PLACED:
                self._more_orders(named, texts)
            return order
        if _names_a_number(self.texts):
            raise Lacking("unknown_order", choices=self._orders(liked))
        for orders in (liked, list(facts.orders)):
            wanted = {order.number for order in orders}
            self.settle_mentions(texts, [line for line in owned if line.order in wanted])
            if self.named:
                fitting = self._fitting(orders)
                if len(fitting) == 1 or (fitting and self._is_spread(fitting)):
                    return self._only(fitting[0])
                if fitting:
                    raise Lacking("order", choices=self._orders(fitting))
        if len(liked) > 1 and self.kind not in ("return", "exchange") and means_all_orders(map(plain, self.texts)):
            self._more_orders([order.number for order in liked], texts)
            return liked[0]
        if len(liked) == 1:
            return liked[0]
        raise Lacking("order", choices=self._orders(liked))

    def settle_mentions(self, texts: Sequence[str], lines: Sequence[Owned]) -> None:
        self.named, self.left_out = mentions(texts, lines), left_out_of(texts, lines)

    def _numbers(self, numbers: Sequence[str]) -> list[str]:
        """Those of the newest text that has any; of one that takes an address from another order, the order it is for
        first."""
        for text in reversed(self.texts):
            if found := numbers_named([text], numbers):
                return found[::-1] if self.kind in PLACED and _FROM_ORDER.search(plain(text)) else found
        return []

    def _more_orders(self, numbers: Sequence[str], texts: Sequence[str]) -> None:
        """What was said holds for the other orders as well, one after another."""
        if len(numbers) > 1:
            bare = " ".join(re.sub(r"#?\b[a-z]{0,3}-?\d{5,}\b", " ", text) for text in texts)
            self.known["rest"] = f"{', '.join(numbers[1:])}. {bare}"[:REST_AT_MOST]

    def _is_spread(self, orders: Sequence[OrderFact]) -> bool:
        """Whether each thing named is of one order alone, so that several orders are meant."""
        wanted = {order.number for order in orders}
        return all(len({line.order for line in one.lines if line.order in wanted}) == 1 for one in self.named)

    def _fitting(self, orders: Sequence[OrderFact]) -> list[OrderFact]:
        """The orders that hold most of what is named."""
        held = {order.number: sum(any(line.order == order.number for line in one.lines) for one in self.named)
                for order in orders}  # fmt: skip
        most = max(held.values(), default=0)
        return [order for order in orders if held[order.number] == most > 0]

    def _only(self, order: OrderFact) -> OrderFact:
        """The mentions, read anew within this order; those that are of another one are the rest."""
        others = [one for one in self.named if all(line.order != order.number for line in one.lines)]
        if others and self.kind not in PLACED:
            rest = [f"{self.shown(one.lines[0])} {one.after if self.kind in SWAPS else ''}".strip() for one in others]
            self.known["rest"] = ", ".join(rest)[:REST_AT_MOST]
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
        if not found and self.left_out:
            found = {line.ref: (line, "") for line in own if _means_all(self.texts)}
        found = {ref: one for ref, one in found.items() if ref not in self.left_out}
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
        known = words_of(plain(value) for one in sisters for value in one.options.values())
        answers = [mended(plain(text), known) for text in self._answers()]
        changes = []
        for line, after in lines.values():
            after = mended(after, known)
            words = after
            if len(lines) == 1:  # what stands alone in an answer is of the only item
                words = f"{after} {' '.join(answers[-1:])}"
            found = wanted_variant(line, words, sisters)
            first = wanted_variant(line, after, sisters)
            if answers and not isinstance(first, Sister) and first[0] == "unavailable":
                # what could not be had is let go of: the answer stands alone
                alone = wanted_variant(line, answers[-1], sisters)
                found = alone if isinstance(alone, Sister) else found
            if not isinstance(found, Sister) and answers:  # they were asked: the newest answer that tells
                told = (wanted_variant(line, text, sisters) for text in reversed(answers))
                found = next((one for one in told if isinstance(one, Sister)), found)
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
        """Messages in which no item is named: answers to a question, the newest last."""
        return [text for text in self.texts[1:] if not any(
            name in plain(text) for one in self.named for line in one.lines for name in line.names
        )]  # fmt: skip

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
        numbers = {one.number: {**one.address, "postcode": one.postcode, "country": one.country} for one in rows}
        named = self._numbers(tuple(numbers))[1 if order is not None else 0 :]
        others = {key: one for key, one in numbers.items() if order is None or key != order.number}
        found = address_told(self.texts, own, default, country=country)
        if found is None:
            found = next((dict(others[one]) for one in named if one in others), None) or in_town(self.texts, own, home)
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


def _names_a_number(texts: Sequence[str]) -> bool:
    """Whether an order number stands there, though none of theirs."""
    return any(re.search(r"#?\b[a-z]{1,3}-?\d{5,}\b", plain(text)) for text in texts[-1:])


def _means_all(texts: Sequence[str]) -> bool:
    return any(ALL.search(plain(text)) for text in texts)
