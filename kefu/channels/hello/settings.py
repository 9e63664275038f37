"""What an owner sets for this channel."""

from __future__ import annotations

import secrets
from typing import ClassVar

from django import forms
from django.utils.translation import gettext_lazy as _


class HelloSettings(forms.Form):
    """`cleaned_data` without the fields of SECRETS is what stands in Channel.settings."""

    SECRETS: ClassVar[tuple[str, ...]] = ("secret",)

    send_to = forms.URLField(label=_("Address our answers are posted to"), assume_scheme="https")
    secret = forms.CharField(required=False, min_length=16, label=_("Shared secret"), widget=forms.PasswordInput)


def new_secrets() -> dict[str, str]:
    """A channel never stands without a secret: an empty one would let everybody in."""
    return {"secret": secrets.token_urlsafe(32)}
