"""What customers decide about their own data: consent given and taken back, and requests for it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from django.db import transaction

from kefu.kernel import clock
from kefu.people import events
from kefu.people.actors import Actor
from kefu.people.models import Brand, Consent, Customer, OwnDataRequest
from kefu.people.signals import people_changed

#: advertising by whatever channel
MARKETING = "marketing"


@transaction.atomic
def record_consent(customer: Customer, topic: str, *, is_given: bool, source: str, by: Actor) -> Consent:
    """Write down that a customer agreed to something or took it back, from this moment. Said again, the row that stands
    is given back. source: where it was said, e.g. "conversation:17"."""
    by.require("people.consent", on=customer)
    customer = Customer.objects.select_for_update().select_related("brand").get(pk=customer.pk)
    newest = latest_consent(customer, topic)
    if newest is not None and newest.is_given == is_given:
        return newest
    consent = Consent.objects.create(
        brand_id=customer.brand_id, customer=customer, topic=topic, is_given=is_given, source=source[:120],
        actor_kind=by.kind.value, actor_id=by.id, at=clock.now(),
    )  # fmt: skip
    kind = events.CONSENT_GIVEN if is_given else events.CONSENT_WITHDRAWN
    facts = {"topic": topic, "source": source[:120], "customer": customer.pk}
    people_changed.send(sender=Brand, brand=customer.brand, kind=kind, by=by, facts=facts)
    return consent


def latest_consent(customer: Customer, topic: str) -> Consent | None:
    """The row that counts now; None when nothing was ever said, which is no consent."""
    return Consent.objects.filter(customer=customer, topic=topic).order_by("-id").first()


def has_consented(customer: Customer, topic: str) -> bool:
    """Whether the customer may be sent this: only after a yes that was not taken back."""
    newest = latest_consent(customer, topic)
    return newest is not None and newest.is_given


@transaction.atomic
def ask_for_own_data(
    customer: Customer, kind: str, *, due_on: date, rule: str, source: str, by: Actor, key: str,
    wanted: Mapping[str, str] | None = None,
) -> OwnDataRequest:  # fmt: skip
    """Take up a customer's request about their own data: export, erasure or a change of contact data. The same key
    gives the same request. Nothing is exported, erased or changed here; a person does it by due_on."""
    by.require("people.own_data", on=customer)
    earlier = OwnDataRequest.objects.filter(brand_id=customer.brand_id, key=key).first()
    if earlier is not None:
        return earlier
    request = OwnDataRequest.objects.create(
        brand_id=customer.brand_id, customer=customer, kind=OwnDataRequest.Kind(kind), wanted=dict(wanted or {}),
        rule=rule, source=source[:120], key=key[:120], due_on=due_on, created_at=clock.now(),
    )  # fmt: skip
    facts = {
        "asked": kind,
        "number": request.number,
        "due_on": due_on.isoformat(),
        "rule": rule,
        "customer": customer.pk,
    }
    people_changed.send(sender=Brand, brand=customer.brand, kind=events.OWN_DATA_ASKED, by=by, facts=facts)
    return request
