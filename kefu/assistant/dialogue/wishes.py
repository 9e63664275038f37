"""Which wishes of a message count: not the remedy named beside a fault, nor the words that answer what was asked."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from kefu.assistant.dialogue.talk import Talk
from kefu.assistant.engine.playbook import Book, Playbook
from kefu.assistant.language import (
    Affirm,
    AskPerson,
    Choose,
    Command,
    Correct,
    Deny,
    Fill,
    Start,
    Stop,
    Understanding,
)

#: a wish below this doesn't interrupt a question that the same message answers
INTERRUPTS = 0.7
#: the same for a case that reads all that it is told: there an answer may sound like any wish
INTERRUPTS_TOLD = 0.9
#: letters beside the no from which a no tells something as well: "no, use my other card"
TELLS_FROM = 8
WISHES_AT_MOST = 3
#: words that take something out of what was shown to be confirmed
_AMENDS = re.compile(
    r"\bas (?:it|they) (?:is|are)\b|\b(?:leave|keep|without|only|just|not) (?:the|my)\b"
    r"|\b(?:nicht|ohne|nur) (?:den|die|das)\b|\b(?:pas|sans|seulement) (?:le|la|les)\b"
    r"|\b(?:sin|solo|sólo) (?:el|la|los|las)\b"
    r"|\b(?:sem|só) (?:o|a|os|as)\b"
    r"|\b(?:laissez|gardez|deje|deixe|lassen sie)\b|不动|只(?:要|办|退|换)|そのまま|だけ|빼고|그대로"
)
QUESTION_MARK = re.compile(r"[?？]")


def starts_of(talk: Talk, understood: Understanding, book: Book, focus: str) -> list[Start]:
    """The wishes of the message that the pack has a playbook for, each kind once, without those that are nothing but
    the answer to the question put last."""
    found: dict[str, Start] = {}
    faults = _faults_with_a_wish(understood, book)
    answers = _answers_question(talk, understood, focus)
    is_told = bool(focus) and keeps_told(book, talk.cases[focus].playbook) and tells(understood)
    at_hand = book.playbooks.get(talk.cases[focus].playbook) if focus else None
    fault_open = at_hand if at_hand is not None and _takes_remedy(at_hand) else None
    for command in understood.commands:
        if not isinstance(command, Start) or book.for_intent(command.intent) is None:
            continue
        if faults and command.intent not in faults and _only_names_remedy(command, understood):
            continue
        if fault_open and command.intent not in fault_open.intents and _only_names_remedy(command, understood):
            continue  # a case about a fault stands open: "a new one please" says what would make it good
        if "free_text" in talk.listening.kinds and focus and _tells_fault(book, command):
            continue  # asked what is wrong with it, they say what is wrong with it
        if answers and ((command.score < INTERRUPTS and not command.is_instead) or _overlaps(command, answers)):
            continue
        is_question = takes_question(book, book.for_intent(command.intent))
        asks_nothing = is_question and not QUESTION_MARK.search(understood.text)
        if is_told and (command.score < INTERRUPTS_TOLD or asks_nothing):
            continue
        if is_told and talk.listening.is_confirming and _AMENDS.search(understood.text.casefold()):
            continue  # "leave the lamp, only the mug please" is about what was just shown
        found.setdefault(command.words + command.intent if is_question else command.intent, command)
    return list(found.values())[:WISHES_AT_MOST]


def takes_question(book: Book, playbook: Playbook | None) -> bool:
    return playbook is not None and any(need.kind == "question" for need in playbook.needs.values())


def keeps_told(book: Book, playbook: str) -> bool:
    """Whether the playbook reads the customer's own words, all of them."""
    return any(need.kind == "told" for need in book.needs_of(playbook).values())


def tells(understood: Understanding) -> bool:
    """Whether the message says more than yes, no, a button, or a wish for somebody else."""
    for one in understood.commands:
        if isinstance(one, Choose | Stop | AskPerson) or (isinstance(one, Affirm) and not one.is_conditional):
            return False
        if isinstance(one, Deny) and len(understood.text) - len(one.words) < TELLS_FROM:
            return False
    return True


def _answers_question(talk: Talk, understood: Understanding, focus: str) -> list[Command]:
    """The commands that answer the question put last."""
    if not focus:
        return []
    kinds = set(talk.listening.kinds)
    is_choosing = bool(talk.listening.options)
    return [
        one
        for one in understood.commands
        if (isinstance(one, Fill | Correct) and one.kind in kinds and one.kind != "free_text")
        or (isinstance(one, Choose) and is_choosing)
        or (isinstance(one, Affirm | Deny) and talk.listening.is_confirming)
    ]


def _faults_with_a_wish(understood: Understanding, book: Book) -> frozenset[str]:
    """Wishes of the message whose playbook takes the remedy that the message names as well."""
    if not any(isinstance(one, Fill) and one.kind == "remedy" for one in understood.commands):
        return frozenset()
    wishes = {one.intent: book.for_intent(one.intent) for one in understood.commands if isinstance(one, Start)}
    return frozenset(intent for intent, playbook in wishes.items() if playbook and _takes_remedy(playbook))


def as_fault(understood: Understanding, book: Book) -> Understanding:
    """ "I want a refund for the mug, it came broken" tells of a fault: its playbook knows of more ways than one."""
    kinds = {one.kind for one in understood.commands if isinstance(one, Fill)}
    starts = [one for one in understood.commands if isinstance(one, Start)]
    playbook = next((one for one in book.playbooks.values() if one.intents and _takes_remedy(one)), None)
    if not {"cause", "remedy"} <= kinds or playbook is None or any(one.intent in playbook.intents for one in starts):
        return understood
    first = next((one for one in starts if _only_names_remedy(one, understood)), None)
    if first is None:
        return understood
    fault = replace(first, intent=playbook.intents[0])
    return replace(understood, commands=tuple(fault if one is first else one for one in understood.commands))


def _tells_fault(book: Book, start: Start) -> bool:
    playbook = book.for_intent(start.intent)
    return playbook is not None and _takes_remedy(playbook)


def _takes_remedy(playbook: Playbook) -> bool:
    return any(step.kind == "ladder" for step in playbook.steps.values())


def _only_names_remedy(start: Start, understood: Understanding) -> bool:
    """ "It's broken, I want my money back" is one wish with what would meet it, not a second one."""
    words = start.words.lower()
    return any(isinstance(one, Fill) and one.kind == "remedy" and one.words and one.words.lower() in words
               for one in understood.commands)  # fmt: skip


def _overlaps(start: Start, answers: Sequence[Command]) -> bool:
    """The wish was read from the very words of the answer: "it's broken", asked for the reason, is no new problem."""
    words = start.words.strip().lower()
    remedies = [one.words.lower() for one in answers if isinstance(one, Fill | Correct) and one.kind == "remedy"]
    if any(remedy and remedy in words for remedy in remedies):
        return True
    return any(one.words and words and words in one.words.lower() for one in answers)
