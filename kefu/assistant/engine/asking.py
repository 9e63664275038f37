"""Asking the customer: for what is missing, and for a yes to one exact deed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kefu.assistant.engine.acting import deed_of
from kefu.assistant.engine.effects import Ask, Confirm
from kefu.assistant.engine.playbook import TRIES, Playbook, Step
from kefu.assistant.engine.resolve import ABSENT, ACCEPTS, Unclear
from kefu.assistant.engine.showing import option_label
from kefu.assistant.engine.state import Asking, CaseState

if TYPE_CHECKING:
    from kefu.assistant.engine.walk import Walk


def ask_for(walk: Walk, step: Step, path: str, was: Asking | None) -> str | None:
    """Fill the slots of a collect step from what was heard, or put the question for the first that is missing."""
    missing = [name for name in step.slots if walk.value_of(name) is None]
    if not missing:
        walk.mark(path, "collect", "filled", "")
        return "filled"
    state = walk.state
    asked_before = was is not None and was.path == path and was.put
    if step.is_optional and (state.answers.get(path) == "skip" or (asked_before and walk.answered)):
        state.answers[path] = "skip"
        walk.mark(path, "collect", "missing", "")
        return "missing"
    name = missing[0]
    need = walk.needs[name]
    is_lacking = bool(step.exits.get("in_vain")) and any(
        item.kind == "lacking" and "lacking" in ACCEPTS[walk.needs[slot].kind]
        for item in state.heard for slot in missing
    )  # fmt: skip
    found = walk.read_for(need)
    because = found.because if isinstance(found, Unclear) else ""
    if is_lacking or walk.in_vain(f"{path}#{because}" if because else path, need.tries):
        if step.exits.get("in_vain"):
            walk.mark(path, "collect", "in_vain", "")
            return "in_vain"
        walk.mark(path, "collect", "here", "")
        walk.hand_over("unsure")
        return None
    values = list(found.candidates) if isinstance(found, Unclear) else []
    together = len(missing) > 1 and len(missing) == len(step.slots) and bool(step.subject)
    key = step.subject if together else need.ask
    key = walk.worded(key, walk.answered and bool(state.asked.get(path)))
    if because and walk.book.has_text(f"{need.ask}.{because}"):
        key = f"{need.ask}.{because}"
    told = walk.filling(step)
    if because == ABSENT and walk.book.has_text("item.not_there"):
        key, told = "item.not_there", {**told, "named": _named(state)}
    options = tuple((value, option_label(need, value, walk.facts, walk.book)) for value in values)
    walk.stand(path, "collect", was, slots=missing, options=values, deed=because)
    if values:
        state.offered[name] = values
    walk.question = Ask(step.id, key, name, need.kind, told, options)
    return None


def _named(state: CaseState) -> str:
    """What the customer called the thing, in their own words."""
    words = next((str(item.value) for item in state.heard if item.kind == "item_words"), "")
    return words.split(" / ")[0].removeprefix("的").strip()


def ask_yes(walk: Walk, playbook: Playbook, step: Step, path: str, was: Asking | None) -> str | None:
    """Go on with a yes to this very deed; else ask for one. Another deed asks anew."""
    act = playbook.steps.get(step.deed)
    if act is None:
        walk.note("note.playbook_changed", {"step": path})
        walk.hand_over("failed")
        return None
    deed = deed_of(walk, step, act)
    fingerprint = deed.fingerprint()
    state = walk.state
    if state.confirmed and state.confirmed == fingerprint:
        walk.mark(path, "confirm", "yes", "")
        return "yes"
    state.confirmed = ""
    if state.answers.get(path) == f"no:{fingerprint}":
        walk.mark(path, "confirm", "no", "")
        return "no"
    if walk.in_vain(f"{path}#{fingerprint}", TRIES):
        walk.mark(path, "confirm", "here", "")
        walk.hand_over("unsure")
        return None
    walk.stand(path, "confirm", was, deed=fingerprint)
    key = walk.worded(step.subject, walk.answered and bool(state.asked.get(f"{path}#{fingerprint}")))
    walk.question = Confirm(step.id, key, deed, walk.filling(step))
    return None
