"""A real Dovecot on loopback, as an ordinary process, by root or anybody else."""

from __future__ import annotations

import getpass
import grp
import imaplib
import os
import pwd
import shutil
import socket
import subprocess
import tempfile
import time
from pathlib import Path

PASSWORD = "letmein"
_SBIN = ":/usr/sbin:/usr/local/sbin:/opt/homebrew/sbin"
#: what holds a maildir's numbering
_INDEXES = ("dovecot-uidlist", "dovecot-uidvalidity", "dovecot.index", "dovecot.index.log", "dovecot.index.cache")
_CONF = """
base_dir = {home}/run
state_dir = {home}/state
log_path = {home}/log
protocols = imap
listen = 127.0.0.1
ssl = no
disable_plaintext_auth = no
default_login_user = {login_user}
default_internal_user = {internal_user}
default_internal_group = {internal_group}
first_valid_uid = 1
first_valid_gid = 1
mail_location = maildir:{home}/mail/%u
mail_uid = {uid}
mail_gid = {gid}
passdb {{
  driver = static
  args = password={password}
}}
userdb {{
  driver = static
  args = uid={uid} gid={gid} home={home}/mail/%u
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    port = {port}
  }}
  inet_listener imaps {{
    port = 0
  }}
}}
service anvil {{
  chroot =
}}
"""


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Dovecot:
    """Start, stop, and put mail into mailboxes. A user's name is any address; the password is PASSWORD."""

    def __init__(self) -> None:
        self.home = Path(tempfile.mkdtemp(prefix="dovecot-", dir="/tmp"))
        self.home.chmod(0o755)
        self.port = free_port()
        is_root = os.geteuid() == 0
        me = getpass.getuser()
        group = grp.getgrgid(os.getgid()).gr_name
        # by root Dovecot insists on users of its own, which its package has made; by others everything is theirs
        owner = pwd.getpwnam("nobody") if is_root else pwd.getpwuid(os.getuid())
        users = ("dovenull", "dovecot", "dovecot") if is_root else (me, me, group)
        conf = _CONF.format(
            home=self.home, port=self.port, password=PASSWORD, uid=owner.pw_uid, gid=owner.pw_gid,
            login_user=users[0], internal_user=users[1], internal_group=users[2],
        )  # fmt: skip
        (self.home / "mail").mkdir()
        if is_root:
            os.chown(self.home / "mail", owner.pw_uid, owner.pw_gid)
        self._conf = self.home / "dovecot.conf"
        self._conf.write_text(conf)
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        binary = shutil.which(
            "dovecot", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin:/opt/homebrew/sbin"
        )
        assert binary, "dovecot is not installed"
        self._process = subprocess.Popen(
            [binary, "-F", "-c", str(self._conf)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        for _ in range(200):
            try:
                with socket.create_connection(("127.0.0.1", self.port), timeout=1) as line:
                    if line.recv(4) == b"* OK":
                        return
            except OSError:
                pass
            time.sleep(0.05)
        raise AssertionError(f"dovecot did not start: {self.log()}")

    def stop(self) -> None:
        if self._process is not None:
            self._process.terminate()
            self._process.wait(timeout=10)
            self._process = None

    @property
    def is_stopped(self) -> bool:
        return self._process is None

    def remove(self) -> None:
        self.stop()
        shutil.rmtree(self.home, ignore_errors=True)

    def log(self) -> str:
        file = self.home / "log"
        return file.read_text()[-2000:] if file.exists() else ""

    def client(self, user: str) -> imaplib.IMAP4:
        client = imaplib.IMAP4("127.0.0.1", self.port, timeout=10)
        client.login(user, PASSWORD)
        return client

    def deliver(self, user: str, *mails: bytes, folder: str = "INBOX") -> None:
        """By APPEND, as a mail server would."""
        client = self.client(user)
        for mail in mails:
            status, _ = client.append(folder, "", imaplib.Time2Internaldate(time.time()), mail)
            assert status == "OK"
        client.logout()

    def renumber(self, user: str) -> None:
        """The mailbox gets a new UIDVALIDITY, as after a restore from backup; the mails stay."""
        maildir = self.home / "mail" / user
        for name in (
            "dovecot-uidlist",
            "dovecot-uidvalidity",
            "dovecot.index",
            "dovecot.index.log",
            "dovecot.index.cache",
        ):
            (maildir / name).unlink(missing_ok=True)
        for file in maildir.glob("dovecot-uidvalidity.*"):
            file.unlink()
        time.sleep(1.1)  # the new number is the second it is made in

    def settings(self, user: str) -> dict[str, object]:
        return {
            "imap_host": "127.0.0.1", "imap_port": self.port, "imap_security": "plain", "imap_user": user,
            "imap_password": PASSWORD,
        }  # fmt: skip
