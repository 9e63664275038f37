"""Deeds that wait for a person's word, in the conversation: what, how much, by which rule, and two buttons."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.http import Http404, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from kefu.assistant.approvals import deciding
from kefu.assistant.approvals.errors import ReasonMissing
from kefu.assistant.models import Approval, ApprovalState
from kefu.desk.models import Conversation
from kefu.kernel.money import Money
from kefu.web.desk import deed_words
from kefu.web.desk.conversation import answer
from kefu.web.desk.refs import find
from kefu.web.middleware import AgentRequest

#: of one conversation, the newest so many are shown
SHOWN = 5


@dataclass(frozen=True, slots=True)
class ApprovalShown:
    pk: int
    deed: str
    about: str
    amount: Money | None
    rule: str
    role: str
    asked_at: datetime
    is_pending: bool
    state: str
    who: str
    reason: str


def approvals_of(conversation: Conversation) -> list[ApprovalShown]:
    """Those that wait first, then the newest decided ones. One query."""
    found = Approval.objects.filter(conversation=conversation).select_related("decided_by").order_by("-pk")[:SHOWN]
    words = {
        ApprovalState.PENDING: _("waits for approval"), ApprovalState.APPROVED: _("approved, about to be done"),
        ApprovalState.DONE: _("approved and done"), ApprovalState.REFUSED: _("not approved"),
        ApprovalState.FAILED: _("approved, but could not be done"),
    }  # fmt: skip
    shown = [
        ApprovalShown(
            pk=one.pk,
            deed=deed_words.deed(one.action),
            about=str(one.args.get("line") or one.args.get("order") or ""),
            amount=Money(one.amount_minor, one.currency) if one.amount_minor is not None else None,
            rule=one.rule,
            role=deed_words.role(one.role),
            asked_at=one.asked_at,
            is_pending=one.state == ApprovalState.PENDING,
            state=words[ApprovalState(one.state)],
            who=one.decided_by.name if one.decided_by else "",
            reason=one.reason,
        )
        for one in found
    ]
    return sorted(shown, key=lambda one: not one.is_pending)


def _of(conversation: Conversation, pk: int) -> Approval:
    found = Approval.objects.filter(conversation=conversation, pk=pk).first()
    if found is None:
        raise Http404("no such approval")
    return found


@require_POST
def approve(request: AgentRequest, ref: tuple[str, int], pk: int) -> HttpResponse:
    """The deed is done by a job; a refusal (above your limit, decided already) is said as any other."""
    conversation = find(request, ref)
    deciding.approve(_of(conversation, pk), by=request.actor)
    return answer(request, conversation)


@require_POST
def refuse(request: AgentRequest, ref: tuple[str, int], pk: int) -> HttpResponse:
    """422 without a reason."""
    conversation = find(request, ref)
    try:
        deciding.refuse(_of(conversation, pk), reason=request.POST.get("reason", "")[:300], by=request.actor)
    except ReasonMissing:
        return answer(request, conversation, status=422, approval_problem=_("Say why, for your colleagues."))
    return answer(request, conversation)
