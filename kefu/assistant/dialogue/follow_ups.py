"""What people still ask about what was just asked or done: "and when do I get the money?", "do I need a label?".

Such a question names nothing, so by itself it means any order and any wish; in its place it means what was told last.
The pack declares the questions, and which text answers each after which (packs/*/follow_ups.yaml, format in
docs/reference/follow-ups.md). Facts come from what was told, never from the question.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

from django.conf import settings

from kefu.assistant.dialogue.talk import Told
from kefu.assistant.engine.effects import Ask, Confirm, Effect, Say
from kefu.assistant.language import Choose, Fill, Start, Understanding
from kefu.kernel import yaml_text

Json = Any

#: letters of a question about what was just said; whoever writes more says what it is about
LONGEST = 150
#: things told or asked that are remembered, newest last
TOLD_AT_MOST = 4
#: whose effect an answer to such a question is: no case's
FOLLOWED = "~told"
#: wishes that such words never hide: they are about something else, or must not wait
_OWN_SUBJECT = frozenset(
    {"coupon_question", "size_advice", "loyalty_points", "wholesale", "how_to_use", "compare_products", "urgent",
     "suggest_product", "data_request", "consent", "sign_in_trouble", "account_change", "place_order"}
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Answer:
    """One of: the text `say`, the wish `start` to begin, or a `question` for the help pages, by language.

    given: what the wish begun knows from what was told: kind of a fill -> name of the fact.
    """

    say: str = ""
    start: str = ""
    question: Mapping[str, str] | None = None
    is_quiet: bool = False
    given: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class FollowUp:
    """words: per language alternatives, each a list of parts that must all occur, each part its alternatives."""

    name: str
    words: Mapping[str, tuple[tuple[tuple[str, ...], ...], ...]]
    after: Mapping[str, Answer]

    def is_asked(self, folded: str, language: str) -> bool:
        lines = self.words.get(language, ())
        return any(all(any(_occurs(word, folded) for word in part) for part in line) for line in lines)


def _occurs(word: str, folded: str) -> bool:
    if not word.isascii():
        return word in folded
    return f" {word}" in folded


def folded(text: str) -> str:
    """Lower case without marks, every mark of punctuation a blank, one blank in front: " wo bleibt s "."""
    plain = unicodedata.normalize("NFKD", text.lower().replace("ß", "ss"))
    kept = "".join(char for char in plain if not unicodedata.combining(char) or char in "\u3099\u309a")
    kept = unicodedata.normalize("NFC", kept)
    return " " + " ".join("".join(char if char.isalnum() or char in "'-’" else " " for char in kept).split())


@lru_cache(maxsize=8)
def follow_ups_of(pack: str) -> tuple[FollowUp, ...]:
    """The pack's follow-ups, in its order; () where it has none. Raises ValueError for a file that is not in shape."""
    file = Path(settings.PACKS_DIR) / pack / "follow_ups.yaml"
    if not file.exists():
        return ()
    declared = yaml_text.load(file.read_text(encoding="utf-8"))
    questions = declared.pop("questions", {})
    return tuple(_read(name, one, questions) for name, one in declared.items())


def _read(name: str, one: Json, questions: Mapping[str, Mapping[str, str]]) -> FollowUp:
    if not isinstance(one, dict) or not set(one) <= {"words", "after", "quiet"} or not one.get("after"):
        raise ValueError(f"follow_ups.yaml: {name} needs words and after")
    words = {
        language: tuple(
            tuple(tuple(_word(word) for word in part.split("|")) for part in str(line).split("&")) for line in lines
        )
        for language, lines in one["words"].items()
    }
    after = {}
    for key, told in one["after"].items():
        if isinstance(told, str):
            after[key] = Answer(say=told, is_quiet=bool(one.get("quiet")))
        elif "question" in told:
            after[key] = Answer(question=questions[told["question"]])
        else:
            after[key] = Answer(start=told["start"], given=dict(told.get("given", {})))
    return FollowUp(name, words, after)


def _word(word: str) -> str:
    return folded(word).strip()


def asked(understood: Understanding, pack: str) -> list[FollowUp]:
    """The follow-ups that the words of this message may mean; [] when it says what it is about."""
    if len(understood.text) > LONGEST or any(isinstance(one, Choose) for one in understood.commands):
        return []
    if any(isinstance(one, Start) and one.intent in _OWN_SUBJECT for one in understood.commands):
        return []
    if any(isinstance(one, Fill) and one.kind in ("email", "tracking_number") for one in understood.commands):
        return []
    text = folded(understood.text)
    return [one for one in follow_ups_of(pack) if one.is_asked(text, understood.language)]


def answer_after(meant: Sequence[FollowUp], told: Sequence[Told]) -> tuple[Answer, Told] | None:
    """What answers after what was told, newest first, with what it is about. `.again` texts count as the first."""
    for about in told:
        for name in (about.key, about.key.removesuffix(".again")):
            for one in meant:
                if name in one.after:
                    return one.after[name], about
    return None


def told_in(
    effects: Sequence[tuple[str, Effect]], rules: Mapping[str, tuple[str, ...]], earlier: Sequence[Told],
    opened: Collection[str],
) -> list[Told]:  # fmt: skip
    """What a turn has told and asked, newest first, each with all that was told of its case up to then. A case that
    was open before goes on from what was told last. effects by case key; rules of each case; opened in this turn."""
    merged: dict[str, dict[str, Json]] = {}
    found = []
    for owner, effect in effects:
        if not isinstance(effect, Say | Ask | Confirm) or owner.startswith("~"):
            continue
        before = earlier[0].facts if earlier and owner not in opened else {}
        facts = merged[owner] = {**merged.get(owner, before), **effect.facts}
        if not effect.key.startswith(("dialogue.", "follow.")):
            found.append(Told(effect.key, facts, rules.get(owner, ())))
    return found[::-1]


def remembered(earlier: Sequence[Told], here: Sequence[Told]) -> list[Told]:
    """What the next turn is asked about: what was told now, then what was told before."""
    names = {one.key for one in here}
    return [*here, *(one for one in earlier if one.key not in names)][:TOLD_AT_MOST]
