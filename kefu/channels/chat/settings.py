"""What an owner sets for a chat channel. Everything has a default: a new channel works as it is."""

from __future__ import annotations

import json
import re
import secrets as random_secrets
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from django import forms
from django.core.exceptions import ValidationError

from kefu.channels.chat.limits import RATES
from kefu.channels.chat.origins import origin_of
from kefu.desk.models import Channel
from kefu.kernel import crypto
from kefu.kernel.rates import Rate

DEFAULT_ACCENT = "#1f5fbf"
_COLOUR = re.compile(r"#[0-9a-f]{6}")


def contrast_with_white(colour: str) -> float:
    """Contrast of "#rrggbb" with white, 1 to 21. Source: WCAG 2.2, relative luminance."""

    def linear(part: str) -> float:
        value = int(part, 16) / 255
        return value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4

    red, green, blue = (linear(colour[at : at + 2]) for at in (1, 3, 5))
    return 1.05 / (0.2126 * red + 0.7152 * green + 0.0722 * blue + 0.05)


class ChatSettings(forms.Form):
    """`cleaned_data` is what stands in Channel.settings."""

    origins = forms.CharField(
        required=False,
        label="Shop addresses",
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="One a line, like https://shop.example. Empty: the chat may stand on any page.",
    )
    accent = forms.CharField(
        required=False, label="Colour", help_text="Like #1f5fbf; dark enough for white writing on it."
    )
    privacy_url = forms.URLField(required=False, label="Privacy page", assume_scheme="https")
    greetings = forms.JSONField(
        required=False, label="Greeting by language", help_text='Like {"en": "Hello …", "zh": "您好…"}. Empty: ours.'
    )

    def clean_origins(self) -> list[str]:
        lines = [line for line in self.cleaned_data["origins"].split() if line]
        if len(lines) > 50:
            raise ValidationError("At most 50 addresses.")
        try:
            return [origin_of(line) for line in lines]
        except ValueError as wrong:
            raise ValidationError(str(wrong)) from wrong

    def clean_accent(self) -> str:
        colour = (self.cleaned_data["accent"] or DEFAULT_ACCENT).strip().lower()
        if not _COLOUR.fullmatch(colour):
            raise ValidationError("Write the colour like #1f5fbf.")
        if contrast_with_white(colour) < 4.5:
            raise ValidationError("White writing on this colour cannot be read well. Choose a darker one.")
        return colour

    def clean_privacy_url(self) -> str:
        url: str = self.cleaned_data["privacy_url"]
        if url and urlsplit(url).scheme not in ("http", "https"):
            raise ValidationError("An address that begins with https://.")
        return url

    def clean_greetings(self) -> dict[str, str]:
        greetings = self.cleaned_data["greetings"] or {}
        if not isinstance(greetings, dict) or not all(
            isinstance(text, str) and len(text) <= 500 for text in greetings.values()
        ):
            raise ValidationError('Write it like {"en": "Hello …"}, each at most 500 characters.')
        return {str(language): text for language, text in greetings.items() if text.strip()}


def new_secrets() -> dict[str, str]:
    """What a new channel keeps secret; the shop's server signs its customers' identity with it."""
    return {"identity": random_secrets.token_urlsafe(32)}


def identity_secret(channel: Channel) -> str:
    """The secret that signs identities, or "" when the owner has made none. Raises Undecryptable."""
    if not channel.secrets:
        return ""
    secrets: Mapping[str, str] = json.loads(crypto.decrypt(channel.secrets, purpose="channel-secrets"))
    return secrets.get("identity", "")


def rate(settings: Mapping[str, Any], deed: str, counted: str) -> Rate | None:
    """How often `deed` may be done, counted against "visitor", "ip" or "channel".

    A channel's settings may set {"rates": {"message": {"ip": [per_minute, burst]}}}; what they leave out, or write
    in another shape, is the default.
    """
    standard = RATES[deed].get(counted)
    own = settings.get("rates")
    pair = own.get(deed, {}).get(counted) if isinstance(own, dict) and isinstance(own.get(deed, {}), dict) else None
    if isinstance(pair, list) and len(pair) == 2 and all(type(n) is int and n > 0 for n in pair):
        return Rate(per_minute=pair[0], burst=pair[1])
    return standard
