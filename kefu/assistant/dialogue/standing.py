"""While a confirmation stands: what is asked meanwhile is answered, and nothing else may be asked over it."""

from __future__ import annotations

from collections.abc import Sequence

from kefu.assistant.dialogue.agreeing import is_of_something_else, only_tells
from kefu.assistant.dialogue.under_way import REMINDERS_AT_MOST, Turn
from kefu.assistant.dialogue.wishes import takes_question
from kefu.assistant.engine.effects import Say
from kefu.assistant.language import Understanding


def standing_case(turn: Turn) -> str:
    """Key of the case whose confirmation stands and may be put once more, "" for none."""
    talk = turn.talk
    key = talk.asked_last if talk.listening.is_confirming else ""
    return key if key and sum(talk.cases[key].reminded.values()) < REMINDERS_AT_MOST else ""


def ask_nothing_over(turn: Turn, standing: str, fresh: Sequence[str], understood: Understanding) -> None:
    """A question at a confirmation is answered, and the confirmation stands. What could only answer by asking in
    turn ("would you like a colleague?") gives way: the next yes must be for the deed and for nothing else."""
    asking = [key for key in fresh if key in turn.questions and only_tells(turn.book, turn.talk.cases[key].playbook)]
    for key in asking:
        tells = is_of_something_else(understood) and takes_question(
            turn.book, turn.book.playbooks.get(turn.talk.cases[key].playbook)
        )
        if not tells:  # what it said of another state of things is no answer to what would be
            turn.effects = [one for one in turn.effects if one[0] != key or not isinstance(one[1], Say)]
            show_again(turn, standing)
        turn.close(key, "asked_meanwhile")


def show_again(turn: Turn, standing: str) -> None:
    """The deed with its sums and days answers most of what is asked of it."""
    lead = Say("", "dialogue.once_more", {})
    if turn.book.has_text(lead.key) and (standing, lead) not in turn.effects:
        turn.effects.append((standing, lead))
