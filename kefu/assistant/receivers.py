"""What the assistant hears from the rooms below; each runs inside the transaction of what it hears of."""

from __future__ import annotations

from typing import Any

from django.dispatch import receiver

from kefu.assistant.stock_notices import anybody_waits_for
from kefu.assistant.tasks import enqueue_take_back, enqueue_turn, send_stock_notices
from kefu.commerce.models import Order, Variant
from kefu.commerce.signals import order_changed, stock_changed
from kefu.desk import events
from kefu.desk.models import Conversation, Message, Owner
from kefu.desk.signals import conversation_handed_back, message_received
from kefu.people.actors import Actor


@receiver(message_received, dispatch_uid="assistant.turn")
def answer(message: Message, **_: Any) -> None:
    """A customer has written. While a person owns the conversation the message waits for that person."""
    if message.conversation.owner == Owner.ASSISTANT:
        enqueue_turn(message.conversation_id)


@receiver(conversation_handed_back, dispatch_uid="assistant.turn_after_hand_back")
def answer_what_waited(conversation: Conversation, **_: Any) -> None:
    enqueue_take_back(conversation.pk)


@receiver(order_changed, dispatch_uid="assistant.order_event")
def write_down(order: Order, kind: str, by: Actor, facts: dict[str, Any], **_: Any) -> None:
    """Commerce may not know the desk, whose event log this is; the log must know of every refund."""
    events.record_apart(kind, brand_id=order.brand_id, by=by, customer_id=order.customer_id, **facts)


@receiver(stock_changed, sender=Variant, dispatch_uid="assistant.stock_notices")
def tell_who_waits(variant_ids: list[int], **_: Any) -> None:
    """Pieces may be there again; the job looks whether they are when the change is committed."""
    if waited_for := anybody_waits_for(variant_ids):
        send_stock_notices.defer(variant_ids=waited_for)
