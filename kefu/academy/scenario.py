"""A scenario: who the customer is, what they want, what they know, what they'd take instead and how they talk.

It is written as data (docs/reference/scenario-format.md), so that a trainer writes one without knowing Kefu.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, cast, get_args

from kefu.academy.figures import number_of

LANGUAGES = ("en", "zh", "es", "fr", "de", "ja", "ko", "pt")
Manner = Literal["plain", "terse", "chatty", "angry", "hesitant", "rambling", "typos"]
#: what a customer may be asked for to show who they are
Proof = Literal["name", "email", "phone", "postcode", "order_number"]
#: what a wish can be; each has wordings of its own in every language. "ask" and "other" bring their own words
Want = Literal[
    "cancel_order", "return_items", "exchange_items", "change_items", "change_address", "change_default_address",
    "change_payment", "order_status", "refund_status", "ask", "other",
]  # fmt: skip
MOST_TURNS = 40


class BadScenario(ValueError):
    """A scenario that cannot be played; `faults` names each place with its cure."""

    def __init__(self, faults: Sequence[str]) -> None:
        self.faults = list(faults)
        super().__init__("\n".join(faults))


@dataclass(frozen=True, slots=True)
class Thing:
    """One item as its owner describes it.

    name: the words for it. marks: what tells it from another of the same name, by property ({"colour": "blue"}).
    into: what they want instead: the properties that change, or, for a plain wish, {"": "the cheapest one"}.
    shows: words of which a confirmation must show at least one for each entry of `into` (default: its value).
    or_else: further choices of `into`, in order, for when one isn't to be had.
    """

    name: str
    marks: Mapping[str, str] = field(default_factory=dict)
    into: Mapping[str, str] = field(default_factory=dict)
    shows: tuple[str, ...] = ()
    or_else: tuple[Mapping[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Wish:
    """One wish. Fields that a wish doesn't need stay empty.

    order: the order's number, "" when the customer doesn't know it. of: words that name the order otherwise.
    keeps: names of things in the same order that must stay as they are: a confirmation that lists them is wrong.
    pay: how they pay or get money back, in their words, the best first. address: lines as they'd write it.
    regrets: at the confirmation they say no after all (and have `instead`, if there is one).
    otherwise: what they do when it can't be done. tells_instead: they say so in the same breath, with the further
    choices of things. adds, drops: second thoughts at the confirmation: things they want as well, names of things
    they leave as they are. parts: one wish in words, several deeds: each is confirmed by itself, in any order.
    answers: figures or words that a right answer holds (of `ask`). limit: they read the least amount of the answer:
    up to it they have `then`, above it `instead`.
    """

    want: Want
    things: tuple[Thing, ...] = ()
    order: str = ""
    of: str = ""
    keeps: tuple[str, ...] = ()
    pay: tuple[str, ...] = ()
    reason: str = ""
    address: str = ""
    says: tuple[str, ...] = ()
    shows: tuple[str, ...] = ()
    amount: str = ""
    regrets: bool = False
    otherwise: Literal["leave", "person", "instead"] = "leave"
    instead: Wish | None = None
    tells_instead: bool = False
    adds: tuple[Thing, ...] = ()
    drops: tuple[str, ...] = ()
    parts: tuple[Wish, ...] = ()
    answers: tuple[str, ...] = ()
    limit: str = ""
    then: Wish | None = None


@dataclass(frozen=True, slots=True)
class Scenario:
    """Everything the simulated customer is made of. `seed` picks the wordings; the same seed talks the same.

    knows: what they can prove themselves with; what isn't in it they don't know. clicks: whether they press buttons
    (else they type). patience: replies that lead nowhere before they leave. opens_with: "wish", or "greeting" first.
    together: they tell all their wishes in the first message.
    """

    name: str
    wishes: tuple[Wish, ...]
    knows: Mapping[str, str] = field(default_factory=dict)
    language: str = "en"
    manner: Manner = "plain"
    seed: int = 0
    clicks: bool = True
    patience: int = 3
    opens_with: Literal["wish", "greeting"] = "wish"
    wants_person: bool = False
    together: bool = False


_WISH = {name for name in Wish.__slots__ if name != "want"} | {"want"}


def read_scenario(data: Mapping[str, Any]) -> Scenario:
    """A scenario from its data (YAML or JSON already read). Raises BadScenario with every fault at once."""
    faults: list[str] = []
    known = set(Scenario.__slots__)
    faults += [f"{name}: no such field; known are {', '.join(sorted(known))}" for name in sorted(set(data) - known)]
    language = str(data.get("language", "en"))
    if language not in LANGUAGES:
        faults.append(f"language: {language!r} is not spoken here; use one of {', '.join(LANGUAGES)}")
    manner = data.get("manner", "plain")
    if manner not in get_args(Manner):
        faults.append(f"manner: {manner!r}; use one of {', '.join(get_args(Manner))}")
    knows = data.get("knows") or {}
    for name in sorted(set(knows) - set(get_args(Proof))):
        faults.append(f"knows.{name}: nobody is asked for that; use {', '.join(get_args(Proof))}")
    wishes = tuple(_wish(one, f"wishes.{place}", faults) for place, one in enumerate(data.get("wishes") or (), 1))
    if not wishes:
        faults.append("wishes: a customer without a wish doesn't write; give at least one")
    if faults:
        raise BadScenario(faults)
    return Scenario(
        name=str(data.get("name", "")),
        wishes=wishes,
        knows={str(name): str(value) for name, value in knows.items()},
        language=language,
        manner=manner,
        seed=int(data.get("seed", 0)),
        clicks=bool(data.get("clicks", True)),
        patience=int(data.get("patience", 3)),
        opens_with="greeting" if data.get("opens_with") == "greeting" else "wish",
        wants_person=bool(data.get("wants_person", False)),
        together=bool(data.get("together", False)),
    )


def _wish(data: Any, place: str, faults: list[str]) -> Wish:
    if not isinstance(data, Mapping):
        faults.append(f"{place}: must be a map with at least `want`")
        return Wish("other")
    faults += [f"{place}.{name}: no such field; known are {', '.join(sorted(_WISH))}" for name in set(data) - _WISH]
    want = data.get("want")
    if want not in get_args(Want):
        faults.append(f"{place}.want: {want!r}; use one of {', '.join(get_args(Want))}")
        want = "other"
    says = _texts(data.get("says"))
    if want in ("ask", "other") and not says:
        faults.append(f"{place}.says: a wish of the kind {want} brings its own words; write at least one wording")
    otherwise = data.get("otherwise", "instead" if data.get("instead") else "leave")
    if otherwise not in ("leave", "person", "instead"):
        faults.append(f"{place}.otherwise: {otherwise!r}; use leave, person or instead")
        otherwise = "leave"
    if otherwise == "instead" and not data.get("instead"):
        faults.append(f"{place}.instead: is missing; write the wish they'd have instead")
    limit = str(data.get("limit", ""))
    if limit and number_of(limit) is None:
        faults.append(f"{place}.limit: {limit!r} is no number; write it like 199.00")
    if limit and not data.get("then"):
        faults.append(f"{place}.then: is missing; write the wish they'd have up to the limit")
    if data.get("then") and not limit:
        faults.append(f"{place}.limit: is missing; write the amount up to which they'd have `then`")

    def within(name: str) -> Wish | None:
        return _wish(data[name], f"{place}.{name}", faults) if data.get(name) else None

    def things(name: str) -> tuple[Thing, ...]:
        return tuple(_thing(one, f"{place}.{name}.{n}", faults) for n, one in enumerate(data.get(name) or (), 1))

    return Wish(
        want=cast(Want, want), things=things("things"), order=str(data.get("order", "")), of=str(data.get("of", "")),
        keeps=_texts(data.get("keeps")), pay=_texts(data.get("pay")), reason=str(data.get("reason", "")),
        address=str(data.get("address", "")), says=says, shows=_texts(data.get("shows")),
        amount=str(data.get("amount", "")), regrets=bool(data.get("regrets", False)), otherwise=otherwise,
        instead=within("instead"), tells_instead=bool(data.get("tells_instead", False)), adds=things("adds"),
        drops=_texts(data.get("drops")), answers=_texts(data.get("answers")), limit=limit, then=within("then"),
        parts=tuple(_wish(one, f"{place}.parts.{n}", faults) for n, one in enumerate(data.get("parts") or (), 1)),
    )  # fmt: skip


def _thing(data: Any, place: str, faults: list[str]) -> Thing:
    if isinstance(data, str):
        return Thing(data)
    if not isinstance(data, Mapping) or not data.get("name"):
        faults.append(f"{place}: must be a name, or a map with `name`")
        return Thing("")
    return Thing(
        name=str(data["name"]), marks=_pairs(data.get("marks")), into=_pairs(data.get("into")),
        shows=_texts(data.get("shows")), or_else=tuple(_pairs(one) for one in data.get("or_else") or ()),
    )  # fmt: skip


def _pairs(data: Any) -> dict[str, str]:
    if isinstance(data, str):
        return {"": data}
    return {str(name): str(value) for name, value in (data or {}).items()}


def _texts(data: Any) -> tuple[str, ...]:
    if data is None:
        return ()
    return (data,) if isinstance(data, str) else tuple(str(one) for one in data)
