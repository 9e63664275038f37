"""Whether the From address is proved, by the mailbox's own server and by nobody else (RFC 8601)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from kefu.channels.email.reading.shapes import Authentication

_RESULT = re.compile(r"^\s*([a-z0-9-]+)(?:/\d+)?\s*=\s*([a-z]+)\b(.*)$", re.IGNORECASE | re.DOTALL)
_PROPERTY = re.compile(r"([a-z0-9-]+\.[a-z0-9_-]+)\s*=\s*(\"[^\"]*\"(?:@\S+)?|\S+)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class _Result:
    method: str
    value: str
    properties: dict[str, str]


class _Unbalanced(ValueError):
    """Comments or quotes do not close."""


def _without_comments(value: str) -> Iterator[str]:
    """The statements between semicolons; comments and quoted semicolons may hold whatever the sender chose."""
    depth, quoted, current = 0, False, []
    letters = iter(value)
    for letter in letters:
        if letter == "\\" and (quoted or depth):
            current.append(next(letters, "") if quoted else (next(letters, ""), "")[1])
        elif quoted:
            quoted = letter != '"'
            current.append(letter)
        elif letter == "(":
            depth += 1
        elif letter == ")":
            depth -= 1
            if depth < 0:
                raise _Unbalanced
        elif depth:
            continue
        elif letter == '"':
            quoted = True
            current.append(letter)
        elif letter == ";":
            yield "".join(current)
            current = []
        else:
            current.append(letter)
    if depth or quoted:
        raise _Unbalanced
    yield "".join(current)


def _domain(value: str) -> str:
    return value.strip('"<>').rpartition("@")[2].rstrip(".").lower()


def _covers(signing: str, sender: str) -> bool:
    """Whether `signing` is the sender's domain or a parent of it. A child proves nothing of its parent: whoever
    holds shop.host.example is not host.example."""
    return signing.count(".") >= 1 and (sender == signing or sender.endswith("." + signing))


def judge(headers: list[str], *, authserv_id: str, from_addresses: list[str]) -> tuple[Authentication, str]:
    """(verdict, reason). headers: all Authentication-Results, topmost first; only the topmost that names the trusted
    server counts, for a server writes above what the sender sent. from_addresses: all that the mail names as From.

    Passed: DMARC passed for the From domain; or there is no DMARC verdict and an aligned DKIM or SPF passed.
    Failed: DMARC failed, or both others did.
    """
    trusted = authserv_id.strip().lower()
    if not trusted:
        return Authentication.NONE, "no trusted server is set"
    if len(from_addresses) != 1:
        return Authentication.NONE, "not exactly one From address"
    sender = _domain(from_addresses[0])
    for header in headers:
        value = re.sub(r"\r?\n", "", header)
        try:
            server, *statements = _without_comments(value)
        except (_Unbalanced, ValueError):
            if value.strip().lower().startswith(trusted):
                return Authentication.NONE, "the server's verdict cannot be read"
            continue
        named = server.split()  # the name may be followed by a version
        if named and named[0].strip('"').lower() == trusted:
            return _verdict(statements, sender)
    return Authentication.NONE, "the trusted server said nothing"


def _verdict(statements: list[str], sender: str) -> tuple[Authentication, str]:
    results = []
    for statement in statements:
        if found := _RESULT.match(statement):
            properties = {name.lower(): value for name, value in _PROPERTY.findall(found[3])}
            results.append(_Result(found[1].lower(), found[2].lower(), properties))
    dmarc = [result for result in results if result.method == "dmarc" and result.value not in ("none", "temperror")]
    if dmarc:
        if all(one.value in ("pass", "bestguesspass") for one in dmarc) and all(
            _domain(one.properties.get("header.from", "")) == sender for one in dmarc
        ):
            return Authentication.PASSED, f"dmarc passed for {sender}"
        if any(one.value in ("fail", "permerror") for one in dmarc):
            return Authentication.FAILED, f"dmarc {dmarc[0].value}"
        return Authentication.NONE, "dmarc speaks of another domain"
    for one in results:
        signing = _domain(one.properties.get("header.d", "") or one.properties.get("header.i", ""))
        if one.method == "dkim" and one.value == "pass" and _covers(signing, sender):
            return Authentication.PASSED, f"dkim passed for {signing}"
        if one.method == "spf" and one.value == "pass" and _domain(one.properties.get("smtp.mailfrom", "")) == sender:
            return Authentication.PASSED, f"spf passed for {sender}"
    values = {method: {one.value for one in results if one.method == method} for method in ("dkim", "spf")}
    if values["dkim"] & {"fail", "policy"} and values["spf"] & {"fail", "softfail"}:
        return Authentication.FAILED, "dkim and spf failed"
    return Authentication.NONE, "nothing aligned with the sender's domain"
