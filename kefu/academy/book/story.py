"""A story: who writes in with which orders, what they say, and what must be so afterwards. Read from the pack's files.

The format: docs/reference/story-format.md.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml
from django.conf import settings

from kefu.academy.scenario import LANGUAGES, BadScenario, Scenario, read_scenario
from kefu.kernel import yaml_text

#: what a story may be about: the parts of the department's work
AREAS = ("before", "order", "delivery", "borders", "account", "talk")
#: states an order of a story may be in, with what `days` means there
STATES = {
    "unpaid": "placed so many days ago, nothing paid",
    "declined": "placed so many days ago, the payment was refused",
    "paying": "placed so many days ago, the payment has not come in",
    "twice": "placed so many days ago, paid twice",
    "paid": "placed so many days ago, paid, still here",
    "packing": "placed so many days ago, being packed",
    "on_the_way": "left so many days ago",
    "late": "left so many days ago, its day is over",
    "out": "left so many days ago, with the driver today",
    "missed": "left so many days ago, nobody was at home",
    "customs": "left so many days ago, held at customs",
    "damaged": "left so many days ago, damaged at the carrier's",
    "lost": "left so many days ago, the carrier has given up",
    "silent": "left so many days ago, never heard of since",
    "returning": "left so many days ago, on its way back",
    "delivered": "arrived so many days ago",
    "cancelled": "cancelled so many days ago, its money sent back then",
}
_ITEM = re.compile(r"([a-z0-9-]+?)(?: x(\d+))?", re.IGNORECASE)


class BadBook(ValueError):
    """Stories that cannot be played; `faults` names file, story and cure of each."""

    def __init__(self, faults: Sequence[str]) -> None:
        self.faults = list(faults)
        super().__init__("\n".join(faults))


@dataclass(frozen=True, slots=True)
class Parcel:
    """One parcel of an order: its state, the days that go with it, and which of the order's items, from 1."""

    state: str
    days: int
    items: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Bought:
    """One order of a story. items: (article number, pieces). refunded, returned: how many days ago, None: not. claimed:
    faults of the first item that were made good before."""

    number: str
    state: str
    days: int
    items: tuple[tuple[str, int], ...]
    country: str
    marketplace: str = ""
    carrier: str = "DHL"
    method: str = "card"
    promised: int | None = None
    is_unpromised: bool = False
    parcels: tuple[Parcel, ...] = ()
    refunded: int | None = None
    refund: str = ""
    returned: int | None = None
    discount: str = ""
    shipping: str = ""
    claimed: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Said:
    """What the customer does in one turn: words, a button by the beginning of its value, a photo sent along.

    later: in a conversation of its own, begun by the same customer after the one before.
    """

    text: str = ""
    press: str = ""
    photo: bool = False
    later: bool = False


@dataclass(frozen=True, slots=True)
class Story:
    """One story. `talk` is written out, or a simulated customer `plays` it.

    ends: every change there must be, as changes.py words them, and no other. person: "queue" or "queue priority",
    "" when nobody takes over. cases: "playbook disposition", or "playbook" alone for one that is still open or with a
    person; only those named are looked for. says, never_says: words that Kefu's replies must and must not hold.
    """

    name: str
    language: str
    about: str
    file: str
    talk: tuple[Said, ...] = ()
    plays: Scenario | None = None
    signed_in: bool = True
    customer: Mapping[str, Any] = field(default_factory=dict)
    orders: tuple[Bought, ...] = ()
    ends: tuple[str, ...] = ()
    person: str = ""
    cases: tuple[str, ...] = ()
    says: tuple[str, ...] = ()
    never_says: tuple[str, ...] = ()
    answers_in: str = ""
    terms: Mapping[str, Any] = field(default_factory=dict)


#: where a customer of each language lives unless the story says otherwise
HOMES = {"en": "GB", "zh": "CN", "es": "ES", "fr": "FR", "de": "DE", "ja": "JP", "ko": "KR", "pt": "BR"}
_STORY = {"story", "about", "talk", "plays", "signed_in", "customer", "orders", "ends", "person", "cases", "says",
          "never_says", "answers_in", "terms"}  # fmt: skip
