"""What a text needs once its facts stand in it: Korean particles, and the spaces that French puts before its signs."""

from __future__ import annotations

import re
from collections.abc import Callable

#: as writers put them when they can't know the word before: 은(는), (으)로
_PARTICLES = {
    "은(는)": ("은", "는"), "는(은)": ("은", "는"), "이(가)": ("이", "가"), "가(이)": ("이", "가"),
    "을(를)": ("을", "를"), "를(을)": ("을", "를"), "과(와)": ("과", "와"), "와(과)": ("과", "와"),
    "(이)라고": ("이라고", "라고"), "(이)나": ("이나", "나"), "(이)며": ("이며", "며"), "(으)로": ("으로", "로"),
}  # fmt: skip
_PARTICLE = re.compile("|".join(re.escape(one) for one in _PARTICLES))
_BRACKETS = re.compile(r"\s*\([^()]*\)$|[\"'”’」』]+$")
#: digits as they are read: 영 일 이 삼 사 오 육 칠 팔 구
_ENDS_IN_CONSONANT = frozenset("013678")
_ENDS_IN_L = frozenset("178")
#: currencies stand before the number and are read after it: €20 is 20유로
_SUM = re.compile(r"(€|US\$|R\$|\$|£|JP¥|CN¥|¥|₩)\s?[\d.,]+$")
_CURRENCY_CONSONANT = {"JP¥": True, "CN¥": True, "¥": True, "₩": True, "R$": True}
_FRENCH_SIGN = re.compile(r"(?<=\S) (?=[;:!?»])|(?<=«) ")

_HANGUL, _LAST_HANGUL, _FINALS, _FINAL_L = 0xAC00, 0xD7A3, 28, 8


def polish(text: str, language: str) -> str:
    """The finished text as that language writes it."""
    text = re.sub(r"(?<=\S)  (?=\S)", " ", text)  # where a fact between two sentences was empty
    finish = _FINISH.get(language)
    return finish(text) if finish else text


def _korean(text: str) -> str:
    done = ""
    at = 0
    for hit in _PARTICLE.finditer(text):
        done += text[at : hit.start()]
        after_consonant, after_vowel = _PARTICLES[hit.group()]
        match _ending(done):
            case None:
                done += hit.group()
            case "l" if hit.group() == "(으)로":
                done += after_vowel
            case "":
                done += after_vowel
            case _:
                done += after_consonant
        at = hit.end()
    return done + text[at:]


def _ending(said: str) -> str | None:
    """How the last word sounds at its end: "" a vowel, "l", or "c" for any other consonant; None where nobody can say.

    What stands in brackets after a word doesn't count.
    """
    while (bare := _BRACKETS.sub("", said)) != said and bare:
        said = bare
    if not said:
        return None
    if sum_ := _SUM.search(said):
        return "c" if _CURRENCY_CONSONANT.get(sum_.group(1)) else ""
    last = said[-1]
    if _HANGUL <= ord(last) <= _LAST_HANGUL:
        final = (ord(last) - _HANGUL) % _FINALS
        return "l" if final == _FINAL_L else "c" if final else ""
    if last.isascii() and last.isdigit():
        return "l" if last in _ENDS_IN_L else "c" if last in _ENDS_IN_CONSONANT else ""
    if last.isascii() and last.isalpha():
        return _latin_ending(said)
    return None


def _latin_ending(said: str) -> str:
    """Initials by the names of their letters, words as Koreans read them, roughly."""
    word = re.search(r"[A-Za-z]+$", said)
    letters = word.group() if word else said[-1]
    last = letters[-1].lower()
    if last == "l" or (letters.isupper() and last == "r"):
        return "l"
    if last in "mn" or letters.lower().endswith("ng"):
        return "c"
    return "c" if not letters.isupper() and last in "bckpt" else ""


def _french(text: str) -> str:
    return _FRENCH_SIGN.sub("\N{NO-BREAK SPACE}", text)


_FINISH: dict[str, Callable[[str], str]] = {"ko": _korean, "fr": _french}
