"""What counts as a yes to the deed that was shown, as far as the whole message tells: docs/why/confirmations.md.

Understanding says whether the words are a plain yes. Here the rest of the message is held against the deed: a yes that
names another order, or another sum, is for something that nobody was asked about.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal, InvalidOperation

from kefu.assistant.dialogue.talk import Talk
from kefu.assistant.dialogue.wishes import QUESTION_MARK, takes_question
from kefu.assistant.engine.effects import Ask, Confirm
from kefu.assistant.engine.playbook import Book
from kefu.assistant.language import (
    DEED,
    STREET,
    WAY,
    Affirm,
    Choose,
    Command,
    Correct,
    Deny,
    Fill,
    Start,
    Stop,
    Understanding,
)
from kefu.kernel.money import Money

#: what names an order
_ORDERS = ("order_number", "tracking_number")
#: key of ListeningFor.extras: what the shown deed pays back or takes, as {"minor", "currency"}
SUMS = "sums"


def only_for_what_was_shown(talk: Talk, commands: Sequence[Command], focus: str) -> list[Command]:
    """The same commands; a yes that comes with another order's number or another sum is no plain yes any more.

    What is said beside the yes ("and also cancel KF-1043") is a wish of its own and takes nothing from it.
    """
    if not focus or not talk.listening.is_confirming or not any(isinstance(one, Affirm) for one in commands):
        return list(commands)
    if not any(_is_of_another(talk, one, focus) for one in _about_the_deed(commands)):
        return list(commands)
    return [replace(one, is_conditional=True) if isinstance(one, Affirm) else one for one in commands]


def _about_the_deed(commands: Sequence[Command]) -> list[Fill | Correct]:
    """The values that don't belong to a wish said beside the yes."""
    found: list[Fill | Correct] = []
    is_beside = False
    for one in commands:
        if isinstance(one, Start):
            is_beside = one.is_beside
        elif isinstance(one, Fill | Correct) and not is_beside:
            found.append(one)
    return found


def _is_of_another(talk: Talk, said: Fill | Correct, focus: str) -> bool:
    if said.kind in _ORDERS:
        return not _is_own(talk, str(said.value), focus)
    return said.kind == "amount" and not _was_shown(talk, said)


def _is_own(talk: Talk, number: str, focus: str) -> bool:
    """Whether the case is about that order: by its slots, as "KF-1042", "KF-1042/2", or heard before."""
    case = talk.cases[focus]
    values = [value for slot in case.slots.values() for value in _each(slot.value)]
    values += [item.value for item in case.heard if item.kind in _ORDERS]
    wanted = number.upper()
    return any(str(value).upper().partition("/")[0].endswith(wanted) for value in values if isinstance(value, str))


def _each(value: object) -> list[object]:
    return list(value) if isinstance(value, list | tuple) else [value]


def _was_shown(talk: Talk, said: Fill | Correct) -> bool:
    """Whether the sum is one of the deed's; a deed that moves no money has none to differ from."""
    shown = talk.listening.extras.get(SUMS) or ()
    value = said.value if isinstance(said.value, dict) else {}
    try:
        amount = Decimal(str(value.get("amount")))
    except InvalidOperation:
        return True
    currency = value.get("currency") or ""
    return not shown or any(
        Money(int(one["minor"]), str(one["currency"])).amount == amount and currency in ("", one["currency"])
        for one in shown
    )


def shown_of(question: Ask | Confirm, way: str) -> dict[str, object]:
    """What understanding has to know of the deed that is put to the customer, as ListeningFor.extras keeps it."""
    if not isinstance(question, Confirm):
        return {}
    deed = question.deed
    amounts = [one for one in deed.amounts.values() if isinstance(one, dict) and {"minor", "currency"} <= one.keys()]
    shown: dict[str, object] = {SUMS: [dict(one) for one in amounts], WAY: way, DEED: deed.action}
    address = next((one for one in deed.args.values() if isinstance(one, dict) and one.get("street")), None)
    return {**shown, STREET: str(address["street"])} if address else shown


# ---- questions while a confirmation stands ----

#: letters up to which a question at a confirmation is taken for one about what was just shown
OF_WHAT_WAS_SHOWN = 60


def asks(understood: Understanding) -> bool:
    """Whether the message asks and neither agrees nor declines; "ok?" asks, too."""
    answers = (Affirm, Deny, Stop, Choose)
    return bool(QUESTION_MARK.search(understood.text)) and not any(
        isinstance(one, answers) for one in understood.commands
    )


def is_of_something_else(understood: Understanding) -> bool:
    """Whether a question at a confirmation is about something else: it says so ("by the way"), names a thing, or is
    long enough to stand for itself."""
    starts = [one for one in understood.commands if isinstance(one, Start)]
    names = any(isinstance(one, Fill) and one.kind in _NAMING for one in understood.commands)
    return names or any(one.is_beside for one in starts) or len(understood.text) > OF_WHAT_WAS_SHOWN


#: kinds of values that name what a question is about
_NAMING = frozenset({"item_words", "country", "color", "size", "order_number", "tracking_number", "postcode"})


def only_tells(book: Book, name: str) -> bool:
    """Whether a playbook looks up and tells: it answers questions, or never does or offers to do anything."""
    if takes_question(book, book.playbooks.get(name)):
        return True
    steps = [step for playbook in book.reached_from(name) for step in playbook.steps.values()]
    return not any(step.kind in ("confirm", "ladder") for step in steps)
