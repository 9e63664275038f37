"""Every text that customers read is whole in every language, and looks as it does in print there.

The texts of all packs, the help articles and the chat's own words. What a machine can see is judged here: holes, left
English, wrong quotes and signs, lengths out of proportion. Whether it is well said, people judge.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
import yaml
from django.conf import settings

from kefu.assistant.replies.texts import load_texts, placeholders_of, spoken
from kefu.assistant.replies.tone import SORRY
from kefu.channels.chat import texts as widget

PACK = Path(settings.PACKS_DIR) / "ecommerce"
LANGUAGES = spoken(PACK / "replies") or []
OTHERS = [language for language in LANGUAGES if language != "en"]
#: texts that nobody but the people at the desk reads
_OF_THE_DESK = ("rail.", "task.", "note.")
_PLACEHOLDER = re.compile(r"\{[^{}]*\}")
#: names and field words that are English everywhere
_NAMES = re.compile(
    r"https?://\S+|\S+@\S+|\b(?:PayPal|Alipay|WeChat|Pay|Klarna|Apple|American|Express|Visa|Mastercard|Google|Amazon|"
    r"eBay|AliExpress|Taobao|Tmall|JD|Pinduoduo|PDF|MP4|JavaScript|Lumen|Newsletter|newsletter|Playbook|playbook|VAT|"
    r"EU|GDPR|IOSS|DHL|UPS|Fill|fill|power|Chat|chat|Online|online|Code|code)\b"
)
#: small English words that no other language of ours writes (fr "on", de "die", es "me" are theirs too)
_ENGLISH = re.compile(
    r"\b(?:the|you|your|we|our|with|has|have|been|will|can|please|order|parcel|refund|item|would|could|this|that|what|"
    r"which|from|back|yes|there|it|is|are|of|and|to)\b", re.IGNORECASE
)  # fmt: skip
#: words of that list that are words elsewhere too
_THEIRS = {"es": {"of"}, "fr": {"order"}, "pt": set(), "de": {"item"}}
_SCRIPT = {
    "zh": re.compile(r"[\u4e00-\u9fff]"), "ja": re.compile(r"[\u3040-\u30ff\u4e00-\u9fff]"),
    "ko": re.compile(r"[\uac00-\ud7a3]"),
}  # fmt: skip
_KANA, _HANGUL, _HAN = re.compile(r"[\u3040-\u30ff]"), re.compile(r"[\uac00-\ud7a3]"), re.compile(r"[\u4e00-\u9fff]")
#: characters of a text against the English one; Chinese says in a third what German says in one and a quarter
_SHORTEST, _LONGEST = {"zh": 0.1, "ja": 0.2, "ko": 0.2}, {"zh": 1.1, "ja": 1.3, "ko": 1.3}
_LONG_ENOUGH = 40  # characters of the English one, from where on its length says something


@cache
def _texts(language: str) -> dict[str, str]:
    """key -> wording; where chat and letter differ, both, as "key" and "key (letter)"."""
    found: dict[str, str] = {}
    for key, styles in load_texts(PACK / "replies").by_language[language].items():
        found[key] = styles["chat"]
        if styles["letter"] != styles["chat"]:
            found[f"{key} (letter)"] = styles["letter"]
    return found


@cache
def _articles(language: str) -> dict[str, str]:
    return {
        file.stem: file.read_text("utf-8").split("---", 2)[2] for file in (PACK / "knowledge" / language).glob("*.md")
    }


def _all(language: str) -> Iterator[tuple[str, str]]:
    for key, text in _texts(language).items():
        yield f"{language}: {key}", text
    for key, text in widget.texts(language).items():
        yield f"{language}: chat widget, {key}", text
    for slug, body in _articles(language).items():
        for line in body.split("\n"):
            if line.strip():
                yield f"{language}: {slug}.md", line


def _bare(text: str) -> str:
    return _NAMES.sub(" ", _PLACEHOLDER.sub(" ", text))


@pytest.mark.parametrize("language", OTHERS)
def test_nothing_is_missing_and_every_text_takes_the_same_facts(language):
    english, there = _texts("en"), _texts(language)
    faults = [f"{key} is missing" for key in english if "(letter)" not in key and key not in there]
    for key, text in there.items():
        plain = key.removesuffix(" (letter)")
        if plain in english and placeholders_of(text) != placeholders_of(english[plain]):
            odd = sorted(placeholders_of(text) ^ placeholders_of(english[plain]))
            faults.append(f"{key} takes other facts than in English: {odd}")
    assert widget.texts(language).keys() == widget.texts("en").keys()
    assert _articles(language).keys() == _articles("en").keys()
    assert not faults


@pytest.mark.parametrize("language", OTHERS)
def test_no_english_is_left(language):
    faults = []
    for where, text in _all(language):
        bare = _bare(text)
        if script := _SCRIPT.get(language):
            latin = re.findall(r"[A-Za-z]{4,}", bare)
            if latin and not script.search(bare):
                faults.append(f"{where}: {text}")
            continue
        words = [one for one in _ENGLISH.findall(bare) if one.lower() not in _THEIRS.get(language, set())]
        if len(words) > 1:
            faults.append(f"{where}: {text}")
    assert not faults


@pytest.mark.parametrize("language", [one for one in OTHERS if one in _SCRIPT])
def test_no_script_of_a_neighbour_stands_in_a_text(language):
    strange = {"zh": (_KANA, _HANGUL), "ja": (_HANGUL,), "ko": (_KANA, _HAN)}[language]
    faults = [f"{where}: {text}" for where, text in _all(language) for one in strange if one.search(text)]
    assert not faults


@pytest.mark.parametrize("language", OTHERS)
def test_no_text_is_far_longer_or_shorter_than_the_english_one(language):
    faults = []
    for key, text in _texts(language).items():
        english = _texts("en").get(key, "")
        if key.startswith(_OF_THE_DESK) or len(english) < _LONG_ENOUGH:
            continue
        ours, theirs = len(_PLACEHOLDER.sub("", text)), len(_PLACEHOLDER.sub("", english))
        share = ours / max(theirs, 1)
        if not _SHORTEST.get(language, 0.5) <= share <= _LONGEST.get(language, 2.1):
            faults.append(f"{key}: {share:.1f} of the English one")
    assert not faults


@pytest.mark.parametrize("language", OTHERS)
def test_signs_and_quotes_are_those_of_the_language(language):
    faults = []
    for where, text in _all(language):
        if text.startswith("? "):  # as customers ask it
            continue
        bare = _PLACEHOLDER.sub("x", text)
        faults += [f"{where}: {why}: {text}" for pattern, why in _WRONG.get(language, ()) if re.search(pattern, bare)]
    assert not faults


_WIDE = r"[\u3040-\u30ff\u4e00-\u9fff]"
_WRONG: dict[str, tuple[tuple[str, str], ...]] = {
    "zh": (
        (rf"(?<={_WIDE})[,;:!?](?!//)", "a half-width sign after a Chinese character"),
        (r"亲[，,！!～~ ]|^亲\b", "nobody is called 亲"),
        (r'"', "straight quotes"),
        (r"[「」]", "quotes of Taiwan and Japan"),
    ),
    "ja": (
        (rf"(?<={_WIDE})[,;!?]", "a half-width sign after a Japanese character"),
        (rf"(?<={_WIDE}):(?!//)", "a half-width colon"),
        (r'["“”]', "quotes that are not 「」"),
        (r"あなた", "a customer is not あなた"),
    ),
    "ko": ((r"[。、！？，]", "a full-width sign"), (r"당신", "a customer is not 당신")),
    "es": (
        (r"^[^¿]*\w\?", "a question that opens without ¿"),
        (r"^[^¡]*\w!", "a call that opens without ¡"),
        (r'["“”„]', "quotes that are not « »"),
        (r"\b(?:tú|tu|tus|puedes|quieres|tienes|contigo|vuestr\w*|vosotros)\b", "no usted"),
    ),
    "fr": (
        (r"\w[?!;](?=\s|$|\))", "no space before ? ! ;"),
        (r"\w :(?=\S)(?!//)", "no space after the colon"),
        (r'["“”„]', "quotes that are not « »"),
        (r"\b(?:tu|ton|tes|toi|peux-tu|veux-tu)\b", "no vous"),
    ),
    "de": (
        (r'["]|(?<!„)\b\w+”', "quotes that are not „…“"),
        (r"\b(?:du|dir|dich|deine?[rmns]?|euch|euer|eure?[rmns]?)\b", "no Sie"),
    ),
    "pt": (
        (r'["«»„]', "quotes that are not “ ”"),
        (r"\b(?:tu|teu|tua|teus|tuas|contigo|vosso|vossa|ecrã|telemóvel|encomenda)\b", "not as Brazil says it"),
    ),
}


def test_every_example_of_a_wrong_sign_would_be_found():
    """The rules above, tried on what they are there for."""
    wrong = {"zh": "您好,请问", "ja": "ご注文,番号", "ko": "네。", "es": "Hola, puedes venir?", "fr": "Est-ce juste?",
             "de": "Kannst du das?", "pt": "A tua encomenda"}  # fmt: skip
    assert all(any(re.search(pattern, text) for pattern, _ in _WRONG[language]) for language, text in wrong.items())


@pytest.mark.parametrize("language", LANGUAGES)
def test_an_apology_is_said_once_in_a_text(language):
    faults = [f"{where}: {text}" for where, text in _all(language) if len(SORRY[language].findall(text)) > 1]
    assert not faults


@pytest.mark.parametrize("language", LANGUAGES)
def test_an_article_states_the_same_numbers_everywhere(language):
    """Money, days and sizes: whoever changes an article changes all of them. Hours are told on clocks of 12 and 24."""
    faults = []
    for slug, body in _articles(language).items():
        english = _articles("en")[slug]
        odd = (_sums_in(english) ^ _sums_in(body)) - _SAID_IN_WORDS.get((language, slug), set())
        faults += [f"{slug}: {number}" for number in odd]
        assert body.count("\n## ") == english.count("\n## "), f"{language}/{slug}.md has other sections"
    assert not faults


#: ten per cent off is 九折, nine tenths, in Chinese
_SAID_IN_WORDS = {("zh", "coupons"): {"10"}}


def _sums_in(body: str) -> set[str]:
    """Numbers with two decimals or two and more digits of what is told, not of what is asked."""
    told = "\n".join(line for line in body.split("\n") if not line.startswith(("?", "##")))
    found = {number.replace(",", ".") for number in re.findall(r"\d+(?:[.,]\d\d)?", told)}
    return {number for number in found if len(number) > 1 and number not in ("14", "18")}


def test_the_lists_of_languages_agree():
    assert set(widget.languages()) == set(LANGUAGES)
    folders = {path.name for path in (PACK / "replies").iterdir() if path.is_dir()}
    assert folders == set(LANGUAGES)
    assert yaml.safe_load((PACK / "replies" / "languages.yaml").read_text("utf-8"))[0] == "en"
