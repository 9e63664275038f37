"""Who is at which conversation now: two people on one conversation see each other. In memory, for a few seconds."""

from __future__ import annotations

#: "here" holds for so long; pages say it again at least every 20 seconds
HERE_SECONDS = 45
#: (conversation, agent) pairs remembered; more are not, so that a flood fills nothing
LIMIT = 5_000


class Presence:
    """Times are seconds of one monotonic clock, given by the caller."""

    def __init__(self) -> None:
        self._until: dict[tuple[int, int], float] = {}

    def here(self, conversation: int, agent: int, *, now: float) -> bool:
        """Whether this is news."""
        key = (conversation, agent)
        is_news = key not in self._until
        if is_news and len(self._until) >= LIMIT:
            return False
        self._until[key] = now + HERE_SECONDS
        return is_news

    def gone(self, conversation: int, agent: int) -> bool:
        """Whether this is news."""
        return self._until.pop((conversation, agent), None) is not None

    def take_expired(self, *, now: float) -> list[tuple[int, int]]:
        """The (conversation, agent) pairs that have said nothing for HERE_SECONDS; they are gone from now on."""
        expired = [key for key, until in self._until.items() if until <= now]
        for key in expired:
            del self._until[key]
        return expired

    def all(self) -> list[tuple[int, int]]:
        return list(self._until)
