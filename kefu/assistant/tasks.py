"""The assistant's jobs: load by id, take the turn, return."""

from __future__ import annotations

from datetime import timedelta

import procrastinate
from django.db import connection

from kefu.assistant.approvals.carrying import carry_out  # noqa: F401 its job is declared there
from kefu.assistant.stock_notices import send_notice, waiting_notices
from kefu.assistant.turn.failures import count_failure
from kefu.assistant.turn.run import take_back, take_turn
from kefu.desk.models import Author, Conversation, Message, Owner
from kefu.kernel import clock
from kefu.kernel.jobs import job
from kefu.kernel.together import defer

#: a message that has waited so long without a turn is looked after by the sweep
LEFT_LYING = timedelta(seconds=45)


@job(
    queue="turns",
    name="assistant.turn",
    retry=procrastinate.RetryStrategy(max_attempts=6, exponential_wait=2),
)
def turn(conversation_id: int) -> None:
    """Answer what the customer has written. Run twice, the second finds nothing left to answer."""
    try:
        take_turn(conversation_id)
    except Exception as problem:
        # whatever broke, the customer must reach somebody; the fault keeps its traceback in the log and is retried
        if not count_failure(conversation_id, problem):
            raise


@job(queue="turns", name="assistant.take_back")
def go_on(conversation_id: int) -> None:
    """A person has handed the conversation back; its cases go on where they may."""
    take_back(conversation_id)


@job(queue="turns", name="assistant.stock_notices")
def send_stock_notices(variant_ids: list[int]) -> None:
    """Tell everybody who waits for these variants and can have them now. Each notice is a transaction of its own: run
    again after a fault, the job sends what is left."""
    for notice_id in waiting_notices(variant_ids):
        send_notice(notice_id)


def enqueue_take_back(conversation_id: int) -> None:
    defer(go_on, lock=f"conversation:{conversation_id}", conversation_id=conversation_id)


def enqueue_turn(conversation_id: int) -> None:
    """One turn at a time in a conversation, in order: the lock is the conversation's."""
    defer(turn, lock=f"conversation:{conversation_id}", conversation_id=conversation_id)


@job(queue="turns", name="assistant.sweep", retry=False, cron="* * * * *")
def sweep(timestamp: int) -> None:
    """Nothing is lost: messages of the assistant's conversations that no job will answer get a turn."""
    for conversation_id in left_lying():
        enqueue_turn(conversation_id)


def left_lying(*, at_most: int = 200) -> list[int]:
    """Conversations of the assistant with an old unanswered message and no turn to come, oldest first."""
    waiting = (
        Message.objects.filter(
            author=Author.CUSTOMER,
            turned_at__isnull=True,
            created_at__lt=clock.now() - LEFT_LYING,
            conversation__in=Conversation.objects.filter(owner=Owner.ASSISTANT),
        )
        .order_by("created_at")
        .values_list("conversation_id", flat=True)[:at_most]
    )
    found = list(dict.fromkeys(waiting))
    if not found:
        return []
    locks = [f"conversation:{pk}" for pk in found]
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT lock FROM procrastinate_jobs WHERE task_name = 'assistant.turn' "
            "AND status IN ('todo', 'doing') AND lock = ANY(%s)",
            [locks],
        )
        coming = {lock for (lock,) in cursor.fetchall()}
    return [pk for pk in found if f"conversation:{pk}" not in coming]
