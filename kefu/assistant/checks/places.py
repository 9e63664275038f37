"""Countries as facts for texts."""

from __future__ import annotations

from kefu.assistant.engine.specs import Json
from kefu.knowledge.places import country_name

LANGUAGES = ("en", "zh", "es", "fr", "de", "ja", "ko", "pt")


def named(code: str) -> Json:
    """What the country is called, by language, and its code for who goes on from there."""
    return {"text": {language: country_name(code, language) for language in LANGUAGES}, "code": code}
