"""Word lists by language, read from YAML: adding a language is adding files, never code.

`words/<language>.yaml` beside this file holds what every trade shares (yes, no, hello, ordinals);
`packs/<pack>/intents/words/<language>.yaml` holds the trade's own (colours, sizes, reasons, items).
A message is matched in its own language, in English, and in whatever other script it holds: people mix them, but
the Portuguese "do" is no English question and the German "also" joins nothing. `for_message` gives those words.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

from django.conf import settings

from kefu.assistant.understanding.normal import fold, without_accents
from kefu.kernel import yaml_text

_HAN = re.compile(r"[぀-ヿ㐀-鿿가-힯ᄀ-ᇿ]")
HERE = Path(__file__).parent / "words"
#: lists whose English words people of every language use
BORROWED = frozenset({
    "yes", "no", "greeting", "thanks", "goodbye", "praise", "person", "person_alone", "stop", "hedge", "sarcasm",
    "angry", "items", "generic", "colors", "sizes", "reasons", "marks", "all_of", "numbers", "countries", "size_words",
    "order_words", "tracking_words", "coupon_words", "measures", "shortened",
    "shortened_ends", "currency_before", "currencies",
})  # fmt: skip
_Groups = dict[str, dict[str, frozenset[str]]]
_Maps = dict[str, dict[str, dict[str, Any]]]


def any_of(phrases: list[str]) -> str:
    """A regex source that matches the longest of the phrases; Latin ones only as whole words.

    The phrases share their beginnings in it, so that time hardly grows with their number.
    """
    latin: dict[str, Any] = {}
    others: dict[str, Any] = {}
    for phrase in set(phrases):
        if not phrase:
            continue
        is_bounded = not _HAN.search(phrase) and phrase[0].isalnum()
        node = latin if is_bounded else others
        for letter in phrase:
            node = node.setdefault(letter, {})
        node["end"] = r"(?![a-z0-9])" if not _HAN.search(phrase) and phrase[-1].isalnum() else ""
    parts = [_branches(others)] if others else []
    if latin:
        parts.append(r"(?<![a-z0-9])" + _branches(latin))
    return "(?:" + "|".join(parts) + ")" if parts else "(?!)"


def _branches(node: dict[str, Any]) -> str:
    """Longer phrases are tried before the shorter ones they begin with."""
    ways = []
    for letter, after in sorted(node.items()):
        if letter == "end":
            continue
        source, tail = _letter(letter), after
        while len(tail) == 1 and "end" not in tail:  # a run of letters needs no brackets
            ((following, tail),) = tail.items()
            source += _letter(following)
        ways.append(source + (_branches(tail) if len(tail) > 1 or "end" not in tail else tail["end"]))
    if "end" in node:
        ways.append(node["end"])
    return ways[0] if len(ways) == 1 else "(?:" + "|".join(ways) + ")"


def _letter(letter: str) -> str:
    if letter == " ":
        return "[ ]"
    return "'?" if letter == "'" else re.escape(letter)


@dataclass(frozen=True, eq=False)  # one object a set of languages: functions cache by its identity
class Lexicon:
    """`groups`: name of a list -> its phrases over the languages, plain; `maps`: name -> phrase -> value."""

    languages: tuple[str, ...]
    groups: dict[str, frozenset[str]]
    maps: dict[str, dict[str, Any]]
    own: _Groups = field(default_factory=dict)  # language -> group -> phrases
    own_maps: _Maps = field(default_factory=dict)
    spoken: tuple[str, ...] = ()  # whose words these are
    _compiled: dict[str, re.Pattern[str]] = field(default_factory=dict)
    _views: dict[tuple[str, ...], Lexicon] = field(default_factory=dict)

    def group(self, name: str) -> frozenset[str]:
        return self.groups.get(name, frozenset())

    def map(self, name: str) -> dict[str, Any]:
        return self.maps.get(name, {})

    def pattern(self, name: str) -> re.Pattern[str]:
        """One compiled alternation of a group or of a map's phrases."""
        if name not in self._compiled:  # compiled twice by two threads is harmless
            self._compiled[name] = re.compile(any_of([*self.group(name), *self.map(name)]))
        return self._compiled[name]

    def has(self, name: str, text: str) -> bool:
        return self.pattern(name).search(text) is not None

    def within(self, *languages: str) -> Lexicon:
        """The words of these languages, and the English ones that everybody borrows. Kept, so compiled once."""
        known = tuple(sorted({language for language in languages if language in self.languages}))
        if known not in self._views:
            self._views[known] = _merged(self.languages, known, self.own, self.own_maps)
        return self._views[known]


