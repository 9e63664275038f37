"""Acting: only the deed that was confirmed, once; and what becomes of its result."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from kefu.assistant.engine.effects import Act, Deed
from kefu.assistant.engine.playbook import Step
from kefu.assistant.engine.state import Json
from kefu.assistant.engine.summary import short_hash

if TYPE_CHECKING:
    from kefu.assistant.engine.walk import Walk


def deed_of(walk: Walk, confirm: Step, act: Step) -> Deed:
    """What a yes to this confirmation is for: action, arguments, and every amount and day that is shown."""
    shown = walk.filling(confirm)
    amounts = {
        name: value
        for name, value in shown.items()
        if isinstance(value, dict) and ({"minor", "currency"} <= set(value) or "date" in value)
    }
    for name in ("refund", "charge"):  # what would be paid counts, in whichever words it was shown
        if walk.known.get(name) is not None:
            amounts[name] = walk.known[name]
    args = {name: value for name, value in walk.args_of(act).items() if value is not None}
    return Deed(act.subject, args, amounts)


def act_on(walk: Walk, step: Step, path: str) -> str | None:
    """Ask for the deed, or judge its result when that has come. None: the walk stops here."""
    spec = walk.book.actions[step.subject]
    if walk.came.startswith(f"{path}#"):
        came, walk.came = walk.came, ""
        return _take_result(walk, step, path, walk.state.results[came], is_deed=spec.confirm)
    args = {name: value for name, value in walk.args_of(step).items() if value is not None}
    if set(spec.args) - spec.optional - set(args):
        walk.note("note.argument_missing", {"step": path})
        walk.hand_over("failed")
        return None
    state = walk.state
    deed = _confirmed_deed(walk, step) if spec.confirm else None
    if spec.confirm and (deed is None or deed.fingerprint() != state.confirmed):
        walk.note("note.unconfirmed", {"step": path})
        walk.hand_over("failed")
        return None
    key = f"{path}#{short_hash(step.subject, args, deed.amounts if deed else {})}"
    result = state.results.get(key)
    if result is None:
        walk.mark(path, "act", "here", "")
        walk.effects.append(Act(step.id, step.subject, args, state.confirmed if deed else "",
                                dict(deed.amounts) if deed else {}))  # fmt: skip
        state.results_wanted = key
        if spec.confirm:  # its result is judged here, for the facts after the deed no longer allow it
            walk.rest_here()
        return None
    return _take_result(walk, step, path, result, is_deed=spec.confirm)


def _confirmed_deed(walk: Walk, act: Step) -> Deed | None:
    """The deed as its confirm step shows it on the facts of now."""
    playbook = walk.book.playbooks[walk.frames[-1][0]]
    confirm = next((s for s in playbook.steps.values() if _asks_for(s, act)), None)
    return deed_of(walk, confirm, act) if confirm else None


def _asks_for(step: Step, act: Step) -> bool:
    return (step.kind == "confirm" and step.deed == act.id) or (
        step.kind == "ladder" and act.id in (step.exits[option] for option in step.options)
    )


def _take_result(walk: Walk, step: Step, path: str, result: dict[str, Json], *, is_deed: bool) -> str | None:
    rule = str(result.get("rule", ""))
    value = result["value"] if isinstance(result.get("value"), dict) else {}
    if result["ok"]:
        outcome = "not_found" if value.get("found") is False else "ok"
        cites = value.get("cites")
        walk.learn(value, [str(row) for row in cites] if isinstance(cites, list) else [])
        for name in step.gives:
            walk.fill_in(name, value.get(name))
        walk.mark(path, "act", outcome, rule)
    elif result.get("decision") == "needs_approval":
        walk.mark(path, "act", "needs_approval", rule)
        walk.hand_over("approval")
        return None
    else:
        outcome = _refusal(walk, step, path, result, value, rule)
    target = step.exits.get(outcome, "")
    if is_deed and target and not target.startswith("!"):
        # tried: from now on the case starts behind the deed, and never comes back to it
        keep = list(walk.frames)
        walk.go(target)
        walk.rest_here()
        walk.state.confirmed = walk.state.shown = ""
        walk.frames = keep
    return outcome


def _refusal(
    walk: Walk, step: Step, path: str, result: Mapping[str, Json], value: Mapping[str, Json], rule: str
) -> str:
    code, tells = str(result.get("code", "")), str(result.get("tells_customer", ""))
    is_refused = result.get("decision") == "refuse" or bool(tells)
    outcome = code if code in step.exits else "refused" if is_refused else "error"
    walk.mark(path, "act", code or outcome, rule)
    if outcome == "refused" and tells:
        facts = {**walk.known, **value}
        is_tellable = walk.book.has_text(tells) and walk.book.placeholders(tells) <= set(facts)
        key = tells if is_tellable else "common.refused"
        walk.tell(step.id, path, key, {n: facts[n] for n in walk.book.placeholders(key) if n in facts}, ())
    return outcome
