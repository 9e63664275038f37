"""What an owner sets for a mailbox. The password stands among the secrets, never in the settings."""

from __future__ import annotations

import ipaddress
import re
from typing import Any, ClassVar

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext_lazy as _

SECURITY = [("starttls", "STARTTLS"), ("ssl", "SSL/TLS"), ("plain", _("none (this machine only)"))]
_HOST = re.compile(r"^[A-Za-z0-9](?:[A-Za-z0-9.\-:]{0,250}[A-Za-z0-9])?$")


def is_loopback(host: str) -> bool:
    if host.lower() == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


class EmailSettings(forms.Form):
    """`cleaned_data` without the fields of SECRETS is what stands in Channel.settings."""

    #: kept encrypted; left empty in the form, the present one stays
    SECRETS: ClassVar[tuple[str, ...]] = ("imap_password", "smtp_password")

    address = forms.CharField(max_length=120, label=_("Address of the mailbox"))
    from_name = forms.CharField(max_length=100, required=False, label=_("Name that customers see"))
    other_addresses = forms.CharField(
        required=False, label=_("Other addresses of this mailbox"), help_text=_("Separated by spaces or line ends.")
    )
    imap_host = forms.CharField(max_length=200, label=_("IMAP server"))
    imap_port = forms.IntegerField(min_value=1, max_value=65535, initial=993, label=_("IMAP port"))
    imap_security = forms.ChoiceField(choices=SECURITY, initial="ssl", label=_("IMAP encryption"))
    imap_user = forms.CharField(max_length=200, label=_("IMAP user name"))
    imap_password = forms.CharField(required=False, widget=forms.PasswordInput, label=_("IMAP password"))
    folder = forms.CharField(max_length=100, required=False, label=_("Folder"), help_text=_("Empty: INBOX."))
    smtp_host = forms.CharField(max_length=200, label=_("SMTP server"))
    smtp_port = forms.IntegerField(min_value=1, max_value=65535, initial=587, label=_("SMTP port"))
    smtp_security = forms.ChoiceField(choices=SECURITY, initial="starttls", label=_("SMTP encryption"))
    smtp_user = forms.CharField(max_length=200, required=False, label=_("SMTP user name"))
    smtp_password = forms.CharField(required=False, widget=forms.PasswordInput, label=_("SMTP password"))
    plus_addressing = forms.BooleanField(
        required=False,
        label=_("The mailbox takes plus-addresses"),
        help_text=_("support+anything@ arrives in support@; answers then find their conversation more surely."),
    )
    authserv_id = forms.CharField(
        max_length=200,
        required=False,
        label=_("Name in Authentication-Results"),
        help_text=_("As your server writes it, e.g. mx.google.com. Empty: no mail proves who sent it."),
    )
    start_with = forms.ChoiceField(
        required=False,
        choices=[("new", _("mail that arrives from now on")), ("all", _("all mail in the folder"))],
        initial="new",
        label=_("Begin with"),
    )

    def clean_address(self) -> str:
        address: str = self.cleaned_data["address"].strip().lower()
        validate_email(address)
        if "+" in address.partition("@")[0]:
            raise ValidationError(_("Write the address without a plus sign."))
        return address

    def clean_other_addresses(self) -> list[str]:
        given = [one.lower() for one in re.split(r"[\s,;]+", self.cleaned_data["other_addresses"]) if one]
        if len(given) > 50:
            raise ValidationError(_("At most 50 addresses."))
        for one in given:
            validate_email(one)
        return given

    def clean_from_name(self) -> str:
        return re.sub(r"[\x00-\x1f\x7f]", " ", self.cleaned_data["from_name"]).strip()

    def clean_imap_host(self) -> str:
        return self._host("imap_host")

    def clean_smtp_host(self) -> str:
        return self._host("smtp_host")

    def _host(self, field: str) -> str:
        host: str = self.cleaned_data[field].strip()
        if not _HOST.match(host):
            raise ValidationError(_("A server's name, like mail.example.com."))
        return host

    def clean_folder(self) -> str:
        return self.cleaned_data["folder"].strip() or "INBOX"

    def clean_start_with(self) -> str:
        return self.cleaned_data["start_with"] or "new"

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        for protocol in ("imap", "smtp"):
            plain = cleaned.get(f"{protocol}_security") == "plain"
            if plain and not is_loopback(str(cleaned.get(f"{protocol}_host", ""))):
                self.add_error(
                    f"{protocol}_security", _("Without encryption the password could be read on the way. Choose one.")
                )
        return cleaned
