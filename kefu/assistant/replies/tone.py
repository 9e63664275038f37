"""One apology in a reply: said once it is meant, said twice it sounds like a form letter."""

from __future__ import annotations

import re
from collections.abc import Sequence

#: how each language says sorry in the texts of a pack
SORRY = {
    "en": re.compile(r"\bsorry\b|apologi[sz]e", re.IGNORECASE),
    "zh": re.compile(r"抱歉|对不起|不好意思"),
    "es": re.compile(r"lament|disculp|lo siento|perd[oó]n", re.IGNORECASE),
    "fr": re.compile(r"désolé|excus", re.IGNORECASE),
    "de": re.compile(r"tut (?:mir|uns) leid|entschuldig", re.IGNORECASE),
    "ja": re.compile(r"申し訳|すみません"),
    "ko": re.compile(r"죄송|미안"),
    "pt": re.compile(r"sentimos muito|sinto muito|desculp|lament", re.IGNORECASE),
}
_SENTENCE = re.compile(r"[^.!?。！？\n]+[.!?。！？]+[ \n]*|[^.!?。！？\n]+\n*|\n+")
#: a longer sentence, or one with a number in it, tells something beside the apology
_LONGEST = 90


def apologise_once(parts: Sequence[str], language: str) -> list[str]:
    """The parts of a reply without the sentences that apologise again; a part that was nothing else is left out.

    A sentence goes only when it is an apology and no more: none with a question or a number in it.
    """
    sorry = SORRY.get(language)
    if sorry is None:
        return list(parts)
    kept: list[str] = []
    is_said = False
    for part in parts:
        said = part
        if sorry.search(part):
            said, is_said = _without(part, sorry, already=is_said), True
        if said:
            kept.append(said)
    return kept


def _without(part: str, sorry: re.Pattern[str], *, already: bool) -> str:
    sentences = []
    for sentence in _SENTENCE.findall(part):
        if sorry.search(sentence):
            bare = sentence.strip()
            if already and len(bare) <= _LONGEST and not re.search(r"[\d?？]", bare):
                continue
            already = True
        sentences.append(sentence)
    return "".join(sentences).strip()
