"""Which case each command is for: the question just asked comes first, then what a new wish brings along."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from kefu.assistant.dialogue.talk import OPEN_AT_MOST, Talk
from kefu.assistant.engine.playbook import Book, Playbook
from kefu.assistant.engine.resolve import ACCEPTS
from kefu.assistant.engine.step import needs_of
from kefu.assistant.language import (
    Affirm,
    Ask,
    AskPerson,
    Choose,
    Command,
    Correct,
    Deny,
    Feel,
    Fill,
    OutOfScope,
    Social,
    Start,
    Stop,
    Understanding,
)  # fmt: skip

#: a wish below this doesn't interrupt a question that the same message answers
INTERRUPTS = 0.7
#: intents of the talk itself, looked up like any other
PERSON, CLARIFY, QUESTION, OFF_TOPIC = "human", "clarify", "question", "off_topic"
WISHES_AT_MOST = 3
_OTHER = re.compile(r"\b(other|another|different)\b|另一|另外|别的|其他|其它|还有一", re.IGNORECASE)
_ORDERS_NAMED = ("order_number", "tracking_number")


@dataclass(slots=True)
class Opening:
    """A new case to open, with what the message gives it."""

    playbook: Playbook
    intent: str
    commands: list[Command] = field(default_factory=list)
    offered: tuple[str, ...] = ()
    at: int = 0  # where in the message the wish stands


@dataclass(slots=True)
class Plan:
    """What one message is for. `is_unclear`: nobody knows what to do with it."""

    to_cases: dict[str, list[Command]] = field(default_factory=dict)
    openings: list[Opening] = field(default_factory=list)
    keep: list[Fill | Correct] = field(default_factory=list)
    is_unclear: bool = False
    too_many: bool = False

    def give(self, key: str, command: Command) -> None:
        self.to_cases.setdefault(key, []).append(command)


def route(talk: Talk, understood: Understanding, book: Book) -> Plan:
    """Decide for every command of one message. Pure: neither the talk nor its cases change."""
    plan = Plan()
    commands = list(understood.commands)
    focus = talk.focus if talk.focus in talk.open_keys else ""
    newest = talk.open_keys[0] if talk.open_keys else ""
    starts = _starts(talk, understood, book, focus)
    for start in starts:
        _open(plan, talk, book, start, understood)
    _fills(plan, talk, understood, book, focus)
    for command in commands:
        if isinstance(command, Affirm | Deny):
            if focus:
                plan.give(focus, command)
        elif isinstance(command, Choose):
            _choose(plan, talk, book, command, focus)
        elif isinstance(command, Stop):
            if focus or newest:
                plan.give(focus or newest, command)
            elif not plan.openings:
                _small_talk(plan, book, "goodbye")
        elif isinstance(command, Ask):
            _question(plan, book, command, understood)
    if any(isinstance(one, AskPerson) or (isinstance(one, Feel) and one.mood == "angry") for one in commands):
        _person(plan, talk, book, understood, focus or newest)
    elif not plan.to_cases and not plan.openings:
        _rest(plan, book, commands, focus)
    if len(talk.open_keys) + sum(1 for one in plan.openings if one.playbook.keeps_case) > OPEN_AT_MOST:
        plan.too_many = True
    return plan


# ---- wishes ----


def _starts(talk: Talk, understood: Understanding, book: Book, focus: str) -> list[Start]:
    """The wishes of the message, the likeliest of each kind; none that the pack has no playbook for."""
    found: dict[str, Start] = {}
    answers = _answers_question(talk, understood, focus)
    for command in understood.commands:
        if not isinstance(command, Start) or book.for_intent(command.intent) is None:
            continue
        if answers and (command.score < INTERRUPTS or _overlaps(command, answers)):
            continue
        if command.intent not in found or command.score > found[command.intent].score:
            found[command.intent] = command
    ordered = sorted(found.values(), key=lambda start: (_place(understood, start), -start.score))
    return ordered[:WISHES_AT_MOST]


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


def _overlaps(start: Start, answers: Sequence[Command]) -> bool:
    words = start.words.strip().lower()
    return any(one.words and words and (one.words.lower() in words or words in one.words.lower()) for one in answers)


def _place(understood: Understanding, command: Command) -> int:
    """Where in the message the command's words stand; the end when they aren't found."""
    at = understood.text.lower().find(command.words.lower()) if command.words else -1
    return at if at >= 0 else len(understood.text)


def _open(plan: Plan, talk: Talk, book: Book, start: Start, understood: Understanding) -> None:
    playbook = book.for_intent(start.intent)
    if playbook is None:
        return
    open_one = next((key for key in talk.open_keys if talk.cases[key].playbook == playbook.name), "")
    if open_one and playbook.keeps_case and not _is_another(talk, understood, open_one):
        plan.give(open_one, start)  # said again: the open case goes on
        return
    opening = Opening(playbook, start.intent, [start], at=_place(understood, start))
    plan.openings.append(opening)
    _hand_question(opening, understood, book)


def _hand_question(opening: Opening, understood: Understanding, book: Book) -> None:
    """A playbook that answers a question gets the words of the message as that question."""
    if not any(need.kind == "question" for need in opening.playbook.needs.values()):
        return
    asked = next((one.question for one in understood.commands if isinstance(one, Ask) and one.question), "")
    opening.commands.append(Fill(1.0, kind="free_text", value=asked or understood.text))


def _is_another(talk: Talk, understood: Understanding, key: str) -> bool:
    """Whether a wish that has a case already means another order than that case."""
    named = {
        str(one.value).upper() for one in understood.commands if isinstance(one, Fill) and one.kind == "order_number"
    }
    if named:
        own = {str(slot.value).upper().partition("/")[0] for slot in talk.cases[key].slots.values()}
        own |= {str(item.value).upper() for item in talk.cases[key].heard if item.kind == "order_number"}
        return bool(own) and not named & own
    return bool(_OTHER.search(understood.text))


# ---- values ----


def accepted(book: Book, playbook: str) -> frozenset[str]:
    """Fill kinds that any slot of the playbook takes."""
    return frozenset[str]().union(*(ACCEPTS[need.kind] for need in needs_of(book, playbook).values()))


def _fills(plan: Plan, talk: Talk, understood: Understanding, book: Book, focus: str) -> None:
    fills = [one for one in understood.commands if isinstance(one, Fill | Correct)]
    if _OTHER.search(understood.text):
        for opening in plan.openings:
            opening.commands.append(Fill(1.0, kind="other", value=True))
    _several_orders(plan, understood, fills, book)
    for fill in fills:
        if fill.kind == "free_text":
            if focus and not plan.openings:
                plan.give(focus, fill)
            continue
        takers = [opening for opening in plan.openings if fill.kind in accepted(book, opening.playbook.name)]
        place = _place(understood, fill)
        asked_for = bool(focus) and fill.kind in talk.listening.kinds
        if asked_for and (not takers or place < min(opening.at for opening in takers)):
            plan.give(focus, fill)
        elif takers:
            _to_openings(fill, place, takers, fills)
        else:
            _to_open_case(plan, talk, book, fill, focus)


def _to_openings(fill: Fill | Correct, place: int, takers: list[Opening], fills: Sequence[Fill | Correct]) -> None:
    """One value of its kind is for every new case that takes it; several go each to the wish said nearest before."""
    if sum(1 for other in fills if other.kind == fill.kind) == 1:
        for opening in takers:
            opening.commands.append(fill)
        return
    before = [opening for opening in takers if opening.at <= place]
    free = [o for o in before or takers if not any(isinstance(c, Fill) and c.kind == fill.kind for c in o.commands)]
    target = max(free or before or takers, key=lambda opening: opening.at)
    target.commands.append(fill)


def _several_orders(plan: Plan, understood: Understanding, fills: list[Fill | Correct], book: Book) -> None:
    """ "Where are 1042 and 1050?": one wish, two orders, so two cases."""
    if len(plan.openings) != 1:
        return
    for kind in _ORDERS_NAMED:
        named = [fill for fill in fills if fill.kind == kind]
        only = plan.openings[0]
        if len(named) < 2 or kind not in accepted(book, only.playbook.name):
            continue
        only.commands.append(named[0])
        fills.remove(named[0])
        for fill in named[1:WISHES_AT_MOST]:
            plan.openings.append(Opening(only.playbook, only.intent, [only.commands[0], fill], at=only.at))
        for fill in named[1:]:
            fills.remove(fill)
        return


def _to_open_case(plan: Plan, talk: Talk, book: Book, fill: Fill | Correct, focus: str) -> None:
    for key in [focus, *talk.open_keys] if focus else talk.open_keys:
        if fill.kind in accepted(book, talk.cases[key].playbook):
            plan.give(key, fill)
            return
    plan.keep.append(fill)


def _choose(plan: Plan, talk: Talk, book: Book, choice: Choose, focus: str) -> None:
    asking = talk.cases[focus].asking if focus else None
    if asking is not None and (choice.option in asking.options or choice.option.partition(":")[0] in ("yes", "no")):
        plan.give(focus, choice)
        return
    playbook = book.for_intent(choice.option)
    if playbook is not None:  # a button of an older question about what is wished
        plan.openings.append(Opening(playbook, choice.option, [choice]))
        return
    key = focus or (talk.open_keys[0] if talk.open_keys else "")
    if key:
        plan.give(key, choice)


def _question(plan: Plan, book: Book, ask: Ask, understood: Understanding) -> None:
    """A question is for the knowledge playbook, unless a wish of the same message is made of the same words."""
    for opening in plan.openings:
        has_question = any(need.kind == "question" for need in opening.playbook.needs.values())
        same = not ask.words or ask.words == understood.text or ask.words in opening.commands[0].words
        if has_question or (same and opening.playbook.keeps_case):
            return
    if any(isinstance(one, Start) for commands in plan.to_cases.values() for one in commands) and not ask.words:
        return
    playbook = book.for_intent(QUESTION)
    if playbook is not None:
        opening = Opening(playbook, QUESTION, [ask], at=_place(understood, ask))
        opening.commands.append(Fill(1.0, kind="free_text", value=ask.question or understood.text))
        plan.openings.append(opening)


# ---- people, small talk, and not knowing ----


def _person(plan: Plan, talk: Talk, book: Book, understood: Understanding, current: str) -> None:
    """To a person at once, with all that the message told: nothing else is begun."""
    angry = next((one for one in understood.commands if isinstance(one, Feel) and one.mood == "angry"), None)
    wish: Command = (
        next((one for one in understood.commands if isinstance(one, AskPerson)), None) or angry or AskPerson(1.0)
    )
    if plan.openings:
        chosen = next((one for one in plan.openings if one.playbook.keeps_case), plan.openings[0])
        plan.openings = [chosen]
        if not chosen.playbook.keeps_case:
            _instead(chosen, book)
        chosen.commands.append(wish)
        plan.to_cases.clear()
    elif current:
        plan.to_cases = {current: [*plan.to_cases.get(current, []), wish]}
    else:
        playbook = book.for_intent(PERSON)
        if playbook is not None:
            plan.openings.append(Opening(playbook, PERSON, [wish]))


def _instead(opening: Opening, book: Book) -> None:
    playbook = book.for_intent(PERSON)
    if playbook is not None:
        opening.playbook, opening.intent = playbook, PERSON


def _rest(plan: Plan, book: Book, commands: Sequence[Command], focus: str) -> None:
    """Nothing was for a case: small talk, something off topic, or nobody knows."""
    social = next((one for one in commands if isinstance(one, Social)), None)
    if social is not None and _small_talk(plan, book, social.kind):
        return
    if any(isinstance(one, OutOfScope) for one in commands) and _small_talk(plan, book, OFF_TOPIC):
        return
    if not focus and any(isinstance(one, Deny) for one in commands) and _small_talk(plan, book, "goodbye"):
        return
    if not focus and any(isinstance(one, Affirm) for one in commands) and _small_talk(plan, book, "acknowledged"):
        return
    if any(isinstance(one, Feel) and one.mood == "happy" for one in commands) and _small_talk(plan, book, "praise"):
        return
    plan.is_unclear = True


def _small_talk(plan: Plan, book: Book, intent: str) -> bool:
    playbook = book.for_intent(intent)
    if playbook is None:
        return False
    plan.openings.append(Opening(playbook, intent))
    return True
