"""The demo's customers write in: over the public chat interface and by mail, as strangers outside would."""

from __future__ import annotations

import json
import smtplib
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from email.message import EmailMessage
from email.utils import formataddr, make_msgid
from typing import Any
from uuid import uuid4

from kefu.channels.chat.identity import signature
from kefu.demo.pack import declared
from kefu.demo.staff import MailServer
from kefu.demo.stories import Story, stories

#: a reply that takes longer is not waited for; the next line is said all the same
PATIENCE_SECONDS = 40
Json = Any


@dataclass(frozen=True, slots=True)
class Visit:
    """One customer's part, from packs/ecommerce/demo/talk.yaml."""

    story: Story | None
    channel: str
    says: Sequence[str | Mapping[str, int]]
    is_signed: bool = False
    language: str = "en"
    subject: str = ""

    @property
    def who(self) -> str:
        return self.story.name if self.story else "somebody unknown"


def visits() -> list[Visit]:
    """All parts, as the pack declares them."""
    by_key = {story.key: story for story in stories()}
    made = []
    for one in declared("talk"):
        story = by_key[one["who"]] if "who" in one else None
        language = one.get("language") or (story.language if story else "en")
        made.append(
            Visit(
                story=story,
                channel=one["channel"],
                says=one["says"],
                is_signed=one.get("proof") == "signed",
                language=language,
                subject=one.get("subject", ""),
            )
        )
    return made


class ChatVisit:
    """A visitor's browser, without the browser: the documented HTTP interface and nothing else."""

    def __init__(self, *, url: str, channel: str, secret: str) -> None:
        self.base = f"{url}/chat/v1/{channel}"
        self.channel = channel
        self.secret = secret
        self.token = ""
        self.seen = ""

    def play(self, visit: Visit) -> None:
        """Say every line, each after the answer to the one before."""
        start: dict[str, Json] = {"language": visit.language}
        if visit.is_signed and visit.story:
            start["identity"] = self._identity(visit.story)
        self.token = self._post("/conversations", start)["token"]
        choices: list[dict[str, str]] = []
        for line in visit.says:
            if isinstance(line, str):
                said: dict[str, Json] = {"text": line}
            elif len(choices) >= line["press"]:
                picked = choices[line["press"] - 1]
                said = {"text": picked["label"], "choice": picked["value"]}
            else:
                return  # no such button: the talk went another way
            sent = self._post("/messages", {"id": str(uuid4()), **said})
            self.seen = sent["message"]["id"]
            choices = self._answer()

    def _identity(self, story: Story) -> dict[str, Json]:
        fields: dict[str, Json] = {
            "customer": story.customer_id,
            "email": story.email,
            "name": story.name,
            "exp": int(time.time()) + 3600,
        }
        return fields | {"signature": signature(self.secret, channel=self.channel, **fields)}

    def _answer(self) -> list[dict[str, str]]:
        """Wait for what Kefu says next; gives its buttons."""
        until = time.monotonic() + PATIENCE_SECONDS
        while time.monotonic() < until:
            news = self._call("GET", f"/messages?after={self.seen}")["messages"]
            ours = [message for message in news if message["author"] != "customer"]
            if ours:
                self.seen = news[-1]["id"]
                found: list[dict[str, str]] = ours[-1].get("choices") or []
                return found
            time.sleep(0.3)
        return []

    def _post(self, path: str, body: Json) -> Json:
        return self._call("POST", path, body)

    def _call(self, method: str, path: str, body: Json = None) -> Json:
        request = urllib.request.Request(  # noqa: S310  the demo's own address
            self.base + path,
            method=method,
            data=None if body is None else json.dumps(body).encode(),
            headers={"Content-Type": "application/json", "Authorization": f"Bearer {self.token}"},
        )
        with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310
            return json.load(answer)


def write_mail(visit: Visit, *, server: MailServer, to: str) -> None:
    """The first line of the visit as a mail from the customer's own address, signed in to their mail server."""
    if visit.story is None:
        raise ValueError("a mail needs a sender; give the visit a story")
    mail = EmailMessage()
    mail["From"] = formataddr((visit.story.name, visit.story.email))
    mail["To"] = to
    mail["Subject"] = visit.subject
    mail["Message-ID"] = make_msgid(domain="customers.example")
    mail.set_content(str(visit.says[0]))
    with smtplib.SMTP("127.0.0.1", server.smtp_port, timeout=20) as post:
        post.login(visit.story.email, server.passwords[visit.story.email])
        post.send_message(mail)


def play_all(
    *,
    url: str,
    channel: str,
    secret: str,
    server: MailServer,
    mailbox: str,
    say: Callable[[str], None],
    is_stopping: Callable[[], bool],
) -> None:
    """Every visit, one after the other. One that fails is told and does not stop the others."""
    for visit in visits():
        if is_stopping():
            return
        try:
            if visit.channel == "email":
                write_mail(visit, server=server, to=mailbox)
            else:
                ChatVisit(url=url, channel=channel, secret=secret).play(visit)
        except (urllib.error.URLError, OSError, smtplib.SMTPException) as problem:
            say(f"{visit.who} could not write by {visit.channel}: {problem}")
        else:
            say(f"{visit.who} wrote by {visit.channel}")