_ORDER = {"number", "is", "days", "items", "to", "on", "by", "pays", "promised", "parcels", "refunded", "refund",
          "returned", "discount", "shipping", "claimed"}  # fmt: skip
_CUSTOMER = {"name", "email", "phone", "postcode", "country", "tier", "points", "subscribed"}
#: days that go with a state when a story doesn't say
_DAYS = {"on_the_way": 2, "late": 9, "out": 3, "missed": 4, "customs": 8, "damaged": 4, "lost": 26, "silent": 40,
         "returning": 12, "delivered": 4}  # fmt: skip


def folder_of(pack: str) -> Path:
    return Path(settings.PACKS_DIR) / pack / "book"


def read_book(pack: str, *, languages: Iterable[str] = ()) -> list[Story]:
    """The pack's stories in the order of their files. Raises BadBook with every fault at once."""
    wanted = set(languages) or set(LANGUAGES)
    faults: list[str] = []
    stories: list[Story] = []
    for language in LANGUAGES:
        for file in sorted(folder_of(pack).glob(f"{language}*.yaml")):
            if file.name.split(".")[0] == language and language in wanted:
                stories += read_stories(file.read_text(encoding="utf-8"), file.name, language, faults)
    names: set[tuple[str, str]] = set()
    for one in stories:
        if (one.language, one.name) in names:
            faults.append(f"{one.file}: {one.name}: another story has this name; find one of its own")
        names.add((one.language, one.name))
    if faults:
        raise BadBook(faults)
    return stories


def read_stories(text: str, file: str, language: str, faults: list[str]) -> list[Story]:
    """The stories of one file; what is wrong is added to `faults`."""
    try:
        data = yaml_text.load(text)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        faults.append(f"{file}:{mark.line + 1 if mark else 1}: this is not YAML; check indentation and quotes here")
        return []
    if not isinstance(data, list):
        faults.append(f"{file}: must be a list of stories, each beginning with `- story: …`")
        return []
    return [_Reading(file, language, place, faults).story(one) for place, one in enumerate(data, 1)]


