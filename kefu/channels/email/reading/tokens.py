"""Finding what may be one of our reply tokens. Whether it is one, kefu.channels.email.tokens knows."""

from __future__ import annotations

import re
from collections.abc import Iterable

#: 42 letters of base 32: see kefu.channels.email.tokens
_PLUS = re.compile(r"^[^@+]{1,40}\+([a-z2-7]{42})@", re.IGNORECASE)
_OWN_ID = re.compile(r"^kefu\.[0-9a-f-]{32,36}\.([a-z2-7]{42})@", re.IGNORECASE)


def candidates(recipients: Iterable[str], message_ids: Iterable[str]) -> tuple[str, ...]:
    """Lower case, in order: from the address written to, then from the ids the mail answers, newest first."""
    found = [match[1].lower() for one in recipients if (match := _PLUS.match(one))]
    found += [match[1].lower() for one in message_ids if (match := _OWN_ID.match(one))]
    return tuple(dict.fromkeys(found))[:20]
