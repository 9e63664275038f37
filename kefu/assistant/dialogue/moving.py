"""One case goes on: it begins, takes its steps, does its deeds, and what follows when it is over."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from kefu.assistant.dialogue.instead import (
    as_told,
    can_act,
    cannot_be_had,
    has_acted,
    is_barred,
    is_handing_over,
    is_turned_down,
)
from kefu.assistant.dialogue.route import CLARIFY, Opening, accepted
from kefu.assistant.dialogue.under_way import Turn
from kefu.assistant.engine.effects import Act, ActionResult, Ask, Confirm, HandOver, Say
from kefu.assistant.engine.state import CaseState, Heard
from kefu.assistant.engine.step import Input, open_case, step
from kefu.assistant.language import AskPerson, Command, Fill, Start

#: actions of one case in one turn; more is a playbook going round
ACTS_AT_MOST = 8


def begin(turn: Turn, opening: Opening) -> None:
    """Open a case, give it what was heard, take its first steps."""
    talk, playbook = turn.talk, opening.playbook
    if playbook.name != CLARIFY:
        _clarified(turn)
    key = f"{'' if playbook.keeps_case else '~'}{talk.next_key}"
    talk.next_key += 1
    state = open_case(playbook, intent=opening.intent, about=talk.about, offered=opening.offered)
    needs = turn.book.needs_of(playbook.name)
    takes = accepted(turn.book, playbook.name)
    state.heard = [item for item in talk.heard if item.kind in takes]
    if playbook.name != CLARIFY:
        talk.heard = [item for item in talk.heard if item.kind not in takes]
    for command in opening.commands:  # a question comes with its words before anything was asked
        if isinstance(command, Fill) and command.kind == "free_text":
            name = next((n for n, need in needs.items() if need.kind in ("text", "question")), "")
            if name and not any(need.kind == "told" for need in needs.values()):
                state.heard.append(Heard("free_text", str(command.value)[:2000]))
    talk.cases[key] = state
    talk.order.append(key)
    turn.opened.append(key)
    if opening.instead is not None:
        talk.instead[key] = (opening.instead.intent, opening.instead.words)
    move(turn, key, opening.commands)


def _clarified(turn: Turn) -> None:
    """A wish has come: the question what is wished for needs no answer any more."""
    talk = turn.talk
    for key in talk.open_keys:
        if talk.cases[key].playbook == CLARIFY:
            turn.close(key, "clarified")


def begin_next(turn: Turn, opening: Opening) -> None:
    """Begin what follows from a case that is over, before anything else that is open."""
    begin(turn, opening)
    newest = turn.opened[-1]
    if newest in turn.talk.open_keys:
        turn.give_floor([newest])


def move(turn: Turn, key: str, commands: Sequence[Command]) -> None:
    """Step the case, do what it wants done, and again, until it waits for somebody."""
    turn.moved.add(key)
    inputs: Sequence[Input] = [one for one in commands if not isinstance(one, Start)] or list(commands)
    acts: list[ActionResult] = []
    for _ in range(ACTS_AT_MOST + 1):
        result = step(turn.book, turn.talk.cases[key], inputs, turn.facts)
        turn.talk.cases[key] = result.state
        act: Act | None = None
        for effect in result.effects:
            if isinstance(effect, Act):
                act = effect
            else:
                turn.effects.append((key, effect))
        if act is None or len(acts) >= ACTS_AT_MOST:
            break
        done, turn.facts = turn.perform(key, act)
        acts.append(done)
        inputs = [done]
    if act is not None:
        result = step(turn.book, turn.talk.cases[key], [AskPerson(1.0)], turn.facts)
        turn.talk.cases[key] = result.state
        turn.effects += [(key, effect) for effect in result.effects]
    turn.facts_seen[key] = id(turn.facts)
    turn.note_why(key, result.rules, result.rows, acts)
    for done in acts:
        if "rest" in done.value:
            turn.talk.rest[key] = str(done.value["rest"])
    if acts:
        barred = is_barred(acts) and result.question is not None
        turn.talk.barred = [one for one in turn.talk.barred if one != key] + ([key] if barred else [])
    if _falls_back(turn, key, commands, acts, result.question):
        return
    after(turn, key, result.question)
    _goes_on(turn, key, commands)


def _falls_back(
    turn: Turn, key: str, commands: Sequence[Command], acts: Sequence[ActionResult], question: Ask | Confirm | None
) -> bool:
    """What was wished for is not to be had, and they said what they would have instead: begin that."""
    told = turn.talk.instead.get(key)
    state = turn.talk.cases[key]
    if told is None:
        return False
    if has_acted(acts, turn.book) or is_turned_down(commands):
        del turn.talk.instead[key]
        return False
    playbook = turn.book.for_intent(told[0])
    is_barred = cannot_be_had(state.status, question is not None, acts)
    if playbook is None or not is_barred or not can_act(state.playbook, turn.book):
        return False
    del turn.talk.instead[key]
    turn.talk.rest.pop(key, None)
    turn.effects = [one for one in turn.effects if not (one[0] == key and is_handing_over(one[1]))]
    if state.status != "closed":
        turn.close(key, "explained")
    else:
        turn.done_with(key)
    if turn.book.has_text("dialogue.instead"):
        turn.effects.append((key, Say(state.step, "dialogue.instead", {"wish": {"key": f"wish.{told[0]}"}})))
    order = next((str(slot.value).partition("/")[0] for name, need in turn.book.needs_of(state.playbook).items()
                  if need.kind in ("order", "order_line") and (slot := state.slots.get(name))), "")  # fmt: skip
    begin_next(turn, Opening(playbook, told[0], as_told(told[1], order)))
    return True


def _goes_on(turn: Turn, key: str, commands: Sequence[Command]) -> None:
    """One of several orders is dealt with: the same wish, for what is left."""
    state = turn.talk.cases[key]
    rest = turn.talk.rest.get(key, "")
    playbook = turn.book.for_intent(state.intent)
    if state.is_open or not rest or playbook is None:
        return
    del turn.talk.rest[key]
    if state.status == "closed" and not is_turned_down(commands):
        begin_next(turn, Opening(playbook, state.intent, as_told(rest)))


def after(turn: Turn, key: str, question: Ask | Confirm | None) -> None:
    """What a step of a case means for the rest of the talk: who has the floor, what is asked, who speaks."""
    state = turn.talk.cases[key]
    _about(turn, state)
    if state.status == "handed_over":
        # what only waits for somebody's approval leaves the assistant the rest of the talk
        turn.is_over = turn.is_over or not _awaits_approval(turn, key)
        _tell_others(turn, key)
    if not state.is_open:
        turn.done_with(key)
    elif question is not None:
        turn.questions[key] = question
    else:
        turn.questions.pop(key, None)
    if state.status == "closed":
        _wished(turn, state)


def _awaits_approval(turn: Turn, key: str) -> bool:
    over = [effect for owner, effect in turn.effects if owner == key and isinstance(effect, HandOver)]
    return bool(over) and over[-1].reason == "approval"


def _wished(turn: Turn, state: CaseState) -> None:
    """A clarifying case has ended with a wish: begin it."""
    for name, need in turn.book.needs_of(state.playbook).items():
        slot = state.slots.get(name)
        playbook = turn.book.for_intent(str(slot.value)) if need.kind == "wish" and slot else None
        if playbook is None:
            continue
        turn.talk.heard += [item for item in state.heard if item.kind != "free_text"]
        begin_next(turn, Opening(playbook, str(slot.value) if slot else ""))
        return


def _about(turn: Turn, state: CaseState) -> None:
    """The order a case has settled on is what the talk is about now."""
    for name, need in turn.book.needs_of(state.playbook).items():
        slot = state.slots.get(name)
        if slot is not None and need.kind in ("order", "order_line"):
            turn.talk.about = str(slot.value).partition("/")[0]


def _tell_others(turn: Turn, key: str) -> None:
    """The person who takes over sees what else is open."""
    others = [
        {"wish": turn.talk.cases[other].intent, "step": turn.talk.cases[other].step}
        for other in turn.talk.open_keys
        if other != key
    ]
    for place, (owner, effect) in enumerate(turn.effects):
        if owner == key and isinstance(effect, HandOver) and others:
            turn.effects[place] = (owner, replace(effect, summary={**effect.summary, "also_open": others}))


def look_again(turn: Turn) -> None:
    """Facts may have changed under the other cases (a proof was given): they go on by themselves."""
    for key in list(turn.talk.open_keys):
        if turn.is_over or not turn.talk.cases[key].is_open:
            continue
        if turn.facts_seen.get(key) != id(turn.facts):
            moved = set(turn.moved)
            move(turn, key, ())
            turn.moved = moved
