"""What a decision about a deed can be refused for."""

from __future__ import annotations

from kefu.kernel.errors import Refused


class DecidedAlready(Refused):
    """Somebody has decided this already. Look at the conversation for who and how."""

    code = "approvals.decided_already"
    who: str


class AboveYourLimit(Refused):
    """The rules don't let you allow this. Somebody with the role named here may."""

    code = "approvals.above_your_limit"
    role: str
    rule: str


class ReasonMissing(Refused):
    """A refusal needs a reason that colleagues can read. Write one sentence."""

    code = "approvals.reason_missing"
