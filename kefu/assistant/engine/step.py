"""The engine's one door: (case state, what came in, facts) -> (new state, effects). No I/O, no clock."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from kefu.assistant.engine.absorb import absorb
from kefu.assistant.engine.effects import ActionResult, Ask, Close, Confirm, Effect, HandOver, Say, Wait
from kefu.assistant.engine.playbook import Book, Playbook, Step
from kefu.assistant.engine.state import CaseState
from kefu.assistant.engine.walk import Walk
from kefu.assistant.facts import Facts
from kefu.assistant.language import Affirm, AskPerson, Choose, Command, Deny, Feel, Stop

#: the shared playbook that is walked when a customer wants no more of it
STOP = "stop"
#: the shared playbook that is walked when a customer is angry, once what can be told has been told
UPSET = "upset"


@dataclass(frozen=True, slots=True)
class Happened:
    """An event that a case waits for, e.g. "shipment.delivered"."""

    event: str


Input = Command | ActionResult | Happened


@dataclass(frozen=True, slots=True)
class StepResult:
    """`effects` in the order to carry them out; an Act is always the last one and wants its ActionResult back.

    `question`: what the case wants to ask now. It isn't among the effects, for several cases take turns: whoever
    puts it to the customer says so with put().
    """

    state: CaseState
    effects: tuple[Effect, ...] = ()
    question: Ask | Confirm | None = None
    rows: tuple[str, ...] = ()
    rules: tuple[str, ...] = ()


def open_case(playbook: Playbook, *, intent: str = "", about: str = "", offered: Sequence[str] = ()) -> CaseState:
    """A new case at the playbook's beginning."""
    state = CaseState(playbook.name, playbook.version, intent=intent or playbook.name, about=about)
    state.base = [(playbook.name, "")]
    if offered:
        state.offered[""] = list(offered)
    return state


def asked_step(book: Book, state: CaseState) -> Step | None:
    """The step whose question was put to the customer last, None when none was."""
    if state.asking is None or not state.asking.put:
        return None
    name, _, step_id = state.asking.path.rpartition(">")[2].partition(".")
    playbook = book.playbooks.get(name)
    return playbook.steps.get(step_id) if playbook else None


def step(book: Book, state: CaseState, inputs: Sequence[Input], facts: Facts) -> StepResult:
    """Move one case on. Never raises for anything a customer can say or an action can answer.

    inputs: commands meant for this case, or the ActionResult of the Act it gave last; () looks again at new facts.
    A case that is closed or with a person stays as it is.
    """
    if not state.is_open:
        return StepResult(state)
    state = state.copy()
    needs = book.needs_of(state.playbook)
    commands = [one for one in inputs if isinstance(one, Command)]
    is_result = any(isinstance(one, ActionResult) for one in inputs)
    is_angry = any(isinstance(one, Feel) and one.mood == "angry" for one in commands)
    if is_angry:  # what is said in anger decides nothing: no yes, no choice
        commands = [one for one in commands if not isinstance(one, Affirm | Deny | Choose | Stop)]
    is_angry = is_angry or (is_result and state.mood == "angry")
    walk = Walk(book, state, facts, needs, answered=bool(commands) or (is_result and state.is_answering))
    state.is_answering = walk.answered
    changed = book.playbooks.get(state.playbook)
    if changed is not None and changed.version != state.version:
        walk.note("note.playbook_updated", {"from": state.version, "to": changed.version})
        state.version = changed.version
    for one in inputs:
        if isinstance(one, ActionResult):
            walk.came = _keep(state, one)
        elif isinstance(one, Happened) and state.asking is not None and state.asking.kind == "wait":
            waiting = asked_step(book, state)
            if waiting is not None and waiting.subject == one.event:
                state.answers[state.asking.path] = "happened"
    absorb(state, commands, needs, asked_step(book, state), facts)
    walk.frames = list(state.base) or [(state.playbook, "")]
    if state.results_wanted:  # a deed was begun and nobody knows how it ended
        walk.note("note.result_missing", {"step": state.results_wanted})
        walk.hand_over("failed")
    elif any(isinstance(one, AskPerson) for one in commands) and not _leads_to_person(book, state):
        _to_person(walk, "asked")
    elif is_angry:
        _upset(walk)
    elif any(isinstance(one, Stop) for one in commands):
        _stop(walk)
    else:
        walk.run()
    if not state.results_wanted:
        state.confirmed = ""  # a yes is for the deed it was given to, in this very walk, or for nothing
    return StepResult(state, tuple(walk.effects), walk.question, tuple(walk.rows), tuple(walk.rules))


