"""What was heard in a message, in words: what it means, what it carries, how it sounds, how that was found."""

from __future__ import annotations

from django.utils.translation import gettext_noop as noop

from kefu.web.desk.labels import word_for

#: what a message can mean (kefu/assistant/language.py)
_COMMANDS = {
    "Start": noop("wish:"),
    "Fill": noop("says"),
    "Choose": noop("chooses"),
    "Affirm": noop("yes"),
    "Deny": noop("no"),
    "Correct": noop("corrects"),
    "Stop": noop("stop"),
    "AskPerson": noop("wants a person"),
    "Ask": noop("asks"),
    "Feel": noop("sounds"),
    "Social": noop("small talk:"),
    "OutOfScope": noop("off topic"),
}
#: what a Fill carries (kefu/assistant/language.py, FillKind)
_FILL_KINDS = {
    "order_number": noop("order number"),
    "email": noop("e-mail address"),
    "phone": noop("phone number"),
    "postcode": noop("postcode"),
    "tracking_number": noop("tracking number"),
    "item_words": noop("item"),
    "ordinal": noop("which one"),
    "quantity": noop("how many"),
    "size": noop("size"),
    "color": noop("colour"),
    "reason": noop("reason"),
    "country": noop("country"),
    "free_text": noop("in their words"),
}
_MOODS = {
    "angry": noop("angry"),
    "worried": noop("worried"),
    "happy": noop("happy"),
    "neutral": noop("calm"),
}
#: which stage of understanding settled it
_STAGES = {
    "button": noop("read from a button"),
    "lexical": noop("read from the words"),
    "embedding": noop("read from the meaning"),
    "model": noop("read by the language model"),
    "none": noop("not understood"),
}


def command(name: str) -> str:
    return word_for(_COMMANDS, name)


def fill_kind(kind: str) -> str:
    return word_for(_FILL_KINDS, kind)


def mood(key: str) -> str:
    return word_for(_MOODS, key)


def stage(name: str) -> str:
    return word_for(_STAGES, name)
