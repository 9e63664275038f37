"""The brake on guessing passwords: counted in the database, so that it holds over processes and restarts."""

from __future__ import annotations

import hashlib
import hmac
from datetime import timedelta

from django.conf import settings
from django.db import connection
from django.http import HttpRequest

from kefu.kernel import clock
from kefu.web.models import SignInBrake

WINDOW = timedelta(minutes=15)
#: tries in one window: for one account from one address; from one address for all accounts; for one account from
#: everywhere (high, or a stranger could lock people out of their own desk)
LIMITS = {"pair": 6, "address": 60, "account": 200}


def address_of(request: HttpRequest) -> str:
    """Where the request comes from; behind our own proxy, what the proxy saw (the last entry, which nobody forges)."""
    if settings.SECURE_PROXY_SSL_HEADER:
        forwarded = request.headers.get("X-Forwarded-For", "")
        if forwarded:
            return forwarded.rpartition(",")[2].strip()
    return str(request.META.get("REMOTE_ADDR", ""))


def _keys(account: str, address: str) -> dict[str, str]:
    account = account.strip().casefold()[:254]
    subjects = {"pair": f"{account}\n{address}", "address": address, "account": account}
    secret = settings.SECRET_KEY.encode()
    return {
        name: hmac.digest(secret, f"sign-in:{name}:{text}".encode(), hashlib.sha256).hex()
        for name, text in subjects.items()
    }


def may_try(account: str, address: str) -> bool:
    """Count one try before the password is looked at, so that tries at the same moment are counted too."""
    now = clock.now()
    SignInBrake.objects.filter(since__lt=now - WINDOW).delete()
    allowed = True
    with connection.cursor() as cursor:
        for name, key in sorted(_keys(account, address).items(), key=lambda pair: pair[1]):  # same order, no deadlock
            cursor.execute(
                "INSERT INTO web_signinbrake (key, failures, since) VALUES (%s, 1, %s) "
                "ON CONFLICT (key) DO UPDATE SET failures = web_signinbrake.failures + 1 RETURNING failures",
                [key, now],
            )
            (tries,) = cursor.fetchone()
            allowed = allowed and tries <= LIMITS[name]
    return allowed


def release(account: str, address: str) -> None:
    """The right password clears the pair and gives back the one try of the wider counts."""
    keys = _keys(account, address)
    SignInBrake.objects.filter(key=keys["pair"]).delete()
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE web_signinbrake SET failures = greatest(failures - 1, 0) WHERE key IN (%s, %s)",
            [keys["address"], keys["account"]],
        )
