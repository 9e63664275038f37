"""How the simulated customer words things, and the words by which they hear what is asked: wording/<language>.yaml."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from random import Random

from kefu.kernel import yaml_text

FOLDER = Path(__file__).parent / "wording"


@dataclass(frozen=True, slots=True)
class Wordings:
    """`say`: key -> wordings. `hear`: what is asked -> pattern. `joins`: "," and "and" of a list, "" as pieces."""

    say: Mapping[str, tuple[str, ...]]
    hear: Mapping[str, re.Pattern[str]]

    def pick(self, key: str, rng: Random, *, kept: int = 0, **facts: str) -> str:
        """One wording, filled. `kept`: how often this key was used before, so that nobody says a thing twice alike.

        Raises KeyError for a key that the language doesn't have.
        """
        wordings = self.say[key]
        first = rng.randrange(len(wordings))
        return wordings[(first + kept) % len(wordings)].format_map(facts)

    def hears(self, kind: str, text: str) -> bool:
        pattern = self.hear.get(kind)
        return pattern is not None and pattern.search(text) is not None

    def heard(self, text: str) -> frozenset[str]:
        """Everything that the text asks for or tells, by kind."""
        return frozenset(kind for kind, pattern in self.hear.items() if pattern.search(text))


@lru_cache(maxsize=16)
def wordings_of(language: str) -> Wordings:
    """Raises FileNotFoundError for a language nobody wrote."""
    data = yaml_text.load((FOLDER / f"{language}.yaml").read_text(encoding="utf-8"))
    say = {key: (texts,) if isinstance(texts, str) else tuple(texts) for key, texts in data["say"].items()}
    hear = {
        kind: re.compile("|".join(f"(?:{one})" for one in cues), re.IGNORECASE) for kind, cues in data["hear"].items()
    }
    return Wordings(say, hear)
