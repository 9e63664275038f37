"""What an owner sets for a chat channel. Everything has a default: a new channel works as it is."""

from __future__ import annotations

import re
import secrets as random_secrets
from collections.abc import Mapping
from typing import Any, ClassVar
from urllib.parse import urlsplit

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from kefu.channels.chat.limits import RATES
from kefu.channels.chat.origins import origin_of
from kefu.kernel.rates import Rate

DEFAULT_ACCENT = "#1f5fbf"
COUNTED = ("visitor", "ip", "channel")
_COLOUR = re.compile(r"#[0-9a-f]{6}")


def contrast_with_white(colour: str) -> float:
    """Contrast of "#rrggbb" with white, 1 to 21. Source: WCAG 2.2, relative luminance."""

    def linear(part: str) -> float:
        value = int(part, 16) / 255
        return value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4

    red, green, blue = (linear(colour[at : at + 2]) for at in (1, 3, 5))
    return 1.05 / (0.2126 * red + 0.7152 * green + 0.0722 * blue + 0.05)


class Lines(forms.CharField):
    """Text with one entry a line; shows a list the same way, so that what was kept can be put back into the form."""

    def to_python(self, value: Any) -> str:
        return str(super().to_python("\n".join(map(str, value)) if isinstance(value, list) else value))

    def prepare_value(self, value: Any) -> Any:
        return "\n".join(map(str, value)) if isinstance(value, list) else value


class ChatSettings(forms.Form):
    """`cleaned_data` without the fields of SECRETS is what stands in Channel.settings."""

    SECRETS: ClassVar[tuple[str, ...]] = ("identity",)

    origins = Lines(
        required=False,
        label=_("Shop addresses"),
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("One a line, like https://shop.example. Empty: the chat may stand on any page."),
    )
    accent = forms.CharField(
        required=False, label=_("Colour"), help_text=_("Like #1f5fbf; dark enough for white writing on it.")
    )
    privacy_url = forms.URLField(required=False, label=_("Privacy page"), assume_scheme="https")
    greetings = forms.JSONField(
        required=False,
        label=_("Greeting by language"),
        help_text=_('Like {"en": "Hello"}. A language that is missing has the standard greeting.'),
    )
    rates = forms.JSONField(
        required=False,
        label=_("Limits"),
        help_text=_('Like {"message": {"ip": [240, 120]}}: how many a minute, how many at once. Empty: the standard.'),
    )
    identity = forms.CharField(
        required=False,
        min_length=16,
        label=_("Secret that signs customers' identity"),
        widget=forms.PasswordInput,
    )

    def clean_origins(self) -> list[str]:
        lines: list[str] = self.cleaned_data["origins"].split()
        if len(lines) > 50:
            raise ValidationError(_("At most 50 addresses."))
        try:
            return list(dict.fromkeys(origin_of(line) for line in lines))
        except ValueError:
            raise ValidationError(_("Write each address like https://shop.example.")) from None

    def clean_rates(self) -> dict[str, dict[str, list[int]]]:
        given = self.cleaned_data["rates"] or {}
        wrong = ValidationError(_('Write the limits like {"message": {"ip": [240, 120]}}.'))
        if not isinstance(given, dict):
            raise wrong
        for deed, counts in given.items():
            if deed not in RATES or not isinstance(counts, dict):
                raise wrong
            if not all(counted in COUNTED and _pair(pair) for counted, pair in counts.items()):
                raise wrong
        return given

    def clean_accent(self) -> str:
        colour = (self.cleaned_data["accent"] or DEFAULT_ACCENT).strip().lower()
        if not _COLOUR.fullmatch(colour):
            raise ValidationError(_("Write the colour like #1f5fbf."))
        if contrast_with_white(colour) < 4.5:
            raise ValidationError(_("White writing on this colour cannot be read well. Choose a darker one."))
        return colour

    def clean_privacy_url(self) -> str:
        url: str = self.cleaned_data["privacy_url"]
        if url and urlsplit(url).scheme not in ("http", "https"):
            raise ValidationError(_("Write an address that begins with https://."))
        return url

    def clean_greetings(self) -> dict[str, str]:
        greetings = self.cleaned_data["greetings"] or {}
        if not isinstance(greetings, dict) or not all(
            isinstance(text, str) and len(text) <= 500 for text in greetings.values()
        ):
            raise ValidationError(_('Write it like {"en": "Hello"}, each at most 500 characters.'))
        return {str(language): text for language, text in greetings.items() if text.strip()}


def new_secrets() -> dict[str, str]:
    """What a new channel keeps secret; the shop's server signs its customers' identity with it."""
    return {"identity": random_secrets.token_urlsafe(32)}


def _pair(value: object) -> tuple[int, int] | None:
    """[per minute, burst], or None for anything else."""
    if isinstance(value, list) and len(value) == 2 and all(type(one) is int and 0 < one < 10**6 for one in value):
        return value[0], value[1]
    return None


def rate(settings: Mapping[str, Any], deed: str, counted: str) -> Rate | None:
    """How often `deed` may be done, counted against "visitor", "ip" or "channel".

    A channel's settings may set {"rates": {"message": {"ip": [per_minute, burst]}}}; what they leave out, or write
    in another shape, is the default.
    """
    standard = RATES[deed].get(counted)
    own = settings.get("rates")
    counts = own.get(deed) if isinstance(own, dict) else None
    pair = _pair(counts.get(counted)) if isinstance(counts, dict) else None
    return Rate(per_minute=pair[0], burst=pair[1]) if pair else standard
