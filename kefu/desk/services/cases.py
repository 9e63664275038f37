"""Cases and the tasks they give to other departments. The caller holds the conversation's lock."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from kefu.desk import events
from kefu.desk.models import Case, CaseStatus, Conversation, Message, Task
from kefu.kernel import clock
from kefu.kernel.together import add, change
from kefu.people.actors import Actor

#: of a task that several customers report to, the newest so many are listed
REPORTS_KEPT = 50


def open_case(
    conversation: Conversation,
    *,
    playbook: str,
    version: str,
    by: Actor,
    step: str = "",
    state: dict[str, Any] | None = None,
) -> Case:
    """A new problem of this customer; with `step` and `state` when it has come some way already."""
    now = clock.now()
    case = Case(
        brand_id=conversation.brand_id,
        conversation=conversation,
        customer_id=conversation.customer_id,
        playbook=playbook,
        version=version,
        step=step[:60],
        state=state or {},
        opened_at=now,
        moved_at=now,
    )
    add(case)
    events.record(events.CASE_OPENED, conversation, by=by, case=case, playbook=playbook, version=version, step=step)
    return case


def save_case(
    case: Case, *, step: str, state: dict[str, Any], version: str, by: Actor, message: Message | None = None
) -> None:
    """Where the case stands now. An event is written when its step has changed."""
    moved = case.step != step
    was, case.step, case.state, case.version, case.moved_at = case.step, step[:60], state, version, clock.now()
    change(case, "step", "state", "version", "moved_at")
    if moved:
        events.record(
            events.CASE_MOVED, case.conversation, by=by, case=case, message=message,
            playbook=case.playbook, version=version, was=was, step=step,
        )  # fmt: skip


def close_case(case: Case, *, disposition: str, by: Actor, root_cause: str = "") -> None:
    """The problem is settled, or given up; closing it again changes nothing."""
    if case.status == CaseStatus.CLOSED:
        return
    case.status = CaseStatus.CLOSED
    case.disposition = disposition[:60]
    case.root_cause = root_cause[:60]
    case.closed_at = case.moved_at = clock.now()
    change(case, "status", "disposition", "root_cause", "closed_at", "moved_at")
    events.record(
        events.CASE_CLOSED, case.conversation, by=by, case=case,
        playbook=case.playbook, disposition=disposition, root_cause=root_cause,
    )  # fmt: skip


def create_task(
    conversation: Conversation,
    *,
    department: str,
    kind: str,
    key: str,
    by: Actor,
    case: Case | None = None,
    facts: dict[str, Any] | None = None,
    due_at: datetime | None = None,
) -> Task:
    """Work for another department; the same `key` gives the same task."""
    by.require("desk.task", on=conversation)
    task, is_new = Task.objects.get_or_create(
        brand_id=conversation.brand_id,
        key=key[:120],
        defaults={
            "case": case,
            "conversation": conversation,
            "department": department[:40],
            "kind": kind[:60],
            "facts": facts or {},
            "due_at": due_at,
            "created_at": clock.now(),
        },
    )
    if is_new:
        events.record(
            events.TASK_CREATED, conversation, by=by, case=case, task=task.pk, department=department, task_kind=kind
        )
    return task


def add_to_task(
    conversation: Conversation, *, department: str, kind: str, key: str, report: dict[str, Any],
    facts: dict[str, Any], by: Actor, case: Case | None = None,
) -> Task:  # fmt: skip
    """One more report on a matter that several customers tell of: the same `key` is one task, whose facts list the
    newest reports and counts them all."""
    by.require("desk.task", on=conversation)
    task = create_task(conversation, department=department, kind=kind, key=key, by=by, case=case, facts=facts)
    task = Task.objects.select_for_update().get(pk=task.pk)
    reports = [*task.facts.get("reports", []), report]
    task.facts = {**task.facts, "reports": reports[-REPORTS_KEPT:], "count": task.facts.get("count", 0) + 1}
    task.save(update_fields=["facts"])
    return task
