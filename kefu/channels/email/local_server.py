"""A small mail server on this machine, in memory: IMAP by pymap, SMTP by aiosmtpd, both in one thread.

For the demo and for machines without a mail server. Production code never imports this module: its two libraries
are no dependencies of a running Kefu. All that lies in the mailboxes is gone when it stops.
"""

from __future__ import annotations

import asyncio
import imaplib
import logging
import threading
import time
from argparse import Namespace
from collections.abc import Mapping
from contextlib import AsyncExitStack
from email import message_from_bytes, policy
from email.utils import formatdate, parseaddr

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session
from proxyprotocol.reader import ProxyProtocolReader
from pymap.backend.dict import Config, DictBackend, Identity
from pymap.imap import IMAPServer
from pymap.user import Passwords, UserMetadata
from pysasl.hashing import Cleartext

#: aiosmtpd warns at every sign-in of a field that it sets itself
logging.getLogger("mail.log").setLevel(logging.ERROR)
_HOST = "127.0.0.1"
_START_SECONDS = 20
_MOST_BYTES = 40 * 1024 * 1024


def base_address(address: str) -> str:
    """help+token@shop.example lies in the mailbox of help@shop.example."""
    local, _, domain = address.strip().lower().partition("@")
    return f"{local.partition('+')[0]}@{domain}"


class LocalMail:
    """A running server. `imap_port` and `smtp_port` are on 127.0.0.1, without encryption.

    authserv_id: the name it signs Authentication-Results with. A sender who has signed in to SMTP with the address in
    From is vouched for (dmarc=pass); everybody else is not. What a mail brings along under that name is taken out.
    """

    def __init__(self, passwords: Mapping[str, str], *, authserv_id: str = "mail.local") -> None:
        self.passwords = {address.lower(): password for address, password in passwords.items()}
        self.authserv_id = authserv_id
        self.imap_port = 0
        self.smtp_port = 0
        self._loop = asyncio.new_event_loop()
        self._ready = threading.Event()
        self._fault: Exception | None = None
        self._stopping = asyncio.Event()
        self._thread = threading.Thread(target=self._run, name="local mail server", daemon=True)

    def start(self, *, imap_port: int = 0, smtp_port: int = 0) -> None:
        """Returns when both ports answer. A port of 0 is chosen by the system. Raises OSError when one is taken."""
        self.imap_port, self.smtp_port = imap_port, smtp_port
        self._thread.start()
        if not self._ready.wait(_START_SECONDS):
            raise TimeoutError("the local mail server did not start")
        if self._fault is not None:
            raise self._fault

    def stop(self) -> None:
        if self._thread.is_alive():
            self._loop.call_soon_threadsafe(self._stopping.set)
            self._thread.join(timeout=10)

    def mails(self, address: str) -> list[bytes]:
        """What lies in a mailbox, oldest first."""
        client = self._client(address)
        try:
            client.select("INBOX", readonly=True)
            numbers = (client.search(None, "ALL")[1][0] or b"").split()
            answers = [client.fetch(number.decode(), "(BODY.PEEK[])")[1] for number in numbers]
            return [part[1] for answer in answers for part in answer if isinstance(part, tuple)]
        finally:
            client.logout()

    def _client(self, address: str) -> imaplib.IMAP4:
        client = imaplib.IMAP4(_HOST, self.imap_port, timeout=20)
        client.login(base_address(address), self.passwords[base_address(address)])
        return client

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        try:
            self._loop.run_until_complete(self._serve())
        except Exception as fault:  # noqa: BLE001  told to whoever waits in start()
            self._fault = fault
            self._ready.set()
        finally:
            self._loop.close()

    async def _serve(self) -> None:
        async with AsyncExitStack() as stack:
            imap = await asyncio.start_server(await self._imap_callback(), _HOST, self.imap_port)
            await stack.enter_async_context(imap)
            smtp = await self._loop.create_server(self._smtp_protocol, _HOST, self.smtp_port)
            await stack.enter_async_context(smtp)
            self.imap_port = imap.sockets[0].getsockname()[1]
            self.smtp_port = smtp.sockets[0].getsockname()[1]
            self._ready.set()
            await self._stopping.wait()
            for task in asyncio.all_tasks():
                if task is not asyncio.current_task():
                    task.cancel()

    async def _imap_callback(self):  # type: ignore[no-untyped-def]
        config = Config(
            Namespace(passlib_cfg=None, proxy_protocol=None),
            host=_HOST,
            port=self.imap_port,
            tls_enabled=False,
            demo_data=False,
            demo_user="",
            demo_password="",
            max_append_len=_MOST_BYTES,
            bad_command_limit=None,
            hash_context=Cleartext(),  # customers of a demo sign in often, and there is nothing to guard
        )
        config.apply_context()
        backend = DictBackend(_login_of(config), config)
        for address, password in self.passwords.items():
            hashed = await Passwords(config).hash_password(password)
            identity = Identity(address, backend.login, None, frozenset())
            await identity.set(UserMetadata(config, address, password=hashed))
        return ProxyProtocolReader(config.proxy_protocol).get_callback(IMAPServer(backend.login, config))

    def _smtp_protocol(self) -> SMTP:
        return SMTP(
            _Receiving(self), hostname=self.authserv_id, data_size_limit=_MOST_BYTES, enable_SMTPUTF8=True,
            authenticator=self._authenticate, auth_require_tls=False, loop=self._loop,
        )  # fmt: skip

    def _authenticate(
        self, server: SMTP, session: Session, envelope: Envelope, mechanism: str, data: object
    ) -> AuthResult:
        if not isinstance(data, LoginPassword):
            return AuthResult(success=False, handled=False)
        address = data.login.decode("utf-8", "replace").lower()
        given = data.password.decode("utf-8", "replace")
        if self.passwords.get(address) != given:
            return AuthResult(success=False, handled=False)
        session.signed_in_as = address  # type: ignore[attr-defined]
        return AuthResult(success=True, auth_data=data)

    def append(self, address: str, content: bytes) -> None:
        """Put a mail into a mailbox as it is, without SMTP."""
        client = self._client(address)
        try:
            client.append("INBOX", "", imaplib.Time2Internaldate(time.time()), content)
        finally:
            client.logout()


