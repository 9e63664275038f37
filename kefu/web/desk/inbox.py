"""The inbox: the whole page, and the pieces that live updates ask for."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from kefu.assistant.approvals.standing import waiting
from kefu.web.desk import lists, rows, shell
from kefu.web.middleware import AgentRequest


def wanted_list(request: AgentRequest) -> lists.InboxList:
    """The list named in the address, else Mine. Raises Http404 for a list there is not."""
    key = request.GET.get("list", lists.FIRST)
    if key not in lists.LISTS:
        raise Http404("no such list")
    return lists.LISTS[key]


def queues_context(request: AgentRequest, wanted: lists.InboxList) -> dict[str, Any]:
    """The lists with their counts, and how many deeds wait for approval. One query."""
    found = lists.counts(
        conversations=request.conversations, agent_id=request.agent.pk, approvals=waiting(list(request.brands))
    )
    return {
        "approvals_waiting": min(found.pop("approvals"), lists.COUNT_LIMIT),
        "lists": list(lists.LISTS.values()),
        "wanted": wanted,
        "counts": found,
        "count_limit": lists.COUNT_LIMIT,
    }


def list_context(request: AgentRequest, wanted: lists.InboxList, *, opened: int | None = None) -> dict[str, Any]:
    """One page of one list. Three queries."""
    before = lists.Cursor.parse(request.GET["before"]) if request.GET.get("before") else None
    page = lists.page_of(
        wanted,
        conversations=request.conversations,
        brand_ids=list(request.brands),
        agent_id=request.agent.pk,
        before=before,
    )
    cases = lists.open_cases([conversation.pk for conversation in page.conversations])
    return {
        "wanted": wanted,
        "rows": rows.rows_of(request, page.conversations, cases),
        "next": str(page.next) if page.next else "",
        "is_first_page": before is None,
        "opened": opened,
    }


@require_safe
def inbox(request: AgentRequest) -> HttpResponse:
    """The desk with one list and no conversation opened."""
    wanted = wanted_list(request)
    context = queues_context(request, wanted) | list_context(request, wanted)
    if request.htmx and not request.htmx.history_restore_request:
        return render(request, "desk/_inbox.html", context | {"agent": request.agent})
    return shell.page(request, "desk/page.html", context | {"shown": None})


@require_safe
def more(request: AgentRequest) -> HttpResponse:
    """The next page of a list: rows only, to stand after those already there."""
    return render(request, "desk/_rows.html", list_context(request, wanted_list(request)))


@require_safe
def queues(request: AgentRequest) -> HttpResponse:
    """The lists with fresh counts."""
    return render(request, "desk/_queues.html", queues_context(request, wanted_list(request)))


@require_safe
def row(request: AgentRequest, public_id: UUID) -> HttpResponse:
    """One row as it stands now, for an event about that conversation; 204 when it is not in this list any more."""
    wanted = wanted_list(request)
    found = lists.for_rows(wanted.narrow(request.conversations.filter(public_id=public_id), request.agent.pk)).first()
    if found is None:
        return HttpResponse(status=204)
    shown = rows.rows_of(request, [found], lists.open_cases([found.pk]))
    return render(request, "desk/_row.html", {"row": shown[0], "wanted": wanted, "opened": None})
