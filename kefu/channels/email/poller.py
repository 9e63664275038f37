"""Fetches the mail of every e-mail channel as it arrives: one thread a mailbox, IDLE where the server can.

The raw mail, the cursor and the job that reads it are committed together, so the process may die at any moment: what
was not committed is fetched again, what was is not. The cursor is (uidvalidity, uid); flags are not looked at.
"""

from __future__ import annotations

import hashlib
import logging
import signal
import threading
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from types import FrameType
from typing import Any

from django.db import DatabaseError, InterfaceError, close_old_connections, connection

from kefu.channels.email.fetched import Fetched
from kefu.channels.email.mailbox import ImapFolder
from kefu.channels.services import all_well, in_trouble, keep_mail, secrets_of
from kefu.desk.models import Channel
from kefu.kernel import clock
from kefu.kernel.errors import KefuError

log = logging.getLogger(__name__)

#: one transaction takes at most so many mails and, roughly, bytes
BATCH_MAILS = 20
BATCH_BYTES = 20 * 1024 * 1024
POLL_SECONDS = 15.0
LOOK_FOR_CHANNELS_SECONDS = 5.0
_LONGEST_WAIT_SECONDS = 60.0
#: the mail server's clock and ours; mail that came just before we connected may be looked at after a renumbering
CLOCKS_DIFFER = timedelta(hours=1)
TROUBLE = "channels.mailbox"


def fetch_news(channel: Channel, folder: ImapFolder) -> int:
    """Keep every mail that lies above the cursor; returns how many were new. Raises MailboxUnreachable.

    Where the server has numbered its mails anew (another UIDVALIDITY), all that came since the mailbox was connected
    is looked at again; what is known becomes no second message. The cursor says so ("anew") until that is done.
    """
    cursor: dict[str, Any] = Channel.objects.values_list("cursor", flat=True).get(pk=channel.pk)
    if not cursor:
        cursor = _first_cursor(channel, folder)
        keep_mail(channel, [], uidvalidity=folder.uidvalidity, cursor=cursor)
    if cursor["uidvalidity"] != folder.uidvalidity:
        log.warning("the mailbox of channel %s has a new UIDVALIDITY and is looked at again", channel.pk)
        cursor = {**cursor, "uidvalidity": folder.uidvalidity, "uid": 0, "anew": True}
    since = None
    if cursor.get("anew") and cursor.get("since"):
        since = datetime.fromisoformat(cursor["since"]) - CLOCKS_DIFFER
    kept = 0
    uids = (
        [uid for uid in folder.uids_since(since) if uid > cursor["uid"]] if since else folder.uids_after(cursor["uid"])
    )
    for start in range(0, len(uids), BATCH_MAILS):
        chosen = uids[start : start + BATCH_MAILS]
        batch: list[Fetched] = []
        for mail in folder.fetch(chosen, since=since):
            batch.append(mail)
            if sum(len(one.content) for one in batch) > BATCH_BYTES:
                kept += _keep(channel, folder, batch, {**cursor, "uid": mail.uid})
                batch = []
        kept += _keep(channel, folder, batch, {**cursor, "uid": chosen[-1]})
    if cursor.pop("anew", False):
        last = max([folder.uidnext - 1, *uids[-1:]])
        _keep(channel, folder, [], {**cursor, "uid": last})
    return kept


def _keep(channel: Channel, folder: ImapFolder, batch: list[Fetched], cursor: dict[str, Any]) -> int:
    return len(keep_mail(channel, batch, uidvalidity=folder.uidvalidity, cursor=cursor))


def _first_cursor(channel: Channel, folder: ImapFolder) -> dict[str, Any]:
    """Where a newly connected mailbox begins: by default behind what lies there, for that was answered long ago."""
    if channel.settings.get("start_with") == "all":
        return {"uidvalidity": folder.uidvalidity, "uid": 0, "since": ""}
    last = folder.uidnext - 1 if folder.uidnext else max(folder.uids_after(0), default=0)
    return {"uidvalidity": folder.uidvalidity, "uid": last, "since": clock.now().replace(microsecond=0).isoformat()}


