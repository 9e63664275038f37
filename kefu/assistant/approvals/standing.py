"""What waits for a person's word, and until when it should have it."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta

from django.db.models import QuerySet

from kefu.assistant.models import Approval, ApprovalState
from kefu.people.models import Brand, Role

#: hours within which a person decides, unless the brand's term `approval_hours` says otherwise
HOURS = 24
RANKS = (Role.AGENT, Role.SUPERVISOR, Role.MANAGER, Role.ADMINISTRATOR)


def waiting(brand_ids: Collection[int]) -> QuerySet[Approval]:
    """The undecided ones of these brands."""
    return Approval.objects.filter(brand_id__in=list(brand_ids), state=ApprovalState.PENDING)


def due_at(approval: Approval, brand: Brand) -> datetime:
    """When it should be decided at the latest: so many hours after it was asked."""
    hours = brand.settings.get("terms", {}).get("approval_hours", HOURS)
    return approval.asked_at + timedelta(hours=int(hours))


def is_high_enough(role: str, wanted: str) -> bool:
    """Whether a role is at least the one that a rule names. The rules themselves judge each deed once more."""
    names = [str(one.value) for one in RANKS]
    return role in names and wanted in names and names.index(role) >= names.index(wanted)
