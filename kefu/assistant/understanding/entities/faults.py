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
#: right after the word, in languages that deny at the end
_NEGATED_AFTER = re.compile(
    r"^[ ]?(?:吗|么|は要りません|はいりません|は不要|じゃない|はなく|말고|은 아니|는 아니|가 아니|이 아니)"
)


def causes_and_remedies(text: Text, words: Lexicon) -> Iterator[Entity]:
    """At most one cause and one wished remedy."""
    causes = list(_found(text, words, "causes", "cause"))
    if causes:
        yield min(causes, key=lambda one: (_TELLING.index(one.value), one.start))
    remedies = list(_found(text, words, "remedies", "remedy"))
    if remedies:  # "not a coupon, my money back": what is said last
        yield remedies[-1]


def _found(text: Text, words: Lexicon, group: str, kind: str) -> Iterator[Entity]:
    names = words.map(group)
    for hit in words.pattern(group).finditer(text.folded):
        value = names.get(hit[0], names.get(hit[0].replace("'", "")))
        before, after = text.folded[max(0, hit.start() - 16) : hit.start()], text.folded[hit.end() : hit.end() + 8]
        if value is None or _NEGATED.search(before) or _NEGATED_AFTER.search(after):
            continue
        yield Entity(kind, value, hit.start(), hit.end(), 0.85)
