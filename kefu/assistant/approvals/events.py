"""What approvals write into the log."""

APPROVAL_ASKED = "assistant.approval_asked"
APPROVAL_DECIDED = "assistant.approval_decided"
APPROVAL_CARRIED_OUT = "assistant.approval_carried_out"
APPROVAL_WITHDRAWN = "assistant.approval_withdrawn"
