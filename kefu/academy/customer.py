"""The simulated customer: they read Kefu's words and buttons, never its state, and answer as their scenario says."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from kefu.academy.answering import answers, choose, is_without_choice, proof, settle_for_less, what_is_lacking
from kefu.academy.confirming import asks_to_confirm, confirm
from kefu.academy.figures import amounts, number_of, tells
from kefu.academy.mind import SAID_AGAIN, Mind, Said
from kefu.academy.scenario import MOST_TURNS, Scenario, Wish

PROOFS = ("name", "email", "phone", "postcode", "order_number")


@dataclass(slots=True)
class Customer:
    """One customer in one talk. `open()` gives their first message, `answer()` each next one, None when they have left.

    Deterministic: the same scenario and the same replies give the same messages.
    """

    scenario: Scenario
    is_done: bool = False
    mind: Mind = field(init=False)

    def __post_init__(self) -> None:
        self.mind = Mind(self.scenario)

    @property
    def ended(self) -> list[tuple[Wish, str]]:
        """The wishes so far, with how they ended (Mind.ended)."""
        return self.mind.ended

    def open(self) -> Said:
        """The first message: a greeting, or the first wish at once."""
        mind = self.mind
        mind.turns += 1
        if self.scenario.opens_with == "greeting":
            return Said(mind.pick("greeting"))
        return self._opening()

    def _opening(self) -> Said:
        mind = self.mind
        if not self.scenario.together:
            return Said(mind.tell.in_manner(mind.wish_said()))
        told = [mind.wish_said(wish) for wish in mind.left]
        also = [mind.pick("also") + mind.tell.within(one) for one in told[1:]]
        return Said(mind.tell.in_manner(" ".join([told[0], *also])))

    def answer(self, text: str, choices: Sequence[tuple[str, str]] = (), *, with_person: bool = False) -> Said | None:
        """What they write next. text, choices: Kefu's newest reply, choices as (value, label).

        with_person: Kefu said that a person takes over and the channel shows it; there they wait, so the talk ends.
        """
        mind = self.mind
        mind.turns += 1
        if self.is_done:
            return None
        if with_person:
            mind.end_wish("with a person")
            self.is_done = True
            return None
        if mind.turns > MOST_TURNS or mind.lost >= self.scenario.patience:
            mind.end_wish("left")
            self.is_done = True
            return None
        question = text.strip().rpartition("\n\n")[2]
        if asks_to_confirm(mind, question, choices):
            if mind.agreed:  # the next deed is put already: what they said yes to is done
                mind.agreed = False
                mind.end_wish("done")
                mind.begin()
            self._hear(text)
            return confirm(mind, question, choices)
        if mind.agreed:  # what they said yes to has been answered
            mind.agreed = False
            mind.end_wish("done")
            if self.scenario.together and mind.left and self._is_asked(question):
                mind.begin()
                return self._reply(text, question, choices)
            return self._next()
        return self._reply(text, question, choices)

    def _is_asked(self, question: str) -> bool:
        return "?" in question or "？" in question

    def _reply(self, text: str, question: str, choices: Sequence[tuple[str, str]]) -> Said | None:
        mind = self.mind
        heard = mind.words.heard(question)
        if not mind.left:
            return self._goodbye()
        if "person" in heard and (choices or self._is_asked(question)):
            return self._about_person(choices)
        if "address" in heard and mind.left[0].address and "name" not in heard:  # its postcode is no proof
            return self._repeated("address", answers(mind)["address"]())
        asked = [kind for kind in PROOFS if kind in heard]
        if asked and "which_order" not in heard and (told := proof(mind, asked)):
            return Said(told)
        if self._hear(text):
            return self._told()
        if choices and (picked := choose(mind, choices)):
            return picked
        if mind.words.hears("sorry_not", text):
            settle_for_less(mind, heard)
        for kind, reply in answers(mind).items():
            if kind in heard and (said := reply()):
                return self._repeated(kind, said)
        if asked and (lacking := what_is_lacking(mind, asked)):
            return Said(lacking)
        if "what_wish" in heard or "more" in heard:
            if "more" in heard and mind.said[id(mind.left[0])]:
                mind.end_wish("not answered" if mind.left[0].answers else "told")
                return self._next()
            return self._say_wish()
        if self._is_asked(question):
            return self._say_wish()
        return self._unasked(text)

    def _unasked(self, text: str) -> Said | None:
        """Nothing is asked: that was the answer."""
        mind = self.mind
        wish = mind.left[0]
        if not mind.said[id(wish)]:
            return Said(mind.wish_said())
        if wish.answers:  # but it isn't what they asked for
            return self._say_wish()
        mind.end_wish("refused" if mind.words.hears("sorry_not", text) else "told")
        return self._next() if mind.ended[-1][1] == "told" else self._otherwise()

    def _hear(self, text: str) -> bool:
        """Whether the replies by now hold all that was asked for."""
        mind = self.mind
        wish = next((one for one in mind.left if one.answers), None)
        if wish is None or not (wish is mind.left[0] or self.scenario.together):
            return False
        mind.heard += f"\n{text}"
        if not all(tells(mind.heard, answer) for answer in wish.answers):
            return False
        if wish is not mind.left[0]:  # answered beside another wish
            mind.left.remove(wish)
            mind.ended.append((wish, "answered"))
            mind.heard = ""
            return False
        return True

    def _told(self) -> Said | None:
        mind = self.mind
        wish, heard = mind.left[0], mind.heard
        mind.end_wish("answered")
        limit = number_of(wish.limit) if wish.limit else None
        if limit is not None:
            read = amounts(heard)
            follows = wish.then if read and min(read) <= limit else wish.instead
            if follows is not None:
                mind.left.insert(0, follows)
        return self._next()

    def _repeated(self, kind: str, said: str) -> Said | None:
        """The same question again and again leads nowhere; who has something else in mind takes that then."""
        mind = self.mind
        mind.tries[kind] += 1
        wish = mind.left[0]
        if mind.tries[kind] > SAID_AGAIN or (kind == "instead" and is_without_choice(mind, wish)):
            if wish.instead is not None and wish.otherwise == "instead":
                mind.end_wish("refused")
                return self._otherwise()
            mind.lost += 1
        return Said(said)

    def _about_person(self, choices: Sequence[tuple[str, str]]) -> Said | None:
        mind = self.mind
        wish = mind.left[0]
        if self.scenario.wants_person or wish.otherwise == "person":
            return mind.press(choices, 0, mind.pick("person"))
        mind.end_wish("refused")
        if not choices or not self.scenario.clicks:
            return self._otherwise()
        return Said(choices[-1][1], choices[-1][0])

    def _say_wish(self) -> Said | None:
        mind = self.mind
        wish = mind.left[0]
        if mind.said[id(wish)] > SAID_AGAIN:
            mind.end_wish("not answered" if wish.answers else "left")
            return self._next()
        is_first = not mind.said[id(wish)]
        mind.lost += not is_first
        return self._opening() if is_first and self.scenario.together else Said(
            mind.tell.in_manner(mind.wish_said()) if is_first else mind.wish_said()
        )  # fmt: skip

    def _next(self) -> Said | None:
        """On to the next wish; without one they say goodbye."""
        mind = self.mind
        mind.begin()
        if not mind.left:
            return self._goodbye()
        return Said(mind.wish_said())

    def _otherwise(self) -> Said | None:
        mind = self.mind
        wish = mind.ended[-1][0]
        if wish.otherwise == "person" or self.scenario.wants_person:
            return Said(mind.pick("person"))
        if wish.otherwise == "instead" and wish.instead is not None:
            mind.left.insert(0, wish.instead)
        return self._next()

    def _goodbye(self) -> Said | None:
        mind = self.mind
        self.is_done = True
        return Said(mind.pick("bye")) if mind.turns < MOST_TURNS else None
