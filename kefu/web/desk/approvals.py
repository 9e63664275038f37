"""Deeds that wait for a person's word, in the conversation: what, how much, by which rule, and two buttons."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.http import Http404, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from kefu.assistant.approvals import deciding, standing
from kefu.assistant.approvals.errors import ReasonMissing
from kefu.assistant.models import Approval, ApprovalState
from kefu.desk.models import Conversation
from kefu.kernel import clock
from kefu.kernel.money import Money
from kefu.web.desk import deed_words, packs
from kefu.web.desk.cases import reading_language
from kefu.web.desk.conversation import answer
from kefu.web.desk.refs import find
from kefu.web.middleware import AgentRequest

#: of one conversation, the newest so many are shown
SHOWN = 5


@dataclass(frozen=True, slots=True)
class ApprovalShown:
    """`may`: whether this person's role is high enough; the rules judge the deed itself once more."""

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
    asks: str
    due_at: datetime
    is_overdue: bool
    may: bool
    explanation: str
    facts: Sequence[tuple[str, str]]
    ref: str = ""
    customer: str = ""
    brand: str = ""
    cursor: str = ""


def approvals_of(request: AgentRequest, conversation: Conversation) -> list[ApprovalShown]:
    """Those that wait first, then the newest decided ones. One query."""
    rows = Approval.objects.filter(conversation=conversation).select_related("decided_by", "asked_by")
    shown = [shown_of(request, one) for one in rows.order_by("-pk")[:SHOWN]]
    return sorted(shown, key=lambda one: not one.is_pending)


def shown_of(request: AgentRequest, one: Approval) -> ApprovalShown:
    """One row as a person reads it; `asked_by` and `decided_by` are loaded."""
    words = {
        ApprovalState.PENDING: _("waits for approval"),
        ApprovalState.APPROVED: _("approved, about to be done"),
        ApprovalState.DONE: _("approved and done"),
        ApprovalState.REFUSED: _("not approved"),
        ApprovalState.WITHDRAWN: _("dropped by the customer"),
        ApprovalState.FAILED: _("approved, but could not be done"),
    }
    brand, language = request.brands[one.brand_id], reading_language()
    book, due_at = packs.book(brand), standing.due_at(one, brand)
    return ApprovalShown(
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
        asks=one.asked_by.name if one.asked_by else _("The assistant"),
        due_at=due_at,
        is_overdue=one.state == ApprovalState.PENDING and due_at < clock.now(),
        may=standing.is_high_enough(role_of(request, one.brand_id), one.role),
        explanation=packs.explanation(brand, one.rule, language),
        facts=[
            (deed_words.fact(name), deed_words.held(name, given, book, language)) for name, given in one.args.items()
        ],
    )


def role_of(request: AgentRequest, brand_id: int) -> str:
    """The role that the person at the desk holds for this brand; the seats are loaded with the request."""
    return next((seat.role for seat in request.agent.seats.all() if seat.brand_id == brand_id), "")


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
