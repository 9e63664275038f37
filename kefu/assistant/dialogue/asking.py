"""The end of a turn: nothing is told twice in the same words, and one question is put: that of the first case."""

from __future__ import annotations

from kefu.assistant.dialogue.again import retell
from kefu.assistant.dialogue.agreeing import shown_of
from kefu.assistant.dialogue.unclear import hand_over_all
from kefu.assistant.dialogue.under_way import REMINDERS_AT_MOST, Turn
from kefu.assistant.engine.effects import Ask, Confirm, Say
from kefu.assistant.engine.resolve import ACCEPTS
from kefu.assistant.engine.step import asked_step, put
from kefu.assistant.language import ListeningFor


def tell_anew(turn: Turn) -> None:
    """What was told before comes in other words; told a third time in a row, a person takes over."""
    retold = retell(turn.effects, turn.talk.told, turn.book, turn.talk.language)
    turn.effects, turn.talk.told = retold.effects, retold.told
    turn.talk.repeated = turn.talk.repeated + 1 if retold.has_repeated else 0
    if turn.talk.repeated > 1:
        turn.effects = [one for one in turn.effects if not (isinstance(one[1], Say) and one[1].key.endswith(".again"))]
        hand_over_all(turn, "needed")


def ask(turn: Turn) -> None:
    """Put one question: that of the case with the floor. One that was interrupted is put again."""
    talk = turn.talk
    for key in talk.open_keys:
        question = turn.questions.get(key)
        if question is None:
            continue
        state = talk.cases[key]
        is_reminder = key not in turn.moved and asked_step(turn.book, state) is not None
        reminded = sum(state.reminded.values())
        if turn.is_quiet and is_reminder and not isinstance(question, Confirm):
            _listen(turn, key, question)
            return
        if is_reminder and reminded >= REMINDERS_AT_MOST:
            _listen(turn, key, question)
            return
        is_led = turn.is_following or any(
            isinstance(one, Say) and one.key == "dialogue.once_more" for _, one in turn.effects
        )
        if is_reminder and turn.effects and not is_led and turn.book.has_text("dialogue.back"):
            turn.effects.append((key, Say(question.step, "dialogue.back", {"wish": {"key": f"wish.{state.intent}"}})))
        talk.cases[key] = put(state, question, is_reminder=is_reminder)
        turn.effects.append((key, question))
        _listen(turn, key, question)
        return
    talk.focus = ""
    talk.listening = ListeningFor(language=talk.language)


def _listen(turn: Turn, key: str, question: Ask | Confirm) -> None:
    talk = turn.talk
    talk.focus = key
    state = talk.cases[key]
    kinds: set[str] = set()
    needs = turn.book.needs_of(state.playbook)
    for name in state.asking.slots if state.asking else []:
        kinds |= ACCEPTS[needs[name].kind] if name in needs else set()
    if state.asking and state.asking.kind == "ladder":  # another way may be asked for
        kinds.add("remedy")
    options = question.options if isinstance(question, Ask) else ()
    country = turn.facts.customer.country if turn.facts.customer else ""
    talk.listening = ListeningFor(
        kinds=tuple(sorted(kinds)), options=options, is_confirming=isinstance(question, Confirm),
        language=talk.language or turn.facts.language, country=country,
        extras=shown_of(question, state.asking.way if state.asking else ""),
    )  # fmt: skip
