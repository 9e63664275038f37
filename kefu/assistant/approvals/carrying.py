"""After the decision: the deed, once; its task; and a word to the customer."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.db import transaction

from kefu.assistant.actions.perform import perform
from kefu.assistant.approvals.deciding import call_of
from kefu.assistant.approvals.events import APPROVAL_CARRIED_OUT
from kefu.assistant.editions.working_texts import texts_for
from kefu.assistant.engine.effects import ActionResult
from kefu.assistant.models import Approval, ApprovalState
from kefu.assistant.turn.speaking import wording
from kefu.desk import events
from kefu.desk.models import Conversation, Owner
from kefu.desk.services import add_note, close_case, create_task, hand_back, hand_over, reply, say_as_assistant
from kefu.desk.services.locking import locked
from kefu.kernel import clock
from kefu.kernel.jobs import job
from kefu.people.actors import Actor, assistant

#: what the customer is told of a deed, filled from its result
TELLS = {
    "commerce.resend": "remedy.resent",
    "commerce.pay_for_fault": "remedy.part_paid",
    "commerce.pay_without_return": "remedy.paid",
    "commerce.give_coupon": "remedy.coupon_given",
    "commerce.take_back": "remedy.taken_back",
}
#: work that follows from a deed: kind of task for the warehouse, days it may take
TASKS = {"commerce.resend": ("send_replacement", 1), "commerce.take_back": ("expect_return", None)}


@job(queue="turns", name="assistant.carry_out_approval")
def carry_out(approval_id: int) -> None:
    """Run twice, the second finds it done."""
    carry_out_approval(approval_id)


def enqueue_carry_out(approval: Approval) -> None:
    carry_out.configure(lock=f"conversation:{approval.conversation_id}").defer(approval_id=approval.pk)


@transaction.atomic
def carry_out_approval(approval_id: int) -> None:
    """Do an approved deed and say so; of a refused one only say so. What was carried out before stays as it is."""
    found = Approval.objects.select_related("conversation").get(pk=approval_id)
    conversation = locked(found.conversation)
    row = Approval.objects.select_for_update(of=("self",)).select_related("decided_by", "case").get(pk=approval_id)
    if row.done_at is not None or row.decided_by is None or row.state not in DECIDED:
        return
    by = row.decided_by.actor()
    result: ActionResult | None = None
    if row.state == ApprovalState.APPROVED:
        result = perform(call_of(row, by=by), row.action, row.args, confirmed=row.confirmed, amounts=row.amounts)
        row.state = ApprovalState.DONE if result.ok else ApprovalState.FAILED
        row.reason = row.reason if result.ok else result.code[:300]
    row.done_at = clock.now()
    row.save(update_fields=["state", "reason", "done_at"])
    events.record(APPROVAL_CARRIED_OUT, conversation, by=by, case=row.case, approval=row.pk, state=row.state,
                  action=row.action)  # fmt: skip
    if result is not None and result.ok:
        _give_work(row, conversation, result.value)
    _tell(row, conversation, result, by=by)


DECIDED = (ApprovalState.APPROVED, ApprovalState.REFUSED)


def _give_work(row: Approval, conversation: Conversation, value: dict[str, Any]) -> None:
    if row.action not in TASKS:
        return
    kind, days = TASKS[row.action]
    told: dict[str, Any] = {
        name: value[name] for name in ("order_number", "item", "pieces", "return_number") if name in value
    }
    create_task(
        conversation, department="warehouse", kind=kind, key=f"approval:{row.pk}:{kind}", case=row.case, facts=told,
        due_at=clock.now() + timedelta(days=days) if days else None, by=assistant(conversation.brand_id),
    )  # fmt: skip


def _tell(row: Approval, conversation: Conversation, result: ActionResult | None, *, by: Actor) -> None:
    """By whoever has the conversation; where nobody has taken it, the assistant says it and goes on."""
    language = conversation.language or (conversation.brand.languages or ["en"])[0]
    words = wording(conversation, texts_for(conversation.brand), language=language)
    if result is None:
        text = words.text("approval.refused", {})
    elif not result.ok:
        text = words.text("approval.failed", {})
    else:
        text = words.text("approval.approved", {})
        if row.action in TELLS:
            text += "\n\n" + words.text(TELLS[row.action], result.value)
    if conversation.is_closed:
        add_note(conversation, text=text, by=by)
    elif conversation.owner != Owner.AGENT:
        say_as_assistant(conversation, text=text, by=assistant(conversation.brand_id), language=language)
        _go_on(row, conversation, by=by)
    elif conversation.assignee_id == by.id:
        reply(conversation, text=text, by=by, key=f"approval-{row.pk}")
    else:  # a colleague is talking to the customer: they see it and say it
        add_note(conversation, text=text, by=by)


def _go_on(row: Approval, conversation: Conversation, *, by: Actor) -> None:
    """Done: the case is settled, and the assistant has the conversation. Not done: a person sees what can be done
    instead, as the customer was told."""
    if row.state == ApprovalState.DONE:
        if row.case is not None:
            close_case(row.case, disposition="approved", by=by)
        if conversation.owner == Owner.QUEUE:
            hand_back(conversation, by=by)
    elif conversation.owner == Owner.ASSISTANT:
        known = {"approval": row.pk, "action": row.action, "why": row.reason}
        hand_over(conversation, queue="support", reason="refused", summary=known, case=row.case, priority=1,
                  by=assistant(conversation.brand_id))  # fmt: skip
