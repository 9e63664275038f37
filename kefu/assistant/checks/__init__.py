"""What playbooks may ask of facts: pure functions with a closed list of outcomes each (engine.specs.CheckSpec)."""

from __future__ import annotations

from kefu.assistant.checks.accounts import (
    ACCOUNT_STANDING,
    COMPLAINT_ANSWER,
    CONSENT_KIND,
    CONTACT_KIND,
    DATA_DEADLINE,
    DATA_KIND,
    GOODS_RESTRICTED,
    LINKS,
    LOYALTY,
    URGENT_KIND,
)
from kefu.assistant.checks.customs import CUSTOMS_DUE, CUSTOMS_HELD, CUSTOMS_PAPERS
from kefu.assistant.checks.leads import LEAD_REACHABLE
from kefu.assistant.checks.losses import DELIVERY_WISH, PARCEL_LOSS, PARCEL_RETURNED
from kefu.assistant.checks.orders import (
    CANCELLABLE,
    ORDER_ADDING,
    ORDER_SCOPE,
    ORDER_SUMMARY,
    ORDERS_SEEN,
    ORDERS_VISIBLE,
    TOLD_SCOPE,
)
from kefu.assistant.checks.parcels import PARCEL_SITUATION
from kefu.assistant.checks.payments import BILLED_TOLD, OTHER_WAY, PAYMENT_STANDING, PAYMENT_WAY
from kefu.assistant.checks.plans import PLAN_MISSING
from kefu.assistant.checks.refunds import REFUND_STANDING, RETURN_OPEN
from kefu.assistant.checks.remedies import REMEDY_ARRIVAL, REMEDY_SHOWN
from kefu.assistant.checks.returns import (
    RETURN_ALLOWED,
    RETURN_CONDITION,
    RETURN_FAULTY,
    RETURN_PIECES,
    RETURN_SEVERAL,
    RETURN_WORTH,
)
from kefu.assistant.engine.specs import CheckSpec

CHECKS: dict[str, CheckSpec] = {
    spec.name: spec
    for spec in (
        ORDERS_VISIBLE, ORDER_ADDING, OTHER_WAY,
        ORDERS_SEEN, ORDER_SUMMARY, ORDER_SCOPE, TOLD_SCOPE, CANCELLABLE, PARCEL_SITUATION, PLAN_MISSING,
        RETURN_ALLOWED, RETURN_CONDITION, RETURN_FAULTY, RETURN_PIECES, RETURN_WORTH, REFUND_STANDING,
        REMEDY_ARRIVAL, REMEDY_SHOWN,
        CUSTOMS_DUE, CUSTOMS_HELD, CUSTOMS_PAPERS,
        PARCEL_LOSS, PARCEL_RETURNED, DELIVERY_WISH, GOODS_RESTRICTED, LOYALTY,
        ACCOUNT_STANDING, *LINKS, CONSENT_KIND, DATA_KIND, CONTACT_KIND, URGENT_KIND, DATA_DEADLINE, COMPLAINT_ANSWER,
        RETURN_SEVERAL, RETURN_OPEN, BILLED_TOLD, PAYMENT_STANDING, PAYMENT_WAY, LEAD_REACHABLE,
    )
}  # fmt: skip

__all__ = ["CHECKS"]
