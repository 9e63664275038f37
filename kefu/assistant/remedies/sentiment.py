"""Whether feedback is praise or criticism, by words; good enough to sort by, and never to decide by."""

from __future__ import annotations

from typing import Literal

from kefu.assistant.understanding.lexicon import lexicon
from kefu.assistant.understanding.normal import normalise

Sentiment = Literal["positive", "negative", "neutral"]


def sentiment_of(text: str, *, pack: str = "ecommerce") -> Sentiment:
    """By the pack's words (`sentiments` in intents/words); in a draw: neutral."""
    words = lexicon(pack)
    names = words.map("sentiments")
    found = [names.get(hit[0]) for hit in words.pattern("sentiments").finditer(normalise(text).folded)]
    good, bad = found.count("positive"), found.count("negative")
    return "neutral" if good == bad else "positive" if good > bad else "negative"
