"""The case rail: the playbook as a line of steps, where the case stands, and the rule that decided at each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from kefu.desk.models import Case, CaseStatus, Conversation
from kefu.web.desk import labels
from kefu.web.desk.rows import State

CASES = 6


@dataclass(frozen=True, slots=True)
class StepShown:
    """`state`: done, here, next, skipped or refused."""

    words: str
    state: str
    icon: str
    state_word: str
    rule: str


@dataclass(frozen=True, slots=True)
class CaseShown:
    pk: int
    title: str
    version: str
    status: State
    disposition: str
    moved_at: datetime
    steps: Sequence[StepShown]
    is_open: bool
    rev: str


def cases_of(conversation: Conversation) -> list[CaseShown]:
    """The conversation's newest cases, open ones first. One query."""
    found = list(Case.objects.filter(conversation=conversation).order_by("-pk")[:CASES])
    return [_shown(case) for case in sorted(found, key=lambda case: case.status == CaseStatus.CLOSED)]


def _shown(case: Case) -> CaseShown:
    status = {
        CaseStatus.OPEN: State("open", "here", _("at work")),
        CaseStatus.HANDED_OVER: State("handed_over", "waiting", _("with a person")),
        CaseStatus.CLOSED: State("closed", "closed", _("closed")),
    }[CaseStatus(case.status)]
    return CaseShown(
        pk=case.pk,
        title=labels.playbook(case.playbook),
        version=case.version[:8],
        status=status,
        disposition=labels.disposition(case.disposition),
        moved_at=case.moved_at,
        steps=_steps(case),
        is_open=case.status != CaseStatus.CLOSED,
        rev=f"{case.moved_at.timestamp()}",
    )


def _steps(case: Case) -> list[StepShown]:
    return []
