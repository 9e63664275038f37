"""A playbook drawn as a line of steps: pure, from the playbook and the way the case has walked."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from kefu.assistant.engine.playbook import Playbook

#: ways of acts that did not do what was wanted have a code with a dot ("commerce.return_window_over") or these
_NOT_DONE = frozenset({"refused", "failed", "error", "in_vain"})
Standing = Literal["done", "here", "next", "skipped", "refused"]


@dataclass(slots=True)
class Stop:
    """One labelled step. `rules`: those that decided at it or inside the playbook it used."""

    step: str
    label: str
    standing: Standing
    rules: list[str] = field(default_factory=list)


@dataclass(slots=True)
class _Walked:
    """A step of the case's own playbook as walked: [path, kind, outcome, rule] of the step and all it used."""

    playbook: str
    step: str
    is_refused: bool = False
    rules: list[str] = field(default_factory=list)


def rail(playbook: Playbook, walked: Sequence[Sequence[str]], *, is_closed: bool = False) -> list[Stop]:
    """The labelled steps in the order a person reads them.

    walked: CaseState.walked, [path, kind, outcome, rule] each. First the way that was walked, with the steps of the
    straight way that it went past; then the straight way on from where the case stands. A closed case has nothing
    ahead.
    """
    way = [one for one in _own_steps(walked) if one.playbook == playbook.name and one.step in playbook.steps]
    labels = {step.id: step.label for step in playbook.steps.values() if step.label}
    here = next((one.step for one in reversed(way) if one.step in labels), "")
    been = {one.step for one in way}
    main = list(straight_on(playbook, playbook.first))
    stops: list[Stop] = []
    for one in way:
        if one.step in labels:
            stops += [Stop(step, labels[step], "skipped") for step in _passed(main, one.step, been, labels, stops)]
            standing: Standing = "refused" if one.is_refused else "done"
            stops.append(Stop(one.step, labels[one.step], standing, one.rules))
    if is_closed:
        return stops
    for stop in stops:
        if stop.step == here:
            stop.standing = "here"
    ahead = list(straight_on(playbook, way[-1].step))[1:] if way else main
    stops += [Stop(step, labels[step], "next") for step in ahead if step in labels and step not in been]
    if not here and stops:
        stops[0].standing = "here"  # nothing walked yet: whoever has the case begins here
    return stops


def _passed(
    main: Sequence[str], reached: str, been: Collection[str], labels: Mapping[str, str], drawn: Sequence[Stop]
) -> list[str]:
    """The labelled steps of the straight way before `reached` that nobody has been at and that are not drawn yet."""
    if reached not in main:
        return []
    known = {stop.step for stop in drawn}
    return [step for step in main[: main.index(reached)] if step in labels and step not in been and step not in known]


def straight_on(playbook: Playbook, step_id: str) -> Iterator[str]:
    """From a step to an end, taking at each fork the exit that is written nearest below: how authors write, and how a
    person reads, the ordinary way. It begins with the step itself and ends where it would leave the playbook."""
    places = {step: place for place, step in enumerate(playbook.steps)}
    seen: set[str] = set()
    while step_id and step_id not in seen:
        seen.add(step_id)
        yield step_id
        below = [
            target for target in playbook.steps[step_id].exits.values() if places.get(target, -1) > places[step_id]
        ]
        step_id = min(below, key=lambda target: places[target], default="")


def _own_steps(walked: Sequence[Sequence[str]]) -> list[_Walked]:
    """The walk on its outermost level, each step once, at the place where it was reached last."""
    found: dict[tuple[str, str], _Walked] = {}
    for path, kind, outcome, rule in walked:
        name, _dot, step = path.partition(">")[0].partition(".")
        one = found.pop((name, step), None) or _Walked(name, step)
        found[name, step] = one
        if rule and rule not in one.rules:
            one.rules.append(rule)
        if ">" not in path:
            one.is_refused = kind == "act" and ("." in outcome or outcome in _NOT_DONE)
    return list(found.values())
