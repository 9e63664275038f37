"""After the decision: the deed, once; its task; and a word to the customer."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import suppress

from django.db import transaction

from kefu.assistant.actions.perform import perform
from kefu.assistant.approvals.deciding import call_of
from kefu.assistant.approvals.events import APPROVAL_CARRIED_OUT
from kefu.assistant.editions.working_playbooks import book_for
from kefu.assistant.editions.working_texts import texts_for
from kefu.assistant.engine.effects import ActionResult, Task
from kefu.assistant.engine.playbook import Playbook, Step
from kefu.assistant.models import Approval, ApprovalState
from kefu.assistant.turn.speaking import give_work, wording
from kefu.desk import events
from kefu.desk.models import Conversation, Owner
from kefu.desk.services import add_note, close_case, hand_back, hand_over, reply, say_as_assistant
from kefu.desk.services.locking import locked
from kefu.kernel import clock
from kefu.kernel.jobs import job
from kefu.people.actors import Actor, assistant


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
    follows = _follows(row, conversation) if result is not None and result.ok else ()
    for step in follows:
        if step.kind == "task" and result is not None:
            known = {name: result.value[name] for name in step.args if name in result.value}
            task = Task(step.id, step.department, step.subject, known, step.due_in_days)
            give_work(conversation, row.case, task, texts_for(conversation.brand))
    says = [step.subject for step in follows if step.kind == "say"]
    _tell(row, conversation, result, says, by=by)


DECIDED = (ApprovalState.APPROVED, ApprovalState.REFUSED)


def _follows(row: Approval, conversation: Conversation) -> tuple[Step, ...]:
    """What the playbook says and whom it gives work to after this deed, as if it had been done at once: the steps up
    to the first that asks, checks or ends. Of several playbooks that do it the case's own counts first."""
    book = book_for(conversation.brand)
    own = row.case.playbook if row.case is not None else ""
    for playbook in sorted(book.playbooks.values(), key=lambda one: one.name != own):
        acts = (step for step in playbook.steps.values() if step.kind == "act" and step.subject == row.action)
        if (act := next(acts, None)) is not None:
            return tuple(_until_it_ends(playbook, act))
    return ()


def _until_it_ends(playbook: Playbook, act: Step) -> Iterator[Step]:
    step = playbook.steps.get(act.exits.get("ok", ""))
    seen: set[str] = set()
    while step is not None and step.kind in ("say", "task") and step.id not in seen:
        seen.add(step.id)
        yield step
        step = playbook.steps.get(next(iter(step.exits.values()), ""))


def _tell(
    row: Approval, conversation: Conversation, result: ActionResult | None, says: Sequence[str], *, by: Actor
) -> None:
    """By whoever has the conversation; where nobody has taken it, the assistant says it and goes on."""
    language = conversation.language or (conversation.brand.languages or ["en"])[0]
    words = wording(conversation, texts_for(conversation.brand), language=language)
    if result is None:
        text = words.text("approval.refused", {})
    elif not result.ok:
        text = words.text("approval.failed", {})
    else:
        text = words.text("approval.approved", {})
        for key in says:
            with suppress(KeyError):  # it tells of what was asked on the way there: the approval alone is told
                text += "\n\n" + words.text(key, result.value)
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
