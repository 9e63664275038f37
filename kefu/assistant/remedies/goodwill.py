"""What may still be given away beyond what is owed: the budgets of goodwill.yaml less what was given."""

from __future__ import annotations

from datetime import timedelta

from django.db.models import QuerySet

from kefu.assistant.actions.call import ActionCall
from kefu.assistant.editions.working_tables import remedies_for
from kefu.commerce.models import Remedy, RemedyKind
from kefu.kernel.money import Money
from kefu.people.actors import ActorKind


def left_for_customer(call: ActionCall, currency: str) -> int:
    """What may still be given to this customer beyond what is owed, in minor units of the currency; never below 0."""
    if call.customer is None:
        return 0
    budget = remedies_for(call.brand).customer
    given = Remedy.objects.filter(customer=call.customer, at__gte=call.now - timedelta(days=budget.days))
    return _left(budget.of(currency), given, currency)


def left_for_agent(call: ActionCall, currency: str) -> int:
    """What the agent who acts may still give, in minor units of the currency; 0 for anybody else."""
    if call.actor.kind is not ActorKind.AGENT:
        return 0
    budget = remedies_for(call.brand).agent
    given = Remedy.objects.filter(
        brand=call.brand, actor_kind="agent", actor_id=call.actor.id, at__gte=call.now - timedelta(days=budget.days)
    )
    return _left(budget.of(currency), given, currency)


def _left(budget: Money, given: QuerySet[Remedy], currency: str) -> int:
    kinds = (RemedyKind.PART_REFUND, RemedyKind.COUPON)
    rows = given.filter(kind__in=kinds, currency=currency).values_list("amount_minor", flat=True)
    return max(0, budget.minor - sum(rows[:1000]))
