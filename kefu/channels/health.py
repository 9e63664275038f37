"""What `kefu check` looks at here: is every channel that is on able to work, and does anything wait to go out."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from django.db.models import Count

from kefu.channels.models import RawMail, RawState, RawWebhook
from kefu.channels.registry import kinds
from kefu.channels.services import adapter_of
from kefu.desk.models import Channel, Delivery, DeliveryState
from kefu.kernel import clock
from kefu.kernel.checks import Finding, Level, register
from kefu.kernel.errors import KefuError

#: more are counted, not listed
LISTED = 50


@register("channels")
def channels_work() -> Iterator[Finding]:
    for channel in Channel.objects.filter(is_on=True).select_related("brand").order_by("id")[:LISTED]:
        name = f"{channel.brand.slug}: {channel}"
        if channel.trouble:
            yield Finding(
                f"{name}: {channel.trouble.get('problem', 'trouble')} since {channel.trouble.get('at', 'unknown')}",
                cure=str(channel.trouble.get("cure") or "look at the channel's page at the desk"),
            )
        try:
            adapter_of(channel)
        except KeyError:
            yield Finding(f"{name} has a kind that this Kefu does not know", cure=f"one of {', '.join(kinds())}")
        except KefuError as fault:
            yield Finding(
                f"{name}: {fault.sentence}",
                cure="bring back the old KEFU_HOME/secret.key, or enter the passwords again on the channel's page",
            )


@register("channels")
def nothing_is_set_aside() -> Iterator[Finding]:
    for model, what in ((RawMail, "mails"), (RawWebhook, "webhooks")):
        aside = model.objects.filter(state=RawState.QUARANTINED).values("problem").annotate(count=Count("id"))
        for row in aside.order_by("problem")[:LISTED]:
            yield Finding(
                f"{row['count']} {what} could not be read: {row['problem']}",
                cure="look at them under Channels and have them read again",
                level=Level.WEAK,
            )


@register("channels")
def messages_leave() -> Iterator[Finding]:
    late = Delivery.objects.filter(state=DeliveryState.PENDING, created_at__lt=clock.now() - timedelta(minutes=15))
    if count := late[:1000].count():
        yield Finding(f"{count} messages wait to be sent for more than 15 minutes", cure="is a worker running?")
    lost = Delivery.objects.filter(state__in=[DeliveryState.FAILED, DeliveryState.UNCERTAIN])
    if count := lost.filter(created_at__gt=clock.now() - timedelta(days=7))[:1000].count():
        yield Finding(
            f"{count} messages of the last 7 days could not be sent",
            cure="each is marked in its conversation; a person decides there",
            level=Level.WEAK,
        )
