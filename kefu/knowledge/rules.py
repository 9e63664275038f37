"""Words, pairs of characters and what they are worth. Values in, values out."""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Collection, Mapping

LONGEST_QUESTION = 1000  # characters read of a question
MOST_TERMS = 400  # different terms read of one passage
LONGEST_TERM = 40

_CJK = "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
_WORD_OR_CJK = re.compile(rf"[{_CJK}]+|[^\W_{_CJK}]+")
_IS_CJK = re.compile(rf"[{_CJK}]")
#: particles and pronouns; they part what stands around them and are no terms themselves
_CJK_FILLERS = re.compile("[的了吗呢吧啊呀哦嘛呗啦喔嗯请我你您他她它们是么什这那个和与及或就也都会能可以想要给让把被]+")
_EN_FILLERS = frozenset(
    (
        "a about after all also am an and any are as at be been before but by can could did do does for from get give "
        "go got had has have hello hey hi how i if in into is it its just like long m make may me much many my need no "
        "not of off on one or our out please re s shall she should so some t take takes tell than thank thanks that "
        "the their them then there they this to too up us ve want was we were what when where which who will with "
        "would you your dear know let ll d"
    ).split()
)


def terms_of(text: str) -> list[str]:
    """The terms by which a text is found, in order: English words without their endings, pairs of Chinese characters.

    "When are my returns refunded?" -> ["return", "refund"]; "退货政策" -> ["退货", "货政", "政策"].
    """
    found: list[str] = []
    for run in _WORD_OR_CJK.findall(unicodedata.normalize("NFKC", text).lower()):
        if _IS_CJK.match(run):
            for piece in filter(None, _CJK_FILLERS.split(run)):
                found += [piece[at : at + 2] for at in range(len(piece) - 1)] or [piece]
        elif run not in _EN_FILLERS:
            found.append(stem(run)[:LONGEST_TERM])
    return found


def stem(word: str) -> str:
    """An English word without its ending: returns, returned, returning -> return. Other words pass unharmed mostly;
    question and article lose the same ending, which is all that matters."""
    if len(word) < 4 or not word.isascii() or not word.isalpha():
        return word
    if word.endswith("ies") and len(word) > 4:
        word = word[:-3] + "y"
    elif word.endswith("sses") or word.endswith(("shes", "ches", "xes")):
        word = word[:-2]
    elif word.endswith("s") and not word.endswith(("ss", "us", "is")):
        word = word[:-1]
    for ending in ("ing", "ed"):
        if word.endswith(ending) and len(word) - len(ending) >= 3 and re.search("[aeiouy]", word[: -len(ending)]):
            word = word[: -len(ending)]
            if len(word) > 3 and word[-1] == word[-2] and word[-1] not in "lsz":
                word = word[:-1]
            break
    return word[:-1] if word.endswith("e") and len(word) > 4 else word


def worth(passages_with: int, passages: int) -> float:
    """What a term says: much when few passages have it (inverse document frequency, as in BM25)."""
    return math.log(1 + (passages - passages_with + 0.5) / (passages_with + 0.5))


def coverage(asked: Collection[str], has: Collection[str], frequency: Mapping[str, int], passages: int) -> float:
    """How much of what was asked the passage speaks of, by worth: 0..1.

    A term that no passage has counts as half a rare one: it may be the very thing we know nothing of, or chatter.
    """
    terms = set(asked)
    if not terms:
        return 0.0
    values = {
        term: worth(frequency[term], passages) if frequency.get(term) else worth(0, passages) / 2 for term in terms
    }
    whole = sum(values.values())
    return sum(value for term, value in values.items() if term in has) / whole if whole else 0.0
