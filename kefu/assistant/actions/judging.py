"""What policy is asked about an action: the customer's own order, line, payment method and variant, and the amounts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

from kefu.assistant.actions.arguments import LineRef, OrderRef
from kefu.assistant.actions.call import ActionCall
from kefu.assistant.actions.registry import Action
from kefu.assistant.actions.several import Address, Changes, Lines, OneLine, PaymentRef
from kefu.assistant.facts import OrderFact
from kefu.assistant.models import ActionRecord
from kefu.assistant.policy import PolicyRequest
from kefu.assistant.remedies import goodwill
from kefu.commerce.models import Order, Payment, Variant
from kefu.kernel.errors import Refused
from kefu.kernel.money import Money
from kefu.people.actors import ActorKind
from kefu.people.models import Seat


def requests_of(
    known: Action, call: ActionCall, args: dict[str, Any], typed: dict[str, Any]
) -> tuple[list[PolicyRequest], Refused | None]:
    """What policy judges: one request, or one for each line where the action names several; all with the same amounts.

    A line's own reason, quantity and sku stand in its request's args. Raises OrderNotFound or LineNotFound for what is
    not the customer's own. When the amounts can't be told, because the shop refuses the deed (a variant is out of
    stock), that refusal is the second value: policy is asked first, so that a rule answers before it.
    """
    order, line, items, payment = _named(call, typed)
    amount, charge, unclear = _amounts(known, call, typed)
    request = PolicyRequest(
        action=known.name, facts=call.facts, args=_flat(args, typed), amount=amount, charge=charge, order=order,
        actor=call.actor.kind.value, zone=call.brand.zone,
        line=line.fact(call) if line else None,
        counts=_counts(known, call, order), role=_role_of(call),
    )  # fmt: skip
    if payment is not None and order is not None:
        request = replace(request, payment=_payment(call, payment, order, charge))
    if order is not None and any(isinstance(value, PaymentRef) for value in typed.values()):
        request = replace(request, methods=_methods_of(order))
    if not items:
        return [request], unclear
    variants = _variants(call, items)
    return [_of_line(call, request, item, variants) for item in items], unclear


def _named(
    call: ActionCall, typed: Mapping[str, Any]
) -> tuple[OrderFact | None, LineRef | None, tuple[OneLine, ...], PaymentRef | None]:
    order: OrderFact | None = None
    line: LineRef | None = None
    items: tuple[OneLine, ...] = ()
    payment: PaymentRef | None = None
    for value in typed.values():
        if isinstance(value, OrderRef):
            order = value.fact(call)
        elif isinstance(value, LineRef):
            line = value
            order = call.facts.order_of_line(value.fact(call).ref)
        elif isinstance(value, Lines | Changes):
            items = value.items
        elif isinstance(value, PaymentRef):
            payment = value
    return order, line, items, payment


def _amounts(
    known: Action, call: ActionCall, typed: Mapping[str, Any]
) -> tuple[Money | None, Money | None, Refused | None]:
    try:
        amount = known.pays(call, **typed) if known.pays else None
        charge = known.charges(call, **typed) if known.charges else None
    except Refused as refused:
        return None, None, refused
    return amount, charge, None


def _flat(args: dict[str, Any], typed: Mapping[str, Any]) -> dict[str, Any]:
    """An address's parts stand among the args as if they were given one by one."""
    parts = [dict(value.parts) for value in typed.values() if isinstance(value, Address)]
    return {**args, **(parts[0] if parts else {})}


def _of_line(call: ActionCall, request: PolicyRequest, item: OneLine, variants: Mapping[str, Variant]) -> PolicyRequest:
    own = {"reason": item.reason, "quantity": item.quantity, "sku": item.sku}
    args = {**request.args, **{name: value for name, value in own.items() if value is not None}}
    fact = item.ref.fact(call)
    if item.sku is None:
        return replace(request, line=fact, args=args)
    old, new = variants.get(fact.sku), variants.get(item.sku)
    wanted = fact.quantity if item.quantity is None else item.quantity
    variant = {
        "sku": item.sku,
        "is_known": new is not None,
        "in_stock": new is not None and new.stock >= wanted,
        "left": new.stock if new else 0,
        "same_product": new is not None and old is not None and new.product_id == old.product_id,
        "is_other": item.sku != fact.sku,
        "price": {"minor": new.price_minor, "currency": new.currency} if new else None,
    }
    return replace(request, line=fact, args=args, variant=variant)


def _variants(call: ActionCall, items: tuple[OneLine, ...]) -> dict[str, Variant]:
    skus = {item.sku for item in items if item.sku is not None}
    if not skus:
        return {}
    skus |= {item.ref.fact(call).sku for item in items}
    return {one.sku: one for one in Variant.objects.filter(brand=call.brand, sku__in=skus)}


def _payment(call: ActionCall, payment: PaymentRef, order: OrderFact, charge: Money | None) -> dict[str, Any]:
    buyer = _buyer_of(order)
    method = payment.find(call, buyer) if buyer is not None else None
    if method is None:
        return {"is_known": False, "kind": "", "is_original": False, "is_gift_card": False, "balance": None,
                "covers": False}  # fmt: skip
    balance = method.balance
    covers = balance is None or charge is None or (balance.currency == charge.currency and balance >= charge)
    return {
        "is_known": True,
        "kind": method.kind,
        "is_original": Payment.objects.filter(order_id=_id(order), paid_with=method).exists(),
        "is_gift_card": balance is not None,
        "balance": {"minor": balance.minor, "currency": balance.currency} if balance is not None else None,
        "covers": covers,
    }


def _methods_of(order: OrderFact) -> int:
    paid = Payment.objects.filter(order_id=_id(order), paid_with__isnull=False)
    return paid.order_by().values("paid_with").distinct().count()


def _buyer_of(order: OrderFact) -> int | None:
    return Order.objects.filter(pk=_id(order)).values_list("customer_id", flat=True).first()


def _id(order: OrderFact) -> int:
    return int(order.row.partition(":")[2])


def _counts(known: Action, call: ActionCall, order: OrderFact | None) -> dict[str, int]:
    """What rules about money may count; gifts have budgets of their own."""
    if not known.pays:
        return {}
    counts = {"refunds_30_days": _refunds_of(call)}
    if known.is_gift:
        currency = order.total.currency if order else ""
        counts |= {
            "goodwill_left": goodwill.left_for_customer(call, currency),
            "agent_goodwill_left": goodwill.left_for_agent(call, currency),
        }
    return counts


def _role_of(call: ActionCall) -> str:
    """The role that the agent who acts holds at this brand's desk."""
    if call.actor.kind is not ActorKind.AGENT or call.actor.id is None:
        return ""
    return Seat.objects.filter(brand=call.brand, agent_id=call.actor.id).values_list("role", flat=True).first() or ""


def _refunds_of(call: ActionCall) -> int:
    """How many refunds this customer got through actions in the last thirty days; at most ten are counted."""
    if call.customer is None:
        return 0
    recent = ActionRecord.objects.filter(
        brand=call.brand, conversation__customer=call.customer, ok=True,
        action__in=("commerce.refund", "parcels.refund_lost"), at__gte=call.now - timedelta(days=30),
    )  # fmt: skip
    return recent[:10].count()
