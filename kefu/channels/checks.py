"""What `kefu check` says about channels."""

from __future__ import annotations

from collections.abc import Iterator

from django.db.models import Count

from kefu.channels.models import RawMail, RawState, RawWebhook
from kefu.channels.services import adapter_of
from kefu.desk.models import Channel, Delivery, DeliveryState
from kefu.kernel.checks import Finding, Level, register
from kefu.kernel.errors import KefuError


@register("channels")
def channels_can_speak() -> Iterator[Finding]:
    for channel in Channel.objects.filter(is_on=True).order_by("pk")[:500]:
        try:
            adapter_of(channel)
        except KeyError as fault:
            yield Finding(f"{channel}: {fault}", cure="switch the channel off, or install the version that knows it")
        except KefuError as fault:
            yield Finding(
                f"{channel}: {fault.sentence}", cure="restore KEFU_HOME/secret.key, or enter the secrets again"
            )
        if channel.trouble:
            yield Finding(f"{channel} since {channel.trouble.get('at', '')}", cure=str(channel.trouble.get("cure", "")))


@register("channels")
def nothing_waits_for_a_person() -> Iterator[Finding]:
    for model, what in ((RawMail, "mails"), (RawWebhook, "webhooks")):
        aside = model.objects.filter(state=RawState.QUARANTINED).values("problem").annotate(count=Count("id"))
        for row in aside.order_by("problem"):
            yield Finding(
                f"{row['count']} {what} could not be read: {row['problem']}",
                cure="look at them under Channels and have them read again",
                level=Level.WEAK,
            )
    for state in (DeliveryState.UNCERTAIN, DeliveryState.FAILED):
        if not (stuck := Delivery.objects.filter(state=state).count()):
            continue
        yield Finding(
            f"{stuck} messages are {state.value}",
            cure="open their conversations and decide whether to send them again",
            level=Level.WEAK,
        )
