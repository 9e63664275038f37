"""What following a suggestion can be refused for."""

from __future__ import annotations

from kefu.kernel.errors import Refused


class SuggestionChanged(Refused):
    """The suggestion has changed since you saw it. Look at the new one, then decide."""

    code = "next_step.changed"


class NothingToSend(Refused):
    """There is no reply to send here. Write your own."""

    code = "next_step.nothing_to_send"
