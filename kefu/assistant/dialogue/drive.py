"""One turn of a talk, from understood messages to effects. Pure but for `perform`, which the caller gives."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import cast

from kefu.assistant.dialogue.agreeing import asks, only_for_what_was_shown
from kefu.assistant.dialogue.asking import ask, tell_anew
from kefu.assistant.dialogue.follow_ups import FOLLOWED, Answer, answer_after, asked, remembered
from kefu.assistant.dialogue.instead import can_act
from kefu.assistant.dialogue.moving import begin, begin_next, look_again, move
from kefu.assistant.dialogue.route import CLARIFY, OFF_TOPIC, QUESTION, Opening, Plan, route
from kefu.assistant.dialogue.standing import ask_nothing_over, show_again, standing_case
from kefu.assistant.dialogue.talk import HEARD_AT_MOST, Outcome, Talk, Told, Traced
from kefu.assistant.dialogue.unclear import ask_what_is_meant, hand_over_all
from kefu.assistant.dialogue.under_way import Perform, Turn
from kefu.assistant.engine.effects import Say
from kefu.assistant.engine.playbook import Book
from kefu.assistant.engine.state import Heard
from kefu.assistant.engine.step import taken_back
from kefu.assistant.facts import Facts
from kefu.assistant.language import (
    Affirm,
    AskPerson,
    Deny,
    Feel,
    Fill,
    FillKind,
    ListeningFor,
    Start,
    Understanding,
)


def drive(talk: Talk, understood: Sequence[Understanding], facts: Facts, book: Book, perform: Perform) -> Outcome:
    """Deal with all messages of a turn.

    talk: as the last drive left it (it isn't changed). understood: one for each message, oldest first.
    perform(case key, act) does one action and gives its result and the facts as they are then; what it raises goes
    through. A case that is handed over ends the drive: from then on a person speaks.
    """
    turn = Turn(talk.copy(), facts, book, perform)
    turn.forget_closed()
    for one in understood:
        turn.talk.language = one.language or turn.talk.language
        _take(turn, one)
        if turn.is_over:
            break
    if not turn.is_over:
        look_again(turn)
    if not turn.is_over:
        tell_anew(turn)
    if not turn.is_over:
        ask(turn)
    turn.talk.lately = remembered(turn.talk.lately, turn.told_here())
    return turn.outcome()


def resume(talk: Talk, case_key: str) -> Talk:
    """A person hands the conversation back: the case goes on with the next message, or is done if its way had ended
    with that person. The other cases are as they were."""
    talk = talk.copy()
    if case_key in talk.cases:
        talk.cases[case_key] = taken_back(talk.cases[case_key])
        if talk.cases[case_key].is_open and case_key not in talk.order:
            talk.order.insert(0, case_key)
    talk.focus, talk.unsure, talk.listening = "", 0, ListeningFor(language=talk.language)
    return talk


def _take(turn: Turn, understood: Understanding) -> None:
    """One message: a question about what was just told, or for the cases."""
    commands = only_for_what_was_shown(turn.talk, understood.commands, turn.talk.asked_last)
    understood = replace(understood, commands=tuple(commands))
    standing, before = standing_case(turn), len(turn.opened)
    if not _follow_up(turn, understood):
        _carry_out(turn, understood)
    elif standing and standing in turn.talk.open_keys and not turn.is_over:
        ask_nothing_over(turn, standing, turn.opened[before:], understood)


def _follow_up(turn: Turn, understood: Understanding) -> bool:
    """Answer a question about what was just asked or done, after what the same message says besides: a yes."""
    meant = asked(understood, turn.facts.pack)
    if not meant or any(isinstance(one, AskPerson) or (isinstance(one, Feel) and one.mood == "angry")
                        for one in understood.commands):  # fmt: skip
        return False
    answers = [one for one in understood.commands if isinstance(one, Affirm | Deny)]
    is_answer = bool(answers) and turn.talk.listening.is_confirming
    if not is_answer and answer_after(meant, turn.talk.lately) is None:
        return False
    if is_answer and any(isinstance(one, Start) and one.is_beside for one in understood.commands):
        return False  # "yes, and also cancel the other one": a wish of its own
    if is_answer and not any(isinstance(one, Affirm) and one.is_conditional for one in answers):
        _carry_out(turn, replace(understood, commands=tuple(answers)))
        if turn.is_over:
            return True
    found = answer_after(meant, [*turn.told_here(), *turn.talk.lately])
    return (found is not None and _answer(turn, *found, understood)) or is_answer


def _answer(turn: Turn, answer: Answer, about: Told, understood: Understanding) -> bool:
    """False when the facts that the answer needs were never told."""
    if answer.say:
        needed = turn.book.placeholders(answer.say)
        if not needed <= about.facts.keys():
            return False
        turn.effects.append((FOLLOWED, Say("", answer.say, {name: about.facts[name] for name in needed})))
        turn.trace[FOLLOWED] = Traced(FOLLOWED, "follow_up", "", (), about.rules, ())
    else:
        intent = answer.start or QUESTION
        playbook = turn.book.for_intent(intent)
        if playbook is None:
            return False
        words = (answer.question or {}).get(understood.language, understood.text)
        known = [Fill(1.0, "", cast(FillKind, kind), code) for kind, fact in answer.given.items()
                 if (code := _code_in(about.facts.get(fact)))]  # fmt: skip
        heard = [Start(1.0, intent=intent), Fill(1.0, "", "free_text", words), *known]
        begin_next(turn, Opening(playbook, intent, heard))
    turn.talk.unsure = 0
    turn.is_following, turn.is_quiet = True, answer.is_quiet
    return True


def _carry_out(turn: Turn, understood: Understanding) -> None:
    """Give every case what the message holds for it, and open the new ones."""
    plan = route(turn.talk, understood, turn.book)
    standing = standing_case(turn)
    _keep(turn, plan)
    has_strayed = any(opening.intent == OFF_TOPIC for opening in plan.openings)
    turn.talk.strayed = turn.talk.strayed + 1 if has_strayed else 0
    if plan.is_unclear and standing and asks(understood):
        show_again(turn, standing)
        return
    if plan.is_unclear or turn.talk.strayed > 1:
        ask_what_is_meant(turn, understood)
        return
    turn.talk.unsure = 0
    if plan.too_many:
        hand_over_all(turn, "many")
        return
    _give_up(turn, plan)
    for key, commands in plan.to_cases.items():
        if plan.openings and turn.talk.cases[key].playbook == CLARIFY:
            continue  # the wish is told: nothing else of the message answers "what is it about?"
        if plan.instead is not None and not plan.openings:
            turn.talk.instead[key] = (plan.instead.intent, plan.instead.words)
        move(turn, key, commands)
        if turn.is_over:
            return
    before = len(turn.opened)
    for opening in plan.openings:
        begin(turn, opening)
        if turn.is_over:
            return
    if standing and standing in turn.talk.open_keys:
        ask_nothing_over(turn, standing, turn.opened[before:], understood)
    fresh = [key for key in turn.opened[before:] if key in turn.talk.open_keys]
    turn.give_floor(fresh)


def _give_up(turn: Turn, plan: Plan) -> None:
    """Who was told that it is not to be had, and goes on to another wish, has let go of it."""
    focus = turn.talk.focus
    again = [
        key for key, given in plan.to_cases.items() if key != focus and any(isinstance(one, Start) for one in given)
    ]
    acts = any(can_act(opening.playbook.name, turn.book) for opening in plan.openings)
    if focus in turn.talk.barred and focus in turn.talk.open_keys and focus not in plan.to_cases and (again or acts):
        turn.close(focus, "explained")
    turn.give_floor(again)


def _keep(turn: Turn, plan: Plan) -> None:
    """Values that no case takes now wait for the next one."""
    for fill in plan.keep:
        turn.talk.heard = [item for item in turn.talk.heard if item.kind != fill.kind][-HEARD_AT_MOST + 1 :]
        turn.talk.heard.append(Heard(fill.kind, fill.value, fill.words[:200]))


def _code_in(fact: object) -> str:
    """The code that a fact has beside its words: {"text": {"en": "Switzerland"}, "code": "CH"} -> "CH"."""
    return str(fact.get("code", "")) if isinstance(fact, dict) else ""
