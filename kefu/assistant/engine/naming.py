"""Which lines the customer's words name: "the blue one", "that scarf", "那件黑的", give or take a letter."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence

from rapidfuzz import fuzz

from kefu.assistant.engine.state import Heard
from kefu.assistant.facts import LineFact

#: at or above this the words name the item; rapidfuzz, 0..100
NAMES_ITEM = 78
#: enough where colour or size narrow it down as well
NAMES_ROUGHLY = 55
#: words that name nothing; Latin words, and Chinese characters within a word
_FILLERS = frozenset(
    [
        "a",
        "an",
        "the",
        "this",
        "that",
        "these",
        "those",
        "my",
        "our",
        "your",
        "one",
        "ones",
        "of",
        "with",
        "in",
        "it",
        "item",
        "article",
        "thing",
        "pair",
    ]
)
_HAN_FILLERS = frozenset("那这件个的条双只款色子我买要退把一和跟与及")
_HAN_COLORS = frozenset("黑白红蓝绿黄橙紫粉棕灰米银金青")
_WORD = re.compile(r"[\u3400-\u9fff]+|[^\W_]+")
_HAN = re.compile(r"[\u3400-\u9fff]")
#: a Latin word this short is only ever meant literally: "m", "xl", "42"
SHORT = 3
#: letters that are enough of a word's beginning, whatever its ending and marks
STEM = 5
#: candidates this close to the best one are as good as it
AS_GOOD = 8


def plain(word: str) -> str:
    """Without marks: "bastón" -> "baston"."""
    return "".join(char for char in unicodedata.normalize("NFKD", word) if not unicodedata.combining(char))


def lines_named(said: Mapping[str, Heard], lines: Sequence[LineFact]) -> list[LineFact]:
    """The lines that words, colour and size fit; [] when they fit none."""
    found = list(lines)
    if "color" in said:
        color = str(said["color"].value).lower()
        found = [line for line in found if color and color in line.color.lower()]
    if "size" in said:
        size = str(said["size"].value).upper()
        of_size = [line for line in found if line.size.upper() == size]
        # "the red jacket … can I get it in S?": words or a colour name the line, the size is what is wanted
        found = of_size or (found if {"item_words", "color"} & set(said) else [])
    if "item_words" in said and found:
        words = str(said["item_words"].value).lower()[:200]
        if "color" in said:  # "那件黑的": the colour is read already, and nothing else is named
            words = "".join(letter for letter in words if letter not in _HAN_COLORS)
            if not words.strip("".join(_HAN_FILLERS) + " "):
                return found
        scores = [(likeness(words, line), line) for line in found]
        best = max(score for score, _ in scores)
        # "the red jacket … no, blue": a colour said again stands for the one in the words
        if best < (NAMES_ROUGHLY if {"color", "size"} & set(said) else NAMES_ITEM):
            return []
        found = [line for score, line in scores if score >= best - AS_GOOD]
    return found


def are_of_other_kinds(words: str, lines: Sequence[LineFact], pack: str) -> bool:
    """Whether the words name a kind of goods that none of the lines is: a backpack, of a jacket and socks. What is no
    kind of goods ("my present"), or may be a line whose kind nobody knows, is none."""
    from kefu.assistant.actions.catalog.kinds import kinds_in, kinds_of  # its package imports the engine

    named = kinds_in(pack, words[:200])
    own = [kinds_in(pack, " / ".join(line.titles.values())) for line in lines] if named else []
    return bool(own) and all(own) and not any(kinds_of(pack).are_alike(named, one) for one in own)


def is_of_kind(words: str, line: LineFact, pack: str) -> bool:
    """Whether the words name a kind of goods that the line is: "both jackets", of a fleece."""
    from kefu.assistant.actions.catalog.kinds import kinds_in, kinds_of  # its package imports the engine

    return kinds_of(pack).are_alike(kinds_in(pack, words[:200]), kinds_in(pack, " / ".join(line.titles.values())))


def likeness(words: str, line: LineFact) -> float:
    """0..100: how much of what the customer said is in the line's name, in whichever of its languages fits best.

    Every word said must be found (give or take a letter), but not every word of the title be said. Names of the same
    thing in two languages stand apart by " / ": "chaqueta azul / jacket"; the better one counts.
    """
    return max(_one_likeness(name, line) for name in words.split(" / "))


def _one_likeness(words: str, line: LineFact) -> float:
    said = [word for word in _WORD.findall(words.lower()) if word not in _FILLERS]
    if not said:
        return 0.0
    full = " ".join([*line.titles.values(), line.color, line.size]).lower()
    known = _WORD.findall(full)
    weights = [len(word) for word in said]
    scores = [_word_likeness(word, known, full) for word in said]
    return sum(score * weight for score, weight in zip(scores, weights, strict=True)) / sum(weights)


def _word_likeness(word: str, known: Sequence[str], full: str) -> float:
    if _HAN.match(word):
        chars = [char for char in word if char not in _HAN_FILLERS] or list(word)
        return 100.0 * sum(1 for char in chars if char in full) / len(chars)
    if len(word) <= SHORT:
        return 100.0 if word in known else 0.0
    best = max((fuzz.ratio(word, other) for other in known), default=0.0)
    if len(word) >= STEM and any(plain(other).startswith(plain(word)) for other in known):
        return 100.0  # "bastón" of "bastones", "Jacke" of "Jacken"
    inside = any(word in other or (len(other) > SHORT and other in word) for other in known)
    return max(best, 90.0 if inside else 0.0)
