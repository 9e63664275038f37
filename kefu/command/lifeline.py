"""A child ends with its parent, however that died. `kefu up` keeps the writing end of a pipe and never writes."""

from __future__ import annotations

import os
import signal
import threading

VARIABLE = "KEFU_LIFELINE"


def hold() -> None:
    """Send SIGTERM to this process when the parent is gone. Does nothing when no parent gave a lifeline."""
    given = os.environ.pop(VARIABLE, "")
    if given.isdigit():
        threading.Thread(target=_watch, args=(int(given),), name="lifeline", daemon=True).start()


def _watch(end: int) -> None:
    os.read(end, 1)  # returns nothing, and only when every writing end is closed
    os.kill(os.getpid(), signal.SIGTERM)
