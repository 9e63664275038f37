"""Two workers at the same deed: one does it, the other is told what the first did."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection, transaction

from kefu.assistant.actions import perform
from kefu.assistant.actions.tests.conftest import a_call
from kefu.assistant.engine.effects import ActionResult, Deed
from kefu.assistant.models import ActionRecord, ProofAttempt
from kefu.assistant.tests.shop import order
from kefu.commerce.models import Refund

CANCEL = "commerce.cancel_order"


def at_once(work, times: int) -> list[ActionResult]:
    def one(n: int) -> ActionResult:
        try:
            with transaction.atomic():
                return work(n)
        finally:
            connection.close()

    with ThreadPoolExecutor(max_workers=times) as pool:
        return list(pool.map(one, range(times)))


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("keys", [["same"] * 6, [f"key-{n}" for n in range(6)]])
def test_cancels_at_once_give_the_money_back_once(talk, mira, keys: list[str]) -> None:
    order(mira, "KF-1")
    calls = [a_call(talk, key) for key in keys]
    yes = Deed(CANCEL, {"order": "KF-1"}).fingerprint()
    results = at_once(lambda n: perform(calls[n], CANCEL, {"order": "KF-1"}, confirmed=yes), len(keys))
    assert Refund.objects.count() == 1
    assert ActionRecord.objects.filter(ok=True).count() == 1
    if len(set(keys)) == 1:
        assert all(result == results[0] and result.ok for result in results)
    else:
        assert sorted(result.ok for result in results) == [False] * 5 + [True]
        assert {result.code for result in results if not result.ok} <= {"commerce.already_cancelled", "policy.refused"}


@pytest.mark.django_db(transaction=True)
def test_guesses_made_at_once_are_all_counted(stranger_talk, mira) -> None:
    order(mira, "KF-1")
    calls = [a_call(stranger_talk, f"guess-{n}") for n in range(8)]
    args = {"order_number": "KF-1", "proof": {"kind": "email", "value": "guess@example.com"}}
    results = at_once(lambda n: perform(calls[n], "identity.prove", args), len(calls))
    codes = sorted(result.code for result in results)
    assert codes == ["identity.no_match"] * 5 + ["identity.too_many_tries"] * 3
    assert ProofAttempt.objects.filter(subject__startswith="order:").count() == 5
