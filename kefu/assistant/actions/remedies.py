"""What the assistant may do about a fault: look the ways up in the shop's table, and do the one that was chosen."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

from kefu.assistant.actions.arguments import LineRef, Photo, Quantity
from kefu.assistant.actions.call import ActionCall
from kefu.assistant.actions.errors import LineNotFound
from kefu.assistant.actions.registry import READS, WRITES, action
from kefu.assistant.actions.values import Localised
from kefu.assistant.checks.values import METHODS
from kefu.assistant.editions.working_tables import remedies_for
from kefu.assistant.facts import LineFact, OrderFact
from kefu.assistant.policy.variables import DEFAULT_TERMS
from kefu.assistant.remedies.plan import (
    AwaitsApproval,
    ClaimedBefore,
    ForAPerson,
    NotOffered,
    Plan,
    ProofNeeded,
    plan_for,
    wished_first,
    worth,
)
from kefu.commerce import errors, services
from kefu.commerce.models import Remedy
from kefu.desk.models import Verification
from kefu.kernel.money import Money

Cause = Literal["damaged", "defective", "wrong_item", "missing", "not_as_described", "counterfeit"]
Wish = Literal["resend", "exchange", "repair", "part_refund", "coupon", "refund"]
#: days to hand the parcel in, when the brand's terms are silent; as commerce.services.returning has it
PARCEL_DAYS = 14
_REFUSALS = (
    ClaimedBefore.code, AwaitsApproval.code, ForAPerson.code, ProofNeeded.code, NotOffered.code,
    errors.RemediedAlready.code, errors.NotDelivered.code, errors.TooManyPieces.code,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Remedies:
    """remedies: the ways in the order to offer them, each {"option": way, …what it costs}; unmet: the way the customer
    asked for is not among them. amount: what the pieces concerned cost. remedy_rule: the row of the table."""

    remedies: list[dict[str, Any]]
    unmet: bool
    item: Localised
    order_number: str
    pieces: int
    amount: Money
    method: dict[str, str]
    refund_days: int
    parcel_days: int
    coupon_days: int
    remedy_rule: str


@dataclass(frozen=True, slots=True)
class Given:
    """amount: what was paid or what the coupon is worth; zero for goods. until: last day of the coupon."""

    item: Localised
    order_number: str
    pieces: int
    amount: Money
    refund_days: int
    coupon_code: str
    until: date | None


@dataclass(frozen=True, slots=True)
class TakenBack:
    item: Localised
    order_number: str
    pieces: int
    return_number: str
    refund: Money
    deadline: date
    refund_days: int
    address: str | dict[str, str]


@action(name="remedies.plan", kind=READS, verification=Verification.ORDER, refusals=_REFUSALS)
def look_up(
    call: ActionCall, *, line: LineRef, cause: Cause, quantity: Quantity | None = None, photo: Photo | None = None,
    wished: Wish | None = None,
) -> Remedies:  # fmt: skip
    """The ways to make a fault good, by the shop's table; the one the customer asked for first, where it is allowed.

    Raises ClaimedBefore, AwaitsApproval, ForAPerson, ProofNeeded: then a person looks at it.
    """
    fact, order, plan = _planned(call, line, cause, quantity, photo)
    ways, unmet = wished_first(plan.ways, wished)
    method = order.payment_method or "other"
    return Remedies(
        remedies=[_rung(way, plan) for way in ways],
        unmet=unmet,
        item=Localised(fact.titles),
        order_number=order.number,
        pieces=plan.pieces,
        amount=plan.value,
        method={"key": f"method.{method if method in METHODS else 'other'}"},
        refund_days=_term(call, "refund_days", int(DEFAULT_TERMS["refund_days"])),
        parcel_days=_term(call, "return_parcel_days", PARCEL_DAYS),
        coupon_days=remedies_for(call.brand).coupon_days,
        remedy_rule=plan.row.id,
    )


def _rung(way: str, plan: Plan) -> dict[str, Any]:
    money = plan.amounts.get(way)
    return {"option": way, "amount": money, "refund": money} if money is not None else {"option": way}


def _pieces(call: ActionCall, line: LineRef, quantity: Quantity | None) -> int:
    fact = line.fact(call)
    return quantity.value if quantity else max(1, fact.quantity - fact.returned)


def _planned(
    call: ActionCall, line: LineRef, cause: str, quantity: Quantity | None, photo: Photo | None
) -> tuple[LineFact, OrderFact, Plan]:
    fact = line.fact(call)
    order = call.facts.order_of_line(fact.ref)
    if order is None:
        raise LineNotFound(line=fact.ref)
    pieces = _pieces(call, line, quantity)
    left = fact.quantity - fact.returned
    if not 1 <= pieces <= left:
        raise errors.TooManyPieces(line=fact.ref, left=left)
    return fact, order, plan_for(call, fact, order, cause=cause, pieces=pieces, has_photo=photo is not None)


def _allowed(
    call: ActionCall, way: str, line: LineRef, cause: str, quantity: Quantity | None, photo: Photo | None
) -> Plan:
    """The plan, when this way is in it: a deed is judged by the table at the moment it is done."""
    _, _, plan = _planned(call, line, cause, quantity, photo)
    if way not in plan.ways:
        raise NotOffered(row=plan.row.id, way=way)
    return plan


def _value(
    call: ActionCall, *, line: LineRef, cause: Cause, quantity: Quantity | None = None, photo: Photo | None = None
) -> Money:
    """What goods sent again are worth: limits go by it."""
    fact = line.fact(call)
    order = call.facts.order_of_line(fact.ref)
    if order is None:
        raise LineNotFound(line=fact.ref)
    pieces = min(_pieces(call, line, quantity), max(1, fact.quantity - fact.returned))
    return worth(fact, order, pieces)


def _costs(way: str) -> Any:
    """For `pays`: what this way would cost by the table now."""

    def amount(
        call: ActionCall, *, line: LineRef, cause: Cause, quantity: Quantity | None = None, photo: Photo | None = None
    ) -> Money:
        return _planned(call, line, cause, quantity, photo)[2].amounts[way]

    return amount


@action(
    name="commerce.resend", kind=WRITES, verification=Verification.ORDER, confirm=True, pays=_value,
    refusals=(*_REFUSALS, errors.OutOfStock.code),
)  # fmt: skip
def resend(
    call: ActionCall, *, line: LineRef, cause: Cause, quantity: Quantity | None = None, photo: Photo | None = None
) -> Given:
    """Send pieces of a line once more, free of charge. Limits go by what they are worth.

    Raises OutOfStock, RemediedAlready and what remedies.plan raises.
    """
    plan = _allowed(call, "resend", line, cause, quantity, photo)
    own = line.resolve(call)
    given = services.resend(own, cause=cause, quantity=plan.pieces, by=call.actor, key=call.key, rule=call.rule)
    return _given(call, line, given)


@action(
    name="commerce.pay_for_fault", kind=WRITES, verification=Verification.ORDER, confirm=True,
    pays=_costs("part_refund"), is_gift=True, refusals=(*_REFUSALS, errors.RefundTooHigh.code),
)  # fmt: skip
def pay_for_fault(
    call: ActionCall, *, line: LineRef, cause: Cause, quantity: Quantity | None = None, photo: Photo | None = None
) -> Given:
    """Give back the table's part of the price; the customer keeps the goods.

    Raises RefundTooHigh, RemediedAlready and what remedies.plan raises.
    """
    return _pay(call, "part_refund", line, cause, quantity, photo)


@action(
    name="commerce.pay_without_return", kind=WRITES, verification=Verification.ORDER, confirm=True,
    pays=_costs("refund"), refusals=(*_REFUSALS, errors.RefundTooHigh.code),
)  # fmt: skip
def pay_without_return(
    call: ActionCall, *, line: LineRef, cause: Cause, quantity: Quantity | None = None, photo: Photo | None = None
) -> Given:
    """Give back the whole price although nothing comes back.

    Raises RefundTooHigh, RemediedAlready and what remedies.plan raises.
    """
    return _pay(call, "refund", line, cause, quantity, photo)


def _pay(
    call: ActionCall, way: str, line: LineRef, cause: str, quantity: Quantity | None, photo: Photo | None
) -> Given:
    plan = _allowed(call, way, line, cause, quantity, photo)
    given = services.pay_for_fault(
        line.resolve(call), plan.amounts[way], cause=cause, quantity=plan.pieces, is_whole=way == "refund",
        by=call.actor, key=call.key, rule=call.rule,
    )  # fmt: skip
    return _given(call, line, given)


@action(
    name="commerce.give_coupon", kind=WRITES, verification=Verification.ORDER, confirm=True, pays=_costs("coupon"),
    is_gift=True,
    refusals=_REFUSALS,
)  # fmt: skip
def give_coupon(
    call: ActionCall, *, line: LineRef, cause: Cause, quantity: Quantity | None = None, photo: Photo | None = None
) -> Given:
    """Give a coupon of the customer's own, good once. Raises RemediedAlready and what remedies.plan raises."""
    plan = _allowed(call, "coupon", line, cause, quantity, photo)
    given = services.give_coupon(
        line.resolve(call), plan.amounts["coupon"], cause=cause, quantity=plan.pieces,
        days=remedies_for(call.brand).coupon_days, by=call.actor, key=call.key, rule=call.rule,
    )  # fmt: skip
    return _given(call, line, given)


