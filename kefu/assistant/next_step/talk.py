"""The talk as a person takes it on: the cases open again, and what the customer has said that no case has heard."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from kefu.assistant.dialogue.route import CLARIFY, PERSON
from kefu.assistant.dialogue.talk import Talk
from kefu.assistant.engine.playbook import Book
from kefu.assistant.engine.state import CaseState
from kefu.assistant.language import Ask, AskPerson, Command, Feel, OutOfScope, Start, Understanding
from kefu.assistant.turn.run import HEARD
from kefu.desk.models import Author, Conversation, Message, MessageKind

#: messages looked at; a customer who wrote more is read from the newest ones
AT_ONCE = 20


def unheard(conversation: Conversation) -> list[Message]:
    """The customer's messages that no case has heard, oldest first."""
    until = conversation.memory.get(HEARD)
    if until is None:  # a talk from before this was kept: the assistant has heard what it has answered
        answered = conversation.messages.filter(author=Author.ASSISTANT).order_by("-pk")
        until = answered.values_list("pk", flat=True).first() or 0
    written = conversation.messages.filter(author=Author.CUSTOMER, pk__gt=until)
    return list(written.order_by("-pk")[:AT_ONCE])[::-1]


def newest(conversation: Conversation, *, only_unanswered: bool) -> list[Message]:
    """The customer's newest message, for a talk in which no case is open; none, if asked so, once a person has answered
    it."""
    found = list(conversation.messages.filter(author=Author.CUSTOMER).order_by("-pk")[:1])
    if not found or not only_unanswered:
        return found
    by_person = conversation.messages.filter(author=Author.AGENT, kind=MessageKind.MESSAGE, pk__gt=found[0].pk)
    return [] if by_person.exists() else found


def taken_on(talk: Talk) -> Talk:
    """The talk with the cases that went to a person open again; those that were about nothing else are left out."""
    talk = talk.copy()
    gone = [key for key, state in talk.cases.items() if state.playbook in (PERSON, CLARIFY) or not state.playbook]
    talk.cases = {key: _open_again(state) for key, state in talk.cases.items() if key not in gone}
    asleep = [key for key, state in talk.cases.items() if state.is_open and key not in talk.order]
    talk.order = [key for key in [*asleep, *talk.order] if key in talk.cases]
    talk.focus = talk.focus if talk.focus in talk.cases else ""
    talk.unsure = talk.strayed = talk.repeated = 0
    return talk


def _open_again(state: CaseState) -> CaseState:
    if state.status != "handed_over":
        return state
    state = state.copy()
    state.status, state.mood, state.results_wanted = "open", "", ""
    state.confirmed = state.shown = ""
    state.asked.clear()
    state.reminded.clear()
    if state.asking is not None:
        state.asking.put = False
    return state


def for_a_person(understood: Sequence[Understanding]) -> list[Understanding]:
    """What was said, without what calls for a person: one is here."""
    return [replace(one, commands=tuple(said for said in one.commands if not _calls(said))) for one in understood]


def _calls(command: Command) -> bool:
    if isinstance(command, Feel):
        return command.mood == "angry"
    return isinstance(command, AskPerson) or (isinstance(command, Start) and command.intent == PERSON)


def as_intent(understood: Sequence[Understanding], intent: str) -> list[Understanding]:
    """The messages with their wish replaced by the one that a person says it is."""
    if not understood:
        return []
    *before, last = understood
    kept = [one for one in last.commands if not isinstance(one, Start | OutOfScope | Ask)]
    return [*before, replace(last, commands=(Start(1.0, last.text, intent), *kept), alternatives=())]


def wishes_of(book: Book) -> list[str]:
    """The intents that a person can choose from: each begins a playbook that keeps a case."""
    return [
        playbook.intents[0]
        for playbook in book.playbooks.values()
        if playbook.intents and playbook.keeps_case and playbook.name not in (PERSON, CLARIFY)
    ]
