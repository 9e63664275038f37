"""The intents of a pack, read from packs/<pack>/intents/*.yaml."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Literal

import yaml
from django.conf import settings

from kefu.kernel import yaml_text
from kefu.kernel.errors import BadInput

LeadsTo = Literal["start", "ask", "person", "out_of_scope", "nothing"]


class BadIntent(BadInput):
    """An intent file cannot be used. Mend the named field; docs/reference/intents.md shows the format."""

    code = "assistant.bad_intent"


@dataclass(frozen=True, slots=True)
class Intent:
    """`gives_way_to`: intents that explain this one away when both stand in one message ("broken, I want a refund")."""

    name: str
    about: str
    leads_to: LeadsTo
    examples: dict[str, tuple[str, ...]]
    gives_way_to: tuple[str, ...] = ()
    #: phrases, any language, that nearly always mean this intent
    cues: tuple[str, ...] = ()
    #: kinds of things that suggest this intent where no wish was said: "too small" alone may mean a return
    suggested_by: tuple[str, ...] = ()
    #: how sure it must be: of a wish that leaves something behind without a yes
    at_least: float = 0.0


@dataclass(frozen=True, slots=True)
class Example:
    text: str
    label: str
    language: str


@dataclass(frozen=True, slots=True)
class Intents:
    by_name: dict[str, Intent]
    #: every example, the contrast ones under the intent they really are
    examples: tuple[Example, ...]

    @property
    def labels(self) -> tuple[str, ...]:
        return tuple(sorted(self.by_name))


def folder(pack: str) -> Path:
    return Path(settings.PACKS_DIR) / pack / "intents"


@lru_cache(maxsize=8)
def intents_of(pack: str) -> Intents:
    """All intents of a pack. Raises BadIntent with file and field."""
    by_name: dict[str, Intent] = {}
    examples: list[Example] = []
    contrasts: list[tuple[str, Example]] = []
    for file in sorted(folder(pack).glob("*.yaml")):
        try:
            data = yaml_text.load(file.read_text(encoding="utf-8"))
        except yaml.YAMLError as fault:
            raise BadIntent(file=file.name, field="(the file)", fault=str(fault)) from fault
        intent = _intent(file, data)
        by_name[intent.name] = intent
        for language, texts in intent.examples.items():
            examples += [Example(text, intent.name, language) for text in texts]
        for label, by_language in (data.get("not") or {}).items():
            for language, texts in by_language.items():
                contrasts += [(file.name, Example(str(text), label, language)) for text in texts]
    for name, example in contrasts:
        if example.label not in by_name:
            raise BadIntent(file=name, field="not", fault=f"there is no intent {example.label}")
        examples.append(example)
    return Intents(by_name, tuple(dict.fromkeys(examples)))


def _intent(file: Path, data: object) -> Intent:
    if not isinstance(data, dict):
        raise BadIntent(file=file.name, field="(the file)", fault="it is not a mapping")
    for field in ("name", "about", "examples"):
        if not data.get(field):
            raise BadIntent(file=file.name, field=field, fault="it is missing")
    if data["name"] != file.stem:
        raise BadIntent(file=file.name, field="name", fault=f"the file is called {file.stem}")
    leads_to = data.get("leads_to", "start")
    if leads_to not in ("start", "ask", "person", "out_of_scope", "nothing"):
        raise BadIntent(
            file=file.name, field="leads_to", fault=f"{leads_to} is none of start, ask, person, out_of_scope, nothing"
        )
    examples = {language: tuple(str(text) for text in texts) for language, texts in data["examples"].items()}
    cues = tuple(str(cue) for cue in data.get("cues", ()))
    gives_way_to, suggested_by = tuple(data.get("gives_way_to", ())), tuple(data.get("suggested_by", ()))
    at_least = data.get("at_least", 0.0)
    if not isinstance(at_least, int | float) or not 0 <= at_least <= 1:
        raise BadIntent(file=file.name, field="at_least", fault=f"{at_least} is no certainty from 0 to 1")
    return Intent(data["name"], data["about"], leads_to, examples, gives_way_to, cues, suggested_by, float(at_least))
