"""What the desk hears from the rooms below; each runs inside the transaction of what it hears of."""

from __future__ import annotations

from typing import Any

from django.dispatch import receiver

from kefu.desk import events
from kefu.people.actors import Actor
from kefu.people.models import Brand
from kefu.people.signals import people_changed


@receiver(people_changed, dispatch_uid="desk.people_event")
def write_down(brand: Brand, kind: str, by: Actor, facts: dict[str, Any], **_: Any) -> None:
    """People may not know the desk, whose event log this is; the log must know who was given which rights."""
    events.record_apart(kind, brand_id=brand.pk, by=by, **facts)
