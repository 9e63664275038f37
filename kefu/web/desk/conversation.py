"""One conversation: the whole page, the piece that every deed answers with, and what lies one click behind it."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_safe
from django_htmx.http import trigger_client_event

from kefu.desk.models import Conversation, Owner
from kefu.desk.services.closing import DISPOSITIONS
from kefu.people.models import Agent
from kefu.web.desk import cases, customer, inbox, labels, lists, rows, shell, thread
from kefu.web.desk.refs import find, ref_of
from kefu.web.middleware import AgentRequest

COLLEAGUES = 200


def conversation_context(request: AgentRequest, conversation: Conversation, **extra: Any) -> dict[str, Any]:
    """All that _conversation.html shows; `extra` adds what a refused form has to say. At most twenty queries."""
    me = request.agent.pk

    def may(right: str) -> bool:
        return request.actor.may(right, brand_id=conversation.brand_id)

    owned_by_other = conversation.owner == Owner.AGENT and conversation.assignee_id != me
    panel = customer.panel_of(request, conversation)
    shown = {
        "pk": conversation.pk,
        "public_id": str(conversation.public_id),
        "ref": ref_of(request, conversation),
        "number": conversation.number,
        "who": panel.name,
        "subject": conversation.subject,
        "channel": conversation.channel.kind,
        "channel_word": labels.channel(conversation.channel.kind),
        "language": conversation.language,
        "brand": request.brands[conversation.brand_id].name if len(request.brands) > 1 else "",
        "state": rows.state_of(conversation, me=me),
        "waiting_since": conversation.waiting_since,
        "is_closed": conversation.is_closed,
        "owner": conversation.owner,
        "assignee": conversation.assignee.name if conversation.assignee else "",
        "assignee_id": conversation.assignee_id or 0,
        "owned_by_other": owned_by_other,
        "may_reply": may("desk.reply") and not owned_by_other and not conversation.is_closed,
        "may_suggest": may_write(request, conversation),
        "may_note": may("desk.note"),
        "may_teach": may("desk.reply") and may("assistant.teach"),
        "may_take": may("desk.take") and not conversation.is_closed
        and (conversation.owner != Owner.AGENT or (owned_by_other and may("desk.take_from_other"))),
        "may_hand_back": may("desk.hand_over") and not conversation.is_closed and conversation.owner != Owner.ASSISTANT
        and (not owned_by_other or may("desk.take_from_other")),
        "may_close": may("desk.close") and not conversation.is_closed
        and (not owned_by_other or may("desk.take_from_other")),
        "may_reopen": may("desk.close") and conversation.is_closed,
        "may_assign": may("desk.assign") and not conversation.is_closed
        and (not owned_by_other or may("desk.take_from_other")),
    }  # fmt: skip
    return {
        "shown": shown,
        "thread": thread.thread_of(conversation),
        "cases": cases.cases_of(conversation, brand=conversation.brand),
        "approvals": _approvals(request, conversation),
        "approval_problem": "",
        "suggestion_problem": "",
        "panel": panel,
        "colleagues": _colleagues(conversation) if shown["may_assign"] else [],
        "dispositions": [(key, labels.disposition(key)) for key in DISPOSITIONS],
        "root_causes": labels.root_causes(),
        "list_key": request.GET.get("list") if request.GET.get("list") in lists.LISTS else "all",
        "problem": "",
        "text": "",
        "note_problem": "",
        "note_text": "",
        "closure_problem": "",
    } | extra


def may_write(request: AgentRequest, conversation: Conversation) -> bool:
    """Whether this person answers here now: it waits in a queue, or is theirs."""
    owned_by_other = conversation.owner == Owner.AGENT and conversation.assignee_id != request.agent.pk
    is_ours = conversation.owner != Owner.ASSISTANT and not owned_by_other and not conversation.is_closed
    return is_ours and request.actor.may("desk.reply", brand_id=conversation.brand_id)


def _approvals(request: AgentRequest, conversation: Conversation) -> list[Any]:
    from kefu.web.desk import approvals  # which answers with this very page

    return approvals.approvals_of(request, conversation)


def _colleagues(conversation: Conversation) -> list[tuple[int, str]]:
    rows_ = Agent.objects.filter(seats__brand_id=conversation.brand_id, is_active=True).exclude(
        pk=conversation.assignee_id or 0
    )
    return list(rows_.order_by("name").values_list("pk", "name")[:COLLEAGUES])


def answer(request: AgentRequest, conversation: Conversation, *, status: int = 200, **extra: Any) -> HttpResponse:
    """After a deed: the conversation as it stands now; without htmx a redirect to its page."""
    ref = ref_of(request, conversation)
    if not request.htmx and status == 200:
        return redirect(reverse("desk:conversation", args=[ref]))
    fresh = find(request, (request.brands[conversation.brand_id].slug, conversation.number))
    context = conversation_context(request, fresh, **extra)
    if not request.htmx:
        return _whole(request, fresh, context, status=status)
    response = render(request, "desk/_conversation.html", context, status=status)
    # the live stream says this too; the page must not wait for it, nor depend on it
    return trigger_client_event(response, "kefu:changed", {"conversation": str(conversation.public_id)}, after="settle")


def _whole(
    request: AgentRequest, conversation: Conversation, context: dict[str, Any], *, status: int = 200
) -> HttpResponse:
    wanted = inbox.wanted_list(request) if request.GET.get("list") else lists.LISTS["all"]
    around = inbox.queues_context(request, wanted) | inbox.list_context(request, wanted, opened=conversation.pk)
    return shell.page(request, "desk/page.html", around | context, status=status)


@require_safe
def conversation(request: AgentRequest, ref: tuple[str, int]) -> HttpResponse:
    """The page of one conversation; the piece alone when htmx or a live update asks."""
    found = find(request, ref)
    context = conversation_context(request, found)
    if request.htmx and not request.htmx.history_restore_request:
        return render(request, "desk/_conversation.html", context)
    return _whole(request, found, context)


@require_safe
def earlier(request: AgentRequest, ref: tuple[str, int]) -> HttpResponse:
    """The messages before the oldest one shown."""
    found = find(request, ref)
    before = request.GET.get("before", "")
    if not (before.isascii() and before.isdigit() and len(before) < 19):
        raise Http404("no such message")
    may_teach = all(request.actor.may(one, brand_id=found.brand_id) for one in ("desk.reply", "assistant.teach"))
    shown = {
        "ref": ref_of(request, found), "pk": found.pk, "who": "", "language": found.language, "may_teach": may_teach
    }  # fmt: skip
    return render(
        request, "desk/_entries.html", {"shown": shown, "thread": thread.thread_of(found, before=int(before))}
    )
