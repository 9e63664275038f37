"""What is wrong with goods, and what would make it good: "the strap is missing", "I want my money back"."""

from __future__ import annotations

import re
from collections.abc import Iterator

from kefu.assistant.understanding.entities.found import Entity
from kefu.assistant.understanding.lexicon import Lexicon
from kefu.assistant.understanding.normal import Text

#: a message tells of one fault; of several words for it the most telling counts
_TELLING = ("counterfeit", "missing", "wrong_item", "defective", "not_as_described", "damaged")
_NEGATED = re.compile(
    r"(?:\b(?:not|no|never|isn't|wasn't|aren't|don't|didn't|kein|keine|keinen|nicht|pas|sans|sin|sem|não|nao)"
    r"|不|没|没有|不是|不要|别)[ ]?(?:a |an |any |de |want |want a |need |need a )?$"
)
#: what was ordered, and what came
OF_TWO = 2
#: right after the word, in languages that deny at the end
_NEGATED_AFTER = re.compile(
    r"^[ ]?(?:吗|么|は要りません|はいりません|は不要|じゃない|はなく|말고|은 아니|는 아니|가 아니|이 아니)"
)


def causes_and_remedies(text: Text, words: Lexicon) -> Iterator[Entity]:
    """At most one cause and one wished remedy."""
    causes = list(_found(text, words, "causes", "cause")) or list(_something_else_came(text, words))
    if causes:
        yield min(causes, key=lambda one: (_TELLING.index(one.value), one.start))
    remedies = list(_found(text, words, "remedies", "remedy"))
    if remedies:  # "not a coupon, my money back": what is said last
        yield remedies[-1]


def _something_else_came(text: Text, words: Lexicon) -> Iterator[Entity]:
    """ "I ordered black and got an olive one", "a mug came instead of the lamp": two colours or two things: one was
    ordered, or ought to have been there, and another came. A question ("can I get …?") tells of nothing."""
    folded = text.folded
    came = words.pattern("came").search(folded) if words.group("came") else None
    if came is None or "?" in folded or not (words.has("ordered", folded) or words.has("in_place_of", folded)):
        return
    colors, things = words.map("colors"), words.map("items")
    named = {colors[hit[0]] for hit in words.pattern("colors").finditer(folded)} if colors else set()
    stems = words.map("color_stems")
    named |= {stems[hit[0]] for hit in words.pattern("color_stems").finditer(folded)} if stems else set()
    goods = {things.get(hit[0], hit[0]) for hit in words.pattern("items").finditer(folded)} if things else set()
    if len(named) == OF_TWO or (len(goods) == OF_TWO and words.has("in_place_of", folded)):
        yield Entity("cause", "wrong_item", came.start(), came.end(), 0.8)


def _found(text: Text, words: Lexicon, group: str, kind: str) -> Iterator[Entity]:
    names = words.map(group)
    for hit in words.pattern(group).finditer(text.folded):
        value = names.get(hit[0], names.get(hit[0].replace("'", "")))
        before, after = text.folded[max(0, hit.start() - 16) : hit.start()], text.folded[hit.end() : hit.end() + 8]
        if value is None or _NEGATED.search(before) or _NEGATED_AFTER.search(after):
            continue
        yield Entity(kind, value, hit.start(), hit.end(), 0.85)