def _merged(all_languages: tuple[str, ...], of: tuple[str, ...], own: _Groups, own_maps: _Maps) -> Lexicon:
    groups: dict[str, frozenset[str]] = {}
    maps: dict[str, dict[str, Any]] = {}
    for language in [*of, *(["en"] if "en" not in of and "en" in own else [])]:
        borrowed = language not in of
        for name, phrases in own[language].items():
            if not borrowed or name in BORROWED:
                groups[name] = groups.get(name, frozenset()) | phrases
        for name, values in own_maps.get(language, {}).items():
            if not borrowed or name in BORROWED:
                maps[name] = {**values, **maps.get(name, {})}  # the language's own meaning before the borrowed one
                groups[name] = groups.get(name, frozenset()) | frozenset(values)
    return Lexicon(all_languages, groups, maps, own, own_maps, of)


def _plain(phrase: object) -> str:
    written = unicodedata.normalize("NFKC", str(phrase)).replace("’", "'")
    return without_accents(fold(written))


class _Loader(yaml_text.LOADER):
    """Reads "no", "on" and "~" as the words they are."""


_Loader.yaml_implicit_resolvers = {
    letter: [(tag, shape) for tag, shape in rules if not tag.endswith((":bool", ":null"))]
    for letter, rules in yaml_text.LOADER.yaml_implicit_resolvers.items()
}


def read_words(file: Path) -> dict[str, Any]:
    """A file of word lists. Raises OSError or yaml.YAMLError when it cannot be read."""
    return dict(yaml_text.load(file.read_text(encoding="utf-8"), _Loader) or {})


_UMLAUTS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss"})


def _spellings(phrase: object, language: str) -> set[str]:
    """A phrase as it is looked up, in all the ways people write it without the right keys: für, fur, fuer."""
    ways = {_plain(phrase)}
    if language == "de":
        ways |= {_plain(str(phrase).lower().translate(_UMLAUTS)), _plain(str(phrase).replace("ß", "ss"))}
    return ways


@lru_cache(maxsize=8)
def lexicon(pack: str) -> Lexicon:
    """All words of all languages of a pack. Raises OSError or yaml.YAMLError when a file cannot be read."""
    own: _Groups = {}
    own_maps: _Maps = {}
    shared = sorted(HERE.glob("*.yaml"))
    of_pack = sorted((Path(settings.PACKS_DIR) / pack / "intents" / "words").glob("*.yaml"))
    languages = tuple(file.stem for file in shared)
    for file in [*shared, *of_pack]:
        language = file.stem
        groups, maps = own.setdefault(language, {}), own_maps.setdefault(language, {})
        for name, content in read_words(file).items():
            if isinstance(content, dict):  # value -> its words
                into = maps.setdefault(name, {})
                for value, phrases in content.items():
                    for phrase in phrases:
                        for spelling in _spellings(phrase, language):
                            into[spelling] = value
                            into.setdefault(spelling.replace("'", ""), value)
            else:
                spelt = frozenset(spelling for phrase in content for spelling in _spellings(phrase, language))
                groups[name] = groups.get(name, frozenset()) | spelt
    return _merged(languages, tuple(sorted(own)), own, own_maps)