@dataclass(slots=True)
class _Reading:
    file: str
    language: str
    place: int
    faults: list[str]
    name: str = ""

    def fault(self, where: str, problem: str) -> None:
        self.faults.append(f"{self.file}: {self.name or f'story {self.place}'}: {where}: {problem}")

    def story(self, data: Any) -> Story:
        if not isinstance(data, Mapping):
            self.fault("story", "must be a map with story, about, talk and what must be so afterwards")
            return Story("", self.language, "", self.file)
        self.name = str(data.get("story") or "")
        if not self.name:
            self.fault("story", "is missing; tell in a few words what happens")
        self._known(data, _STORY, "")
        if data.get("about") not in AREAS:
            self.fault("about", f"{data.get('about')!r}; use one of {', '.join(AREAS)}")
        if bool(data.get("talk")) == bool(data.get("plays")):
            self.fault("talk", "write either talk (what is said) or plays (a simulated customer)")
        if not any(name in data for name in ("ends", "person", "cases", "says")):
            self.fault("ends", "nothing is expected; say at least what must be so afterwards, `ends: []` for nothing")
        customer = data.get("customer") or {}
        self._known(customer, _CUSTOMER, "customer.")
        country = str(customer.get("country") or HOMES[self.language])
        return Story(
            name=self.name,
            language=self.language,
            about=str(data.get("about")),
            file=self.file,
            talk=tuple(self._said(one, place) for place, one in enumerate(data.get("talk") or (), 1)),
            plays=self._plays(data["plays"]) if data.get("plays") else None,
            signed_in=bool(data.get("signed_in", True)),
            customer={**customer, "country": country},
            orders=tuple(self._order(one, place, country) for place, one in enumerate(data.get("orders") or ())),
            ends=self._texts(data, "ends"),
            person=str(data.get("person") or ""),
            cases=self._texts(data, "cases"),
            says=self._texts(data, "says"),
            never_says=self._texts(data, "never_says"),
            answers_in=str(data.get("answers_in") or self.language),
            terms=dict(data.get("terms") or {}),
        )

    def _known(self, data: Mapping[str, Any], names: set[str], where: str) -> None:
        for name in data:
            if name not in names:
                self.fault(f"{where}{name}", f"no such field; there are {', '.join(sorted(names))}")

    def _texts(self, data: Mapping[str, Any], name: str) -> tuple[str, ...]:
        value = data.get(name)
        if value is None:
            return ()
        if isinstance(value, str):
            return (value,)
        if not isinstance(value, list):
            self.fault(name, "must be a text or a list of texts")
            return ()
        return tuple(str(one) for one in value)

    def _said(self, data: Any, place: int) -> Said:
        if isinstance(data, bool):
            self.fault(f"talk.{place}", "YAML reads a bare yes or no as true or false; put it in quotation marks")
            return Said()
        if isinstance(data, str | int):
            return Said(str(data))
        if not isinstance(data, Mapping) or not set(data) <= {"press", "photo", "later"} or len(data) != 1:
            cure = "{press: value of a button}, {photo: the words with it} or {later: a new conversation's first words}"
            self.fault(f"talk.{place}", f"must be a text, {cure}")
            return Said()
        if "press" in data:
            press = data["press"]
            return Said(press={True: "yes", False: "no"}.get(press, str(press)) if isinstance(press, bool) else press)
        if "later" in data:
            return Said(str(data["later"]), later=True)
        return Said("" if data["photo"] is True else str(data["photo"]), photo=True)

    def _plays(self, data: Any) -> Scenario | None:
        if not isinstance(data, Mapping):
            self.fault("plays", "must be a scenario, see docs/reference/scenario-format.md")
            return None
        try:
            return read_scenario({"name": self.name, "language": self.language, **data})
        except BadScenario as problem:
            for one in problem.faults:
                self.fault("plays", one)
            return None

    def _order(self, data: Any, place: int, country: str) -> Bought:
        where = f"orders.{place + 1}"
        if not isinstance(data, Mapping):
            self.fault(where, "must be a map such as {is: delivered, days: 5, items: [jacket-blue-M]}")
            return Bought("", "paid", 0, (), country)
        self._known(data, _ORDER, f"{where}.")
        state = str(data.get("is") or "")
        if state not in STATES:
            self.fault(f"{where}.is", f"{state!r}; use one of {', '.join(STATES)}")
        items = tuple(self._item(one, f"{where}.items") for one in data.get("items") or ())
        if not items:
            self.fault(f"{where}.items", "is missing; name at least one article number of shop.yaml")
        days, promised = data.get("days", _DAYS.get(state, 1)), data.get("promised")
        parcels = tuple(self._parcel(one, f"{where}.parcels") for one in data.get("parcels") or ())
        return Bought(
            number=str(data.get("number") or f"KF-{1042 + place}"), state=state, days=int(days), items=items,
            country=str(data.get("to") or country), marketplace=str(data.get("on") or ""),
            carrier=str(data.get("by") or "DHL"), method=str(data.get("pays") or "card"),
            promised=None if promised in (None, "none") else int(promised), is_unpromised=promised == "none",
            parcels=parcels, refunded=data.get("refunded"),
            refund=str(data.get("refund") or ""), returned=data.get("returned"),
            discount=str(data.get("discount") or ""), shipping=str(data.get("shipping") or ""),
            claimed=self._texts(data, "claimed"),
        )  # fmt: skip

    def _item(self, data: Any, where: str) -> tuple[str, int]:
        found = _ITEM.fullmatch(str(data).strip())
        if found is None:
            self.fault(where, f"{data!r}: write an article number, or several pieces of it: mug-white x3")
            return (str(data), 1)
        return (found[1], int(found[2] or 1))

    def _parcel(self, data: Any, where: str) -> Parcel:
        if not isinstance(data, Mapping) or data.get("is") not in STATES or not data.get("items"):
            self.fault(where, "must be a map such as {is: delivered, days: 2, items: [1]}, items counted from 1")
            return Parcel("on_the_way", 0, ())
        days = data.get("days", _DAYS.get(str(data["is"]), 1))
        return Parcel(str(data["is"]), int(days), tuple(int(one) for one in data["items"]))
