"""Letting the customer choose: an offer shows its fixed options at once; a ladder has several ways to put one thing
right, the next one offered when the one before was declined.

On a ladder, which ways there are, in which order and with what amounts is a value that an action has looked up
(`of`): a list of {"option": name, …more values}. Each rung is put as a confirmation of exactly what would be done, so
a yes to one is never a yes to another; what was declined stays declined for as long as the deed is the same.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from kefu.assistant.engine.effects import Ask, Confirm, Deed
from kefu.assistant.engine.playbook import TRIES, Playbook, Step
from kefu.assistant.engine.state import Asking, Json

if TYPE_CHECKING:
    from kefu.assistant.engine.walk import Walk

#: the outcome when nothing is left to offer
SPENT = "spent"
#: value of the action: the customer asked for a way that isn't among those allowed
UNMET = "unmet"


def offer_options(walk: Walk, step: Step, path: str, was: Asking | None) -> str | None:
    """The outcome of an offer: the option chosen, or None while it is put to the customer."""
    chosen = walk.state.answers.get(path)
    if chosen in step.options:
        walk.mark(path, "offer", chosen, "")
        return chosen
    if walk.in_vain(path, TRIES):
        walk.mark(path, "offer", "here", "")
        walk.hand_over("unsure")
        return None
    options = tuple(
        (option, walk.book.label(f"option.{option}", walk.facts.language, option)) for option in step.options
    )
    walk.stand(path, "offer", was, options=list(step.options))
    walk.question = Ask(step.id, step.subject, step.id, "offer", walk.filling(step), options)
    return None


def offer_next(walk: Walk, playbook: Playbook, step: Step, path: str, was: Asking | None) -> str | None:
    """The outcome of a ladder: the option that got a plain yes, "spent", or None while one is put to the customer."""
    if step.tell and walk.known.get(UNMET):
        walk.tell(step.id, path, step.tell, walk.filling(step), ())
    before, sources = dict(walk.known), dict(walk.sources)
    for rung in _rungs(walk, step):
        walk.known, walk.sources = dict(before), dict(sources)
        walk.learn({name: value for name, value in rung.items() if name != "option"}, [])
        option = str(rung["option"])
        deed = deed_of_rung(walk, playbook, step, option)
        outcome = _put(walk, step, path, was, option, deed)
        if outcome != "declined":
            return outcome
    walk.known, walk.sources = before, sources
    walk.mark(path, "ladder", SPENT, "")
    return SPENT


def _rungs(walk: Walk, step: Step) -> list[Mapping[str, Json]]:
    found = walk.known.get(step.args.get("of", ""))
    rungs = found if isinstance(found, list) else []
    return [rung for rung in rungs if isinstance(rung, dict) and rung.get("option") in step.options]


def deed_of_rung(walk: Walk, playbook: Playbook, step: Step, option: str) -> Deed:
    """What a yes to this rung is for: the act it leads to, else the way itself for the things the case is about."""
    from kefu.assistant.engine.acting import deed_of

    act = playbook.steps.get(step.exits.get(option, ""))
    if act is not None and act.kind == "act":
        return deed_of(walk, step, act)
    lines = {name: walk.state.slots[name].value for name, need in walk.needs.items()
             if need.kind == "order_line" and name in walk.state.slots}  # fmt: skip
    return Deed(f"option.{option}", lines)


def _put(walk: Walk, step: Step, path: str, was: Asking | None, option: str, deed: Deed) -> str | None:
    state, fingerprint = walk.state, deed.fingerprint()
    if state.answers.get(f"{path}#{fingerprint}") == "yes":  # on a way that no act of this playbook ends
        walk.mark(path, "ladder", option, "")
        return option
    if state.confirmed and state.confirmed == fingerprint:
        if step.exits[option][:1] == "@":
            state.answers[f"{path}#{fingerprint}"] = "yes"
        walk.mark(path, "ladder", option, "")
        return option
    if fingerprint in state.declined:
        return "declined"
    state.confirmed = ""
    if walk.in_vain(f"{path}#{fingerprint}", TRIES):
        walk.mark(path, "ladder", "here", "")
        walk.hand_over("unsure")
        return None
    walk.stand(path, "ladder", was, deed=fingerprint)
    if state.asking is not None:
        state.asking.way = option
    key = f"{step.subject}.{option}"
    facts = {name: walk.known[name] for name in sorted(walk.book.placeholders(key)) if name in walk.known}
    walk.question = Confirm(step.id, key, deed, facts)
    return None
