"""Trying a draft before it works: what it would have changed in last month's real cases."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from django.db.models import Count

from kefu.assistant.engine.playbook import Playbook
from kefu.assistant.models import ActionRecord
from kefu.assistant.policy import Rule
from kefu.desk.models import Case
from kefu.kernel import clock
from kefu.people.models import Brand

#: real cases a draft is tried on: those of so many days, the newest so many
DAYS, CASES_AT_MOST = 30, 500


@dataclass(frozen=True, slots=True)
class Difference:
    """At `step` so many cases would go another way; "" as `after`: the step is gone. `example`: one case's id."""

    step: str
    outcome: str
    before: str
    after: str
    cases: int
    example: int


@dataclass(frozen=True, slots=True)
class Replay:
    """`looked_at` real cases; in those of `differences` the draft would have gone another way, each counted at the
    first step where it leaves the way that was walked."""

    looked_at: int
    differences: tuple[Difference, ...]

    @property
    def changed(self) -> int:
        return sum(one.cases for one in self.differences)


def replay_playbook(brand: Brand, before: Playbook, after: Playbook) -> Replay:
    """Walk last month's cases of a playbook through a draft of it: at each step that was really walked, with the
    outcome it really had, does the draft still go on to the same step? One query."""
    since = clock.now() - timedelta(days=DAYS)
    cases = Case.objects.filter(brand=brand, playbook=before.name, opened_at__gte=since).order_by("-opened_at", "-id")
    counted: Counter[tuple[str, str, str, str]] = Counter()
    examples: dict[tuple[str, str, str, str], int] = {}
    looked_at = 0
    for pk, walked in cases.values_list("pk", "state__walked")[:CASES_AT_MOST]:
        looked_at += 1
        found = first_difference(walked or [], before, after)
        if found is not None:
            counted[found] += 1
            examples.setdefault(found, pk)
    return Replay(looked_at, tuple(Difference(*way, cases, examples[way]) for way, cases in counted.most_common()))


def first_difference(
    walked: Sequence[Sequence[str]], before: Playbook, after: Playbook
) -> tuple[str, str, str, str] | None:
    """(step, outcome, next step before, next step after) where a walk would first leave its way; None if nowhere.

    walked: CaseState.walked, [path, kind, outcome, rule] each. A step that asks, says or does something else than
    before counts as going another way.
    """
    if before.first != after.first:
        return ("", "", before.first, after.first)
    for path, _kind, outcome, _rule in walked:
        playbook, _, step_id = path.rpartition(">")[2].partition(".")
        if playbook != before.name or step_id not in before.steps:
            continue
        was, now = before.steps[step_id], after.steps.get(step_id)
        if now is None:
            return (step_id, outcome, was.exits.get(outcome, ""), "")
        if (was.kind, was.subject) != (now.kind, now.subject):
            return (step_id, outcome, f"{was.kind} {was.subject}", f"{now.kind} {now.subject}")
        if outcome in was.exits and was.exits[outcome] != now.exits.get(outcome):
            return (step_id, outcome, was.exits[outcome], now.exits.get(outcome, ""))
    return None


@dataclass(frozen=True, slots=True)
class RuleChange:
    """A rule that the draft adds, drops or changes, and how many deeds of last month it decided."""

    rule: str
    what: str  # "added", "dropped", "changed"
    decided: int


def changed_rules(brand: Brand, before: Sequence[Rule], after: Sequence[Rule]) -> list[RuleChange]:
    """One query."""
    was, now = {rule.id: rule for rule in before}, {rule.id: rule for rule in after}
    what = dict.fromkeys(now.keys() - was.keys(), "added") | dict.fromkeys(was.keys() - now.keys(), "dropped")
    for one in was.keys() & now.keys():
        if _meaning(was[one]) != _meaning(now[one]):
            what[one] = "changed"
    since = clock.now() - timedelta(days=DAYS)
    records = ActionRecord.objects.filter(brand=brand, at__gte=since, rule__in=list(what))
    decided = dict(records.order_by().values_list("rule").annotate(Count("pk")))
    return [RuleChange(one, what[one], decided.get(one, 0)) for one in sorted(what)]


def _meaning(rule: Rule) -> tuple[object, ...]:
    return (rule.about, rule.when.source, rule.decision, rule.role, rule.up_to, rule.floor, rule.explains)
