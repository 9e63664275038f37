"""The widget's words: one YAML file a language. A new language is a new file with the same keys (a test compares)."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from pathlib import Path

import yaml

FALLBACK = "en"


@cache
def languages() -> tuple[str, ...]:
    """The languages there are files for, the fallback first."""
    found = sorted(file.stem for file in Path(__file__).parent.glob("*.yaml"))
    return (FALLBACK, *(language for language in found if language != FALLBACK))


@cache
def texts(language: str) -> dict[str, str]:
    """All words of one language by key, with {placeholders} unfilled. `language` is one of `languages()`."""
    words: dict[str, str] = yaml.safe_load((Path(__file__).parent / f"{language}.yaml").read_text("utf-8"))
    return words


def best_language(wished: Iterable[str], *, offered: Iterable[str]) -> str:
    """The first wished language (BCP 47, e.g. "zh-Hans-CN") that the brand offers and there are words for.

    Falls back to the brand's first language, then to English.
    """
    speaks = [language for language in offered if language in languages()] or [FALLBACK]
    for tag in wished:
        primary = tag.strip().lower().replace("_", "-").partition("-")[0]
        if primary in speaks:
            return primary
    return speaks[0]
