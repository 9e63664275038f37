"""The closed list of what a message can mean. Understanding proposes these; code disposes."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

#: entity kinds that a Fill may carry; `value` is normalised as said here
FillKind = Literal[
    "order_number",  # as the shop writes it, upper case: "1042", "KF-1042"
    "email",  # lower case
    "phone",  # E.164 where a country is known, else digits with "+"
    "postcode",  # upper case, single spaces
    "tracking_number",  # upper case, no spaces
    "item_words",  # words that name an item: "blue jacket", "那件蓝色的"; resolved later against candidates
    "ordinal",  # 1-based; -1 = last / newest: "the second one" -> 2
    "quantity",
    "size",  # "M", "42", "10"
    "color",  # English name: "blue"
    "reason",  # one of the pack's reasons: too_small, too_large, damaged, wrong_item, changed_mind, not_as_described
    "country",  # ISO 3166-1 alpha-2
    "lacking",  # True: what was asked for can't be given, "I don't have the number"
    "part",  # "only_part": not the whole order is meant
    "all_of",  # 2 ("both of them"), "all", or "all_but": several of what was offered or named are meant, or all else
    "cause",  # what is wrong with goods that arrived: damaged, defective, missing, counterfeit, …
    "remedy",  # what would make it good: refund, resend, part_refund, coupon, repair
    "photo",  # pictures sent along, as attachment ids: "12,13"
    "condition",  # of what goes back: unused, tried_on, used
    "height",  # of a person, whole centimetres: 172
    "weight",  # of a person, kilograms with at most one decimal: 68, 61.5
    "foot_length",  # centimetres with at most one decimal: 26.5
    "budget",  # {"at_least": "30" or "", "at_most": "50" or "", "currency": "EUR" or ""}; amounts as decimal text
    "amount",  # money that is told of, no limit: {"amount": "59.90", "currency": "EUR" or ""}
    "date",  # ISO 8601 day, "2026-11-20"; words like "last Friday" need extras["today"] (a date or its ISO text)
    "coupon_code",  # upper case, as printed: "WELCOME10"
    "name",  # a person's name as written: "Yusuf Rossi"
    "street",  # with its house number, as the country writes it: "12 Rue des Lilas", "Hauptstr. 5"
    "city",  # as written
    "region",  # state, province or prefecture, as written: "PA", "北京市"
    "billed_to",  # a company, its tax number and address for an invoice, as written: "Hofer GmbH, ATU12345678"
    "wanted",  # what is wanted instead, in the customer's words: "one size up"
    "free_text",  # the whole message, offered to a slot that takes anything
]


@dataclass(frozen=True, slots=True)
class Command:
    """`score` 0..1; `words` is the stretch of the message it came from."""

    score: float
    words: str = ""


@dataclass(frozen=True, slots=True)
class Start(Command):
    """A wish. is_beside: words such as "by the way" or "and also" led to it, so it is none about what was asked.
    is_instead: at a confirmation, words such as "rather" put it in the place of the deed that was shown."""

    intent: str = ""
    is_beside: bool = False
    is_instead: bool = False


@dataclass(frozen=True, slots=True)
class Fill(Command):
    kind: str = ""
    value: Any = None


@dataclass(frozen=True, slots=True)
class Choose(Command):
    """A button, or a number or name that clearly picks one of the options just offered."""

    option: str = ""


@dataclass(frozen=True, slots=True)
class Affirm(Command):
    """A yes. With a condition or a question in it ("yes, but…") it is not a yes: is_conditional."""

    is_conditional: bool = False


@dataclass(frozen=True, slots=True)
class Deny(Command):
    pass


@dataclass(frozen=True, slots=True)
class Correct(Command):
    """A value taken back, "no wait, the blue one": the newest value of that kind is replaced."""

    kind: str = ""
    value: Any = None


@dataclass(frozen=True, slots=True)
class Stop(Command):
    """The case at hand is dropped: "never mind", "forget it"."""


@dataclass(frozen=True, slots=True)
class AskPerson(Command):
    pass


@dataclass(frozen=True, slots=True)
class Ask(Command):
    """A question of knowledge; `question` is put to the catalogue and the articles."""

    question: str = ""


@dataclass(frozen=True, slots=True)
class Feel(Command):
    mood: Literal["angry", "worried", "happy", "neutral"] = "neutral"


@dataclass(frozen=True, slots=True)
class Social(Command):
    """`bot`: asked whether a person or a program answers."""

    kind: Literal["greeting", "thanks", "goodbye", "praise", "bot"] = "greeting"


@dataclass(frozen=True, slots=True)
class OutOfScope(Command):
    pass


@dataclass(frozen=True, slots=True)
class Understanding:
    """What one message may mean. `stage` names the stage that settled it."""

    text: str
    language: str
    commands: tuple[Command, ...] = ()
    stage: Literal["button", "lexical", "embedding", "model", "none"] = "none"
    #: near misses for the one clear question: [("return_item", 0.41), ("exchange", 0.38)]
    alternatives: tuple[tuple[str, float], ...] = ()
    milliseconds: float = 0.0
    #: ISO 639-1 of a language that Kefu doesn't write, when the message is surely in one
    foreign: str = ""


#: key of ListeningFor.extras: the way of putting it right that is put to the customer, as a Fill "remedy" names it
WAY = "way"
#: keys of ListeningFor.extras: the action that a yes would set off, and the street of the address it would write
DEED, STREET = "deed", "street"


@dataclass(frozen=True, slots=True)
class ListeningFor:
    """What the assistant asked last, so that a short answer can be read in its light.

    kinds: fill kinds of the slot asked about, e.g. ("order_number",); options: the choices offered, as
    (value, label) in the customer's language; is_confirming: a yes or no was asked for. extras: `today` (the
    customer's day, a date or its ISO text) resolves "yesterday"; `order_prefix`: how the shop's order numbers begin.
    """

    kinds: tuple[str, ...] = ()
    options: tuple[tuple[str, str], ...] = ()
    is_confirming: bool = False
    language: str = ""
    country: str = ""
    extras: dict[str, Any] = field(default_factory=dict)
