"""What is refused of editions."""

from __future__ import annotations

from kefu.kernel.errors import Refused


class NoSuchFile(Refused):
    """The pack has no such playbook or policy. Choose one from the list."""

    code = "assistant.no_such_file"


class DraftHasFaults(Refused):
    """The draft cannot work as it is. Mend what is listed beside it, then publish."""

    code = "assistant.draft_has_faults"


class DraftIsOutdated(Refused):
    """Somebody has published another edition since this draft was begun. Compare the two and save the draft again."""

    code = "assistant.draft_is_outdated"


class DraftMovedOn(Refused):
    """Somebody has changed this since you opened it. Look at what it says now, then decide again."""

    code = "assistant.draft_moved_on"


class NothingChanged(Refused):
    """The text is the one that works already; there is nothing to publish."""

    code = "assistant.nothing_changed"


class TextTooLong(Refused):
    """A playbook or policy file may be 64 kB long. Split it into two files of the pack."""

    code = "assistant.edition_too_long"
