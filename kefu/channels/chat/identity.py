"""A shop's page tells who its signed-in customer is, and proves it with the channel's secret.

The signed bytes are the UTF-8 of six lines joined by a line feed (0x0A), none at the end:

    kefu-identity-v1
    <channel's public id, lower case with hyphens>
    <customer: the id in the shop's own system, or empty>
    <email, or empty>
    <name, or empty>
    <exp: seconds since 1970 in decimal digits>

and the signature is their HMAC-SHA256 under the secret's own UTF-8 bytes, in lower-case hexadecimal. No field may
hold a control character, so no field can pretend to be the next one; the channel's id keeps what one shop signed
from being used at another that was given the same secret.
"""

from __future__ import annotations

import hashlib
import hmac
import unicodedata
from dataclasses import dataclass
from datetime import datetime

from kefu.kernel.errors import Refused

#: seconds; a page that signs for longer is refused, so that a copied page does not open an account for ever
LONGEST_VALIDITY = 24 * 60 * 60
_LIMITS = {"customer": 120, "email": 254, "name": 200}


class BadIdentity(Refused):
    """The signed identity does not hold. Sign the six lines again on the shop's server, with a fresh `exp`."""

    code = "chat.bad_identity"


class IdentityExpired(BadIdentity):
    """The signed identity has expired. Load the shop's page again, so that its server signs a fresh one."""

    code = "chat.identity_expired"


@dataclass(frozen=True, slots=True)
class SignedIdentity:
    customer: str
    email: str
    name: str

    @property
    def address(self) -> str:
        """What this person is called on the channel: the same on every device.

        Only the e-mail address itself may hold an "@": the desk reads an address that has one as an e-mail address.
        """
        if not self.customer:
            return self.email.lower()
        if "@" in self.customer:
            return f"customer:{hashlib.sha256(self.customer.encode()).hexdigest()}"
        return f"customer:{self.customer}"


def signed_bytes(*, channel: str, customer: str, email: str, name: str, exp: int) -> bytes:
    """The bytes that are signed; see the module's page."""
    return "\n".join(["kefu-identity-v1", channel, customer, email, name, str(exp)]).encode()


def signature(secret: str, **fields: str | int) -> str:
    """The signature a shop's server puts on: keyword arguments as in `signed_bytes`."""
    return hmac.digest(secret.encode(), signed_bytes(**fields), hashlib.sha256).hex()  # type: ignore[arg-type]


def verified(claims: object, *, secret: str, channel: str, now: datetime) -> SignedIdentity:
    """Who the shop says this is.

    claims: the JSON object {"customer", "email", "name", "exp", "signature"} as it came. Raises BadIdentity, with
    `why` for the shop's developer, or IdentityExpired.
    """
    if not secret:
        raise BadIdentity(why="this channel has no identity secret yet; make one under Channels")
    if not isinstance(claims, dict):
        raise BadIdentity(why="identity is a JSON object")
    texts = {field: _text(claims, field, limit) for field, limit in _LIMITS.items()}
    exp, given = claims.get("exp"), claims.get("signature")
    if type(exp) is not int or not 0 < exp < 1 << 53:
        raise BadIdentity(why="exp is a whole number: seconds since 1970")
    if not isinstance(given, str) or not given.isascii():
        raise BadIdentity(why="signature is 64 hexadecimal digits")
    expected = hmac.digest(secret.encode(), signed_bytes(channel=channel, exp=exp, **texts), hashlib.sha256).hex()
    if not hmac.compare_digest(given.encode(), expected.encode()):
        raise BadIdentity(why="the signature is not that of these values under this channel's secret")
    if not texts["customer"] and not texts["email"]:
        raise BadIdentity(why="give customer or email")
    seconds_left = exp - now.timestamp()
    if seconds_left <= 0:
        raise IdentityExpired(expired_at=exp)
    if seconds_left > LONGEST_VALIDITY:
        raise BadIdentity(why=f"exp is more than {LONGEST_VALIDITY} seconds ahead")
    return SignedIdentity(**texts)


def _text(claims: dict[object, object], field: str, limit: int) -> str:
    value = claims.get(field, "")
    if value is None:
        value = ""
    if not isinstance(value, str):
        raise BadIdentity(why=f"{field} is text")
    if len(value) > limit:
        raise BadIdentity(why=f"{field} has more than {limit} characters")
    # Cc: control characters, the line feed among them; Cs: lone surrogates, which have no UTF-8
    if any(unicodedata.category(character) in ("Cc", "Cs") for character in value):
        raise BadIdentity(why=f"{field} holds a control character")
    return value
