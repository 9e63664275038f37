"""What following a suggestion writes into the log."""

SUGGESTION_SENT = "assistant.suggestion_sent"
SUGGESTION_DONE = "assistant.suggestion_done"
