"""A request that nobody needs to decide any more."""

from __future__ import annotations

from django.db import transaction

from kefu.assistant.approvals.events import APPROVAL_WITHDRAWN
from kefu.assistant.models import Approval, ApprovalState
from kefu.desk import events
from kefu.desk.models import Conversation
from kefu.desk.services import close_case
from kefu.desk.services.locking import locked
from kefu.people.actors import Actor


@transaction.atomic
def withdraw_approval(approval: Approval, *, by: Actor) -> Approval:
    """The customer has dropped the matter before anybody decided: nothing is done, its case ends. One that has been
    decided stays as it is."""
    by.require("desk.reply", on=approval)
    locked(Conversation(pk=approval.conversation_id))
    row = Approval.objects.select_for_update(of=("self",)).select_related("conversation", "case").get(pk=approval.pk)
    if row.state != ApprovalState.PENDING:
        return row
    row.state = ApprovalState.WITHDRAWN
    row.save(update_fields=["state"])
    events.record(APPROVAL_WITHDRAWN, row.conversation, by=by, case=row.case, approval=row.pk, action=row.action)
    if row.case is not None:
        close_case(row.case, disposition="stopped", by=by)
    return row
