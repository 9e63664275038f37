"""Coupon codes: what stands in capitals or with digits near the words that announce one."""

from __future__ import annotations

import re
from collections.abc import Iterator

from kefu.assistant.language import ListeningFor
from kefu.assistant.understanding.entities.found import Entity, Taken
from kefu.assistant.understanding.lexicon import Lexicon
from kefu.assistant.understanding.normal import Text

_LATIN_TOKEN = re.compile(
    r"(?<![A-Za-z0-9À-Þ])[A-Za-z0-9À-Þà-þ](?:[A-Za-z0-9À-Þà-þ]|[-_](?=\w)){3,19}(?![A-Za-zÀ-Þ0-9])"
)
#: letters between the announcing word and the code
NEAR = 26


def coupon_codes(text: Text, words: Lexicon, listening: ListeningFor, language: str, taken: Taken) -> Iterator[Entity]:
    asked = "coupon_code" in listening.kinds
    if not asked and not words.has("coupon_words", text.folded):
        return
    is_shouted = text.shown.isupper() and " " in text.shown.strip()
    alone = len(text.shown.split()) == 1
    for hit in _LATIN_TOKEN.finditer(text.shown):
        token = hit[0]
        has_digit = any(letter.isdigit() for letter in token)
        if token.isdigit() or not any(letter.isalpha() for letter in token):
            continue
        is_written_as_code = (token.upper() == token and not is_shouted) or (has_digit and token[0].isalpha())
        if not (is_written_as_code or (asked and alone)) or not taken.is_free(hit.start(), hit.end()):
            continue
        around = text.folded[max(0, hit.start() - NEAR) : hit.end() + NEAR]
        is_word = text.folded[hit.start() : hit.end()] in words.group("coupon_words")
        if not is_word and (asked or words.has("coupon_words", around)):
            yield Entity("coupon_code", token.upper(), hit.start(), hit.end(), 0.9)
            return
