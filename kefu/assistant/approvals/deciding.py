"""A person's word about a deed: approve or refuse, once, within what the rules let them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction

from kefu.assistant.approvals.errors import AboveYourLimit, DecidedAlready, ReasonMissing
from kefu.assistant.approvals.events import APPROVAL_DECIDED
from kefu.assistant.models import Approval, ApprovalState
from kefu.desk import events
from kefu.desk.models import Conversation
from kefu.desk.services.locking import locked
from kefu.kernel import clock
from kefu.people.actors import Actor

if TYPE_CHECKING:
    from kefu.assistant.actions.call import ActionCall


@transaction.atomic
def approve(approval: Approval, *, by: Actor) -> Approval:
    """Let the deed be done; a job does it. Raises DecidedAlready, AboveYourLimit (the rules judge this very deed for
    this person), and whatever the shop refuses by now."""
    from kefu.assistant.actions.perform import judge
    from kefu.assistant.approvals.carrying import enqueue_carry_out

    by.require("desk.reply", on=approval)
    row = _pending(approval)
    decision = judge(call_of(row, by=by), row.action, row.args)
    if not decision.is_allowed:
        raise AboveYourLimit(role=decision.role or row.role, rule=decision.rule)
    _decide(row, ApprovalState.APPROVED, by=by)
    enqueue_carry_out(row)
    return row


@transaction.atomic
def refuse(approval: Approval, *, reason: str, by: Actor) -> Approval:
    """Don't do the deed; the customer is told by a job that a colleague comes back to them. Whoever may answer the
    customer may refuse. Raises DecidedAlready, ReasonMissing."""
    from kefu.assistant.approvals.carrying import enqueue_carry_out

    by.require("desk.reply", on=approval)
    row = _pending(approval)
    if not reason.strip():
        raise ReasonMissing(approval=row.pk)
    row.reason = reason.strip()[:300]
    _decide(row, ApprovalState.REFUSED, by=by)
    enqueue_carry_out(row)
    return row


def _pending(approval: Approval) -> Approval:
    # first the conversation, as a turn does that is just about to withdraw this very approval
    locked(Conversation(pk=approval.conversation_id))
    row = Approval.objects.select_for_update(of=("self",)).select_related("conversation", "decided_by").get(
        pk=approval.pk, brand_id=approval.brand_id
    )  # fmt: skip
    if row.state != ApprovalState.PENDING:
        raise DecidedAlready(who=row.decided_by.name if row.decided_by else "")
    return row


def _decide(row: Approval, state: ApprovalState, *, by: Actor) -> None:
    row.state, row.decided_by_id, row.decided_at = state, by.id, clock.now()
    row.save(update_fields=["state", "decided_by", "decided_at", "reason"])
    events.record(APPROVAL_DECIDED, row.conversation, by=by, case=row.case, approval=row.pk, state=str(state),
                  rule=row.rule, reason=row.reason)  # fmt: skip


def call_of(row: Approval, *, by: Actor) -> ActionCall:
    """The deed's call by this person, on the facts of now and under the deed's own key."""
    from kefu.assistant.actions.call import ActionCall
    from kefu.assistant.gather import gather

    conversation = Conversation.objects.select_related("brand", "customer", "channel", "identity").get(
        pk=row.conversation_id
    )
    named = str(row.args.get("line") or row.args.get("order") or "").partition("/")[0]
    facts = gather(conversation, language=conversation.language or "en", named=[named] if named else [])
    return ActionCall(
        actor=by, brand=conversation.brand, conversation=conversation, case=row.case, customer=conversation.customer,
        key=row.key, facts=facts, now=clock.now(), language=facts.language,
    )  # fmt: skip
