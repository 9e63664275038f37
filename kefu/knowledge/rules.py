"""Words, pairs of characters and what they are worth. Values in, values out."""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Collection, Mapping
from typing import Protocol

LONGEST_QUESTION = 1000  # characters read of a question
MOST_TERMS = 400  # different terms read of one passage
LONGEST_TERM = 40
#: what a term counts that stands in a passage's text only, not in its heading or its example questions
IN_TEXT = 0.6
#: words alone are sure enough from this score on; measured on tests/questions.yaml
SURE_BY_WORDS = 0.42


class HasTexts(Protocol):
    title: str
    heading: str
    asks: str
    text: str


_CJK = "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
_WORD_OR_CJK = re.compile(rf"[{_CJK}]+|[^\W_{_CJK}]+")
_IS_CJK = re.compile(rf"[{_CJK}]")
#: particles and pronouns; they part what stands around them and are no terms themselves
_CJK_FILLERS = re.compile("[的了吗呢吧啊呀哦嘛呗啦喔嗯请我你您他她它们是么什这那个和与及或就也都会能可以想要给让把被]+")
_FILLERS = """
    a about after all also am an and any are as at be been before but by can could did do does for from get give go got
    had has have hello hey hi how i if in into is it its just like long m make may me much many my need no not of off on
    one or our out please re s shall she should so some t take takes tell than thank thanks that the their them then
    there they this to too up us ve want was we were what when where which who will with would you your dear know let
    ll d
"""
_EN_FILLERS = frozenset(_FILLERS.split())


def terms_of(text: str) -> list[str]:
    """The terms by which a text is found, in order: English words without their endings, pairs of Chinese characters.

    "When are my returns refunded?" -> ["return", "refund"]; "退货政策" -> ["退货", "货政", "政策"].
    """
    found: list[str] = []
    for run in _WORD_OR_CJK.findall(unicodedata.normalize("NFKC", text).lower()):
        if _IS_CJK.match(run):
            for piece in filter(None, _CJK_FILLERS.split(run)):
                found += [piece[at : at + 2] for at in range(len(piece) - 1)]
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


def coverage(asked: Collection[str], has: Mapping[str, float], frequency: Mapping[str, int], passages: int) -> float:
    """How much of what was asked the passage speaks of, by worth: 0..1.

    has: the passage's terms with what each counts (1 in its heading and example questions, less in its text).
    A term that no passage has counts as half a rare one: it may be the very thing we know nothing of, or chatter.
    """
    values = _values(asked, frequency, passages)
    whole = sum(values.values())
    return sum(value * has.get(term, 0.0) for term, value in values.items()) / whole if whole else 0.0


def sameness(asked: Collection[str], example: Collection[str], frequency: Mapping[str, int], passages: int) -> float:
    """How alike two questions are, by worth: 0..1. Unlike coverage it asks both ways: what the example says and the
    question does not, counts against it (Dice's coefficient)."""
    ours, theirs = _values(asked, frequency, passages), _values(example, frequency, passages)
    both = sum(ours.values()) + sum(theirs.values())
    return 2 * sum(value for term, value in ours.items() if term in theirs) / both if both else 0.0


def _values(terms: Collection[str], frequency: Mapping[str, int], passages: int) -> dict[str, float]:
    unknown = worth(0, passages) / 2
    return {term: worth(frequency[term], passages) if frequency.get(term) else unknown for term in set(terms)}


def confidence(covered: float, same: float) -> float:
    """From words alone: 0.5 where both together reach SURE_BY_WORDS."""
    return 0.5 * (covered + same) / 2 / SURE_BY_WORDS


def weighted_terms(passage: HasTexts) -> dict[str, float]:
    """What each term of a passage counts."""
    weights = dict.fromkeys(terms_of(passage.text), IN_TEXT)
    weights.update(dict.fromkeys(terms_of(f"{passage.title}\n{passage.heading}\n{passage.asks}"), 1.0))
    return weights
