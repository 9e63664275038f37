"""What every whole page of the desk needs around its own matter."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from kefu.assistant.approvals.standing import waiting
from kefu.people.models import Agent
from kefu.web.desk import lists
from kefu.web.events.tokens import desk_token
from kefu.web.middleware import AgentRequest

COLLEAGUES = 500


def _words() -> dict[str, str]:
    """Sentences that the scripts say."""
    return {
        "offline": _("No connection. Your draft is kept; trying again."),
        "live": _("Live"),
        "reconnecting": _("Reconnecting"),
        "now": _("now"),
        "viewing": _("%(name)s is looking at this too"),
        "typing": _("%(name)s is writing a reply"),
        "customer_typing": _("The customer is writing"),
        "new_one": _("1 new"),
        "new_many": _("%(n)s new"),
        "failed": _("That did not work. Try again."),
        "too_big": _("Files together may be at most 10 MB."),
        "draft": _("Draft kept"),
        "answered": _("%(name)s has just answered. Read it, then send yours if it still fits."),
    }


def _colleagues(request: AgentRequest) -> dict[int, str]:
    """Names by id, for "… is looking at this too". One query."""
    there = Agent.objects.filter(seats__brand_id__in=list(request.brands), is_active=True).distinct()
    return dict(there.order_by("pk").values_list("pk", "name")[:COLLEAGUES])


def stream_address(request: AgentRequest) -> str:
    """Where this agent's live updates come from, with a token for the brands they serve now."""
    return f"{settings.KEFU_EVENTS_URL}/events/desk?token={desk_token(request.agent.pk, request.brands)}"


@require_safe
def stream(request: AgentRequest) -> HttpResponse:
    """A fresh stream address, as plain text, for a page that has lost its stream."""
    return HttpResponse(stream_address(request), content_type="text/plain")


def approvals_waiting(request: AgentRequest) -> int:
    """How many deeds wait for a person's word in this agent's brands, counted no further than lists.COUNT_LIMIT."""
    return waiting(list(request.brands)).values("pk")[: lists.COUNT_LIMIT].count()


def page(request: AgentRequest, template: str, context: dict[str, Any], *, status: int = 200) -> HttpResponse:
    """A whole page at the desk. A context that has counted what waits for approval saves a query."""
    if "approvals_waiting" not in context:
        context = context | {"approvals_waiting": approvals_waiting(request)}
    shell = {
        "agent": request.agent,
        "many_brands": len(request.brands) > 1,
        "may_see_channels": any(request.actor.may("channels.see", brand_id=pk) for pk in request.brands),
        "may_review_teaching": any(request.actor.may("assistant.review", brand_id=pk) for pk in request.brands),
        "lists": list(lists.LISTS.values()),
        "live": {
            "stream": stream_address(request),
            "me": request.agent.pk,
            "language": request.LANGUAGE_CODE,
            "words": _words(),
            "colleagues": _colleagues(request),
        },
    }
    return render(request, template, shell | context, status=status)
