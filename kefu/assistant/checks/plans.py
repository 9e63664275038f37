"""Where a plan stands that was worked out from the customer's words."""

from __future__ import annotations

from collections.abc import Mapping

from kefu.assistant.engine.specs import CheckResult, CheckSpec, Json
from kefu.assistant.facts import Facts

OUTCOMES = ("ready", "order", "unknown_order", "items", "into", "unavailable", "same", "payment", "reason", "address",
            "refused", "other_payment", "open_order")  # fmt: skip


def missing(facts: Facts, args: Mapping[str, Json]) -> CheckResult:
    """What is to be asked for next; a plan that lacks nothing is ready."""
    lacking = str(args["missing"])
    return CheckResult(lacking if lacking in OUTCOMES else "ready")


PLAN_MISSING = CheckSpec(
    "plans.missing", missing, passes="ready", args={"missing": "text"},
    outcomes={outcome: frozenset() for outcome in OUTCOMES},
)  # fmt: skip
