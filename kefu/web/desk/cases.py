"""The case rail: the playbook as a line of steps, where the case stands, and the rule that decided at each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop as noop

from kefu.desk.models import Case, CaseStatus, Conversation
from kefu.people.models import Brand
from kefu.web.desk import labels, packs
from kefu.web.desk.rail import rail
from kefu.web.desk.rows import State

CASES = 6


@dataclass(frozen=True, slots=True)
class StepShown:
    """`state`: done, here, next, skipped or refused."""

    words: str
    state: str
    icon: str
    state_word: str
    rules: Sequence[tuple[str, str]]  # id, what it says and where it comes from


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


def cases_of(conversation: Conversation, *, brand: Brand) -> list[CaseShown]:
    """The conversation's newest cases, open ones first. One query."""
    found = list(Case.objects.filter(conversation=conversation).order_by("-pk")[:CASES])
    language = reading_language()
    return [_shown(case, brand, language) for case in sorted(found, key=lambda case: case.status == CaseStatus.CLOSED)]


def reading_language() -> str:
    """The interface's language as packs name it: en, zh."""
    return (translation.get_language() or "en").partition("-")[0]


def _shown(case: Case, brand: Brand, language: str) -> CaseShown:
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
        steps=_steps(case, brand=brand, language=language),
        is_open=case.status != CaseStatus.CLOSED,
        rev=f"{case.moved_at.timestamp()}",
    )


#: how each standing is drawn and spoken
_STANDINGS = {
    "done": ("done", noop("done")), "here": ("here", noop("here now")), "next": ("ahead", noop("to come")),
    "skipped": ("skipped", noop("not needed")), "refused": ("refused", noop("refused")),
}  # fmt: skip


def _steps(case: Case, *, brand: Brand, language: str) -> list[StepShown]:
    book = packs.book(brand)
    playbook = book.playbooks.get(case.playbook) if book else None
    if book is None or playbook is None:
        return []
    walked = [way for way in case.state.get("walked", []) if len(way) == 4]
    stops = rail(playbook, walked, is_closed=case.status == CaseStatus.CLOSED)
    return [
        StepShown(
            words=book.label(f"rail.{stop.label}", language, labels.words(stop.label)),
            state=stop.standing,
            icon=_STANDINGS[stop.standing][0],
            state_word=_(_STANDINGS[stop.standing][1]),
            rules=[(one, packs.explanation(brand, one, language)) for one in stop.rules],
        )
        for stop in stops
    ]
