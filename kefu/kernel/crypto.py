"""Secrets at rest and signed tokens, both keyed from one SECRET_KEY with a purpose each."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from typing import Any

from cryptography.fernet import Fernet, InvalidToken
from django.conf import settings

from kefu.kernel import clock
from kefu.kernel.errors import Refused


class BadToken(Refused):
    """The token is not one of ours, was altered, or has expired. Start again from the page that gave it."""

    code = "kernel.bad_token"


class Undecryptable(Refused):
    """A stored secret cannot be read with the present SECRET_KEY. Restore the old key or enter the secret again."""

    code = "kernel.undecryptable"


def _key(purpose: str) -> bytes:
    return hmac.digest(settings.SECRET_KEY.encode(), f"kefu:{purpose}".encode(), hashlib.sha256)


def encrypt(plain: str, *, purpose: str) -> str:
    """Fernet text of `plain`; readable again only with the same purpose and SECRET_KEY."""
    return Fernet(base64.urlsafe_b64encode(_key(purpose))).encrypt(plain.encode()).decode()


def decrypt(secret: str, *, purpose: str) -> str:
    """The plain text. Raises Undecryptable."""
    try:
        return Fernet(base64.urlsafe_b64encode(_key(purpose))).decrypt(secret.encode()).decode()
    except InvalidToken:
        raise Undecryptable(purpose=purpose) from None


def _b64(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def sign(claims: dict[str, Any], *, purpose: str, valid_seconds: int | None = None) -> str:
    """A URL-safe token of `claims` (readable, not secret). Without `valid_seconds` it does not expire."""
    body = dict(claims)
    if valid_seconds is not None:
        body["exp"] = int(clock.now().timestamp()) + valid_seconds
    payload = _b64(json.dumps(body, separators=(",", ":"), sort_keys=True).encode())
    return f"{payload}.{_b64(hmac.digest(_key(purpose), payload.encode(), hashlib.sha256))}"


def mac(text: str, *, purpose: str, length: int = 32) -> bytes:
    """The first `length` bytes of a keyed hash of `text`, where `sign`'s token would be too long."""
    return hmac.digest(_key(purpose), text.encode(), hashlib.sha256)[:length]


def unsign(token: str, *, purpose: str) -> dict[str, Any]:
    """The claims of a token that `sign` made with the same purpose. Raises BadToken."""
    payload, _, mac = token.partition(".")
    expected = _b64(hmac.digest(_key(purpose), payload.encode(), hashlib.sha256))
    if not hmac.compare_digest(mac.encode(), expected.encode()):
        raise BadToken()
    try:
        claims: dict[str, Any] = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    except ValueError:
        raise BadToken() from None
    if "exp" in claims and claims["exp"] < clock.now().timestamp():
        raise BadToken()
    return claims
