"""All deeds that wait for a person's word, over all conversations of this person's brands."""

from __future__ import annotations

import inspect
from dataclasses import replace
from typing import Any

from django.db.models import Q
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from kefu.assistant.approvals import deciding, standing
from kefu.assistant.approvals.errors import AboveYourLimit, DecidedAlready, ReasonMissing
from kefu.assistant.models import Approval, ApprovalState
from kefu.kernel.errors import Refused
from kefu.web.desk import labels, lists, shell
from kefu.web.desk.approvals import ApprovalShown, shown_of
from kefu.web.middleware import AgentRequest

PAGE = 25
#: which ones are listed: the waiting ones oldest first, the decided ones newest first
KINDS = ("waiting", "decided")


def _context(request: AgentRequest, **more: Any) -> dict[str, Any]:
    """One page of one list. Two queries."""
    kind = request.GET.get("show", KINDS[0])
    if kind not in KINDS:
        raise Http404("no such list")
    brand_ids = list(request.brands)
    before = lists.Cursor.parse(request.GET["before"]) if request.GET.get("before") else None
    if kind == "waiting":
        rows = standing.waiting(brand_ids).order_by("asked_at", "pk")
        if before is not None:
            rows = rows.filter(asked_at__gte=before.at).filter(Q(asked_at__gt=before.at) | Q(pk__gt=before.pk))
    else:
        rows = Approval.objects.filter(brand_id__in=brand_ids).exclude(state=ApprovalState.PENDING).order_by("-pk")
        if before is not None:
            rows = rows.filter(pk__lt=before.pk)
    loaded = rows.select_related("decided_by", "asked_by", "conversation__customer", "conversation__identity")
    found = list(loaded.defer("conversation__memory")[: PAGE + 1])
    shown = [_shown(request, one) for one in found[:PAGE]]
    return {
        "kind": kind,
        "approvals": shown,
        "next": shown[-1].cursor if len(found) > PAGE else "",
        "problem": "",
        "problem_at": 0,
    } | more


def _shown(request: AgentRequest, one: Approval) -> ApprovalShown:
    conversation = one.conversation
    customer = conversation.customer
    brand = request.brands[one.brand_id]
    return replace(
        shown_of(request, one),
        ref=f"{brand.slug}-{conversation.number}",
        customer=customer.name or customer.email or labels.visitor(conversation),
        brand=brand.name if len(request.brands) > 1 else "",
        cursor=str(lists.Cursor(one.asked_at, one.pk)),
    )


@require_safe
def approvals(request: AgentRequest) -> HttpResponse:
    """The page; the list alone when a live update or the link to more asks."""
    if request.htmx and not request.htmx.history_restore_request:
        return render(request, "desk/_approvals_list.html", _context(request))
    return shell.page(request, "desk/approvals.html", _context(request))


@require_safe
def count(request: AgentRequest) -> HttpResponse:
    """How many wait, as plain text, for the number in the top bar; nothing for none."""
    return HttpResponse(str(shell.approvals_waiting(request) or ""), content_type="text/plain")


def _find(request: AgentRequest, pk: int) -> Approval:
    found = Approval.objects.filter(brand_id__in=list(request.brands), pk=pk).first()
    if found is None:
        raise Http404("no such approval")
    return found


@require_POST
def approve(request: AgentRequest, pk: int) -> HttpResponse:
    """The deed is done by a job. 409 with the sentence beside the row when it may not be, or not any more."""
    found = _find(request, pk)
    try:
        deciding.approve(found, by=request.actor)
    except Refused as refused:
        return _refused(request, pk, refused)
    return _answer(request)


@require_POST
def refuse(request: AgentRequest, pk: int) -> HttpResponse:
    """422 without a reason."""
    found = _find(request, pk)
    try:
        deciding.refuse(found, reason=request.POST.get("reason", "")[:300], by=request.actor)
    except ReasonMissing:
        context = _context(request, problem=_("Say why, for your colleagues."), problem_at=pk)
        return render(request, "desk/_approvals_list.html", context, status=422)
    except Refused as refused:
        return _refused(request, pk, refused)
    return _answer(request)


def _answer(request: AgentRequest) -> HttpResponse:
    if not request.htmx:
        return redirect("desk:approvals")
    return render(request, "desk/_approvals_list.html", _context(request))


def _refused(request: AgentRequest, pk: int, refused: Refused) -> HttpResponse:
    if not request.htmx or not isinstance(refused, AboveYourLimit | DecidedAlready):
        raise refused
    sentence = _(inspect.cleandoc(type(refused).__doc__ or "").replace("\n", " "))
    context = _context(request, problem=sentence, problem_at=pk)
    return render(request, "desk/_approvals_list.html", context, status=409)
