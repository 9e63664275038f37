"""What this room does when the desk has something to send."""

from __future__ import annotations

from typing import Any

from django.dispatch import receiver

from kefu.channels.tasks import defer_delivery
from kefu.desk.models import Delivery, DeliveryState
from kefu.desk.signals import message_outgoing


@receiver(message_outgoing, dispatch_uid="kefu.channels.bring")
def bring(sender: object, *, delivery: Delivery, **_: Any) -> None:
    """In the desk's transaction: what is not on its way by being stored is brought by a job."""
    if delivery.state == DeliveryState.PENDING:
        defer_delivery(delivery)
