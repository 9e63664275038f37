"""What `kefu check` looks at here: is every channel that is on able to work, and does anything wait to go out."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from kefu.channels.registry import kinds
from kefu.desk.models import Channel, Delivery, DeliveryState
from kefu.kernel import clock, crypto
from kefu.kernel.checks import Finding, Level, register

#: more are counted, not listed
LISTED = 50


@register("channels")
def channels_work() -> Iterator[Finding]:
    for channel in Channel.objects.filter(is_on=True).select_related("brand").order_by("id")[:LISTED]:
        name = f"{channel.brand.slug}: {channel}"
        if channel.kind not in kinds():
            yield Finding(f"{name} has a kind that this Kefu does not know", cure=f"one of {', '.join(kinds())}")
        if channel.trouble:
            yield Finding(
                f"{name}: {channel.trouble.get('problem', 'trouble')} since {channel.trouble.get('at', 'unknown')}",
                cure=str(channel.trouble.get("cure") or "look at the channel's page at the desk"),
            )
        try:
            if channel.secrets:
                crypto.decrypt(channel.secrets, purpose="channel-secrets")
        except crypto.Undecryptable:
            yield Finding(
                f"{name}: its passwords were stored with another secret key",
                cure="bring back the old KEFU_HOME/secret.key, or enter them again on the channel's page",
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
