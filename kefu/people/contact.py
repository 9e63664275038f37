"""E-mail addresses, phone numbers and postcodes in the one form in which they are stored and compared. Pure."""

from __future__ import annotations

import re
import unicodedata

import phonenumbers

_PART = r"[^\s@<>,;:\"()\[\]\\\x00-\x1f.]+"
_EMAIL = re.compile(rf"{_PART}(\.{_PART})*@{_PART}(\.{_PART})+")


def normal_email(text: str) -> str:
    """Lower case, NFKC, no spaces round it. Raises ValueError with the cure when it is no address."""
    email = unicodedata.normalize("NFKC", text).strip().lower()
    if len(email) > 254 or not _EMAIL.fullmatch(email):
        raise ValueError(f"{text[:60]!r} is not an e-mail address; write it like name@example.com")
    return email


def normal_phone(text: str, country: str = "") -> str:
    """E.164: "0151 12345678" in DE gives "+4915112345678". Raises ValueError with the cure.

    country: ISO 3166-1 alpha-2, for numbers written without "+". Source: ITU-T E.164 by way of phonenumbers.
    """
    try:
        number = phonenumbers.parse(unicodedata.normalize("NFKC", text), country or None)
    except phonenumbers.NumberParseException:
        raise ValueError(f"{text[:40]!r} is not a phone number; write it with its country: +49 151 12345678") from None
    if not phonenumbers.is_possible_number(number):
        raise ValueError(f"{text[:40]!r} has too many or too few digits; write it like +49 151 12345678")
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def normal_postcode(text: str) -> str:
    """Upper case, NFKC, single spaces: "sw1a  1aa" gives "SW1A 1AA". Raises ValueError with the cure."""
    postcode = " ".join(unicodedata.normalize("NFKC", text).upper().split())
    if not re.fullmatch(r"[0-9A-Z][0-9A-Z \-]{1,18}", postcode):
        raise ValueError(f"{text[:40]!r} is not a postcode; write letters, digits, spaces and hyphens only")
    return postcode