@dataclass(slots=True)
class Watch:
    """One mailbox, watched in a thread of its own until `stop` is set."""

    channel: Channel
    fingerprint: str
    stop: threading.Event = field(default_factory=threading.Event)
    thread: threading.Thread | None = None

    def begin(self) -> None:
        self.thread = threading.Thread(target=self._run, name=f"mailbox {self.channel.pk}", daemon=True)
        self.thread.start()

    def _run(self) -> None:
        wait = 1.0
        while not self.stop.is_set():
            try:
                self._watch_one_connection()
                wait = 1.0
            except (KefuError, DatabaseError, InterfaceError) as fault:
                self._tell(fault)
            except Exception as fault:
                log.exception("mailbox of channel %s", self.channel.pk)
                self._tell(fault)
            finally:
                _let_go_of_the_database()
            if self.stop.wait(wait):
                return
            wait = min(wait * 2, _LONGEST_WAIT_SECONDS)

    def _watch_one_connection(self) -> None:
        folder = ImapFolder(self.channel.settings, secrets_of(self.channel))
        try:
            while not self.stop.is_set():
                fetch_news(self.channel, folder)
                all_well(self.channel.pk, problem=TROUBLE)
                _let_go_of_the_database()
                folder.wait(poll_seconds=POLL_SECONDS, is_stopping=self.stop.is_set)
        finally:
            folder.close()

    def _tell(self, fault: Exception) -> None:
        log.warning("mailbox of channel %s: %s", self.channel.pk, fault)
        if isinstance(fault, DatabaseError | InterfaceError):
            return  # there is nowhere to write it
        try:
            cure = fault.sentence if isinstance(fault, KefuError) else repr(fault)
            in_trouble(self.channel.pk, problem=TROUBLE, cure=cure)
        except (DatabaseError, InterfaceError):
            log.warning("and the database is away")


def _let_go_of_the_database() -> None:
    """While a thread waits for mail it holds no connection."""
    close_old_connections()
    connection.close()


def _fingerprint(channel: Channel) -> str:
    return hashlib.sha256(f"{sorted(channel.settings.items())}{channel.secrets}".encode()).hexdigest()


def look_for_channels(watches: dict[int, Watch]) -> None:
    """Begin a watch for each e-mail channel that is on, end those of channels that are off or changed."""
    on = Channel.objects.filter(kind="email", is_on=True)
    channels = {channel.pk: channel for channel in on if channel.settings.get("imap_host")}
    for pk, watch in list(watches.items()):
        if pk not in channels or watch.fingerprint != _fingerprint(channels[pk]):
            watch.stop.set()
            del watches[pk]
    for pk, channel in channels.items():
        if pk not in watches:
            watches[pk] = Watch(channel, _fingerprint(channel))
            watches[pk].begin()


def run(stop: threading.Event) -> None:
    """Watch all mailboxes until `stop` is set. Channels that are added or changed are noticed within seconds."""
    watches: dict[int, Watch] = {}
    while not stop.is_set():
        try:
            look_for_channels(watches)
        except (DatabaseError, InterfaceError) as fault:
            log.warning("the database is away: %s", fault)
        finally:
            _let_go_of_the_database()
        stop.wait(LOOK_FOR_CHANNELS_SECONDS)
    for watch in watches.values():
        watch.stop.set()
    for watch in watches.values():
        if watch.thread is not None:
            watch.thread.join(timeout=10)


def main() -> None:
    """The process `kefu mail`: runs until SIGTERM or Ctrl-C."""
    stop = threading.Event()

    def end(number: int, frame: FrameType | None) -> None:
        stop.set()

    signal.signal(signal.SIGTERM, end)
    signal.signal(signal.SIGINT, end)
    run(stop)
