"""The outbox is emptied: each message leaves once, or a person is told why not.

PENDING → HANDING_OVER is committed just before the bytes that cannot be taken back. Only one process can make that
step, and whoever finds it made and its maker gone cannot know whether the message went out: UNCERTAIN, a person
decides. So a crash may leave a question, never a second mail.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from django.conf import settings
from django.db import transaction
from procrastinate.contrib.django.models import ProcrastinateJob

from kefu.channels import events, rules
from kefu.channels.base import Channel as Adapter
from kefu.channels.base import NotTaken, Outbound, OutboundFile, Undeliverable, Unreachable
from kefu.channels.email import tokens
from kefu.channels.errors import NotSendable
from kefu.channels.services.connecting import adapter_of, all_well, in_trouble
from kefu.desk import events as desk_events
from kefu.desk.models import Author, Conversation, Delivery, DeliveryState, Message, MessageKind
from kefu.desk.services import hand_over
from kefu.kernel import clock
from kefu.kernel.errors import KefuError
from kefu.people.actors import SYSTEM, Actor

log = logging.getLogger(__name__)

THREAD_LIMIT = 20
#: a job is certain to have begun by then, or is lost
STRANDED_AFTER = timedelta(minutes=1)
_SWEEP = 200
_TROUBLE = "channels.sending"


class _TakenOver(Exception):
    """A person took the conversation over in the last moment; nothing has left."""


@dataclass(slots=True)
class _Handing:
    delivery_id: int
    is_over: bool = False

    def __call__(self) -> None:
        """Just before the last bytes: check ownership once more and commit that they are about to leave."""
        with transaction.atomic(durable=True):
            delivery = _locked(self.delivery_id)
            if delivery.state != DeliveryState.PENDING or _withhold(delivery):
                stop = True
            else:
                stop = False
                delivery.state = DeliveryState.HANDING_OVER
                delivery.save(update_fields=["state"])
        if stop:
            raise _TakenOver
        self.is_over = True


def deliver(delivery_id: int) -> None:
    """Bring one message to its customer; a second call for the same one does nothing.

    Must not run inside a transaction. Raises Unreachable while there are tries left, so that the queue tries again.
    """
    prepared = _prepare(delivery_id)
    if prepared is None:
        return
    adapter, outbound, channel_id = prepared
    handing = _Handing(delivery_id)
    try:
        receipt = adapter.send(outbound, handing_over=handing)
    except _TakenOver:
        return
    except Undeliverable as refused:
        _settle(delivery_id, DeliveryState.FAILED, refused.sentence)
    except NotTaken as fault:
        _try_later(delivery_id, fault)
    except Unreachable as fault:
        if handing.is_over:
            _settle(delivery_id, DeliveryState.UNCERTAIN, fault.sentence)
        else:
            in_trouble(channel_id, problem=_TROUBLE, cure=fault.sentence)
            _try_later(delivery_id, fault)
    except Exception as fault:
        if handing.is_over:
            log.exception("delivery %s broke off while it was handed over", delivery_id)
            _settle(delivery_id, DeliveryState.UNCERTAIN, repr(fault))
            return
        raise
    else:
        _sent(delivery_id, receipt.external_id)
        all_well(channel_id, problem=_TROUBLE)


def _locked(delivery_id: int) -> Delivery:
    """The conversation's row first, as everybody locks, then the delivery's."""
    conversation_id = Delivery.objects.values_list("message__conversation_id", flat=True).get(pk=delivery_id)
    Conversation.objects.select_for_update().get(pk=conversation_id)
    return (
        Delivery.objects.select_for_update(of=("self",))
        .select_related("message__conversation__identity", "message__agent", "channel", "brand")
        .get(pk=delivery_id)
    )


def _prepare(delivery_id: int) -> tuple[Adapter, Outbound, int] | None:
    """What to send and who sends it; None when there is nothing to do. A broken channel is trouble, not a crash."""
    with transaction.atomic(durable=True):
        delivery = _locked(delivery_id)
        if delivery.state == DeliveryState.HANDING_OVER:
            # whoever made this step is gone: the queue runs one job a conversation
            _change(delivery, DeliveryState.UNCERTAIN, "a crash while the message was handed over")
            return None
        if delivery.state != DeliveryState.PENDING or _withhold(delivery) or _brake(delivery):
            return None
        if delivery.attempts >= rules.MAX_ATTEMPTS:  # each try ended in a fault of ours
            _change(delivery, DeliveryState.FAILED, delivery.problem or "it could not be sent")
            return None
        delivery.attempts += 1
        delivery.save(update_fields=["attempts"])
        try:
            adapter = adapter_of(delivery.channel)
        except (KefuError, KeyError) as fault:
            _change(delivery, DeliveryState.FAILED, getattr(fault, "sentence", str(fault)))
            return None
        outbound = outbound_of(delivery)
    return adapter, outbound, delivery.channel_id


def outbound_of(delivery: Delivery) -> Outbound:
    """The message as a channel carries it: whom it answers, its files read from disk."""
    message, conversation = delivery.message, delivery.message.conversation
    before = list(
        conversation.messages.filter(pk__lt=message.pk, kind=MessageKind.MESSAGE)
        .order_by("-pk")
        .values_list("author", "external_id", "delivery__external_id")[:THREAD_LIMIT]
    )
    ids = [(author, own or "" if author == Author.CUSTOMER else sent or "") for author, own, sent in before]
    thread = tuple(external_id.partition("#")[0] for _, external_id in reversed(ids) if external_id)
    answered = next((external_id for author, external_id in ids if author == Author.CUSTOMER and external_id), "")
    is_automatic = message.author == Author.ASSISTANT
    name = message.agent.name if message.agent and not is_automatic else ""
    brand_name = str(delivery.channel.settings.get("from_name") or delivery.brand.name)
    return Outbound(
        reference=str(message.public_id),
        to=conversation.identity.address,
        text=message.text,
        subject=conversation.subject,
        thread=thread,
        in_reply_to=answered.partition("#")[0],
        token=tokens.make(conversation.public_id, channel=delivery.channel.public_id),
        choices=tuple(
            (str(one.get("value", "")), str(one.get("label", ""))) for one in message.extras.get("choices", [])
        ),
        files=_files(message),
        from_name=f"{name} · {brand_name}" if name else brand_name,
        language=message.language or conversation.language or "en",
        is_automatic=is_automatic,
    )


def _files(message: Message) -> tuple[OutboundFile, ...]:
    return tuple(
        OutboundFile(name=file.name, content=(Path(settings.MEDIA_ROOT) / file.file).read_bytes(),
                     content_type=file.content_type)
        for file in message.attachments.order_by("pk")[:20]
    )  # fmt: skip


def _withhold(delivery: Delivery) -> bool:
    """Hold the assistant's message back when a person has the conversation. Caller holds both rows."""
    conversation = delivery.message.conversation
    if not rules.is_withheld(
        author=delivery.message.author, owner=conversation.owner, has_assignee=conversation.assignee_id is not None
    ):
        return False
    _change(delivery, DeliveryState.WITHHELD, "a person took the conversation over")
    return True


