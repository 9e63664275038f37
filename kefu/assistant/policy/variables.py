"""The facts that a policy condition may read, and the helpers it may call. docs/reference/policy.md lists them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta, tzinfo
from typing import Any
from zoneinfo import ZoneInfo

from kefu.assistant.facts import Facts, LineFact, OrderFact
from kefu.assistant.policy.expressions import ANY, Schema
from kefu.commerce.rules import EU, SATURDAY
from kefu.commerce.tables.windows import ReturnPromise, return_promise
from kefu.kernel.money import Money

UTC = ZoneInfo("UTC")

#: what holds for a brand whose settings are silent
DEFAULT_TERMS: dict[str, int | str] = {"return_days": 30, "refund_days": 5}

_MONEY: Schema = {"minor": ANY, "currency": ANY}
_LINE: Schema = {
    "ref": ANY, "sku": ANY, "size": ANY, "color": ANY, "quantity": ANY, "returned": ANY, "left": ANY,
    "made_good": ANY, "unsettled": ANY, "unit_price": _MONEY,
    "is_returnable": ANY, "is_delivered": ANY, "arrived_on": ANY, "legal_until": ANY,
}  # fmt: skip
#: every fact with its fields; a field that may be missing is null, never absent
SCHEMA: Schema = {
    "action": ANY,
    "args": ANY,
    "actor": ANY,
    "role": ANY,
    "amount": _MONEY,
    "order": {
        "number": ANY, "state": ANY, "country": ANY, "is_eu": ANY, "placed_on": ANY, "total": _MONEY, "paid": _MONEY,
        "refunded": _MONEY, "payment_method": ANY, "has_shipped": ANY, "return_days": ANY, "lines": ANY,
        "marketplace": ANY, "legal_days": ANY, "legal_rule": ANY, "return_rule": ANY,
        "changed_items_once": ANY, "changes": {"address": ANY, "items": ANY, "payment": ANY}, "returns": ANY,
        "exchanges": ANY, "methods": ANY,
    },
    "charge": _MONEY,
    "payment": {"is_known": ANY, "kind": ANY, "is_original": ANY, "is_gift_card": ANY, "balance": _MONEY,
                "covers": ANY},
    "variant": {"sku": ANY, "is_known": ANY, "in_stock": ANY, "left": ANY, "same_product": ANY, "is_other": ANY,
                "price": _MONEY},
    "reason": ANY,
    "line": _LINE,
    "customer": {"id": ANY, "country": ANY, "tier": ANY, "language": ANY},
    "verification": ANY,
    "channel": ANY,
    "today": ANY,
    "terms": ANY,
    "counts": ANY,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class PolicyRequest:
    """One action to be judged.

    args: as the action got them, JSON values. amount: what the action would pay out, if anything.
    order, line: what the arguments name, already found among the customer's own.
    actor: agent, customer, assistant or system. role: of an agent in this brand, else "". zone: the brand's, in which
    days are counted.
    counts: numbers the caller counted, e.g. {"refunds_today": 2}.
    """

    action: str
    facts: Facts
    args: Mapping[str, Any] = field(default_factory=dict)
    amount: Money | None = None
    order: OrderFact | None = None
    line: LineFact | None = None
    actor: str = "assistant"
    role: str = ""
    zone: tzinfo = UTC
    counts: Mapping[str, int] = field(default_factory=dict)
    #: what the action would take from the customer, if anything
    charge: Money | None = None
    #: the payment method that the arguments name, and the variant that takes the line's place: see SCHEMA
    payment: Mapping[str, Any] | None = None
    variant: Mapping[str, Any] | None = None
    #: how many kept methods the order was paid with
    methods: int = 0


def variables(request: PolicyRequest) -> dict[str, Any]:
    """The request as CEL sees it: null, text, whole numbers, lists and maps; days are text like "2026-03-02"."""
    facts, order, line = request.facts, request.order, request.line
    if line is not None and order is None:
        order = facts.order_of_line(line.ref)
    customer, terms = facts.customer, {**DEFAULT_TERMS, **facts.terms}
    promise = _promise(order, request, terms) if order else None
    return {
        "action": request.action,
        "args": dict(request.args),
        "actor": request.actor,
        "role": request.role,
        "amount": _money(request.amount),
        "order": _order(order, request, promise) if order and promise else None,
        "line": _line(line, order, request, promise) if line and order and promise else None,
        "customer": {"id": customer.id, "country": customer.country, "tier": customer.tier,
                     "language": customer.language} if customer else None,
        "verification": facts.verification,
        "channel": facts.channel,
        "today": facts.today.isoformat(),
        "terms": terms,
        "counts": dict(request.counts),
        "charge": _money(request.charge),
        "payment": dict(request.payment) if request.payment is not None else None,
        "variant": dict(request.variant) if request.variant is not None else None,
        "reason": request.args.get("reason"),
    }  # fmt: skip


def functions(request: PolicyRequest) -> dict[str, Callable[..., Any]]:
    """The helpers, bound to the request's day."""

    def days_since(day: str) -> int:
        return (request.facts.today - date.fromisoformat(day)).days

    def level(name: str) -> int:
        return {"none": 0, "order": 1, "customer": 2}[name]

    def at_most(amount: Mapping[str, Any], most: str) -> bool:
        limit = money_from(most)
        return Money(int(amount["minor"]), str(amount["currency"])) <= limit  # raises on another currency

    return {"days_since": days_since, "level": level, "at_most": at_most, "within": _within, "chars": _chars,
            "count": _count, "in_eu": _in_eu, "plus_days": _plus_days, "off_weekend": _off_weekend}  # fmt: skip


