"""What playbooks may ask of facts: pure functions with a closed list of outcomes each (engine.specs.CheckSpec)."""

from __future__ import annotations

from kefu.assistant.checks.orders import CANCELLABLE, ORDER_SCOPE, ORDER_SUMMARY, ORDERS_SEEN
from kefu.assistant.checks.parcels import PARCEL_SITUATION
from kefu.assistant.checks.plans import PLAN_MISSING
from kefu.assistant.checks.refunds import REFUND_STANDING
from kefu.assistant.checks.remedies import REMEDY_ARRIVAL
from kefu.assistant.checks.returns import RETURN_ALLOWED, RETURN_CONDITION, RETURN_FAULTY, RETURN_PIECES, RETURN_WORTH
from kefu.assistant.engine.specs import CheckSpec

CHECKS: dict[str, CheckSpec] = {
    spec.name: spec
    for spec in (
        ORDERS_SEEN, ORDER_SUMMARY, ORDER_SCOPE, CANCELLABLE, PARCEL_SITUATION, PLAN_MISSING,
        RETURN_ALLOWED, RETURN_CONDITION, RETURN_FAULTY, RETURN_PIECES, RETURN_WORTH, REFUND_STANDING,
        REMEDY_ARRIVAL,
    )
}  # fmt: skip

__all__ = ["CHECKS"]
