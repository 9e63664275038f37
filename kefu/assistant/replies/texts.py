"""The pack's texts, by key and language: packs/<pack>/replies/<language>/*.yaml.

A text is a string, or {chat: …, letter: …} where a letter is worded differently. Placeholders are {names} of facts;
{days:day|days} writes the word that goes with the number of that fact.
`replies/languages.yaml` lists the languages that are whole; a folder that is not in it is still being written.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from string import Formatter
from typing import Literal

import yaml

from kefu.kernel import yaml_text

_TWO_FORMS = re.compile(r"[^{}|]+\|[^{}|]+")

Style = Literal["chat", "letter"]
STYLES: tuple[Style, ...] = ("chat", "letter")


class BadTexts(ValueError):
    """Text files that cannot be used; `faults` has a line each: file, line, what is wrong, cure."""

    def __init__(self, faults: list[str]) -> None:
        self.faults = faults
        super().__init__("\n".join(faults))


@dataclass(frozen=True, slots=True)
class Texts:
    """All texts of one pack. `by_language["en"]["return.opened"]["chat"]` is a template."""

    by_language: dict[str, dict[str, dict[str, str]]] = field(default_factory=dict)

    @property
    def languages(self) -> list[str]:
        return sorted(self.by_language)

    def has(self, key: str, language: str) -> bool:
        return key in self.by_language.get(language, {})

    def template(self, key: str, language: str, style: Style = "chat") -> str:
        """The wording, in English where the language has none. Raises KeyError with the key."""
        for one in (language, "en"):
            if found := self.by_language.get(one, {}).get(key):
                return found[style]
        raise KeyError(key)

    def placeholders(self, key: str) -> frozenset[str]:
        """The facts that a text needs, over all languages and styles."""
        return frozenset(
            name
            for texts in self.by_language.values()
            for template in texts.get(key, {}).values()
            for name in placeholders_of(template)
        )

    def keys(self) -> Iterator[str]:
        yield from sorted({key for texts in self.by_language.values() for key in texts})


def placeholders_of(template: str) -> frozenset[str]:
    """Names in braces. Raises ValueError on a brace that does not close or a name with dots or brackets."""
    names = set()
    for _, name, forms, conversion in Formatter().parse(template):
        if name is None:
            continue
        if not name.isidentifier() or conversion or (forms and not _TWO_FORMS.fullmatch(forms)):
            raise ValueError(f"{{{name}}} is not a plain name, nor one with two forms as {{{name}:day|days}}")
        names.add(name)
    return frozenset(names)


@lru_cache(maxsize=16)
def load_texts(folder: Path) -> Texts:
    """Every text below packs/<pack>/replies. Raises BadTexts with all faults at once."""
    sources: dict[str, str] = {}
    for file in sorted(folder.glob("*/*.yaml")):
        try:
            sources[str(file)] = file.read_text(encoding="utf-8")
        except UnicodeDecodeError as problem:
            raise BadTexts([f"{file}:1: is not UTF-8 ({problem}); save it as UTF-8"]) from problem
    texts, faults = read_texts(sources, languages=spoken(folder))
    if faults:
        raise BadTexts(faults)
    return texts


def read_texts(sources: Mapping[str, str], *, languages: Collection[str] | None) -> tuple[Texts, list[str]]:
    """The texts of files by name (".../en/return.yaml": the folder is the language), and all faults, "file:line: …".

    languages: those that are whole; None: every folder is one.
    """
    by_language: dict[str, dict[str, dict[str, str]]] = {}
    faults: list[str] = []
    for file, said in sources.items():
        language = file.split("/")[-2]
        if languages is not None and language not in languages:
            continue
        texts = by_language.setdefault(language, {})
        for key, line, styles in _read(file, said, faults):
            if key in texts:
                faults.append(f"{file}:{line}: {key} is there twice; keep one")
            texts[key] = styles
    everything = {key for texts in by_language.values() for key in texts}
    for language, texts in by_language.items():
        faults += [f"{language}:1: {key} is missing; write it" for key in sorted(everything - texts.keys())]
    return Texts(by_language), faults


def spoken(folder: Path) -> list[str] | None:
    """The languages of languages.yaml in its order, the fallback first; None where there is no such file: then every
    folder is one."""
    file = folder / "languages.yaml"
    if not file.exists():
        return None
    listed = yaml_text.load(file.read_text(encoding="utf-8"))
    if not (isinstance(listed, list) and all(isinstance(one, str) for one in listed)):
        raise BadTexts([f"{file}:1: must be a list of languages; write for example [en, zh]"])
    return list(listed)


def _read(file: str, said: str, faults: list[str]) -> Iterator[tuple[str, int, dict[str, str]]]:
    try:
        root = yaml_text.compose(said)
    except (yaml.YAMLError, RecursionError) as problem:
        mark = getattr(problem, "problem_mark", None)
        what = getattr(problem, "problem", None) or type(problem).__name__
        faults.append(f"{file}:{mark.line + 1 if mark else 1}: cannot be read as YAML ({what}); mend this line")
        return
    if root is None:
        return
    if not isinstance(root, yaml.MappingNode):
        faults.append(f"{file}:1: must be a mapping of key: text")
        return
    for key_node, node in root.value:
        line = key_node.start_mark.line + 1
        if isinstance(node, yaml.ScalarNode):
            styles: dict[str, str] = {style: node.value.strip() for style in STYLES}
        elif isinstance(node, yaml.MappingNode):
            styles = {k.value: v.value.strip() for k, v in node.value if isinstance(v, yaml.ScalarNode)}
            if set(styles) != set(STYLES):
                faults.append(f"{file}:{line}: {key_node.value} needs exactly chat and letter")
                continue
        else:
            faults.append(f"{file}:{line}: {key_node.value} must be a text or chat and letter")
            continue
        try:
            for template in styles.values():
                placeholders_of(template)
        except ValueError as problem:
            faults.append(f"{file}:{line}: {key_node.value}: {problem}; write {{name}}, or {{{{ for a brace")
            continue
        yield key_node.value, line, styles
