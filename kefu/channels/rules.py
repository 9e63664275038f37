"""Pure thinking about what leaves: no database, no clock."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from kefu.desk.models import Author, Owner

#: tries of one delivery; with the waits between them about three hours, the time a mail server may be away
MAX_ATTEMPTS = 12
#: automatic answers to one address in one hour: a lively customer needs fewer, a loop of two machines takes more
BRAKE_ANSWERS = 12
BRAKE_SPAN = timedelta(hours=1)


def is_withheld(*, author: str, owner: str, has_assignee: bool) -> bool:
    """Whether a person has taken the conversation over, so that the assistant's words may not leave any more.

    A conversation that waits in a queue still sends what the assistant said on handing it over ("a colleague will
    answer"); once somebody is named for it, it does not.
    """
    if author != Author.ASSISTANT:
        return False
    return owner == Owner.AGENT or (owner == Owner.QUEUE and has_assignee)


def is_braked(sent_at: Sequence[datetime], *, now: datetime) -> bool:
    """Whether one more automatic answer to this address would be too many. sent_at: earlier automatic answers."""
    return sum(1 for moment in sent_at if now - BRAKE_SPAN < moment <= now) >= BRAKE_ANSWERS
