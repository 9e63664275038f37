"""Whether sales can reach somebody who asks for terms of their own."""

from __future__ import annotations

import re
from collections.abc import Mapping

from kefu.assistant.engine.specs import CheckResult, CheckSpec, Json
from kefu.assistant.facts import Facts

_EMAIL = re.compile(r"[^\s@]{1,64}@[^\s@]{1,120}\.[^\s@.]{2,24}")
#: seven digits and more, written as people write them
_PHONE = re.compile(r"\+?\d(?:[\s().-]{0,2}\d){6,14}")


def reachable(facts: Facts, args: Mapping[str, Json]) -> CheckResult:
    """Known, writing by e-mail, or with an e-mail address or a phone number in what was told. A lead that nobody can
    answer is none: "yes" and "do it now" are no details."""
    if facts.customer is not None:
        return CheckResult("reachable", rows=(facts.customer.row,))
    told = " ".join(str(args.get(name) or "")[:2000] for name in ("question", "details"))
    is_told = _EMAIL.search(told) or _PHONE.search(told)
    return CheckResult("reachable" if facts.channel == "email" or is_told else "unreachable")


LEAD_REACHABLE = CheckSpec(
    "lead.reachable", reachable, passes="reachable", args={"question": "question", "details": "text"},
    optional=frozenset({"question", "details"}),
    outcomes={"reachable": frozenset(), "unreachable": frozenset()},
)  # fmt: skip
