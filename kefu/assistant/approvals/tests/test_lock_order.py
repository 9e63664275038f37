"""Two who touch the same rows take them in the same order: one waits, and nobody is thrown out by the database."""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

import pytest
from django.db import connection, transaction

from kefu.assistant.approvals import deciding
from kefu.assistant.approvals.errors import DecidedAlready
from kefu.assistant.approvals.withdrawing import withdraw_approval
from kefu.assistant.models import Approval, ApprovalState
from kefu.assistant.next_step.suggest import suggest
from kefu.assistant.tests.shop import order, product, variant
from kefu.desk.models import Conversation
from kefu.desk.services.locking import locked
from kefu.people.actors import assistant
from kefu.people.models import Agent, Customer

pytestmark = pytest.mark.django_db(transaction=True)


def blocked_by_me() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_stat_activity WHERE pg_backend_pid() = ANY(pg_blocking_pids(pid))")
        return bool(cursor.fetchone()[0])


def beside(what: Callable[[], Any], pool: ThreadPoolExecutor) -> Future[Any]:
    """`what` on a connection of its own; returns as soon as it waits for this transaction."""

    def run() -> Any:
        try:
            return what()
        finally:
            connection.close()

    begun = pool.submit(run)
    until = time.monotonic() + 60
    while not blocked_by_me() and not begun.done():
        assert time.monotonic() < until, "the other one neither waits nor ends"
        time.sleep(0.01)
    return begun


@pytest.fixture
def waiting(talk: Conversation, do: Any, mira: Customer) -> Approval:
    """A new tent for Mira, which is above what the assistant may give."""
    order(mira, "KF-1", state="delivered", of=[variant(product(mira.brand), price_minor=39900)], delivered_days_ago=3)
    assert not do(talk, "commerce.resend", {"line": "KF-1/1", "cause": "damaged"}).ok
    return Approval.objects.get()


@pytest.mark.parametrize("decide", ["approve", "refuse"])
def test_the_customer_drops_a_deed_while_it_is_being_decided(waiting: Approval, ines: Agent, decide: str) -> None:
    def decides() -> Approval:
        row = Approval.objects.get(pk=waiting.pk)
        if decide == "approve":
            return deciding.approve(row, by=ines.actor())
        return deciding.refuse(row, reason="no photo", by=ines.actor())

    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():  # a turn: it holds the conversation from its first statement
            locked(waiting.conversation)
            decided = beside(decides, pool)
            withdraw_approval(waiting, by=assistant(waiting.brand_id))
        with pytest.raises(DecidedAlready):
            decided.result(timeout=60)
    waiting.refresh_from_db()
    assert waiting.state == ApprovalState.WITHDRAWN


def test_a_look_for_the_next_step_takes_its_turn_at_the_conversation(talk: Conversation, tomas: Agent) -> None:
    """What a look tries on the way holds rows until it is undone: it must not hold them before the conversation."""
    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            locked(talk)
            seen = beside(lambda: suggest(talk, by=tomas.actor()), pool)
            assert not seen.done()
        assert seen.result(timeout=60) == suggest(talk, by=tomas.actor())