@action(
    name="commerce.take_back", kind=WRITES, verification=Verification.ORDER, confirm=True, pays=_value,
    refusals=_REFUSALS,
)  # fmt: skip
def take_back(
    call: ActionCall, *, line: LineRef, cause: Cause, quantity: Quantity | None = None, photo: Photo | None = None
) -> TakenBack:
    """Take faulty goods back at our cost, whatever the return window says; the money follows when they have arrived.

    Raises RemediedAlready and what remedies.plan raises.
    """
    plan = _allowed(call, "take_back", line, cause, quantity, photo)
    own = line.resolve(call)
    opened = services.take_back(own, cause=cause, quantity=plan.pieces, by=call.actor, key=call.key, rule=call.rule)
    fact = line.fact(call)
    return TakenBack(
        item=Localised(fact.titles),
        order_number=own.order.number,
        pieces=plan.pieces,
        return_number=opened.number,
        refund=Money(opened.refund_minor, own.order.currency),
        deadline=opened.deadline,
        refund_days=_term(call, "refund_days", int(DEFAULT_TERMS["refund_days"])),
        address=str(call.brand.settings.get("return_address", "")) or {"key": "return.sender_address"},
    )


def _given(call: ActionCall, line: LineRef, remedy: Remedy) -> Given:
    fact = line.fact(call)
    return Given(
        item=Localised(fact.titles),
        order_number=fact.ref.rpartition("/")[0],
        pieces=remedy.quantity,
        amount=remedy.amount,
        refund_days=_term(call, "refund_days", int(DEFAULT_TERMS["refund_days"])),
        coupon_code=remedy.coupon.code if remedy.coupon else "",
        until=remedy.coupon.ends_on if remedy.coupon else None,
    )


def _term(call: ActionCall, name: str, default: int) -> int:
    value = call.facts.terms.get(name, default)
    return int(value) if str(value).isdigit() else default
