"""The effects of a turn, carried out: one reply, notes, tasks, and the hand-over to a person last."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from kefu.assistant.dialogue.talk import Outcome
from kefu.assistant.engine.effects import Effect, HandOver, Note, Task
from kefu.assistant.replies.compose import Reply, compose
from kefu.assistant.replies.texts import Style, Texts
from kefu.assistant.replies.wording import Wording
from kefu.assistant.turn.cases import CaseRows
from kefu.assistant.turn.waiting import wait_for_approval
from kefu.desk import abilities
from kefu.desk.models import Case, Conversation, Message
from kefu.desk.services import add_note, create_task, hand_over, say_as_assistant
from kefu.kernel import clock
from kefu.kernel.together import change
from kefu.people.actors import assistant

SATURDAY = 5


def carry_out(
    conversation: Conversation,
    outcome: Outcome,
    rows: CaseRows,
    texts: Texts,
    *,
    explain: Callable[[Reply], dict[str, Any]],
) -> Message | None:
    """Say what is to be said, keep the conversation's memory, then do the rest. A turn that would say nothing goes to
    a person instead: silence would lose the customer."""
    by = assistant(conversation.brand_id)
    reply = compose(
        [effect for _, effect in outcome.effects],
        wording(conversation, texts),
        customer_name=conversation.customer.name,
        brand_name=conversation.brand.name,
        has_buttons=abilities.of(conversation.channel.kind).has_buttons,
    )
    message = None
    if reply:
        message = say_as_assistant(
            conversation,
            text=reply.text,
            by=by,
            language=conversation.language,
            choices=reply.choices,
            why=explain(reply),
            also=("memory", "language"),
        )
    else:
        change(conversation, "memory", "language")
    goes_to_person = None
    for key, effect in outcome.effects:
        if (
            isinstance(effect, HandOver)
            and effect.reason == "approval"
            and wait_for_approval(conversation, rows.known(key))
        ):
            continue  # the assistant goes on answering meanwhile
        if isinstance(effect, HandOver):
            goes_to_person = (rows.known(key), effect)
        else:
            give_work(conversation, rows.known(key), effect, texts)
    if goes_to_person is None and message is None:
        goes_to_person = (None, HandOver("", "support", "failed"))
    if goes_to_person is not None:
        case, effect = goes_to_person
        hand_over(
            conversation,
            queue=effect.queue,
            reason=effect.reason,
            summary=effect.summary,
            case=case,
            priority=effect.priority,
            message=message,
            by=by,
        )
    return message


def give_work(conversation: Conversation, case: Case | None, effect: Effect, texts: Texts) -> None:
    """A task for its department, a note for colleagues; of any other effect nothing."""
    by = assistant(conversation.brand_id)
    if isinstance(effect, Task):
        known = json.dumps(effect.facts, sort_keys=True, ensure_ascii=False)
        digest = hashlib.sha256(known.encode()).hexdigest()[:16]
        where = case.pk if case else f"conversation-{conversation.pk}"
        create_task(
            conversation,
            department=effect.department,
            kind=effect.kind,
            key=f"{where}:{effect.step}:{digest}",
            case=case,
            facts=effect.facts,
            due_at=_after_working_days(clock.now(), effect.due_in_days) if effect.due_in_days is not None else None,
            by=by,
        )
    elif isinstance(effect, Note):
        first = (conversation.brand.languages or ["en"])[0]
        add_note(conversation, text=wording(conversation, texts, language=first).text(effect.key, effect.facts), by=by)


def wording(conversation: Conversation, texts: Texts, *, language: str = "") -> Wording:
    """How this conversation's customer is spoken to: language, letter or chat, the brand's day and clock."""
    zone = conversation.brand.zone
    style: Style = "letter" if abilities.of(conversation.channel.kind).is_letter else "chat"
    return Wording(texts, language or conversation.language, style, clock.now().astimezone(zone).date(), zone)


def _after_working_days(start: datetime, days: int) -> datetime:
    """The same hour so many days from Monday to Friday later."""
    due = start
    while days > 0:
        due += timedelta(days=1)
        days -= due.weekday() < SATURDAY
    return due