def _login_of(config: Config):  # type: ignore[no-untyped-def]
    from pymap.backend.dict import Login

    return Login(config)


class _Receiving:
    """What SMTP does with a mail: the head a mail server writes, then into the mailbox."""

    def __init__(self, server: LocalMail) -> None:
        self._server = server

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if base_address(address) not in self._server.passwords:
            return "550 5.1.1 no such mailbox here"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        raw = envelope.original_content or b""
        for address in envelope.rcpt_tos:
            content = self._stamped(raw, session, envelope.mail_from or "", address)
            await asyncio.to_thread(self._server.append, address, content)
        return "250 taken"

    def _stamped(self, raw: bytes, session: Session, mail_from: str, address: str) -> bytes:
        own = self._server.authserv_id
        message = message_from_bytes(raw, policy=policy.compat32)
        claims = message.get_all("Authentication-Results", [])
        if any(str(claim).strip().lower().startswith(own) for claim in claims):
            del message["Authentication-Results"]  # RFC 8601, section 5: nobody else may speak in our name
            raw = message.as_bytes(policy=policy.compat32.clone(linesep="\r\n"))
        sender = parseaddr(str(message.get("From", "")))[1].lower()
        is_proven = sender != "" and getattr(session, "signed_in_as", None) == sender
        verdict = f"dmarc=pass header.from={sender.rpartition('@')[2]}" if is_proven else "none"
        head = (
            f"Return-Path: <{mail_from}>\r\nDelivered-To: {address}\r\n"
            f"Received: by {own} with ESMTP; {formatdate(time.time())}\r\n"
            f"Authentication-Results: {own}; {verdict}\r\n"
        )
        return head.encode("utf-8", "replace") + raw


def start(
    passwords: Mapping[str, str], *, imap_port: int = 0, smtp_port: int = 0, authserv_id: str = "mail.local"
) -> LocalMail:
    """Start a server with a mailbox for each address, e.g. {"help@lumen.example": "letmein"}."""
    server = LocalMail(passwords, authserv_id=authserv_id)
    server.start(imap_port=imap_port, smtp_port=smtp_port)
    return server
