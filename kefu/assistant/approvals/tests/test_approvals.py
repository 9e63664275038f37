"""What a shopkeeper fears of approvals and of faults told twice."""

from __future__ import annotations

from typing import Any

import pytest

from kefu.assistant.approvals import deciding
from kefu.assistant.approvals.carrying import carry_out_approval
from kefu.assistant.approvals.errors import AboveYourLimit, DecidedAlready, ReasonMissing
from kefu.assistant.models import Approval
from kefu.assistant.tests.shop import order, product, variant
from kefu.commerce.models import Coupon, Order, Refund, Remedy, Variant
from kefu.desk.models import Author, Conversation, Task

pytestmark = pytest.mark.django_db
LINE = {"line": "KF-1/1", "cause": "damaged"}


@pytest.fixture
def arrived(talk: Conversation, mira: Any, brand: Any) -> Any:
    """Mira's order at her door, of one piece; `price` in cents."""

    def make(price: int) -> Order:
        return order(mira, "KF-1", state="delivered", of=[variant(product(brand), price_minor=price)],
                     delivered_days_ago=3)  # fmt: skip

    return make


def test_the_same_fault_is_made_good_once(talk: Conversation, do: Any, arrived: Any) -> None:
    arrived(8900)
    assert do(talk, "commerce.resend", LINE).ok
    assert do(talk, "commerce.resend", LINE).ok  # a repeated job: the first result
    assert do(talk, "commerce.give_coupon", LINE, key="another").code == "remedies.claimed_before"
    assert do(talk, "remedies.plan", LINE, key="look").code == "remedies.claimed_before"
    assert (Remedy.objects.count(), Coupon.objects.count(), Refund.objects.count()) == (1, 0, 0)
    assert Variant.objects.get(order_lines__order__number="KF-1").stock == 4


def test_no_way_is_done_that_the_table_does_not_offer(talk: Conversation, do: Any, arrived: Any) -> None:
    arrived(8900)
    refused = do(talk, "commerce.pay_without_return", LINE)
    assert refused.code in ("remedies.not_offered", "policy.needs_approval", "policy.refused")
    assert not Refund.objects.exists()


def test_what_has_not_arrived_has_no_remedy(talk: Conversation, do: Any, mira: Any) -> None:
    order(mira, "KF-1", state="shipped", shipped_days_ago=2)
    assert not do(talk, "commerce.resend", LINE).ok
    assert not Remedy.objects.exists()


def test_above_the_limit_it_waits_for_a_named_person_and_is_done_once(
    talk: Conversation,
    do: Any,
    arrived: Any,
    tomas: Any,
    ines: Any,
) -> None:
    arrived(39900)
    args = {**LINE, "photo": "7"}
    asked = do(talk, "commerce.resend", args)
    assert asked.code == "policy.needs_approval"
    assert do(talk, "commerce.resend", args).code == "policy.needs_approval"  # asked again: one row
    row = Approval.objects.get()
    assert (row.role, row.amount_minor, row.state) == ("supervisor", 39900, "pending")
    assert not Remedy.objects.exists()
    with pytest.raises(AboveYourLimit):
        deciding.approve(row, by=tomas.actor())
    deciding.approve(row, by=ines.actor())
    with pytest.raises(DecidedAlready):
        deciding.approve(row, by=ines.actor())
    carry_out_approval(row.pk)
    carry_out_approval(row.pk)
    row.refresh_from_db()
    assert (row.state, row.decided_by, Remedy.objects.count()) == ("done", ines, 1)
    told = talk.messages.filter(author=Author.ASSISTANT)
    assert told.count() == 1
    assert Task.objects.filter(kind="send_replacement").count() == 1


def test_a_refusal_says_why_and_nothing_is_done(
    talk: Conversation,
    do: Any,
    arrived: Any,
    ines: Any,
) -> None:
    arrived(39900)
    do(talk, "commerce.resend", {**LINE, "photo": "7"})
    row = Approval.objects.get()
    with pytest.raises(ReasonMissing):
        deciding.refuse(row, reason=" ", by=ines.actor())
    deciding.refuse(row, reason="the parcel weighed what it should", by=ines.actor())
    carry_out_approval(row.pk)
    assert not Remedy.objects.exists()
    assert talk.messages.filter(author=Author.ASSISTANT).count() == 1


def test_another_brands_agent_decides_nothing(
    talk: Conversation,
    do: Any,
    arrived: Any,
    olek: Any,
) -> None:
    from kefu.kernel.errors import NotAllowed

    arrived(39900)
    do(talk, "commerce.resend", {**LINE, "photo": "7"})
    with pytest.raises(NotAllowed):
        deciding.approve(Approval.objects.get(), by=olek.actor())


def test_an_approved_deed_brings_the_work_and_the_words_that_its_playbook_has_after_it(
    talk: Conversation, do: Any, mira: Any, brand: Any, ines: Any
) -> None:
    """A lost parcel of 399.00 that a supervisor lets us send again is packed, and the customer reads when it leaves."""
    order(mira, "KF-1", state="shipped", of=[variant(product(brand), price_minor=39900)], shipped_days_ago=40,
          tracking=((38, "in_transit"),), promised_in_days=-30)  # fmt: skip
    asked = do(talk, "parcels.resend_lost", {"order": "KF-1"})
    assert asked.code == "policy.needs_approval"
    row = Approval.objects.get()
    deciding.approve(row, by=ines.actor())
    carry_out_approval(row.pk)
    task = Task.objects.get()
    assert (task.kind, task.department, task.facts["order_number"]) == ("resend_parcel", "warehouse", "KF-1")
    assert task.due_at is not None
    assert "KF-1 is being sent again" in talk.messages.get(author=Author.ASSISTANT).text
