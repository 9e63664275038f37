"""One action, judged by all rules that speak of it."""

from __future__ import annotations

from collections.abc import Iterable

from kefu.assistant.policy.expressions import ExpressionFailed
from kefu.assistant.policy.rules import DEFAULT_RULE, ERROR_RULE, STRICTEST_FIRST, Decision, Floor, Rule, Ruling, Traced
from kefu.assistant.policy.variables import PolicyRequest, functions, variables

#: text keys of the two decisions that no file holds
NOT_ALLOWED_TEXT = "policy.not_allowed"
ERROR_TEXT = "policy.cannot_tell"


def decide(rules: Iterable[Rule], request: PolicyRequest) -> Decision:
    """Allow, refuse, or name who must approve.

    Law first: if any rule of the law matches, the strictest of those decides and no shop rule is asked. Else the
    strictest matching rule of the shop. Nothing matches: refused (DEFAULT_RULE). Any rule about this action that
    cannot be evaluated: refused (ERROR_RULE), whatever the others say.
    """
    facts, helpers = variables(request), functions(request)
    matched: list[Rule] = []
    trace: list[Traced] = []
    for rule in rules:
        if request.action not in rule.about:
            continue
        try:
            holds = rule.when.holds(facts, helpers) and rule.covers(request.amount)
        except ExpressionFailed as failed:
            trace.append(Traced(rule.id, matched=False, error=str(failed)))
            continue
        trace.append(Traced(rule.id, matched=holds))
        if holds:
            matched.append(rule)
    told = tuple(trace)
    if any(traced.error for traced in told):
        return Decision(Ruling.REFUSE, ERROR_RULE, explains=ERROR_TEXT, trace=told)
    for floor in (Floor.LAW, Floor.SHOP):
        for ruling in STRICTEST_FIRST:
            for rule in matched:
                if rule.floor is floor and rule.decision is ruling:
                    return Decision(ruling, rule.id, role=rule.role, explains=rule.explains, trace=told)
    return Decision(Ruling.REFUSE, DEFAULT_RULE, explains=NOT_ALLOWED_TEXT, trace=told)