def _leads_to_person(book: Book, state: CaseState) -> bool:
    """Whether the playbook itself is no more than the way to a person; it is walked like any other then."""
    playbook = book.playbooks[state.playbook]
    return playbook.steps[playbook.first].kind == "hand_over"


def put(state: CaseState, question: Ask | Confirm, *, is_reminder: bool = False) -> CaseState:
    """The question has been put to the customer. Reminders (after a digression) don't count as asked in vain."""
    state = state.copy()
    if state.asking is None:
        return state
    state.asking.put = True
    name = state.asking.path
    if isinstance(question, Confirm):
        state.shown = question.deed.fingerprint()
        name = f"{name}#{state.shown}"
    elif state.asking.deed:  # a narrower question is another question
        name = f"{name}#{state.asking.deed}"
    counts = state.reminded if is_reminder else state.asked
    counts[name] = counts.get(name, 0) + 1
    return state


def taken_back(state: CaseState) -> CaseState:
    """A person hands the case back: at the question where it stood, with a clean slate of tries; else it is done."""
    state = state.copy()
    if state.status != "handed_over":
        return state
    if state.asking is None:  # its way had led to the person, or had not begun: the person has dealt with it
        state.status, state.disposition = "closed", "handled_by_person"
        return state
    state.status, state.mood = "open", ""
    state.asked.clear()
    state.reminded.clear()
    state.confirmed = state.shown = ""
    if state.asking is not None:
        state.asking.put = False
    return state


def _keep(state: CaseState, result: ActionResult) -> str:
    """Remember the result under the Act that wanted it, and say which; a result nobody waits for is dropped."""
    key = state.results_wanted
    if not key:
        return ""
    state.results[key] = {
        "ok": result.ok, "value": dict(result.value), "code": result.code, "rule": result.rule,
        "tells_customer": result.tells_customer, "decision": result.decision,
    }  # fmt: skip
    state.results_wanted = ""
    return key


def _to_person(walk: Walk, reason: str) -> None:
    asking = walk.state.asking
    if asking is not None:
        last = asking.path.rpartition(">")[2].partition(".")
        walk.frames = [(last[0], last[2])]
    walk.hand_over(reason)


def _upset(walk: Walk) -> None:
    """An angry customer gets a person at once, and with them what can be told without asking: the case goes as far as
    it comes by itself, its question is not put, and the pack's playbook `upset` says by when the person answers."""
    state = walk.state
    if UPSET not in walk.book.playbooks:
        _to_person(walk, "angry")
        return
    if not _leads_to_person(walk.book, state):
        walk.run()
        if state.results_wanted or state.status == "handed_over":
            return
    walk.effects = [one for one in walk.effects if not isinstance(one, Close | Wait)]
    walk.question, state.status, state.disposition = None, "open", ""
    asking, base, before = state.asking, state.base, state.walked_before
    last = asking.path if asking is not None else state.walked[-1][0] if state.walked else ""
    here = [at.partition(".") for at in last.split(">") if at]
    state.base = [*((name, at) for name, _, at in here), (UPSET, "")]
    state.walked_before = [way for way in state.walked if way[2] != "here"]
    walk.run()
    queue = walk.book.playbooks[state.playbook].queue
    walk.effects = [replace(one, queue=queue) if isinstance(one, HandOver) else one for one in walk.effects]
    state.asking, state.base, state.walked_before = asking, base, before  # handed back, it goes on where it stood


def _stop(walk: Walk) -> None:
    """The way of whoever doesn't want to go on: the pack's playbook `stop`, where it has one."""
    state = walk.state
    if STOP in walk.book.playbooks:
        state.base = [(STOP, "")]
        walk.run()
        return
    state.status, state.disposition = "closed", "stopped"
    step_id = walk.frames[-1][1]
    walk.effects += [Say(step_id, "stop.done", {}), Close(step_id, "stopped")]
