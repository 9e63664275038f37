"""What a customer wants done, worked out from their words: one plan for each kind of deed, ready to be confirmed, or
with the one thing that is still missing. Reads only; the deed itself goes through its own action."""

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
from kefu.assistant.actions.registry import READS, action, actions
from kefu.assistant.actions.several import Told, pieces_back
from kefu.assistant.actions.values import Json
from kefu.assistant.facts import OrderFact
from kefu.assistant.policy import Ruling, decide, pack_rules
from kefu.assistant.policy.rules import STRICTEST_FIRST
from kefu.commerce import services
from kefu.commerce.models import Order, PaymentMethod, Variant
from kefu.desk.models import Verification
from kefu.kernel.errors import Refused
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


class _Missing(Exception):
    def __init__(self, what: Missing, *, choices: Sequence[str] = (), about: str = "") -> None:
        self.what, self.choices, self.about = what, list(choices)[:SHOWN_AT_MOST], about


@dataclass(slots=True)
class _Desk:
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
                raise _Missing("order", choices=self._orders(liked))
            return order
        if _names_a_number(self.texts):
            raise _Missing("unknown_order", choices=self._orders(liked))
        for orders in (liked, list(facts.orders)):
            wanted = {order.number for order in orders}
            self.named = mentions(texts, [line for line in owned if line.order in wanted])
            if self.named:
                fitting = self._fitting(orders)
                if len(fitting) == 1:
                    return self._only(fitting[0])
                if fitting:
                    raise _Missing("order", choices=self._orders(fitting))
        if len(liked) == 1:
            return liked[0]
        raise _Missing("order", choices=self._orders(liked))

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
                        raise _Missing("items", choices=[self.shown(line) for line in one.lines],
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
            raise _Missing("items", choices=[self.shown(line) for line in own])
        return found

    def shown(self, line: Owned) -> str:
        fact = self.call.facts.line(line.ref)
        title = fact.title(self.call.language) if fact else line.sku
        return _with_options(title, line.options)

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
            labels = [_options_told(one.options) for one in near]
            about = self.shown(line)
            what: Missing = "unavailable" if unfit == "unavailable" else "same" if unfit == "same" else "into"
            raise _Missing(what, choices=labels, about=about)
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
        raise _Missing("payment", choices=[one.label for one in (found or own)])

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
            raise _Missing("address")
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
        raise _Missing("reason", choices=list(reasons))

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


def _with_options(title: str, options: Mapping[str, str]) -> str:
    told = _options_told(options)
    return f"{title} ({told})" if told else title


def _options_told(options: Mapping[str, str]) -> str:
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


def _worked_out(desk: _Desk, work: Any) -> Plan:
    try:
        work(desk)
    except _Missing as lacking:
        desk.known |= {"missing": lacking.what, "choices": lacking.choices, "asked_about": lacking.about}
    except Refused as refused:
        desk.known |= {"missing": "refused", "why": {"key": refused.tells_customer or "common.refused"}}
    return Plan(**desk.known)


def _order_of(desk: _Desk, owned: Sequence[Owned]) -> OrderFact:
    order = desk.settle_order(owned)
    desk.known |= {"order": order.number, "order_number": order.number, "rows": [order.row]}
    return order


def _cancel(desk: _Desk) -> None:
    owned = desk.owned()
    order = _order_of(desk, owned)
    _items_of(desk, owned, order)
    reason = desk.settle_reason()
    desk.known["reason"] = reason
    desk.known |= desk.judge("commerce.cancel_order", {"order": order.number, "reason": reason})
    desk.known.setdefault("money", "")


def _return(desk: _Desk) -> None:
    owned = desk.owned()
    order = _order_of(desk, owned)
    lines = desk.settle_lines(order, owned)
    desk.known |= {"lines": list(lines), "items": [desk.shown(line) for line, _ in lines.values()]}
    refused = desk.judge("commerce.return_items", {"order": order.number, "lines": list(lines)})
    if refused.get("why", {}) and not _is_about_payment(refused):
        desk.known |= refused
        return
    method = desk.settle_payment(order)
    desk.known |= {"payment": method.id, "method": method.label}
    args: dict[str, Json] = {"order": order.number, "lines": list(lines), "refund_to": method.id}
    desk.known |= _otherwise_paid(desk.judge("commerce.return_items", args), desk)
    if "why" not in desk.known:
        typed = {one.name: one.read(args[one.name]) for one in actions()["commerce.return_items"].parameters
                 if one.name in args}  # fmt: skip
        pieces = pieces_back(desk.call, typed["order"], typed["lines"], reason=None, quantity=None)
        quote = services.quote_returns(typed["order"].resolve(desk.call), pieces)
        desk.known |= {"refund": quote.refund, "money": {"key": "plan.returned", "facts": _facts(quote.refund)}}


def _otherwise_paid(judged: dict[str, Any], desk: _Desk) -> dict[str, Any]:
    """Without the payment nothing spoke against it, so another payment method may do."""
    if judged.get("missing") != "refused":
        return judged
    rows = PaymentMethod.objects.filter(brand=desk.call.brand, customer=desk.call.customer, is_usable=True)[:50]
    others = [one.label or one.kind for one in rows if one.external_id != desk.known["payment"]]
    if not others:
        return judged
    return {
        **judged,
        "missing": "other_payment",
        "choices": others[:SHOWN_AT_MOST],
        "asked_about": desk.known["method"],
    }


def _is_about_payment(refused: Mapping[str, Any]) -> bool:
    """Refused for want of a payment method only, which is asked for next."""
    return str(refused["why"].get("key", "")).endswith("payment_named")


def _swap(desk: _Desk, name: str) -> None:
    owned = desk.owned()
    order = _order_of(desk, owned)
    if name == "commerce.exchange_items" and order.state in OPEN_STATES:
        raise _Missing("open_order")  # nothing to send back yet: it is changed before it leaves
    lines = desk.settle_lines(order, owned)
    changes = desk.settle_changes(lines)
    args: dict[str, Json] = {
        "order": order.number, "changes": [{"line": line.ref, "sku": new.sku} for line, new in changes]
    }  # fmt: skip
    if name == "commerce.exchange_items" and any(word in plain(text) for text in desk.texts for word in FAULTY):
        args["reason"] = desk.known["reason"] = "damaged"
    desk.known |= {
        "changes": args["changes"],
        "items": [desk.shown(line) for line, _ in changes],
        "new_items": [_options_told(new.options) for _, new in changes],
        "swaps": [
            {"key": "plan.swap", "facts": {"old": desk.shown(line), "new": _options_told(new.options)}}
            for line, new in changes
        ],
    }
    refused = desk.judge(name, args)
    if refused.get("why", {}) and not _is_about_payment(refused):
        desk.known |= refused
        return
    method = desk.settle_payment(order)
    desk.known |= {"payment": method.id, "method": method.label}
    judged = _otherwise_paid(desk.judge(name, {**args, "payment": method.id}), desk)
    desk.known |= judged
    if "why" not in judged:
        charge, refund = judged["charge"], judged["refund"]
        money: Json = {"key": "plan.even", "facts": {}}
        if charge is not None:
            money = {"key": "plan.charged", "facts": _facts(charge)}
        elif refund is not None:
            money = {"key": "plan.returned", "facts": _facts(refund)}
        desk.known["money"] = money


def _facts(money: Money) -> dict[str, Json]:
    return {"amount": {"minor": money.minor, "currency": money.currency}}


def _payment(desk: _Desk) -> None:
    owned = desk.owned()
    order = _order_of(desk, owned)
    _items_of(desk, owned, order)
    method = desk.settle_payment(order)
    desk.known |= {"payment": method.id, "method": method.label}
    desk.known |= desk.judge("commerce.change_payment", {"order": order.number, "payment": method.id})


def _address(desk: _Desk) -> None:
    owned = desk.owned()
    order = _order_of(desk, owned)
    _items_of(desk, owned, order)
    refused = desk.judge("commerce.change_address", {"order": order.number, "address": _SOMEWHERE})
    if refused.get("why"):
        desk.known |= refused
        return
    found = desk.settle_address(order)
    desk.known |= {"address": found, "place": _place(found)}


def _items_of(desk: _Desk, owned: Sequence[Owned], order: OrderFact) -> None:
    desk.known["items"] = [desk.shown(line) for line in owned if line.order == order.number]


def _home(desk: _Desk) -> None:
    found = desk.settle_address(None)
    desk.known |= {"address": found, "place": _place(found)}


#: an address to ask the rules with before there is one
_SOMEWHERE = {"street": "1 Main Street", "city": "Anywhere", "postcode": "10001", "country": "US"}


def _place(address: Mapping[str, str]) -> str:
    names = ("street", "street2", "city", "region", "postcode")
    return ", ".join(address[name] for name in names if address.get(name))


def _planned(call: ActionCall, kind: str, told: Told | None, work: Any) -> Plan:
    return _worked_out(_Desk(call, kind, told.texts if told else ()), work)


@action(name="plans.cancel_order", kind=READS, verification=Verification.ORDER)
def plan_cancel(call: ActionCall, *, told: Told | None = None) -> Plan:
    """Which order is to be cancelled and why, from what was told."""
    return _planned(call, "cancel", told, _cancel)


@action(name="plans.return_items", kind=READS, verification=Verification.ORDER)
def plan_return(call: ActionCall, *, told: Told | None = None) -> Plan:
    """Which lines of which order come back, and where the money goes."""
    return _planned(call, "return", told, _return)


@action(name="plans.exchange_items", kind=READS, verification=Verification.ORDER)
def plan_exchange(call: ActionCall, *, told: Told | None = None) -> Plan:
    """Which delivered lines become which variants, and how the difference is paid."""
    return _planned(call, "exchange", told, lambda desk: _swap(desk, "commerce.exchange_items"))


@action(name="plans.change_items", kind=READS, verification=Verification.ORDER)
def plan_change(call: ActionCall, *, told: Told | None = None) -> Plan:
    """Which lines of an order that hasn't left become which variants, and how the difference is paid."""
    return _planned(call, "change", told, lambda desk: _swap(desk, "commerce.change_items"))


@action(name="plans.change_payment", kind=READS, verification=Verification.ORDER)
def plan_payment(call: ActionCall, *, told: Told | None = None) -> Plan:
    """Which order is to be paid how."""
    return _planned(call, "payment", told, _payment)


@action(name="plans.change_address", kind=READS, verification=Verification.ORDER)
def plan_address(call: ActionCall, *, told: Told | None = None) -> Plan:
    """Which order goes where."""
    return _planned(call, "address", told, _address)


@action(name="plans.change_default_address", kind=READS, verification=Verification.CUSTOMER)
def plan_home(call: ActionCall, *, told: Told | None = None) -> Plan:
    """Where the customer's parcels go from now on."""
    return _planned(call, "home", told, _home)
