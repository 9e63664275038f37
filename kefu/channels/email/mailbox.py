"""One IMAP connection, in the few words the poller needs. It opens the folder read-only: no flag is ever changed, and
what others do with theirs ("unseen") does not matter."""

from __future__ import annotations

import imaplib
import re
import ssl
import time
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from imap_tools import MailBox, MailBoxStartTls, MailBoxUnencrypted
from imap_tools.errors import ImapToolsError, MailboxFolderSelectError, MailboxLoginError
from imap_tools.mailbox import BaseMailBox

from kefu.channels.email.fetched import Fetched
from kefu.channels.email.reading import SIZE_LIMIT
from kefu.kernel.errors import Unreachable

TIMEOUT_SECONDS = 30
#: RFC 2177 allows 29 minutes; routers on the way forget a silent connection sooner
IDLE_SECONDS = 240.0
#: the first IDLE after news is short: some servers don't tell what came between our last look and the IDLE
_FIRST_IDLE_SECONDS = 4.0
#: how long one look at the socket lasts, so that a stop is noticed
_SLICE_SECONDS = 2.0
_SIZE = re.compile(rb"RFC822\.SIZE (\d+)")


class MailboxUnreachable(Unreachable):
    """The mailbox cannot be read. Kefu goes on trying; look at the server's name, the port and the encryption."""

    code = "channels.mailbox_unreachable"


class MailboxRefused(MailboxUnreachable):
    """The mail server does not accept user name and password. Enter them again; many providers want an app password."""

    code = "channels.mailbox_refused"


class NoSuchFolder(MailboxUnreachable):
    """The mailbox has no such folder. Correct its name under Channels."""

    code = "channels.mailbox_no_folder"


#: what the libraries raise when a connection is broken or a server talks nonsense
BROKEN = (OSError, imaplib.IMAP4.error, ImapToolsError, EOFError, ValueError, IndexError, TypeError, AttributeError)


