"""What a customer wants done, worked out from their words: one plan for each kind of deed, ready to be confirmed, or
with the one thing that is still missing. Reads only; the deed itself goes through its own action."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from kefu.assistant.actions.call import ActionCall
from kefu.assistant.actions.plans.reading import Owned, options_told, plain
from kefu.assistant.actions.plans.working import (
    FAULTY,
    OPEN_STATES,
    SHOWN_AT_MOST,
    Lacking,
    Plan,
    Working,
)
from kefu.assistant.actions.registry import READS, action, actions
from kefu.assistant.actions.several import Told, pieces_back
from kefu.assistant.actions.values import Json
from kefu.assistant.facts import OrderFact
from kefu.commerce import services
from kefu.commerce.models import Order, PaymentMethod
from kefu.desk.models import Verification
from kefu.kernel.errors import Refused
from kefu.kernel.money import Money


def _worked_out(work: Working, settle: Callable[[Working], None]) -> Plan:
    try:
        settle(work)
    except Lacking as lacking:
        work.known |= {"missing": lacking.what, "choices": lacking.choices, "asked_about": lacking.about}
    except Refused as refused:
        work.known |= {"missing": "refused", "why": {"key": refused.tells_customer or "common.refused"}}
    return Plan(**work.known)


def _order_of(work: Working, owned: Sequence[Owned]) -> OrderFact:
    order = work.settle_order(owned)
    work.known |= {"order": order.number, "order_number": order.number, "rows": [order.row]}
    return order


def _cancel(work: Working) -> None:
    owned = work.owned()
    order = _order_of(work, owned)
    _items_of(work, owned, order)
    if _names_a_part(work, owned, order):
        work.known["whole"] = {"key": "plan.whole_order", "facts": {}}
    reason = work.settle_reason()
    work.known["reason"] = reason
    work.known |= work.judge("commerce.cancel_order", {"order": order.number, "reason": reason})
    work.known.setdefault("money", "")


def _names_a_part(work: Working, owned: Sequence[Owned], order: OrderFact) -> bool:
    own = {line.ref for line in owned if line.order == order.number}
    named = {line.ref for one in work.named for line in one.lines} & own
    return bool(named and named < own) or bool(work.left_out & own)


def _look(work: Working) -> None:
    owned = work.owned()
    order = _order_of(work, owned)
    _items_of(work, owned, order)
    numbers = [one.tracking_number for one in order.shipments if one.tracking_number]
    row = Order.objects.filter(brand=work.call.brand, number=order.number).first()
    work.known |= {
        "refund": order.total,
        "money": {"key": "plan.tracked", "facts": {"numbers": numbers}} if numbers else "",
        "place": _place({**row.address, "postcode": row.postcode}) if row is not None else "",
    }


def _return(work: Working) -> None:
    owned = work.owned()
    order = _order_of(work, owned)
    lines = work.settle_lines(order, owned)
    work.known |= {"lines": list(lines), "items": [work.shown(line) for line, _ in lines.values()]}
    refused = work.judge("commerce.return_items", {"order": order.number, "lines": list(lines)})
    if refused.get("why", {}) and not _is_about_payment(refused):
        work.known |= refused
        return
    method = work.settle_payment(order)
    work.known |= {"payment": method.id, "method": method.label}
    args: dict[str, Json] = {"order": order.number, "lines": list(lines), "refund_to": method.id}
    work.known |= _otherwise_paid(work.judge("commerce.return_items", args), work)
    if "why" not in work.known:
        typed = {one.name: one.read(args[one.name]) for one in actions()["commerce.return_items"].parameters
                 if one.name in args}  # fmt: skip
        pieces = pieces_back(work.call, typed["order"], typed["lines"], reason=None, quantity=None)
        quote = services.quote_returns(typed["order"].resolve(work.call), pieces, despite_remedy=work.call.is_by_agent)
        work.known |= {"refund": quote.refund, "money": {"key": "plan.returned", "facts": _facts(quote.refund)}}


def _otherwise_paid(judged: dict[str, Any], work: Working) -> dict[str, Any]:
    """Without the payment nothing spoke against it, so another payment method may do."""
    if judged.get("missing") != "refused":
        return judged
    rows = PaymentMethod.objects.filter(brand=work.call.brand, customer=work.call.customer, is_usable=True)[:50]
    others = [one.label or one.kind for one in rows if one.external_id != work.known["payment"]]
    if not others:
        return judged
    return {
        **judged,
        "missing": "other_payment",
        "choices": others[:SHOWN_AT_MOST],
        "asked_about": work.known["method"],
    }


def _is_about_payment(refused: Mapping[str, Any]) -> bool:
    """Refused for want of a payment method only, which is asked for next."""
    return str(refused["why"].get("key", "")).endswith("payment_named")


def _swap(work: Working, name: str) -> None:
    owned = work.owned()
    order = _order_of(work, owned)
    if name == "commerce.exchange_items" and order.state in OPEN_STATES:
        raise Lacking("open_order")  # nothing to send back yet: it is changed before it leaves
    lines = work.settle_lines(order, owned)
    changes = work.settle_changes(lines)
    args: dict[str, Json] = {
        "order": order.number, "changes": [{"line": line.ref, "sku": new.sku} for line, new in changes]
    }  # fmt: skip
    if name == "commerce.exchange_items" and any(word in plain(text) for text in work.texts for word in FAULTY):
        args["reason"] = work.known["reason"] = "damaged"
    work.known |= {
        "changes": args["changes"],
        "items": [work.shown(line) for line, _ in changes],
        "new_items": [options_told(new.options) for _, new in changes],
        "swaps": [
            {"key": "plan.swap", "facts": {"old": work.shown(line), "new": options_told(new.options)}}
            for line, new in changes
        ],
    }
    refused = work.judge(name, args)
    if refused.get("why", {}) and not _is_about_payment(refused):
        work.known |= refused
        return
    method = work.settle_payment(order)
    work.known |= {"payment": method.id, "method": method.label}
    judged = _otherwise_paid(work.judge(name, {**args, "payment": method.id}), work)
    work.known |= judged
    if "why" not in judged:
        charge, refund = judged["charge"], judged["refund"]
        money: Json = {"key": "plan.even", "facts": {}}
        if charge is not None:
            money = {"key": "plan.charged", "facts": _facts(charge)}
        elif refund is not None:
            money = {"key": "plan.returned", "facts": _facts(refund)}
        work.known["money"] = money


def _facts(money: Money) -> dict[str, Json]:
    return {"amount": {"minor": money.minor, "currency": money.currency}}


def _payment(work: Working) -> None:
    owned = work.owned()
    order = _order_of(work, owned)
    _items_of(work, owned, order)
    method = work.settle_payment(order)
    work.known |= {"payment": method.id, "method": method.label}
    work.known |= work.judge("commerce.change_payment", {"order": order.number, "payment": method.id})


def _address(work: Working) -> None:
    owned = work.owned()
    order = _order_of(work, owned)
    _items_of(work, owned, order)
    refused = work.judge("commerce.change_address", {"order": order.number, "address": _SOMEWHERE})
    if refused.get("why"):
        work.known |= refused
        return
    found = work.settle_address(order)
    work.known |= {"address": found, "place": _place(found)}


def _items_of(work: Working, owned: Sequence[Owned], order: OrderFact) -> None:
    work.known["items"] = [work.shown(line) for line in owned if line.order == order.number]


def _home(work: Working) -> None:
    found = work.settle_address(None)
    work.known |= {"address": found, "place": _place(found)}


#: an address to ask the rules with before there is one
_SOMEWHERE = {"street": "1 Main Street", "city": "Anywhere", "postcode": "10001", "country": "US"}


def _place(address: Mapping[str, str]) -> str:
    names = ("street", "street2", "city", "region", "postcode")
    return ", ".join(address[name] for name in names if address.get(name))


def _planned(call: ActionCall, kind: str, told: Told | None, settle: Callable[[Working], None]) -> Plan:
    return _worked_out(Working(call, kind, told.texts if told else ()), settle)


@action(name="plans.cancel_order", kind=READS, verification=Verification.ORDER)
def plan_cancel(call: ActionCall, *, told: Told | None = None) -> Plan:
    """Which order is to be cancelled and why, from what was told."""
    return _planned(call, "cancel", told, _cancel)


@action(name="plans.order", kind=READS, verification=Verification.ORDER)
def plan_order(call: ActionCall, *, told: Told | None = None) -> Plan:
    """Which order is asked about, with its total and where its parcels can be followed."""
    return _planned(call, "look", told, _look)


@action(name="plans.return_items", kind=READS, verification=Verification.ORDER)
def plan_return(call: ActionCall, *, told: Told | None = None) -> Plan:
    """Which lines of which order come back, and where the money goes."""
    return _planned(call, "return", told, _return)


@action(name="plans.exchange_items", kind=READS, verification=Verification.ORDER)
def plan_exchange(call: ActionCall, *, told: Told | None = None) -> Plan:
    """Which delivered lines become which variants, and how the difference is paid."""
    return _planned(call, "exchange", told, lambda work: _swap(work, "commerce.exchange_items"))


@action(name="plans.change_items", kind=READS, verification=Verification.ORDER)
def plan_change(call: ActionCall, *, told: Told | None = None) -> Plan:
    """Which lines of an order that hasn't left become which variants, and how the difference is paid."""
    return _planned(call, "change", told, lambda work: _swap(work, "commerce.change_items"))


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
