"""What a playbook may rely on, as the loader and the engine see it: actions and checks by name.

The actions' registry (kefu/assistant/actions) gives a mapping name -> ActionSpec; the checks' registry
(kefu/assistant/checks) gives name -> CheckSpec. The engine knows no more about either.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from kefu.assistant.facts import Facts

Json = Any

READS: Literal["reads"] = "reads"
WRITES: Literal["writes"] = "writes"

#: told: all that the customer has written to this case, message by message, oldest first; answer: never filled itself,
#: whatever is answered to it is added to `told`
#: what a slot may hold, and so what an argument of an action or a check may be
#: order: an order's number that facts know, "KF-1042"; order_line: a line's ref that facts know, "KF-1042/2";
#: order_lines: refs of several lines of one order; changes: lines with the variants that take their place,
#: [{"line": "KF-1042/1", "sku": "RJ-L"}]; payment_method: the shop's id of one of the buyer's; address: a map of
#: street, city, postcode, country …; order_number: as the customer gave it, facts need not know it; proof:
#: {"kind": "email", "value": "…"} (or phone, postcode); photo: ids of attachments, "12,13"; choice: one word of a
#: closed list; question, text: the customer's own words; wish: a playbook's intent; billed_to: who an
#: invoice is made out to
SLOT_KINDS = frozenset(
    {
        "told",
        "answer",
        "order",
        "order_line",
        "order_lines",
        "order_number",
        "changes",
        "variant",
        "payment_method",
        "address",
        "proof",
        "choice",
        "photo",
        "quantity",
        "question",
        "text",
        "wish",
        "billed_to",
    }
)
#: slots that hold what was understood as it is (language.FillKind says how each is written)
VALUE_KINDS = frozenset(
    {"height", "weight", "foot_length", "budget", "amount", "coupon_code", "size", "color", "country", "ordinal"}
)
SLOT_KINDS |= VALUE_KINDS


@dataclass(frozen=True, slots=True)
class ActionSpec:
    """One action as playbooks know it.

    args: name -> slot kind, e.g. {"line": "order_line", "quantity": "quantity"}. returns: names of the values of a
    good result; when "found" is among them, the playbook must say what happens when it is false.
    refusals: codes that the playbook may branch on (`on: {identity.no_match: again}`).
    """

    name: str
    kind: Literal["reads", "writes"]
    confirm: bool = False
    args: Mapping[str, str] = field(default_factory=dict)
    returns: frozenset[str] = frozenset()
    refusals: frozenset[str] = frozenset()
    #: arguments that may be left out
    optional: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class CheckResult:
    """`values` are JSON facts for texts and later steps; `rows` the rows they came from; `rule` what decided."""

    outcome: str
    values: Mapping[str, Json] = field(default_factory=dict)
    rows: tuple[str, ...] = ()
    rule: str = ""


@dataclass(frozen=True, slots=True)
class CheckSpec:
    """One check: a pure function of facts and arguments with a closed list of outcomes.

    outcomes: outcome -> names of the values it always returns. `passes` is the outcome that goes on to the next
    step when the playbook says nothing else. Arguments in `optional` arrive as None while unknown.
    """

    name: str
    run: Callable[[Facts, Mapping[str, Json]], CheckResult]
    outcomes: Mapping[str, frozenset[str]]
    passes: str
    args: Mapping[str, str] = field(default_factory=dict)
    optional: frozenset[str] = frozenset()
