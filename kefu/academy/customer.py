"""The simulated customer: they read Kefu's words and buttons, never its state, and answer as their scenario says."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from kefu.academy.checking import Fault, fault_of, shows
from kefu.academy.figures import amounts, number_of, tells
from kefu.academy.scenario import MOST_TURNS, Scenario, Wish
from kefu.academy.telling import Teller, wanted_of
from kefu.academy.wording import Wordings

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
    #: wishes with how they ended, in that order: done, told, answered, not answered, refused, regretted, wrong, left
    ended: list[tuple[Wish, str]] = field(default_factory=list)
    _left: list[Wish] = field(default_factory=list)
    _tell: Teller = field(init=False)
    _said: Counter[int] = field(default_factory=Counter)
    _agreed: bool = False
    _lost: int = 0
    _turns: int = 0
    _tries: Counter[str] = field(default_factory=Counter)
    _into: dict[str, Mapping[str, str]] = field(default_factory=dict)
    _pay: int = 0
    #: what was answered to the question they asked
    _heard: str = ""

    def __post_init__(self) -> None:
        self._tell = Teller(self.scenario)
        self._left = list(self.scenario.wishes)

    @property
    def _words(self) -> Wordings:
        return self._tell.words

    # ---- the talk ----

    def open(self) -> Said:
        """The first message: a greeting, or the first wish at once."""
        self._turns += 1
        if self.scenario.opens_with == "greeting":
            return Said(self._pick("greeting"))
        return self._opening()

    def _opening(self) -> Said:
        if not self.scenario.together:
            return Said(self._tell.in_manner(self._wish_said()))
        told = [self._wish_said(wish) for wish in self._left]
        also = [self._pick("also") + self._tell._within(one) for one in told[1:]]
        return Said(self._tell.in_manner(" ".join([told[0], *also])))

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
            if self._agreed:  # the next deed is put already: what they said yes to is done
                self._agreed = False
                self._end_wish("done")
                self._begin()
            self._hear(text)
            return self._confirm(question, choices)
        if self._agreed:  # what they said yes to has been answered
            self._agreed = False
            self._end_wish("done")
            if self.scenario.together and self._left and self._is_asked(question):
                self._begin()
                return self._reply(text, question, choices)
            return self._next()
        return self._reply(text, question, choices)

    def _is_asked(self, question: str) -> bool:
        return "?" in question or "？" in question

    def _reply(self, text: str, question: str, choices: Sequence[tuple[str, str]]) -> Said | None:
        heard = self._words.heard(question)
        if not self._left:
            return self._goodbye()
        if "person" in heard and (choices or self._is_asked(question)):
            return self._about_person(choices)
        if "address" in heard and self._left[0].address and "name" not in heard:  # its postcode is no proof
            return self._repeated("address", self._answers()["address"]())
        asked = [kind for kind in PROOFS if kind in heard]
        if asked and "which_order" not in heard and (proof := self._proof(asked)):
            return Said(proof)
        if self._hear(text):
            return self._told()
        if choices and (picked := self._choose(choices)):
            return picked
        if self._words.hears("sorry_not", text):
            self._settle_for_less(heard)
        for kind, reply in self._answers().items():
            if kind in heard and (said := reply()):
                return self._repeated(kind, said)
        if asked and (lacking := self._lacking(asked)):
            return Said(lacking)
        if "what_wish" in heard or "more" in heard:
            if "more" in heard and self._said[id(self._left[0])]:
                self._end_wish("not answered" if self._left[0].answers else "told")
                return self._next()
            return self._say_wish()
        if self._is_asked(question):
            return self._say_wish()
        return self._unasked(text)

    def _unasked(self, text: str) -> Said | None:
        """Nothing is asked: that was the answer."""
        wish = self._left[0]
        if not self._said[id(wish)]:
            return Said(self._wish_said())
        if wish.answers:  # but it isn't what they asked for
            return self._say_wish()
        self._end_wish("refused" if self._words.hears("sorry_not", text) else "told")
        return self._next() if self.ended[-1][1] == "told" else self._otherwise()

    # ---- questions of theirs ----

    def _hear(self, text: str) -> bool:
        """Whether the replies by now hold all that was asked for."""
        wish = next((one for one in self._left if one.answers), None)
        if wish is None or not (wish is self._left[0] or self.scenario.together):
            return False
        self._heard += f"\n{text}"
        if not all(tells(self._heard, answer) for answer in wish.answers):
            return False
        if wish is not self._left[0]:  # answered beside another wish
            self._left.remove(wish)
            self.ended.append((wish, "answered"))
            self._heard = ""
            return False
        return True

    def _told(self) -> Said | None:
        wish, heard = self._left[0], self._heard
        self._end_wish("answered")
        limit = number_of(wish.limit) if wish.limit else None
        if limit is not None:
            read = amounts(heard)
            follows = wish.then if read and min(read) <= limit else wish.instead
            if follows is not None:
                self._left.insert(0, follows)
        return self._next()

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
        self._look_for(question)
        wish = self._left[0] if self._left else None
        if wish is None:
            return self._press(choices, 1, self._pick("no"))
        if wish.regrets:
            return self._regret(wish, choices)
        fault = fault_of(question, wish, into=self._into)
        if fault == "into" and wish.tells_instead:
            fault = self._next_choice(question, wish)
        if not fault and (wish.adds or wish.drops):
            return self._think_again(wish)
        if not fault:
            self._agreed = True
            return self._press(choices, 0, self._tell.yes())
        self._tries["wrong"] += 1
        if self._tries["wrong"] > SAID_AGAIN:
            self._end_wish("wrong")
            return self._press(choices, 1, self._pick("no"))
        return Said(self._correction(fault, wish))

    def _next_choice(self, question: str, wish: Wish) -> Fault:
        """Further choices that they told at once are as good, where the first cannot be had."""
        for thing in wish.things:
            for choice in thing.or_else:
                into = {**self._into, thing.name: choice}
                if not fault_of(question, wish, into=into):
                    self._into = into
                    return ""
        return "into"

    def _look_for(self, question: str) -> None:
        """Of several wishes that were told, or parts of one, it is the one that is shown rightly."""
        if self._left and self._left[0].parts:
            whole = self._left[0]
            fits = next((part for part in whole.parts if not fault_of(question, part)), whole.parts[0])
            rest = tuple(part for part in whole.parts if part is not fits)
            self._said[id(fits)] = 1
            self._left[:1] = [fits, *([replace(whole, parts=rest)] if rest else [])]
            if rest:
                self._said[id(self._left[1])] = 1
        elif self.scenario.together:
            shown = next(
                (one for one in self._left if one.want not in ("ask", "other") and not fault_of(question, one)), None
            )
            if shown is not None and shown is not self._left[0]:
                self._left.remove(shown)
                self._left.insert(0, shown)
                self._begin()

    def _regret(self, wish: Wish, choices: Sequence[tuple[str, str]]) -> Said:
        self._end_wish("regretted")
        self._agreed = False
        if wish.instead is None:
            return self._press(choices, 1, self._pick("regrets"))
        self._left.insert(0, wish.instead)
        self._begin()
        return Said(f"{self._pick('regrets')} {self._wish_said()}")

    def _think_again(self, wish: Wish) -> Said:
        """They were asked whether that is all, and it isn't."""
        left = replace(
            wish, adds=(), drops=(), things=tuple(one for one in wish.things if one.name not in wish.drops) + wish.adds,
            keeps=tuple(one for one in wish.keeps if one not in {thing.name for thing in wish.adds}) + wish.drops,
        )  # fmt: skip
        self._said[id(left)] = self._said[id(wish)]
        self._left[0] = left
        if wish.drops:
            return Said(self._pick("drops", drops=self._tell.joined(wish.drops), things=self._tell.things(left.things)))
        return Said(self._pick("adds", things=self._tell.things(wish.adds)) + (
            f" {self._tell.all_into(replace(wish, things=wish.adds), self._into)}"
            if any(one.into for one in wish.adds) else ""
        ))  # fmt: skip

    def _correction(self, fault: Fault, wish: Wish) -> str:
        if fault == "into" and wish.things:
            changes = self._tell.joined([self._tell.into_of(one, self._into) for one in wish.things])
            return self._pick("wrong_into", changes=changes)
        if fault == "pay":
            return self._pick("wrong_pay", pay=wish.pay[min(self._pay, len(wish.pay) - 1)])
        if fault == "address":
            return self._pick("wrong_address", address=wish.address)
        if wish.things:
            return self._pick("wrong", things=self._tell.things(wish.things))
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
        if not missing:
            return ""
        self._lost += 1
        return self._pick(f"no_{missing}")

    # ---- answers to a question about the wish ----

    def _answers(self) -> dict[str, Callable[[], str]]:
        """By what is asked, how they answer; the likelier question first."""
        wish = self._left[0]
        pay = wish.pay[min(self._pay, len(wish.pay) - 1)] if wish.pay else ""
        return {
            "instead": lambda: self._tell.all_into(wish, self._into),
            "payment": lambda: self._pick("answer.pay", pay=pay) if pay else "",
            "reason": lambda: self._pick("answer.reason", reason=wish.reason) if wish.reason else "",
            "address": lambda: self._pick("answer.address", address=wish.address) if wish.address else "",
            "which_item": lambda: self._things(wish),
            "which_order": lambda: self._which_order(wish),
        }

    def _which_order(self, wish: Wish) -> str:
        if wish.order:
            return self._pick("my_order_number", order=wish.order)
        return self._pick("answer.of", of=wish.of) if wish.of else self._things(wish)

    def _things(self, wish: Wish) -> str:
        things = wish.things or (wish.parts[0].things if wish.parts else ())
        return self._pick("answer.things", things=self._tell.things(things)) if things else ""

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

    def _repeated(self, kind: str, said: str) -> Said | None:
        """The same question again and again leads nowhere; who has something else in mind takes that then."""
        self._tries[kind] += 1
        wish = self._left[0]
        if self._tries[kind] > SAID_AGAIN or (kind == "instead" and self._is_without_choice(wish)):
            if wish.instead is not None and wish.otherwise == "instead":
                self._end_wish("refused")
                return self._otherwise()
            self._lost += 1
        return Said(said)

    def _is_without_choice(self, wish: Wish) -> bool:
        """Whether all that they'd take has been told before."""
        return self._tries["instead"] > 1 and all(
            self._tries[f"else:{one.name}"] >= len(one.or_else) for one in wish.things
        )

    # ---- options ----

    def _choose(self, choices: Sequence[tuple[str, str]]) -> Said | None:
        """The option that is theirs by number, name, payment, reason or address; None when none is."""
        scores = [self._fits(label) for _, label in choices]
        best = max(scores)
        if best <= 0 or (scores.count(best) > 1 and self._tries["choose"] > SAID_AGAIN):
            return None
        self._tries["choose"] += scores.count(best) > 1
        place = scores.index(best)
        return self._press(choices, place, choices[place][1])

    def _fits(self, label: str) -> float:
        wish = self._left[0].parts[0] if self._left[0].parts else self._left[0]
        score = 0.0
        if wish.order and shows(label, wish.order):
            score += 10
        for thing in wish.things:
            if shows(label, thing.name):
                score += 3 + sum(shows(label, mark) for mark in thing.marks.values())
            wanted = {name: value for name, value in wanted_of(thing, self._into).items() if name}
            if wanted and all(shows(label, value) for value in wanted.values()):
                score += 2 + len(wanted)
            elif thing.shows and all(shows(label, value) for value in thing.shows):
                score += 2 + len(thing.shows)
        score += sum(4.0 - place for place, one in enumerate(wish.pay[:3]) if place >= self._pay and shows(label, one))
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
        wish = self._left[0]
        if self._said[id(wish)] > SAID_AGAIN:
            self._end_wish("not answered" if wish.answers else "left")
            return self._next()
        is_first = not self._said[id(wish)]
        self._lost += not is_first
        return self._opening() if is_first and self.scenario.together else Said(
            self._tell.in_manner(self._wish_said()) if is_first else self._wish_said()
        )  # fmt: skip

    def _wish_said(self, wish: Wish | None = None) -> str:
        wish = wish or self._left[0]
        again = self._said[id(wish)]
        self._said[id(wish)] += 1
        text = self._tell.wish(wish, self._into, again)
        return self._pick("again") + text if again else text

    def _begin(self) -> None:
        """What was tried for the last wish counts no more."""
        self._into.clear()
        self._tries.clear()
        self._pay = 0

    def _next(self) -> Said | None:
        """On to the next wish; without one they say goodbye."""
        self._begin()
        if not self._left:
            return self._goodbye()
        return Said(self._wish_said())

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
            self._heard = ""

    def _goodbye(self) -> Said | None:
        self.is_done = True
        return Said(self._pick("bye")) if self._turns < MOST_TURNS else None

    def _pick(self, key: str, **facts: str) -> str:
        return self._tell.pick(key, **facts)