def _brake(delivery: Delivery) -> bool:
    """Stop two machines that answer each other: too many automatic answers to one address, and a person looks."""
    message = delivery.message
    if message.author != Author.ASSISTANT:
        return False
    now = clock.now()
    sent_at = (
        Delivery.objects.filter(
            channel_id=delivery.channel_id,
            state=DeliveryState.SENT,
            sent_at__gt=now - rules.BRAKE_SPAN,
            message__author=Author.ASSISTANT,
            message__conversation__identity_id=message.conversation.identity_id,
        )
        .exclude(pk=delivery.pk)
        .values_list("sent_at", flat=True)[: rules.BRAKE_ANSWERS]
    )
    if not rules.is_braked([moment for moment in sent_at if moment], now=now):
        return False
    _change(delivery, DeliveryState.WITHHELD, "too many automatic answers to one address within an hour")
    hand_over(message.conversation, queue="support", reason="failed", by=SYSTEM, message=message)
    return True


_EVENT_OF = {
    DeliveryState.SENT: desk_events.DELIVERY_SENT,
    DeliveryState.FAILED: desk_events.DELIVERY_FAILED,
    DeliveryState.UNCERTAIN: desk_events.DELIVERY_UNCERTAIN,
    DeliveryState.WITHHELD: desk_events.DELIVERY_WITHHELD,
}


def _change(delivery: Delivery, state: DeliveryState, problem: str = "", *, by: Actor = SYSTEM) -> None:
    """The new state and its event. Caller holds both rows."""
    delivery.state, delivery.problem = state, " ".join(problem.split())[:300]
    delivery.save(update_fields=["state", "problem"])
    desk_events.record(
        _EVENT_OF[state], delivery.message.conversation, by=by, message=delivery.message,
        delivery=delivery.pk, problem=delivery.problem, attempts=delivery.attempts,
    )  # fmt: skip


