"""Jobs of this room: load by id, call one verb, return."""

from __future__ import annotations

from datetime import timedelta

import procrastinate

from kefu.channels import rules, services
from kefu.channels.models import RawMail, RawWebhook
from kefu.desk.models import Delivery
from kefu.kernel.jobs import job
from kefu.kernel.together import defer

DELIVER = "channels.deliver"
#: waits 2, 4, 8 … seconds; services.deliver itself gives up after the last try and says so in the conversation
_RETRY = procrastinate.RetryStrategy(max_attempts=rules.MAX_ATTEMPTS, exponential_wait=2)
_FORGOTTEN_AFTER = timedelta(minutes=2)
_SWEEP = 200


@job(queue="delivery", name=DELIVER, retry=_RETRY)
def deliver(delivery_id: int) -> None:
    services.deliver(delivery_id)


def defer_delivery(delivery: Delivery) -> None:
    """In the caller's transaction. One conversation's messages leave in their order: the second waits for the first,
    also while that one is tried again."""
    lock = f"delivery:{delivery.message.conversation_id}"
    defer(deliver, lock=lock, delivery_id=delivery.pk)


@job(queue="mail", name="channels.read_mail")
def read_mail(raw_id: int) -> None:
    services.read_mail(raw_id)


def defer_reading(raw: RawMail) -> None:
    """In the caller's transaction. Mails of one sender are read in the order of their arrival."""
    read_mail.configure(lock=f"mail:{raw.channel_id}:{raw.sender}"[:200]).defer(raw_id=raw.pk)


@job(queue="channels", name="channels.sweep", cron="* * * * *", queueing_lock="channels.sweep")
def sweep(timestamp: int) -> None:
    """Find what a crash left lying: deliveries without a job, mails and webhooks kept and never read."""
    services.find_stranded()
    for mail in RawMail.objects.forgotten(_FORGOTTEN_AFTER).defer("content")[:_SWEEP]:
        services.read_mail(mail.pk)
    for webhook in RawWebhook.objects.forgotten(_FORGOTTEN_AFTER).defer("content")[:_SWEEP]:
        services.read_webhook(webhook.pk)
