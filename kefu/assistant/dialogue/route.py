"""Which case each command is for: the question just asked comes first, then what a new wish brings along."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from kefu.assistant.dialogue.counting import as_count
from kefu.assistant.dialogue.instead import Instead, can_act, parted
from kefu.assistant.dialogue.talk import OPEN_AT_MOST, Talk
from kefu.assistant.dialogue.wishes import (
    QUESTION_MARK,
    WISHES_AT_MOST,
    as_fault,
    keeps_told,
    starts_of,
    takes_question,
    tells,
)
from kefu.assistant.engine.playbook import Book, Playbook
from kefu.assistant.engine.resolve import ACCEPTS
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

#: intents of the talk itself, looked up like any other
PERSON, CLARIFY, QUESTION, OFF_TOPIC = "human", "clarify", "question", "off_topic"
#: goes to a person by itself, with what must be said first
URGENT = "urgent"
#: letters of a message that is one question with what belongs to it
SHORT_MESSAGE = 160
#: another one than the one at hand. Where the word has other uses ("otra pregunta") it stands beside its noun
_OTHER = re.compile(
    r"\b(other|another|different)\b|另一|另外|别的|其他|其它|还有一"
    r"|\b(?:otr[oa]s?|autres?|ander\w{1,2}|outr[oa]s?) (?:\w+ )?(?:pedidos?|paquetes?|env[ií]os?|commandes?|colis"
    r"|paket\w*|bestellung\w*|sendung\w*|lieferung\w*|pacotes?|encomendas?|entregas?)\b"
    r"|(?:もう[一1]つ|もうひとつ|別|他|ほか)の?(?:荷物|注文|商品|小包)|(?:다른|또 하나의?) ?(?:택배|주문|상품|소포)",
    re.IGNORECASE,
)
ORDERS_NAMED = ("order_number", "tracking_number")


@dataclass(slots=True)
class Opening:
    """A new case to open, with what the message gives it."""

    playbook: Playbook
    intent: str
    commands: list[Command] = field(default_factory=list)
    offered: tuple[str, ...] = ()
    #: what they'd have instead, if this cannot be had
    instead: Instead | None = None


@dataclass(slots=True)
class Plan:
    """What one message is for. `is_unclear`: nobody knows what to do with it. `instead`: of the cases that get
    something, where the message opens none."""

    to_cases: dict[str, list[Command]] = field(default_factory=dict)
    openings: list[Opening] = field(default_factory=list)
    keep: list[Fill | Correct] = field(default_factory=list)
    is_unclear: bool = False
    too_many: bool = False
    instead: Instead | None = None

    def give(self, key: str, command: Command) -> None:
        self.to_cases.setdefault(key, []).append(command)


def route(talk: Talk, understood: Understanding, book: Book) -> Plan:
    """Decide for every command of one message. Pure: neither the talk nor its cases change.

    Commands stand in the order of the message, each wish followed by the values that belong to it; values before the
    first wish belong to what was asked (understanding.door.understand).
    """
    plan = Plan()
    focus = talk.asked_last
    now = talk.cases[focus].playbook if focus else ""
    understood, plan.instead = parted(as_count(as_fault(understood, book), book, now), book)
    commands = list(understood.commands)
    newest = talk.open_keys[0] if talk.open_keys else ""
    starts = starts_of(talk, understood, book, focus)
    _wishes_and_values(plan, talk, understood, book, focus, starts)
    is_told = bool(focus) and keeps_told(book, talk.cases[focus].playbook) and tells(understood)
    if plan.openings and plan.instead is not None:
        plan.openings[-1].instead = plan.instead
    has_turned = _turn_from(plan, talk, book, focus)
    begun_again = any(isinstance(one, Start) for key, given in plan.to_cases.items() if key != focus for one in given)
    if not plan.openings and is_told and not begun_again:
        plan.give(focus, Fill(1.0, understood.text[:200], "free_text", understood.text))
    for command in commands:
        if isinstance(command, Affirm | Deny):
            if focus and not has_turned:
                plan.give(focus, command)
        elif isinstance(command, Choose):
            _choose(plan, talk, book, command, focus)
        elif isinstance(command, Stop):
            if focus or newest:
                plan.give(focus or newest, command)
            elif not plan.openings:
                _small_talk(plan, book, "goodbye")
        elif isinstance(command, Ask):
            if is_told and not QUESTION_MARK.search(understood.text):
                continue  # "my name is …, my zip code is …": what was asked for, and no question
            _question(plan, book, command, understood)
    if any(opening.intent == URGENT for opening in plan.openings):
        _urgent(plan)
    elif any(isinstance(one, AskPerson) or (isinstance(one, Feel) and one.mood == "angry") for one in commands):
        _person(plan, talk, book, understood, focus or newest)
    elif not plan.to_cases and not plan.openings:
        _rest(plan, book, commands, focus)
    if len(talk.open_keys) + sum(1 for one in plan.openings if one.playbook.keeps_case) > OPEN_AT_MOST:
        plan.too_many = True
    return plan


def _turn_from(plan: Plan, talk: Talk, book: Book, focus: str) -> bool:
    """ "Could I have it in navy instead?", asked whether to cancel, is a no to that. Whether the message says so."""
    if not focus or not talk.listening.is_confirming or focus in plan.to_cases:
        return False
    for opening in plan.openings:
        begun = opening.commands[0] if opening.commands else None
        if isinstance(begun, Start) and begun.is_instead and can_act(opening.playbook.name, book):
            plan.give(focus, Deny(begun.score, begun.words))
            return True
    return False


# ---- new cases ----


def _open(plan: Plan, talk: Talk, book: Book, start: Start, understood: Understanding) -> Opening | str:
    """The new case, or the key of the open one that the wish means."""
    playbook = book.for_intent(start.intent)
    if playbook is None:
        return ""
    open_one = next((key for key in talk.open_keys if talk.cases[key].playbook == playbook.name), "")
    if open_one and all(need.kind == "question" for need in playbook.needs.values()) and playbook.needs:
        if open_one == talk.focus and "free_text" in talk.listening.kinds:
            plan.give(open_one, Fill(1.0, kind="free_text", value=_question_of(start, understood)))
            return open_one
        open_one = ""  # another question is another case
    if open_one and playbook.keeps_case and not _is_another(talk, understood, start, open_one):
        plan.give(open_one, start)  # said again: the open case goes on
        return open_one
    opening = Opening(playbook, start.intent, [start])
    plan.openings.append(opening)
    if takes_question(book, playbook):
        opening.commands.append(Fill(1.0, kind="free_text", value=_question_of(start, understood)))
    elif keeps_told(book, playbook.name):
        is_only = sum(1 for one in understood.commands if isinstance(one, Start)) == 1
        words = understood.text if is_only else start.words or understood.text
        opening.commands.append(Fill(1.0, kind="free_text", value=words))
    if _OTHER.search(start.words or understood.text):
        opening.commands.append(Fill(1.0, kind="other", value=True))
    return opening


def _question_of(start: Start, understood: Understanding) -> str:
    """The words of the question that came with this wish; the whole message when it holds only this one."""
    commands = list(understood.commands)
    after = commands[commands.index(start) + 1 :]
    wishes = sum(1 for one in commands if isinstance(one, Start))
    if wishes == 1 and len(understood.text) <= SHORT_MESSAGE:
        return understood.text  # "I live in Vienna, what's the postage?" is asked by all of it
    if after and isinstance(after[0], Ask) and after[0].question:
        return after[0].question
    return (start.words or understood.text) if wishes > 1 else understood.text


def _is_another(talk: Talk, understood: Understanding, start: Start, key: str) -> bool:
    """Whether a wish that has a case already means another order than that case."""
    fills = [one for one in understood.commands if isinstance(one, Fill) and one.kind == "order_number"]
    if fills and talk.cases[key].slots:
        own = {str(slot.value).upper().partition("/")[0] for slot in talk.cases[key].slots.values()}
        own |= {str(item.value).upper() for item in talk.cases[key].heard if item.kind == "order_number"}
        return not any(number.endswith(str(fill.value).upper()) for fill in fills for number in own)
    return bool(_OTHER.search(start.words or understood.text))


# ---- values ----


def accepted(book: Book, playbook: str) -> frozenset[str]:
    """Fill kinds that any slot of the playbook takes."""
    return frozenset[str]().union(*(ACCEPTS[need.kind] for need in book.needs_of(playbook).values()))


def _wishes_and_values(plan: Plan, talk: Talk, understood: Understanding, book: Book, focus: str,
                       starts: Sequence[Start]) -> None:  # fmt: skip
    fills = [one for one in understood.commands if isinstance(one, Fill | Correct)]
    own = _named_by_each(understood)
    targets = {id(start): _open(plan, talk, book, start, understood) for start in starts}
    current: Opening | str = ""
    started = 0
    for command in understood.commands:
        if isinstance(command, Start):
            current = targets.get(id(command), current)
            started = id(command)
        elif isinstance(command, Fill | Correct):
            others = [at for start, at in targets.items() if isinstance(at, Opening) and start != started
                      and own.get(started) and own.get(start)]  # fmt: skip
            _value(plan, talk, book, command, focus, current, fills, others)


#: what is said of one thing
_OF_A_THING = frozenset({"item_words", "color", "size", "quantity", "reason", "condition", "cause"})


def _named_by_each(understood: Understanding) -> dict[int, bool]:
    """Whether a thing is named in the words of each wish."""
    found: dict[int, bool] = {}
    started = 0
    for command in understood.commands:
        if isinstance(command, Start):
            started = id(command)
        elif isinstance(command, Fill) and command.kind == "item_words" and started:
            found[started] = True
    return found


def _value(plan: Plan, talk: Talk, book: Book, fill: Fill | Correct, focus: str, current: Opening | str,
           fills: Sequence[Fill | Correct], others: Sequence[Opening] = ()) -> None:  # fmt: skip
    """others: wishes that name a thing of their own, beside one that names its own: what is said of one thing ("the
    blue bottle") is not said of the other ("exchange the socks")."""
    if fill.kind == "free_text":
        if focus and not plan.openings and not keeps_told(book, talk.cases[focus].playbook):
            plan.give(focus, fill)
        return
    if not current and focus and fill.kind in talk.listening.kinds:
        plan.give(focus, fill)
        return
    apart = others if fill.kind in _OF_A_THING else ()
    takers = [
        opening
        for opening in plan.openings
        if fill.kind in accepted(book, opening.playbook.name) and not any(opening is other for other in apart)
    ]
    if isinstance(current, Opening) and current in takers:
        _to_opening(plan, current, fill)
        if sum(1 for other in fills if other.kind == fill.kind) > 1:
            return
        takers = [opening for opening in takers if opening is not current]
    elif isinstance(current, str) and current and fill.kind in accepted(book, talk.cases[current].playbook):
        plan.give(current, fill)
        return
    elif not takers:
        _to_open_case(plan, talk, book, fill, focus)
        return
    for opening in takers:  # the only value of its kind in the message is for all its wishes
        if not any(isinstance(one, Fill) and one.kind == "other" for one in opening.commands):
            _to_opening(plan, opening, fill)


def _to_opening(plan: Plan, opening: Opening, fill: Fill | Correct) -> None:
    """ "Where are 1042 and 1050?" is one wish for two orders, so two cases."""
    has_one = any(
        isinstance(one, Fill) and one.kind == fill.kind and one.value != fill.value for one in opening.commands
    )
    reads_all = any(need.kind == "told" for need in opening.playbook.needs.values())  # it tells the orders apart itself
    if fill.kind not in ORDERS_NAMED or not has_one or reads_all:
        opening.commands.append(fill)
    elif len(plan.openings) < WISHES_AT_MOST:
        rest = [one for one in opening.commands if not isinstance(one, Fill) or one.kind not in ORDERS_NAMED]
        plan.openings.append(Opening(opening.playbook, opening.intent, [*rest, fill]))


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
    """A question without a wish of its own is for the playbook that looks up answers."""
    words = ask.words or ask.question
    for opening in plan.openings:
        if takes_question(book, opening.playbook) or (
            opening.playbook.keeps_case and words in opening.commands[0].words
        ):
            return
    if any(isinstance(one, Start) for one in understood.commands) and (not words or words == understood.text):
        return
    playbook = book.for_intent(QUESTION)
    if playbook is not None:
        question = Fill(1.0, kind="free_text", value=ask.question or understood.text)
        plan.openings.append(Opening(playbook, QUESTION, [ask, question]))


# ---- people, small talk, and not knowing ----


def _urgent(plan: Plan) -> None:
    """An injury, a danger, a lawyer: at once, and nothing else in the same breath."""
    plan.openings = [opening for opening in plan.openings if opening.intent == URGENT][:1]
    plan.to_cases.clear()


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
