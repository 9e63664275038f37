"""E-mail: answers leave by SMTP. What comes in, the poller fetches; there is no webhook."""

from __future__ import annotations

import smtplib
import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from email.generator import BytesGenerator
from io import BytesIO
from typing import ClassVar

from kefu.channels.base import Abilities, Channel, NotTaken, Outbound, Receipt, Undeliverable, Unreachable
from kefu.channels.email.composing import compose, message_id
from kefu.kernel import clock

TIMEOUT_SECONDS = 30


class Email(Channel):
    """One mailbox: `settings` as EmailSettings cleans them, `secrets` {"smtp_password": …, "imap_password": …}."""

    kind: ClassVar[str] = "email"
    abilities: ClassVar[Abilities] = Abilities(images=True, files=True, html=True, is_letter=True)

    def send(self, outbound: Outbound, *, handing_over: Callable[[], None]) -> Receipt:
        """Bring one mail to the mailbox's SMTP server.

        `handing_over` is called when the server has accepted sender and recipient, just before DATA: from there on
        nobody can tell a lost answer from a lost mail. RFC 5321 section 4.2.1: 4yz may be tried again, 5yz not.
        """
        mail = compose(outbound, self.settings, at=clock.now())
        content = BytesIO()
        BytesGenerator(content, mangle_from_=False, policy=mail.policy).flatten(mail)
        sender = str(self.settings["address"])
        with self._connection() as smtp:
            self._say(smtp, f"MAIL FROM:<{sender}>", "sender")
            self._say(smtp, f"RCPT TO:<{outbound.to.strip()}>", "recipient")
            handing_over()
            self._data(smtp, content.getvalue())
        return Receipt(external_id=message_id(outbound, sender.rpartition("@")[2]))

    def try_connection(self) -> None:
        """Connect and sign in, send nothing. Raises Unreachable or Undeliverable."""
        with self._connection():
            pass

    @contextmanager
    def _connection(self) -> Iterator[smtplib.SMTP]:
        """A signed-in connection; whatever goes wrong on the way there was before the mail, so it may be repeated."""
        host, port = str(self.settings["smtp_host"]), int(self.settings["smtp_port"])
        security = self.settings.get("smtp_security", "starttls")
        try:
            smtp = (
                smtplib.SMTP_SSL(host, port, timeout=TIMEOUT_SECONDS, context=ssl.create_default_context())
                if security == "ssl"
                else smtplib.SMTP(host, port, timeout=TIMEOUT_SECONDS)
            )
        except (OSError, smtplib.SMTPException) as fault:
            raise Unreachable(server=f"{host}:{port}", why=str(fault)[:200]) from fault
        try:
            try:
                smtp.ehlo_or_helo_if_needed()
                if security == "starttls":
                    smtp.starttls(context=ssl.create_default_context())
                    smtp.ehlo()
                user, password = str(self.settings.get("smtp_user", "")), self.secrets.get("smtp_password", "")
                if user:
                    smtp.login(user, password)
            except smtplib.SMTPAuthenticationError as refused:
                # a password is mended by its owner, and then the waiting mail should leave: not Undeliverable
                why = f"the server refused user name or password: {_words(refused.smtp_error)}"
                raise Unreachable(server=f"{host}:{port}", why=why) from refused
            except (OSError, smtplib.SMTPException) as fault:
                raise Unreachable(server=f"{host}:{port}", why=str(fault)[:200]) from fault
            yield smtp
            try:
                smtp.quit()
            except (OSError, smtplib.SMTPException):
                return  # the mail is accepted; how the server says goodbye doesn't matter
        finally:
            smtp.close()

    def _say(self, smtp: smtplib.SMTP, command: str, about: str) -> None:
        try:
            code, words = smtp.docmd(command)
        except (TimeoutError, OSError, smtplib.SMTPException, UnicodeError) as fault:
            if isinstance(fault, UnicodeError):
                raise Undeliverable(about=about, why="letters that mail servers don't take") from fault
            raise Unreachable(about=about, why=str(fault)[:200]) from fault
        if code >= 500:
            raise Undeliverable(about=about, why=f"{code} {_words(words)}")
        if code >= 400 or code < 0:
            raise Unreachable(about=about, why=f"{code} {_words(words)}")

    def _data(self, smtp: smtplib.SMTP, content: bytes) -> None:
        try:
            code, words = smtp.data(content)
        except smtplib.SMTPDataError as refused:  # DATA itself was refused, no byte of the mail has left
            code, words = refused.smtp_code, refused.smtp_error if isinstance(refused.smtp_error, bytes) else b""
        except (OSError, smtplib.SMTPException) as fault:
            raise Unreachable(about="mail", why=str(fault)[:200]) from fault
        if code >= 500:
            raise Undeliverable(about="mail", why=f"{code} {_words(words)}")
        if code >= 400:
            raise NotTaken(about="mail", why=f"{code} {_words(words)}")
        if code != 250:
            raise Unreachable(about="mail", why=f"{code} {_words(words)}")


def _words(answer: bytes | str) -> str:
    text = answer.decode("utf-8", "replace") if isinstance(answer, bytes) else answer
    return " ".join(text.split())[:200]
