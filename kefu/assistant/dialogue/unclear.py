"""A message that nobody understood: ask what is meant, once; then a person takes over."""

from __future__ import annotations

from dataclasses import replace

from kefu.assistant.dialogue.moving import after, begin, move
from kefu.assistant.dialogue.route import CLARIFY, ORDERS_NAMED, PERSON, Opening
from kefu.assistant.dialogue.under_way import Turn
from kefu.assistant.engine.effects import HandOver, Say
from kefu.assistant.engine.playbook import Playbook
from kefu.assistant.engine.state import Heard
from kefu.assistant.engine.step import open_case, step
from kefu.assistant.language import AskPerson, Command, Fill, Understanding


def ask_what_is_meant(turn: Turn, understood: Understanding) -> None:
    """Ask once, clearly; unsure twice in a row, a person takes over."""
    talk = turn.talk
    talk.unsure += 1
    focus = talk.asked_last
    if focus and not _likely(turn, focus, understood):
        move(turn, focus, understood.commands or (Command(0.0),))
        return
    if focus:  # asked what it is about, they send the order's number: then it is about that order
        likely, intent = _likely(turn, focus, understood)[0]
        turn.talk.heard += [
            Heard(one.kind, one.value, one.words) for one in understood.commands if isinstance(one, Fill)
        ]
        begin(turn, Opening(likely, intent))
        return
    playbook = turn.book.for_intent(CLARIFY)
    if playbook is None or talk.unsure > 1:
        hand_over_all(turn, "unsure")
        return
    near = [intent for intent, _ in understood.alternatives if _can_offer(turn, intent)][:3]
    offered = (*near, PERSON) if near else ()
    begin(turn, Opening(playbook, CLARIFY, [], offered=tuple(dict.fromkeys(offered))))


def _likely(turn: Turn, focus: str, understood: Understanding) -> list[tuple[Playbook, str]]:
    """The wish to begin when somebody is asked what they wish and only names a thing that suggests one."""
    names_a_thing = any(isinstance(one, Fill) and one.kind in ORDERS_NAMED for one in understood.commands)
    if turn.talk.cases[focus].playbook != CLARIFY or not names_a_thing:
        return []
    found = [(turn.book.for_intent(intent), intent) for intent, _ in understood.alternatives]
    return [(playbook, intent) for playbook, intent in found if playbook is not None and _can_offer(turn, intent)]


def _can_offer(turn: Turn, intent: str) -> bool:
    playbook = turn.book.for_intent(intent)
    return playbook is not None and playbook.keeps_case and turn.book.has_text(f"wish.{intent}")


def hand_over_all(turn: Turn, reason: str) -> None:
    """No single case is at fault: the one with the floor, or a new one, carries the talk to a person."""
    key = next(iter(turn.talk.open_keys), "")
    if not key:
        playbook = turn.book.for_intent(PERSON)
        if playbook is None:
            return
        key = str(turn.talk.next_key)
        turn.talk.next_key += 1
        state = open_case(playbook, intent=PERSON, about=turn.talk.about)
        state.heard = list(turn.talk.heard)
        turn.talk.cases[key] = state
        turn.talk.order.insert(0, key)
        turn.opened.append(key)
    result = step(turn.book, turn.talk.cases[key], [AskPerson(1.0)], turn.facts)
    turn.talk.cases[key] = result.state
    for effect in result.effects:
        if isinstance(effect, HandOver):
            effect = replace(effect, reason=reason, summary={**effect.summary, "reason": reason})
        elif isinstance(effect, Say):
            effect = replace(effect, key=f"hand_over.{reason}")
        turn.effects.append((key, effect))
    turn.note_why(key, (), (), ())
    after(turn, key, None)