class ImapFolder:
    """An open folder. `uidvalidity` and `uidnext` are those of the moment it was opened."""

    def __init__(self, settings: Mapping[str, Any], secrets: Mapping[str, str]) -> None:
        """Connect, sign in, open. Raises MailboxUnreachable and its kin."""
        host, port = str(settings["imap_host"]), int(settings["imap_port"])
        self._server = f"{host}:{port}"
        try:
            self._box = self._connected(host, port, str(settings.get("imap_security", "ssl")))
        except BROKEN as fault:
            raise MailboxUnreachable(server=self._server, why=_words(fault)) from fault
        try:
            self._box.login(str(settings["imap_user"]), secrets.get("imap_password", ""), initial_folder=None)
            folder = str(settings.get("folder") or "INBOX")
            self._box.folder.set(folder, readonly=True)
            # asked again after the sign-in, for many servers tell only then that they can IDLE
            self._can_idle = b"IDLE" in b" ".join(self._box.client.capability()[1]).upper().split()
            self._idle_seconds = _FIRST_IDLE_SECONDS
            self.uidvalidity = self._number("UIDVALIDITY")
            self.uidnext = self._number("UIDNEXT")
        except MailboxLoginError as fault:
            self.close()
            raise MailboxRefused(server=self._server) from fault
        except MailboxFolderSelectError as fault:
            self.close()
            raise NoSuchFolder(server=self._server, folder=folder) from fault
        except BROKEN as fault:
            self.close()
            raise MailboxUnreachable(server=self._server, why=_words(fault)) from fault

    def _connected(self, host: str, port: int, security: str) -> BaseMailBox:
        if security == "plain":
            return MailBoxUnencrypted(host, port, timeout=TIMEOUT_SECONDS)
        kind = MailBoxStartTls if security == "starttls" else MailBox
        return kind(host, port, timeout=TIMEOUT_SECONDS, ssl_context=ssl.create_default_context())

    def _number(self, name: str) -> int:
        _, values = self._box.client.response(name)
        return int(values[0]) if values and values[0] else 0

    def uids_after(self, uid: int) -> list[int]:
        """UIDs above `uid`, rising. ("n:*" names the last mail even when it lies below n: hence the second look.)"""
        (answer,) = self._command("SEARCH", None, f"UID {uid + 1}:*")[:1] or [b""]
        return sorted({int(one) for one in (answer or b"").split() if int(one) > uid})

    def uids_since(self, moment: datetime) -> list[int]:
        """UIDs that arrived from the day of `moment` on (IMAP searches by day)."""
        day = f"{moment.day}-{_MONTHS[moment.month - 1]}-{moment.year}"
        (answer,) = self._command("SEARCH", None, f"SINCE {day}")[:1] or [b""]
        return sorted({int(one) for one in (answer or b"").split()})

    def fetch(self, uids: list[int], *, since: datetime | None = None) -> Iterator[Fetched]:
        """The raw mails, one command each, so that one that the server cannot give stops no other. What arrived before
        `since`, or is gone, is left out."""
        for uid in uids:
            head = b" ".join(_lines(self._command("FETCH", str(uid), "(RFC822.SIZE INTERNALDATE)")))
            if not head:
                continue
            if since is not None and (arrived := _internal_date(head)) is not None and arrived < since:
                continue
            size = int(found[1]) if (found := _SIZE.search(head)) else 0
            what = "(BODY.PEEK[HEADER])" if size > SIZE_LIMIT else "(BODY.PEEK[])"
            try:
                answer = self._command("FETCH", str(uid), what)
            except _SaidNo:
                yield Fetched(uid, b"", problem="unfetchable")
                continue
            parts = [part[1] for part in answer if isinstance(part, tuple)]
            if parts:
                yield Fetched(uid, parts[0], problem="too_large" if size > SIZE_LIMIT else "")

    def wait(self, *, poll_seconds: float, is_stopping: Callable[[], bool]) -> None:
        """Return when something has come, or it is time to look anyway; by IDLE where the server can."""
        try:
            if not self._can_idle:
                end = time.monotonic() + poll_seconds
                while time.monotonic() < end and not is_stopping():
                    time.sleep(min(_SLICE_SECONDS, max(0.0, end - time.monotonic())))
                self._box.client.noop()
                return
            idle = self._box.idle
            idle.start()
            end = time.monotonic() + self._idle_seconds
            self._idle_seconds = min(self._idle_seconds * 2, IDLE_SECONDS)
            while time.monotonic() < end and not is_stopping():
                began = time.monotonic()
                if idle.poll(_SLICE_SECONDS) or time.monotonic() - began < _SLICE_SECONDS / 2:
                    self._idle_seconds = _FIRST_IDLE_SECONDS
                    break  # news; or the line is dead, and stop() below will say so
            idle.stop()
        except BROKEN as fault:
            raise MailboxUnreachable(server=self._server, why=_words(fault)) from fault

    def _command(self, name: str, *arguments: str | None) -> list[Any]:
        try:
            status, data = self._box.client.uid(name, *arguments)  # type: ignore[arg-type]
        except BROKEN as fault:
            raise MailboxUnreachable(server=self._server, why=_words(fault)) from fault
        if status != "OK":
            raise _SaidNo(server=self._server, why=_words(data))
        return list(data)

    def close(self) -> None:
        """Without a word of thanks: the line may be dead."""
        try:
            self._box.client.shutdown()
        except (OSError, imaplib.IMAP4.error):
            return


class _SaidNo(MailboxUnreachable):
    """The mail server refused a command."""

    code = "channels.mailbox_said_no"


_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def _lines(answer: list[Any]) -> list[bytes]:
    return [part[0] if isinstance(part, tuple) else part for part in answer if part]


def _internal_date(line: bytes) -> datetime | None:
    parts = imaplib.Internaldate2tuple(line)
    return datetime.fromtimestamp(time.mktime(parts), UTC) if parts else None


def _words(fault: object) -> str:
    return " ".join(str(fault).split())[:200]