#: the names `functions` gives
HELPERS = frozenset({"days_since", "level", "at_most", "within", "chars", "count", "in_eu", "plus_days", "off_weekend"})


def money_from(text: str) -> Money:
    """ "150.00 EUR" as Money. Raises ValueError."""
    amount, _, currency = text.strip().partition(" ")
    if len(currency) != 3 or not currency.isascii() or not currency.isupper():
        raise ValueError(f'{text!r} is not an amount with its currency; write it like "150.00 EUR"')
    return Money.of(amount, currency)


def _within(amount: Mapping[str, Any], limits: list[str]) -> bool:
    """Whether one of the limits is in the amount's currency and not below it; no limit in that currency: false."""
    of_currency = [limit for limit in map(money_from, limits) if limit.currency == amount["currency"]]
    return any(int(amount["minor"]) <= limit.minor for limit in of_currency)


def _chars(text: str) -> int:
    return len(text)


def _count(items: list[Any]) -> int:
    return len(items)


def _in_eu(country: str) -> bool:
    return country.upper() in EU


def _plus_days(day: str, days: int) -> str:
    return (date.fromisoformat(day) + timedelta(days=int(days))).isoformat()


def _off_weekend(day: str) -> str:
    """The day itself, or the Monday after when it is a Saturday or Sunday. Source: Regulation 1182/71, art. 3(4)."""
    given = date.fromisoformat(day)
    return (given + timedelta(days=7 - given.weekday())).isoformat() if given.weekday() >= SATURDAY else day


def _money(money: Money | None) -> dict[str, Any] | None:
    return {"minor": money.minor, "currency": money.currency} if money is not None else None


def _day(moment: datetime | None, zone: tzinfo) -> str | None:
    return moment.astimezone(zone).date().isoformat() if moment else None


def _order(order: OrderFact, request: PolicyRequest, promise: ReturnPromise) -> dict[str, Any]:
    has_shipped = order.state in ("shipped", "delivered") or any(
        shipment.state != "preparing" for shipment in order.shipments
    )
    return {
        "number": order.number,
        "state": order.state,
        "country": order.country,
        "is_eu": _in_eu(order.country),
        "placed_on": _day(order.placed_at, request.zone),
        "total": _money(order.total),
        "paid": _money(order.paid),
        "refunded": _money(order.refunded),
        "payment_method": order.payment_method,
        "has_shipped": has_shipped,
        "return_days": promise.promised_days,
        "return_rule": promise.promised_rule,
        "legal_days": promise.legal_days,
        "legal_rule": promise.legal_rule,
        "marketplace": order.marketplace,
        "changed_items_once": order.item_changes > 0,
        "changes": {"address": order.address_changes, "items": order.item_changes, "payment": order.payment_changes},
        "returns": _open_returns(order, exchanges=False),
        "exchanges": _open_returns(order, exchanges=True),
        "methods": request.methods,
        "lines": [_line(line, order, request, promise) for line in order.lines],
    }


def _promise(order: OrderFact, request: PolicyRequest, terms: Mapping[str, int | str]) -> ReturnPromise:
    tables = request.facts.tables
    return return_promise(tables, order.country, terms, marketplace=order.marketplace, on=request.facts.today)


def _open_returns(order: OrderFact, *, exchanges: bool) -> int:
    """How many returns (or exchanges) there are that were not called off."""
    return len({one.number for one in order.returns if one.is_exchange is exchanges and one.state != "cancelled"})


def _line(line: LineFact, order: OrderFact, request: PolicyRequest, promise: ReturnPromise) -> dict[str, Any]:
    arrived_on = _arrived_on(line, order, request)
    legal = promise.legal_until(date.fromisoformat(arrived_on)) if arrived_on else None
    return {
        "ref": line.ref,
        "sku": line.sku,
        "size": line.size,
        "color": line.color,
        "quantity": line.quantity,
        "returned": line.returned,
        "left": line.quantity - line.returned,
        "made_good": line.made_good,
        "unsettled": line.unsettled,
        "unit_price": _money(line.unit_price),
        "is_returnable": line.is_returnable,
        "is_delivered": arrived_on is not None,
        "arrived_on": arrived_on,
        "legal_until": legal.isoformat() if legal else None,
    }


def _arrived_on(line: LineFact, order: OrderFact, request: PolicyRequest) -> str | None:
    """The day from which a return window runs; null while the line itself is still under way.

    An order that travels in several parcels has arrived with the last of them, and while one is under way the window
    has not begun: then today. Lost parcels are not waited for. Source: Directive 2011/83/EU, art. 9(2)(b)(i).
    """
    expected = [shipment for shipment in order.shipments if shipment.state not in ("lost", "returned")]
    own = [shipment for shipment in expected if line.ref in shipment.line_refs]
    if not own or any(shipment.delivered_at is None for shipment in own):
        return None
    arrived = [shipment.delivered_at for shipment in expected if shipment.delivered_at is not None]
    if len(arrived) < len(expected):
        return request.facts.today.isoformat()
    return _day(max(arrived), request.zone)