def _settle(delivery_id: int, state: DeliveryState, problem: str) -> None:
    with transaction.atomic(durable=True):
        delivery = _locked(delivery_id)
        if delivery.state in (DeliveryState.PENDING, DeliveryState.HANDING_OVER):
            _change(delivery, state, problem)


def _sent(delivery_id: int, external_id: str) -> None:
    with transaction.atomic(durable=True):
        delivery = _locked(delivery_id)
        if delivery.state not in (DeliveryState.HANDING_OVER, DeliveryState.UNCERTAIN):
            return
        # UNCERTAIN: this process was thought dead and has the server's word after all
        delivery.external_id, delivery.sent_at = external_id[:255], clock.now()
        delivery.save(update_fields=["external_id", "sent_at"])
        _change(delivery, DeliveryState.SENT)


def _try_later(delivery_id: int, fault: Unreachable) -> None:
    """Back to PENDING; raises the fault for the queue, or settles as FAILED after the last try."""
    with transaction.atomic(durable=True):
        delivery = _locked(delivery_id)
        if delivery.state not in (DeliveryState.PENDING, DeliveryState.HANDING_OVER):
            return
        if delivery.attempts >= rules.MAX_ATTEMPTS:
            _change(delivery, DeliveryState.FAILED, fault.sentence)
            return
        delivery.state, delivery.problem = DeliveryState.PENDING, fault.sentence[:300]
        delivery.save(update_fields=["state", "problem"])
    raise fault


@transaction.atomic
def send_again(delivery: Delivery, *, by: Actor) -> Delivery:
    """A person decides: a message that failed, or of which nobody knows, goes out (again).

    Raises NotSendable when it is not in one of these states.
    """
    from kefu.channels.tasks import defer_delivery

    by.require("desk.reply", on=delivery)
    delivery = _locked(delivery.pk)
    if delivery.state not in (DeliveryState.FAILED, DeliveryState.UNCERTAIN):
        raise NotSendable(state=delivery.state)
    was = delivery.state
    delivery.state, delivery.problem, delivery.attempts = DeliveryState.PENDING, "", 0
    delivery.save(update_fields=["state", "problem", "attempts"])
    desk_events.record(
        events.DELIVERY_SENT_AGAIN, delivery.message.conversation, by=by, message=delivery.message,
        delivery=delivery.pk, was=was,
    )  # fmt: skip
    defer_delivery(delivery)
    return delivery


@transaction.atomic
def mark_bounced(delivery: Delivery, *, status: str, recipient: str) -> Delivery:
    """A mail server reports that a sent message did not arrive. status: RFC 3463, e.g. "5.1.1"."""
    delivery = _locked(delivery.pk)
    if delivery.state not in (DeliveryState.SENT, DeliveryState.UNCERTAIN):
        return delivery
    _change(delivery, DeliveryState.FAILED, f"bounced: {status or 'no status'} {recipient}".strip())
    desk_events.record(
        events.DELIVERY_BOUNCED, delivery.message.conversation, by=SYSTEM, message=delivery.message,
        delivery=delivery.pk, status=status, recipient=recipient,
    )  # fmt: skip
    return delivery


def find_stranded() -> list[int]:
    """Deliveries that no job works on: PENDING ones get one, HANDING_OVER ones become UNCERTAIN.
    Returns the ids of those that got a job. A job whose worker died still counts as one: the kernel starts it again."""
    from kefu.channels.tasks import DELIVER, defer_delivery

    unfinished = list(
        Delivery.objects.filter(
            state__in=(DeliveryState.PENDING, DeliveryState.HANDING_OVER), created_at__lt=clock.now() - STRANDED_AFTER
        )
        .select_related("message")
        .order_by("created_at")[:_SWEEP]
    )
    at_work = set(
        ProcrastinateJob.objects.filter(
            task_name=DELIVER, status__in=("todo", "doing"), args__delivery_id__in=[one.pk for one in unfinished]
        ).values_list("args__delivery_id", flat=True)
    )
    deferred = []
    for delivery in unfinished:
        if delivery.pk in at_work:
            continue
        if delivery.state == DeliveryState.HANDING_OVER:
            _settle(delivery.pk, DeliveryState.UNCERTAIN, "a crash while the message was handed over")
        else:
            defer_delivery(delivery)
            deferred.append(delivery.pk)
    return deferred
