"""How Kefu says no.

A `Refused` is an answer: pages, the API and playbooks show it. `Unreachable` is retried by the queue.
Anything else that is raised is our own fault and keeps its traceback.
"""

from __future__ import annotations

from typing import Any, ClassVar


class KefuError(Exception):
    """Carries facts as keyword fields; the class docstring is the operator's sentence and names the cure."""

    code: ClassVar[str] = "kernel.error"

    def __init__(self, **facts: Any) -> None:
        self.facts = facts
        for name, value in facts.items():
            setattr(self, name, value)
        super().__init__(self.sentence)

    @property
    def sentence(self) -> str:
        """One line for the person who operates Kefu, with the facts filled in."""
        words = " ".join((type(self).__doc__ or self.code).split())
        facts = ", ".join(f"{name}: {value}" for name, value in self.facts.items())
        return f"{words} ({facts})" if facts else words


class Refused(KefuError):
    """This may not be done."""

    code = "kernel.refused"
    #: text key of what the customer is told; the customer never sees the docstring
    tells_customer: ClassVar[str] = "common.refused"


class NotAllowed(Refused):
    """This role may not do that here. Ask a supervisor, or give the role the right."""

    code = "people.not_allowed"


class BadInput(Refused):
    """Something that came in cannot be read."""

    code = "kernel.bad_input"


class Unreachable(KefuError):
    """A server outside did not answer; the queue tries again."""

    code = "kernel.unreachable"
