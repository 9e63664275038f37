"""What the assistant may do about a parcel that won't come: send it again, or give the money back."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from kefu.assistant.actions.arguments import OrderRef
from kefu.assistant.actions.call import ActionCall
from kefu.assistant.actions.registry import WRITES, action
from kefu.assistant.checks import losses, values
from kefu.assistant.facts import OrderFact
from kefu.assistant.models import ActionRecord
from kefu.assistant.policy.variables import DEFAULT_TERMS
from kefu.commerce import services
from kefu.desk.models import Verification
from kefu.kernel.errors import Refused
from kefu.kernel.money import Money

REFUND, RESEND = "parcels.refund_lost", "parcels.resend_lost"


class ParcelNotLost(Refused):
    """The parcel doesn't count as lost by the carrier's row of the tables. Wait, or let a person decide."""

    code = "parcels.not_lost"
    tells_customer = "parcel.not_lost"


class ParcelSettled(Refused):
    """The loss of a parcel of this order has been made good already. A person looks at a second one."""

    code = "parcels.settled"
    tells_customer = "parcel.settled"


@dataclass(frozen=True, slots=True)
class LostPaidBack:
    order_number: str
    refund: Money
    refund_days: int
    method: str


@dataclass(frozen=True, slots=True)
class LostSentAgain:
    """resend_by: the day by which it leaves."""

    order_number: str
    resend_by: date


def _worth(call: ActionCall, *, order: OrderRef) -> Money:
    found = order.fact(call)
    parcel = losses.worst_parcel(found, call.facts)
    return losses.parcel_worth(found, parcel) if parcel else Money(0, found.total.currency)


def _lost(call: ActionCall, order: OrderRef) -> OrderFact:
    """The order, when its parcel counts as lost today and nobody has made that good. Raises ParcelNotLost,
    ParcelSettled."""
    found = order.fact(call)
    if losses.loss(call.facts, {"order": found.number}).outcome != "lost":
        raise ParcelNotLost(order=found.number)
    settled = ActionRecord.objects.filter(
        brand=call.brand, action__in=(REFUND, RESEND), ok=True, args__order__iexact=found.number
    )
    if settled.exclude(key=call.key).exists():
        raise ParcelSettled(order=found.number)
    return found


@action(
    name=REFUND, kind=WRITES, verification=Verification.ORDER, confirm=True, pays=_worth,
    limit=Money(15_000, "EUR"), refusals=(ParcelNotLost.code, ParcelSettled.code),
)  # fmt: skip
def refund_lost(call: ActionCall, *, order: OrderRef) -> LostPaidBack:
    """Pay back what was in a lost parcel. Raises ParcelNotLost, ParcelSettled, RefundTooHigh."""
    own = order.resolve(call)
    found = _lost(call, order)
    made = services.refund(
        own, _worth(call, order=order), reason="lost parcel", by=call.actor, key=call.key, rule=call.rule
    )
    total = sum((one.amount for one in made), Money(0, own.currency))
    days = int(call.facts.terms.get("refund_days", DEFAULT_TERMS["refund_days"]))
    return LostPaidBack(found.number, total, days, made[0].payment.method)


@action(
    name=RESEND, kind=WRITES, verification=Verification.ORDER, confirm=True,
    refusals=(ParcelNotLost.code, ParcelSettled.code),
)  # fmt: skip
def resend_lost(call: ActionCall, *, order: OrderRef) -> LostSentAgain:
    """Promise what was in a lost parcel once more; the warehouse's task is the playbook's next step. Raises
    ParcelNotLost, ParcelSettled."""
    order.resolve(call)
    found = _lost(call, order)
    days = losses.service_days(call.facts, "parcel.resend", 2)
    return LostSentAgain(found.number, values.working_days_after(call.facts.today, days))
