"""The case as the desk draws it: the labelled steps, which are done, where it stands, what may come."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from kefu.assistant.engine.playbook import Book, Playbook
from kefu.assistant.engine.state import CaseState

Status = Literal["done", "here", "next", "skipped"]


@dataclass(frozen=True, slots=True)
class RailPart:
    """One step. `label`: text key, e.g. "rail.verify"; `rule`: the policy rule that decided there, or "";
    `outcome`: what the step came to."""

    step: str
    label: str
    status: Status
    rule: str = ""
    outcome: str = ""


def rail(book: Book, state: CaseState) -> list[RailPart]:
    """The steps of the case's way in order: those walked, the one it stands at, and those on the straight way ahead.

    Steps that a playbook in use walks are drawn as the step that uses it. Side ways not taken are left out; a
    labelled step of the straight way that was passed by is "skipped".
    """
    first = book.playbooks.get(state.playbook)
    if first is None:
        return []
    walked = _walked(state)
    stands = next(reversed(walked)) if walked else (first.name, first.first)
    parts: list[RailPart] = []
    is_over = not state.is_open
    for (name, step_id), (outcome, rule) in walked.items():
        playbook = book.playbooks.get(name)
        step = playbook.steps.get(step_id) if playbook else None
        if step is None or not step.label:
            continue
        is_here = (name, step_id) == stands and not is_over
        parts.append(RailPart(step_id, f"rail.{step.label}", "here" if is_here else "done", rule, outcome))
    if is_over:
        return parts
    playbook = book.playbooks.get(stands[0])
    if playbook is not None:
        parts += _ahead(playbook, stands[1], {step_id for _, step_id in walked})
    return parts


def _walked(state: CaseState) -> dict[tuple[str, str], tuple[str, str]]:
    """(playbook, step) of the outermost frame -> its last outcome and rule, in the order first walked."""
    ways: dict[tuple[str, str], tuple[str, str]] = {}
    for path, _, outcome, rule in state.walked:
        name, _, step_id = path.split(">")[0].partition(".")
        old_rule = ways.get((name, step_id), ("", ""))[1]
        ways.pop((name, step_id), None)
        ways[name, step_id] = (outcome, rule or old_rule)
    return ways


def _ahead(playbook: Playbook, step_id: str, done: set[str]) -> list[RailPart]:
    """The labelled steps on the way that things take when all goes well: each step's first exit."""
    parts: list[RailPart] = []
    seen = set(done)
    while step_id in playbook.steps:
        exits = list(playbook.steps[step_id].exits.values())
        step_id = _straight(playbook, step_id) if exits else ""
        if not step_id or step_id in seen:
            break
        seen.add(step_id)
        step = playbook.steps[step_id]
        if step.label:
            parts.append(RailPart(step_id, f"rail.{step.label}", "next"))
    return parts


def _straight(playbook: Playbook, step_id: str) -> str:
    """The exit of the good outcome: the step written next when one leads there, else the first inner one."""
    inner = [target for target in playbook.steps[step_id].exits.values() if target and target[0] not in "@!"]
    after = playbook.after(step_id)
    return after if after in inner else (inner[0] if inner else "")
