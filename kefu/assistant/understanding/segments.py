"""Stage 4: one message, several stretches, each with at most one wish."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

from kefu.assistant.understanding.lexicon import Lexicon, any_of

#: stretches of one message that are looked at; a letter with more is read in larger pieces
MOST = 12
#: the same for clauses, each of which is embedded
MOST_CLAUSES = 7
#: letters below which a clause belongs to its neighbour: "kind regards", "好的"
LEAST, LEAST_HAN = 9, 4

_CLAUSE_END = re.compile(r"(?:[!?;,¿¡\n]|\.(?![\da-z@]))+\s*")
_SENTENCE_END = re.compile(r"(?:[!?;¿¡\n]|\.(?![\da-z@]))+\s*")
_COMMA_OR_DASH = re.compile(r",\s*|\s-+\s|-{2,}")
_HAN = re.compile(r"[぀-ヿ㐀-鿿가-힯]")


#: the word right before a full stop
_LAST_WORD = re.compile(r"[^\W\d_]{1,24}$")


@dataclass(frozen=True, slots=True)
class Stretch:
    """`joined`: it begins with words that open a new subject ("by the way", "另外")."""

    start: int
    end: int
    joined: bool = False


def clauses(folded: str) -> list[tuple[int, int, str]]:
    """Pieces between any punctuation as (start, end, the marks that end it)."""
    pieces, start = [], 0
    for hit in _CLAUSE_END.finditer(folded):
        if hit.start() > start:
            pieces.append((start, hit.start(), hit[0].strip()))
        start = hit.end()
    if start < len(folded):
        pieces.append((start, len(folded), ""))
    return pieces[:200]


@lru_cache(maxsize=4)
def _cutters(
    joints: frozenset[str], ands: frozenset[str], starters: frozenset[str]
) -> tuple[re.Pattern[str], re.Pattern[str]]:
    latin_joint = any_of([joint for joint in joints if joint.isascii()])
    han_joint = any_of([joint for joint in joints if not joint.isascii()])
    latin_and = any_of([word for word in ands if word.isascii()])
    han_and = any_of([word for word in ands if not word.isascii()])
    latin_starter = any_of([word for word in starters if word.isascii()])
    han_starter = any_of([word for word in starters if not word.isascii()])
    joint = re.compile(
        rf"(?:(?<=[,.!?;\n])|(?<=[,.!?;\n] )|^)[ ]?(?:(?:and|oh|but|so|ok|y|et|und|e|ah|ach),? )?{latin_joint}"
        rf"|(?<=[a-z0-9]) (?:and |but |oh |y |et |und |e )?(?:{latin_joint})(?=,? {latin_starter})"
        rf"|(?:(?<=[,.!?;\n ])|^)(?:{han_joint})(?!货|多久|没有|几|吗|现货|库存|别的|其他颜色|其它|尺码|多少)"
        rf"|(?<=[㐀-鿿0-9])(?:另外|顺便|对了|此外|还想问|再帮我|再问|也帮我)(?!一[件个双条款单])"
    )
    weak = re.compile(
        rf"[ ,]{{1,3}}(?:{latin_and}),?[ ](?={latin_starter})|,[ ]?(?={latin_starter})"
        rf"|[, ]{{1,3}}(?:{han_and})?(?={han_starter})|(?<=[㐀-鿿])(?:然后|而且|但是)(?={han_starter})"
    )
    return joint, weak


def without_joint(folded: str, words: Lexicon) -> str:
    """A stretch without the words that only join it to the one before."""
    joint, _ = _cutters(words.group("joint"), words.group("and"), words.group("joint_word_after_and"))
    hit = joint.match(folded)
    return folded[hit.end() :].lstrip(" ,.:") if hit and hit.end() < len(folded) else folded


def _is_shortened(folded: str, hit: re.Match[str], words: Lexicon) -> bool:
    """ "Hauptstr. 5" and "ca. 120": such a stop ends no sentence, unless the message ends with it."""
    if hit[0].strip() != "." or "\n" in hit[0] or hit.end() == len(folded):
        return False
    word = _LAST_WORD.search(folded, max(0, hit.start() - 25), hit.start())
    if word is None:
        return False
    return f"{word[0]}." in words.group("shortened") or word[0].endswith(tuple(words.group("shortened_ends")))


def stretches(folded: str, words: Lexicon) -> list[Stretch]:
    """Cut at sentence ends, before words that open a new subject, and at "and" where a new request begins."""
    joint, weak = _cutters(words.group("joint"), words.group("and"), words.group("joint_word_after_and"))
    opens = {hit.start() for hit in joint.finditer(folded)}
    ends = {hit.end() for hit in _SENTENCE_END.finditer(folded) if not _is_shortened(folded, hit, words)}
    cuts = ends | opens | {hit.end() for hit in weak.finditer(folded)}
    edges = sorted({0, len(folded), *cuts})
    pieces: list[Stretch] = []
    for start, end in pairwise(edges):
        joined = any(start <= place <= start + 2 for place in opens) and start > 0
        if any(letter.isalnum() for letter in folded[start:end]):
            pieces.append(Stretch(start, end, joined))
    while len(pieces) > MOST:  # join the two shortest neighbours
        at = min(range(len(pieces) - 1), key=lambda place: pieces[place + 1].end - pieces[place].start)
        pieces[at : at + 2] = [Stretch(pieces[at].start, pieces[at + 1].end, pieces[at].joined)]
    return pieces


@lru_cache(maxsize=16)
def _clause_edges(words: Lexicon) -> tuple[re.Pattern[str], re.Pattern[str]]:
    """Where a clause begins (before the hit) and where one ends (after it), without any mark."""
    leading = words.group("and") | words.group("joint")
    latin = any_of([word for word in leading if word.isascii()])
    signs = any_of([word for word in words.group("clause_start") if not word.isascii()])
    begins = re.compile(  # 还有货 is "is there any left", no "and also"
        rf"(?<=[a-z0-9,.!?;%)'\"]) (?={latin} )|(?<=[㐀-鿿0-9a-z])(?={signs}(?!货|多久|没有|几|吗|现货|库存|别的))"
    )
    kana = any_of([word for word in words.group("clause_end") if not "가" <= word[-1] <= "힯"])
    hangul = any_of([word for word in words.group("clause_end") if "가" <= word[-1] <= "힯"])
    ends = re.compile(rf"(?<=[぀-ヿ㐀-鿿]){kana}(?![,;.!?かねよがしのけ])|(?<=[가-힯]){hangul}(?= )")
    return begins, ends


def clauses_of_wishes(folded: str, words: Lexicon) -> list[Stretch]:
    """One message cut wherever a wish may begin: also at commas, before "and", after たいのと and 하고.

    Finer than what is wanted: `several.py` puts together again what belongs together. At most MOST_CLAUSES.
    """
    joint, _ = _cutters(words.group("joint"), words.group("and"), words.group("joint_word_after_and"))
    begins, ends = _clause_edges(words)
    opens = {hit.start() for hit in joint.finditer(folded)}
    stops = {hit.end() for hit in _SENTENCE_END.finditer(folded) if not _is_shortened(folded, hit, words)}
    sentences = stops | {0}
    cuts = sentences | opens | {hit.end() for hit in _COMMA_OR_DASH.finditer(folded)}
    cuts |= {hit.end() for edge in (begins, ends) for hit in edge.finditer(folded)}
    pieces = [
        (start, end) for start, end in pairwise(sorted({*cuts, len(folded)}))
        if any(letter.isalnum() for letter in folded[start:end])
    ]  # fmt: skip
    least = LEAST_HAN if _HAN.search(folded) else LEAST
    lengths = [sum(letter.isalnum() for letter in folded[start:end]) for start, end in pieces]
    while len(pieces) > 1:
        at = min(range(len(pieces)), key=lambda place: lengths[place])
        if lengths[at] >= least and len(pieces) <= MOST_CLAUSES:
            break
        near = [place for place in (at - 1, at + 1) if 0 <= place < len(pieces)]
        own = [place for place in near if pieces[max(at, place)][0] not in sentences]  # of the same sentence
        if not own and lengths[at] >= 2 and len(pieces) <= MOST_CLAUSES:
            lengths[at] = least  # "Return please." stands for itself
            continue
        other = min(own or near, key=lambda place: lengths[place])
        first = min(at, other)
        pieces[first : first + 2] = [(pieces[first][0], pieces[first + 1][1])]
        lengths[first : first + 2] = [lengths[first] + lengths[first + 1]]
    return [
        Stretch(start, end, any(start <= place <= start + 2 for place in opens) and start > 0) for start, end in pieces
    ]
