"""What this room does when the desk has something to send."""

from __future__ import annotations

from typing import Any

from django.dispatch import receiver

from kefu.channels import registry
from kefu.channels.tasks import defer_delivery
from kefu.desk.models import Delivery, DeliveryState
from kefu.desk.signals import message_outgoing
from kefu.kernel import clock


@receiver(message_outgoing, dispatch_uid="kefu.channels.bring")
def bring(sender: object, *, delivery: Delivery, **_: Any) -> None:
    """In the desk's transaction: a pulled channel has its message by its being stored; for others a job brings it."""
    if registry.adapter_class(delivery.channel.kind).abilities.is_pulled:
        delivery.state, delivery.sent_at = DeliveryState.SENT, clock.now()
        delivery.save(update_fields=["state", "sent_at"])
    else:
        defer_delivery(delivery)
