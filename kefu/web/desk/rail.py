"""A playbook drawn as a line of steps: pure, from the playbook and the way the case has walked."""

from __future__ import annotations

from collections.abc import Sequence
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

    walked: CaseState.walked, [path, kind, outcome, rule] each. The main line is what is written before the
    playbook's first `close`; a step beside it appears only when it was walked. Behind the present step the main
    line is "next" while the case stands on it; a case that has left it, or is closed, has nothing ahead.
    """
    way = _own_steps(walked)
    main = _main_line(playbook)
    labels = {step.id: step.label for step in playbook.steps.values() if step.label}
    been = {one.step: one for one in way if one.playbook == playbook.name}
    last = way[-1].step if way else ""
    here = next((one.step for one in reversed(way) if one.playbook == playbook.name and one.step in labels), "")
    furthest = max((main.index(step) for step in been if step in main), default=-1)
    stops: list[Stop] = []
    for one in way:
        if one.playbook != playbook.name or one.step not in labels or any(stop.step == one.step for stop in stops):
            continue
        standing: Standing = "refused" if one.is_refused else "done"
        if one.step == here and not is_closed:
            standing = "here"
        _add_skipped(stops, main, one.step, been, labels)
        stops.append(Stop(one.step, labels[one.step], standing, one.rules))
    if not is_closed and (last in main or not way):
        stops += [Stop(step, labels[step], "next") for step in main[furthest + 1 :] if step in labels]
        if not here and stops:
            stops[0].standing = "here"  # nothing walked yet: whoever has the case begins here
    return stops


def _add_skipped(
    stops: list[Stop], main: Sequence[str], reached: str, been: dict[str, _Walked], labels: dict[str, str]
) -> None:
    """Before a step of the main line: those of the main line that the case went past."""
    if reached not in main:
        return
    drawn = {stop.step for stop in stops}
    for step in main[: main.index(reached)]:
        if step in labels and step not in been and step not in drawn:
            stops.append(Stop(step, labels[step], "skipped"))


def _main_line(playbook: Playbook) -> list[str]:
    line: list[str] = []
    for step in playbook.steps.values():
        if step.kind == "close":
            break
        line.append(step.id)
    return line


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
