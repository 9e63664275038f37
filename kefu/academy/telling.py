"""How the simulated customer puts what they want into words: by language, seed and manner."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from random import Random

from kefu.academy.scenario import Scenario, Thing, Wish
from kefu.academy.wording import Wordings, wordings_of

#: manners that put words of their own before a wish
WORDY = frozenset({"angry", "chatty", "hesitant", "rambling"})
#: one letter in so many of a message by somebody who types in a hurry goes astray
TYPO_EACH = 22


@dataclass(slots=True)
class Teller:
    """Words for one customer. The same scenario and the same calls give the same words."""

    scenario: Scenario
    words: Wordings = field(init=False)
    rng: Random = field(init=False)
    used: Counter[str] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        self.words = wordings_of(self.scenario.language)
        self.rng = Random(f"{self.scenario.name}:{self.scenario.seed}")

    def pick(self, key: str, **facts: str) -> str:
        """One wording of a key, another one each time."""
        said = self.words.pick(key, self.rng, kept=self.used[key], **facts)
        self.used[key] += 1
        return said

    def yes(self) -> str:
        """A yes as this customer says it."""
        key = f"yes.{self.scenario.manner}"
        return self.pick(key if key in self.words.say else "yes")

    def in_manner(self, text: str) -> str:
        manner = self.scenario.manner
        if manner in WORDY:
            return self.pick(manner) + text
        if manner == "typos":
            return self._mistyped(text)
        return text

    def _mistyped(self, text: str) -> str:
        """Letters of small words change places; names, numbers and addresses are typed with care."""
        letters, budget = list(text), max(1, len(text) // TYPO_EACH)
        for hit in re.finditer(r"(?<![\w#@.])[a-z]{5,}(?![\w@])", text):
            if budget and self.rng.random() < 0.4:
                at = hit.start() + 1 + self.rng.randrange(hit.end() - hit.start() - 3)
                letters[at], letters[at + 1] = letters[at + 1], letters[at]
                budget -= 1
        return "".join(letters)

    # ---- a wish ----

    def wish(self, wish: Wish, into: Mapping[str, Mapping[str, str]], again: int = 0) -> str:
        """The wish in whole sentences. into: what they settled for, by a thing's name. again: how often it was said."""
        said = wish.says[(self.scenario.seed + again) % len(wish.says)] if wish.says else self._worded(wish, into)
        if wish.tells_instead and wish.instead is not None:
            said = f"{said} {self.pick('if_not', wish=self.within(self.wish(wish.instead, into)))}"
        return said

    def within(self, sentence: str) -> str:
        """A sentence that becomes the second half of one."""
        is_latin = sentence[:2].isascii() and not sentence.startswith(("I ", "I'"))
        return sentence[:1].lower() + sentence[1:] if is_latin else sentence

    def _worded(self, wish: Wish, into: Mapping[str, Mapping[str, str]]) -> str:
        of_order = self.pick("of_order", order=wish.order) if wish.order else (
            self.pick("of", of=wish.of) if wish.of else ""
        )  # fmt: skip
        if wish.want in ("exchange_items", "change_items"):
            changes = [self._change(one, into, tells_others=wish.tells_instead) for one in wish.things]
            return self.pick(f"wish.{wish.want}", changes=self.joined(changes), of_order=of_order)
        by_things = f"wish.{wish.want}.things"
        if wish.things and not of_order and by_things in self.words.say:
            return self.pick(by_things, things=self.things(wish.things))
        return self.pick(f"wish.{wish.want}", things=self.things(wish.things), of_order=of_order)

    def _change(self, thing: Thing, into: Mapping[str, Mapping[str, str]], *, tells_others: bool) -> str:
        wanted = wanted_of(thing, into)
        if not wanted:
            return self.pick("change_alone", thing=self.thing(thing))
        told = self.pick("change", thing=self.thing(thing), into=self.values(wanted))
        if tells_others and thing.or_else and wanted is thing.into:
            told += "".join(self.pick("or_else", into=self.values(one)) for one in thing.or_else)
        return told

    def things(self, things: Sequence[Thing]) -> str:
        return self.joined([self.thing(one) for one in things])

    def thing(self, thing: Thing) -> str:
        marks = self.values(thing.marks)
        return self.pick("item_marked", name=thing.name, marks=marks) if marks else self.pick("item", name=thing.name)

    def values(self, values: Mapping[str, str]) -> str:
        """ "clicky, backlight none": a bare word that says little comes with the property's name."""
        told = [
            self.pick("mark_named", property=name, value=value) if name and _says_little(value)
            else self.pick("mark", property=name, value=value)
            for name, value in values.items()
        ]  # fmt: skip
        return self.pick("comma").join(told)

    def joined(self, parts: Sequence[str]) -> str:
        if len(parts) < 2:
            return "".join(parts)
        return self.pick("comma").join(parts[:-1]) + self.pick("and") + parts[-1]

    def all_into(self, wish: Wish, into: Mapping[str, Mapping[str, str]]) -> str:
        """What becomes of each thing that changes, as an answer."""
        changing = [one for one in wish.things if wanted_of(one, into)]
        if len(changing) == 1:
            return self.pick("answer.into_alone", into=self.values(wanted_of(changing[0], into)))
        return ". ".join(self.into_of(one, into) for one in changing)

    def into_of(self, thing: Thing, into: Mapping[str, Mapping[str, str]]) -> str:
        return self.pick("answer.into", thing=self.thing(thing), into=self.values(wanted_of(thing, into)))


def wanted_of(thing: Thing, into: Mapping[str, Mapping[str, str]]) -> Mapping[str, str]:
    """What they want of it now: what they settled for, else what they wanted first."""
    return into.get(thing.name, thing.into)


def _says_little(value: str) -> bool:
    """ "yes", "none", "8", "M": nobody knows what it is of without its name."""
    return len(value) <= 3 or value.casefold() in ("none", "basic", "standard", "medium", "large", "small")
