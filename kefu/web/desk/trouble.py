"""What a person must see to: channels in trouble, what could not be read, replies that did not leave."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from kefu.channels import services
from kefu.channels.models import RawMail, RawWebhook
from kefu.desk.models import Channel, Delivery
from kefu.kernel.errors import NotAllowed
from kefu.web.desk import labels, shell
from kefu.web.desk.conversation import answer
from kefu.web.middleware import AgentRequest

CHANNELS, ASIDE = 100, 100
_KINDS: dict[str, type[RawMail] | type[RawWebhook]] = {"mail": RawMail, "webhook": RawWebhook}


def _brands(request: AgentRequest) -> list[int]:
    """The brands whose channels this agent may see. Raises NotAllowed when there is none."""
    brands = [pk for pk in request.brands if request.actor.may("channels.see", brand_id=pk)]
    if not brands:
        raise NotAllowed(right="channels.see", who=request.actor.name)
    return brands


def _aside(brands: list[int]) -> list[dict[str, Any]]:
    """Mails and webhooks set aside, newest first. Two queries."""
    raws = [*services.quarantined(brands)[:ASIDE], *services.quarantined_webhooks(brands)[:ASIDE]]
    shown = [
        {
            "kind": "mail" if isinstance(raw, RawMail) else "webhook",
            "pk": raw.pk,
            "at": raw.received_at,
            "channel": raw.channel.name,
            "what": (raw.subject or _("(no subject)")) if isinstance(raw, RawMail) else _("A call of the provider"),
            "who": raw.sender if isinstance(raw, RawMail) else "",
            "problem": labels.problem(raw.problem),
            "detail": raw.detail,
        }
        for raw in raws
    ]
    return sorted(shown, key=lambda one: one["at"], reverse=True)


@require_safe
def channels(request: AgentRequest) -> HttpResponse:
    """Every channel with its trouble, and what was set aside. Five queries."""
    brands = _brands(request)
    rows = Channel.objects.filter(brand_id__in=brands).order_by("brand_id", "name").defer("secrets")[:CHANNELS]
    shown = [
        {
            "name": channel.name,
            "brand": request.brands[channel.brand_id].name,
            "kind": channel.kind,
            "is_on": channel.is_on,
            "problem": str(channel.trouble.get("problem", "")),
            "cure": str(channel.trouble.get("cure", "")),
            "line": _widget_line(channel) if channel.kind == "chat" else "",
        }
        for channel in rows
    ]
    return shell.page(request, "desk/channels.html", {"channels": shown, "aside": _aside(brands)})


def _widget_line(channel: Channel) -> str:
    """What stands before </body> of the shop's pages."""
    return f'<script src="{settings.KEFU_URL}/widget.js" data-channel="{channel.public_id}" async></script>'


@require_POST
def read_again(request: AgentRequest, kind: str, pk: int) -> HttpResponse:
    """Try once more what was set aside; the table as it stands afterwards."""
    brands = _brands(request)
    if kind not in _KINDS:
        raise Http404("no such kind")
    raw: RawMail | RawWebhook = get_object_or_404(_KINDS[kind], pk=pk, brand_id__in=brands)  # type: ignore[assignment]
    services.read_again(raw, by=request.actor)
    if not request.htmx:
        return redirect("desk:channels")
    return render(request, "desk/_aside.html", {"aside": _aside(brands)})


@require_POST
def send_again(request: AgentRequest, pk: int) -> HttpResponse:
    """A person decides that a reply which failed, or of which nobody knows, goes out (again)."""
    deliveries = Delivery.objects.select_related("message__conversation")
    delivery = get_object_or_404(deliveries, message_id=pk, brand_id__in=list(request.brands))
    services.send_again(delivery, by=request.actor)
    return answer(request, delivery.message.conversation)
