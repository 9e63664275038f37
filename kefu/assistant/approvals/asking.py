"""A rule wants a person's word: the deed is kept exactly as the customer said yes to it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from kefu.assistant.actions.call import ActionCall
from kefu.assistant.approvals.events import APPROVAL_ASKED
from kefu.assistant.models import Approval
from kefu.assistant.policy import Decision
from kefu.desk import events
from kefu.kernel.money import Money
from kefu.people.actors import ActorKind


def ask_approval(
    call: ActionCall, action: str, args: Mapping[str, Any], *, confirmed: str, amounts: Mapping[str, Any],
    amount: Money | None, decision: Decision,
) -> Approval:  # fmt: skip
    """Keep the deed for somebody to decide who may; the same key asks once. Asked by the assistant, or by the person
    whose limit it exceeds."""
    approval, is_new = Approval.objects.get_or_create(
        brand=call.brand, key=call.key,
        defaults={
            "conversation": call.conversation, "case": call.case, "action": action[:80], "args": dict(args),
            "confirmed": confirmed[:32], "amounts": dict(amounts), "rule": decision.rule[:80],
            "role": decision.role[:20], "asked_at": call.now,
            "asked_by_id": call.actor.id if call.actor.kind is ActorKind.AGENT else None,
            "amount_minor": amount.minor if amount else None, "currency": amount.currency if amount else "",
        },
    )  # fmt: skip
    if is_new:
        events.record(APPROVAL_ASKED, call.conversation, by=call.actor, case=call.case, approval=approval.pk,
                      action=action[:80], rule=decision.rule, role=decision.role)  # fmt: skip
    return approval
