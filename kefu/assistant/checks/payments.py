"""What an action has found out about a payment, as ways for a playbook to go on."""

from __future__ import annotations

from collections.abc import Mapping

from kefu.assistant.checks import values
from kefu.assistant.engine.specs import CheckResult, CheckSpec, Json
from kefu.assistant.facts import Facts
from kefu.commerce.tables.phrases import named_in

STANDINGS = ("unpaid", "failed", "waiting", "twice", "paid")


def standing(facts: Facts, args: Mapping[str, Json]) -> CheckResult:
    """As commerce.payment_standing told it."""
    told = str(args.get("standing") or "")
    return CheckResult(told if told in STANDINGS else "paid")


def way(facts: Facts, args: Mapping[str, Json]) -> CheckResult:
    """Whether the customer must be sent a way to pay, as commerce.change_items told it."""
    return CheckResult("link" if args.get("way") == "link" else "other")


def other_way(facts: Facts, args: Mapping[str, Json]) -> CheckResult:
    """Whether somebody with an open order asks to pay it another way: "can I pay by card instead?" """
    said = str(args.get("question") or "")
    rows = list(facts.tables.table("asked"))
    of_paying, of_another = ([row for row in rows if row["about"] == about] for about in ("paying", "paying_other"))
    order = next((one for one in facts.orders if one.state == "unpaid"), None)
    if order is None or named_in(said, of_paying) is None or named_in(said, of_another) is None:
        return CheckResult("none")
    told = {"order_number": order.number, "open": values.money(order.total - order.paid)}
    return CheckResult("open", told, (order.row,))


def billed_told(facts: Facts, args: Mapping[str, Json]) -> CheckResult:
    """Whether the customer has said already whom the invoice is made out to."""
    return CheckResult("company" if args.get("details") else "untold")


OTHER_WAY = CheckSpec(
    "payments.other_way", other_way, passes="none", args={"question": "question"}, optional=frozenset({"question"}),
    outcomes={"none": frozenset(), "open": frozenset({"order_number", "open"})},
)  # fmt: skip
BILLED_TOLD = CheckSpec(
    "billing.told", billed_told, passes="untold", args={"details": "billed_to"}, optional=frozenset({"details"}),
    outcomes={"untold": frozenset(), "company": frozenset()},
)  # fmt: skip
PAYMENT_STANDING = CheckSpec(
    "payments.standing", standing, passes="paid", args={"standing": "text"}, optional=frozenset({"standing"}),
    outcomes={outcome: frozenset() for outcome in STANDINGS},
)  # fmt: skip
PAYMENT_WAY = CheckSpec(
    "payments.way", way, passes="other", args={"way": "text"}, optional=frozenset({"way"}),
    outcomes={"link": frozenset(), "other": frozenset()},
)  # fmt: skip
