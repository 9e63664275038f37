"""The simulated customer: they read Kefu's words and buttons, never its state, and answer as their scenario says."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from random import Random

from kefu.academy.checking import Fault, fault_of, shows
from kefu.academy.scenario import MOST_TURNS, Scenario, Thing, Wish
from kefu.academy.wording import Wordings, wordings_of

PROOFS = ("name", "email", "phone", "postcode", "order_number")
#: how often a wish is said again before they give up on it
SAID_AGAIN = 2


@dataclass(frozen=True, slots=True)
class Said:
    """One message of the customer. `choice`: the value of the button pressed, with its label as the text."""

    text: str
    choice: str = ""


@dataclass(slots=True)
class Customer:
    """One customer in one talk. `open()` gives their first message, `answer()` each next one, None when they have left.

    Deterministic: the same scenario and the same replies give the same messages.
    """

    scenario: Scenario
    is_done: bool = False
    #: wishes that were confirmed and answered, refused, and left, in the order it happened: (wish, how)
    ended: list[tuple[Wish, str]] = field(default_factory=list)
    _left: list[Wish] = field(default_factory=list)
    _words: Wordings = field(init=False)
    _rng: Random = field(init=False)
    _used: Counter[str] = field(default_factory=Counter)
    _agreed: bool = False
    _lost: int = 0
    _turns: int = 0
    _tries: Counter[str] = field(default_factory=Counter)
    _into: dict[str, Mapping[str, str]] = field(default_factory=dict)
    _pay: int = 0

    def __post_init__(self) -> None:
        self._words = wordings_of(self.scenario.language)
        self._rng = Random(f"{self.scenario.name}:{self.scenario.seed}")
        self._left = list(self.scenario.wishes)

    # ---- the talk ----

    def open(self) -> Said:
        """The first message: a greeting, or the first wish at once."""
        self._turns += 1
        if self.scenario.opens_with == "greeting":
            return Said(self._pick("greeting"))
        return self._in_manner(self._wish_said())

    def answer(self, text: str, choices: Sequence[tuple[str, str]] = (), *, with_person: bool = False) -> Said | None:
        """What they write next. text, choices: Kefu's newest reply, choices as (value, label).

        with_person: Kefu said that a person takes over and the channel shows it; there they wait, so the talk ends.
        """
        self._turns += 1
        if self.is_done:
            return None
        if with_person:
            self._end_wish("with a person")
            self.is_done = True
            return None
        if self._turns > MOST_TURNS or self._lost >= self.scenario.patience:
            self._end_wish("left")
            self.is_done = True
            return None
        question = text.strip().rpartition("\n\n")[2]
        if self._asks_to_confirm(question, choices):
            return self._confirm(question, choices)
        if self._agreed:  # what they said yes to has been answered
            self._agreed = False
            self._end_wish("done")
            return self._next()
        return self._reply(text, question, choices)

    def _reply(self, text: str, question: str, choices: Sequence[tuple[str, str]]) -> Said | None:
        heard = self._words.heard(question)
        if not self._left:
            return self._goodbye()
        if "person" in heard and (choices or "?" in question or "？" in question):
            return self._about_person(choices)
        if "address" in heard and self._left[0].address and "name" not in heard:  # its postcode is no proof
            return self._repeated("address", self._answers()["address"]())
        asked = [kind for kind in PROOFS if kind in heard]
        if asked and "which_order" not in heard and (proof := self._proof(asked)):
            return Said(proof)
        if choices and (picked := self._choose(question, choices)):
            return picked
        if self._words.hears("sorry_not", text):
            self._settle_for_less(heard)
        for kind, reply in self._answers().items():
            if kind in heard and (said := reply()):
                return self._repeated(kind, said)
        if asked and (lacking := self._lacking(asked)):
            return Said(lacking)
        if "what_wish" in heard or "more" in heard:
            if "more" in heard and self._used[f"said:{len(self._left)}"]:
                self._end_wish("told")
                return self._next()
            return self._say_wish()
        if "?" in question or "？" in question:
            return self._say_wish()
        # nothing is asked: that was the answer
        self._end_wish("refused" if self._words.hears("sorry_not", text) else "told")
        return self._next() if self.ended[-1][1] == "told" else self._otherwise()

    # ---- yes or no ----

    def _asks_to_confirm(self, question: str, choices: Sequence[tuple[str, str]]) -> bool:
        if choices:
            labels = [label for _, label in choices]
            return len(labels) == 2 and self._words.hears("yes_label", labels[0]) and not self._words.hears(
                "person", question
            ) and self._words.hears("no_label", labels[1])  # fmt: skip
        return self._words.hears("confirm", question)

    def _confirm(self, question: str, choices: Sequence[tuple[str, str]]) -> Said | None:
        """Yes when everything is as they want it; no, with what is wrong, when it isn't."""
        wish = self._left[0] if self._left else None
        if wish is None:
            return self._press(choices, 1, self._pick("no"))
        if wish.regrets:
            self._left[0] = replace(wish, regrets=False)
            self._end_wish("regretted")
            self._agreed = False
            return self._press(choices, 1, self._pick("regrets"))
        fault = fault_of(question, wish, into=self._into)
        if not fault:
            self._agreed = True
            return self._press(choices, 0, self._pick("yes"))
        self._tries["wrong"] += 1
        if self._tries["wrong"] > SAID_AGAIN:
            self._end_wish("wrong")
            return self._press(choices, 1, self._pick("no"))
        return Said(self._correction(fault, wish))

    def _correction(self, fault: Fault, wish: Wish) -> str:
        if fault == "into" and wish.things:
            return self._pick("wrong_into", changes=self._joined([self._into_of(one) for one in wish.things]))
        if fault == "pay":
            return self._pick("wrong_pay", pay=wish.pay[min(self._pay, len(wish.pay) - 1)])
        if fault == "address":
            return self._pick("wrong_address", address=wish.address)
        if wish.things:
            return self._pick("wrong", things=self._things(wish))
        return self._pick("no")

    def _press(self, choices: Sequence[tuple[str, str]], place: int, typed: str) -> Said:
        if choices and self.scenario.clicks and place < len(choices):
            return Said(choices[place][1], choices[place][0])
        return Said(typed)

    # ---- who they are ----

    def _proof(self, asked: Sequence[str]) -> str:
        """What they know of what is asked for, in one sentence where name and postcode go together; "" for nothing."""
        knows = self._known()
        has = [kind for kind in asked if kind in knows and self._tries[f"proof:{kind}"] < SAID_AGAIN]
        if has in (["order_number"], []) and len(asked) > 1 and not has:
            return ""
        for kind in has:
            self._tries[f"proof:{kind}"] += 1
        if {"name", "postcode"} <= set(has):
            texts = [self._pick("proof", name=knows["name"], postcode=knows["postcode"])]
            has = [kind for kind in has if kind not in ("name", "postcode")]
        else:
            texts = []
        texts += [
            self._pick(f"my_{kind}", **{"order" if kind == "order_number" else kind: knows[kind]}) for kind in has
        ]
        return " ".join(texts)

    def _known(self) -> dict[str, str]:
        knows = dict(self.scenario.knows)
        if self._left and self._left[0].order:
            knows["order_number"] = self._left[0].order
        return knows

    def _lacking(self, asked: Sequence[str]) -> str:
        missing = next((kind for kind in reversed(asked) if kind not in self._known()), "")
        return self._lost_with(self._pick(f"no_{missing}")) if missing else ""

    def _lost_with(self, text: str) -> str:
        self._lost += 1
        return text

    # ---- answers to a question about the wish ----

    def _answers(self) -> dict[str, Callable[[], str]]:
        """By what is asked, how they answer; the likelier question first."""
        wish = self._left[0]
        pay = wish.pay[min(self._pay, len(wish.pay) - 1)] if wish.pay else ""
        return {
            "instead": lambda: self._all_into(wish),
            "payment": lambda: self._pick("answer.pay", pay=pay) if pay else "",
            "reason": lambda: self._pick("answer.reason", reason=wish.reason) if wish.reason else "",
            "address": lambda: self._pick("answer.address", address=wish.address) if wish.address else "",
            "which_item": lambda: self._pick("answer.things", things=self._things(wish)) if wish.things else "",
            "which_order": lambda: self._which_order(wish),
        }

    def _which_order(self, wish: Wish) -> str:
        if wish.order:
            return self._pick("my_order_number", order=wish.order)
        if wish.of:
            return self._pick("answer.of", of=wish.of)
        return self._pick("answer.things", things=self._things(wish)) if wish.things else ""

    def _all_into(self, wish: Wish) -> str:
        changing = [one for one in wish.things if self._wanted(one)]
        if len(changing) == 1:
            return self._pick("answer.into_alone", into=self._values(self._wanted(changing[0])))
        return ". ".join(self._into_of(one) for one in changing)

    def _into_of(self, thing: Thing) -> str:
        return self._pick("answer.into", thing=self._thing(thing), into=self._values(self._wanted(thing)))

    def _wanted(self, thing: Thing) -> Mapping[str, str]:
        return self._into.get(thing.name, thing.into)

    def _settle_for_less(self, heard: frozenset[str]) -> None:
        """Told that it can't be had, they take the next thing, or the next way of payment, that they'd take."""
        wish = self._left[0]
        if "payment" in heard:
            self._pay = min(self._pay + 1, max(0, len(wish.pay) - 1))
        if "instead" in heard:
            for thing in wish.things:
                used = self._tries[f"else:{thing.name}"]
                if used < len(thing.or_else):
                    self._into[thing.name] = thing.or_else[used]
                    self._tries[f"else:{thing.name}"] += 1

    def _repeated(self, kind: str, said: str) -> Said:
        """The same question again and again leads nowhere."""
        self._tries[kind] += 1
        if self._tries[kind] > SAID_AGAIN:
            self._lost += 1
        return Said(said)

    # ---- options ----

    def _choose(self, question: str, choices: Sequence[tuple[str, str]]) -> Said | None:
        """The option that is theirs by number, name, payment, reason or address; None when none is."""
        scores = [self._fits(label) for _, label in choices]
        best = max(scores)
        if best <= 0 or (scores.count(best) > 1 and self._tries["choose"] > SAID_AGAIN):
            return None
        self._tries["choose"] += scores.count(best) > 1
        place = scores.index(best)
        return self._press(choices, place, choices[place][1])

    def _fits(self, label: str) -> float:
        wish = self._left[0]
        score = 0.0
        if wish.order and shows(label, wish.order):
            score += 10
        for thing in wish.things:
            if shows(label, thing.name):
                score += 3 + sum(shows(label, mark) for mark in thing.marks.values())
            wanted = self._wanted(thing)
            if wanted and all(shows(label, value) for value in wanted.values()):
                score += 2 + len(wanted)
        score += sum(4.0 - place for place, one in enumerate(wish.pay[:3]) if shows(label, one))
        score += 4 * bool(wish.reason and shows(label, wish.reason))
        score += 2 * bool(wish.of and shows(label, wish.of))
        if wish.address:
            score += 2 * shows(label, wish.address.partition(",")[0])
        return score

    def _about_person(self, choices: Sequence[tuple[str, str]]) -> Said | None:
        wish = self._left[0]
        if self.scenario.wants_person or wish.otherwise == "person":
            return self._press(choices, 0, self._pick("person"))
        self._end_wish("refused")
        if not choices or not self.scenario.clicks:
            return self._otherwise()
        return Said(choices[-1][1], choices[-1][0])

    # ---- wishes ----

    def _say_wish(self) -> Said | None:
        key = f"said:{len(self._left)}"
        if self._used[key] > SAID_AGAIN:
            self._end_wish("left")
            return self._next()
        self._lost += self._used[key] > 0
        return Said(self._wish_said()) if self._used[key] else self._in_manner(self._wish_said())

    def _next(self) -> Said | None:
        """On to the next wish; without one they say goodbye."""
        self._into.clear()
        self._tries.clear()
        self._pay = 0
        return Said(self._wish_said()) if self._left else self._goodbye()

    def _otherwise(self) -> Said | None:
        wish = self.ended[-1][0]
        if wish.otherwise == "person" or self.scenario.wants_person:
            return Said(self._pick("person"))
        if wish.otherwise == "instead" and wish.instead is not None:
            self._left.insert(0, wish.instead)
        return self._next()

    def _end_wish(self, how: str) -> None:
        if self._left:
            self.ended.append((self._left.pop(0), how))
            self._lost = 0

    def _goodbye(self) -> Said | None:
        self.is_done = True
        return Said(self._pick("bye")) if self._turns < MOST_TURNS else None

    # ---- words ----

    def _wish_said(self) -> str:
        wish = self._left[0]
        key = f"said:{len(self._left)}"
        again = self._used[key]
        self._used[key] += 1
        text = wish.says[(self.scenario.seed + again) % len(wish.says)] if wish.says else self._worded(wish)
        return self._pick("again") + text if again else text

    def _worded(self, wish: Wish) -> str:
        of_order = self._pick("of_order", order=wish.order) if wish.order else (
            self._pick("of", of=wish.of) if wish.of else ""
        )  # fmt: skip
        if wish.want in ("exchange_items", "change_items"):
            changes = [
                self._pick("change", thing=self._thing(one), into=self._values(self._wanted(one)))
                if self._wanted(one)
                else self._pick("change_alone", thing=self._thing(one))
                for one in wish.things
            ]
            return self._pick(f"wish.{wish.want}", changes=self._joined(changes), of_order=of_order)
        by_things = f"wish.{wish.want}.things"
        if wish.things and not of_order and by_things in self._words.say:
            return self._pick(by_things, things=self._things(wish))
        return self._pick(f"wish.{wish.want}", things=self._things(wish), of_order=of_order)

    def _things(self, wish: Wish) -> str:
        return self._joined([self._thing(one) for one in wish.things])

    def _thing(self, thing: Thing) -> str:
        marks = self._values(thing.marks)
        return self._pick("item_marked", name=thing.name, marks=marks) if marks else self._pick("item", name=thing.name)

    def _values(self, values: Mapping[str, str]) -> str:
        """ "clicky, backlight none": a bare word that says little comes with the property's name."""
        told = [
            self._pick("mark_named", property=name, value=value) if name and _says_little(value)
            else self._pick("mark", property=name, value=value)
            for name, value in values.items()
        ]  # fmt: skip
        return self._pick("comma").join(told)

    def _joined(self, parts: Sequence[str]) -> str:
        if len(parts) < 2:
            return "".join(parts)
        return self._pick("comma").join(parts[:-1]) + self._pick("and") + parts[-1]

    def _in_manner(self, text: str) -> Said:
        manner = self.scenario.manner
        if manner in ("angry", "chatty", "hesitant"):
            return Said(self._pick(manner) + text)
        return Said(text)

    def _pick(self, key: str, **facts: str) -> str:
        said = self._words.pick(key, self._rng, kept=self._used[key], **facts)
        self._used[key] += 1
        return said


def _says_little(value: str) -> bool:
    """ "yes", "none", "8", "M": nobody knows what it is of without its name."""
    return len(value) <= 3 or value.casefold() in ("none", "basic", "standard", "medium", "large", "small")
