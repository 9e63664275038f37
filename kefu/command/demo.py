"""`kefu demo`: a whole shop to try Kefu on, with customers who really write in."""

from __future__ import annotations

import os
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING

import click

from kefu.command.database import database_running, django_ready, migrate, require_answer
from kefu.command.department import Department, print_line
from kefu.command.ports import require_free
from kefu.kernel.translations import compile_translations

if TYPE_CHECKING:
    from kefu.demo.staff import MailServer
    from kefu.desk.models import Channel
    from kefu.people.models import Brand


@click.command()
@click.option("--port", default=8000, show_default=True, type=int, help="Pages.")
@click.option("--events-port", type=int, help="Live updates.  [default: the port after --port]")
@click.option("--again", is_flag=True, help="Let the customers write in once more.")
def demo(port: int, events_port: int | None, again: bool) -> None:
    """Start a demo shop: products, orders, a desk, and customers who write in. Ctrl-C stops it all."""
    began = time.monotonic()
    require_free("127.0.0.1", port)
    require_free("127.0.0.1", events_port or port + 1)
    os.environ["KEFU_DEMO"] = "1"
    say("looking for the database" if os.environ.get("DATABASE_URL") else "starting the database")
    with database_running() as postgres:
        department = Department(port=port, events_port=events_port, postgres=postgres)
        department.stop_on_signals()
        os.environ.setdefault("KEFU_URL", department.url)
        os.environ.setdefault("KEFU_EVENTS_URL", department.events_url)
        require_answer()
        compile_translations()
        with django_ready():
            say("bringing the tables up to date")
            migrate()
            _play(department, began=began, again=again)
    department.say("kefu", "stopped")


def say(line: str) -> None:
    print_line("demo", line)


def _play(department: Department, *, began: float, again: bool) -> None:
    from django.conf import settings

    from kefu.channels.email import local_server
    from kefu.demo.staff import AUTHSERV, MailServer, chat_channel, email_channel, mail_passwords, passwords, seat_cast
    from kefu.desk.models import Conversation

    lumen, is_new = _shop()
    known = passwords(Path(settings.KEFU_HOME) / "demo-passwords.json")
    seat_cast(known)
    chat = chat_channel(lumen)
    mail_known = mail_passwords()
    post = local_server.start(mail_known, authserv_id=AUTHSERV)
    try:
        server = MailServer(post.imap_port, post.smtp_port, mail_known)
        email_channel(lumen, server)
        say("starting pages, live updates, workers and mail")
        with department:
            department.wait_until_ready()
            if not department.is_stopping:
                _tell(department.url, chat, known, seconds=time.monotonic() - began)
            if again or is_new or not Conversation.objects.filter(brand=lumen).exists():
                _let_them_write(department, chat, server)
            department.watch()
            department.say("kefu", "stopping")
    finally:
        post.stop()


def _shop() -> tuple[Brand, bool]:
    """The demo's main brand, made when it isn't there."""
    from kefu.demo.shop import load_demo
    from kefu.knowledge.pack import load_pack_articles
    from kefu.people.models import Brand

    lumen = Brand.objects.filter(slug="lumen").first()
    if lumen is not None and lumen.customers.exists():
        return lumen, False
    say("making the shop: products, customers, a year and a half of orders")
    brands = load_demo(progress=say)
    for brand in brands:
        articles = load_pack_articles(brand)
        say(f"{brand.name}: {len(articles)} articles")
    return brands[0], True


def _let_them_write(department: Department, chat: Channel, server: MailServer) -> None:
    from kefu.demo.staff import MAILBOX, identity_secret
    from kefu.demo.visitors import play_all

    threading.Thread(
        target=play_all,
        kwargs={
            "url": f"http://127.0.0.1:{department.port}",
            "channel": str(chat.public_id),
            "secret": identity_secret(chat),
            "server": server,
            "mailbox": MAILBOX,
            "say": say,
            "is_stopping": lambda: department.is_stopping,
        },
        daemon=True,
    ).start()


def _tell(url: str, chat: Channel, known: dict[str, str], *, seconds: float) -> None:
    """What to open, who to be, what to look at."""
    click.echo(f"""
  Kefu runs at {url} (after {seconds:.0f} s). Customers are writing in right now.

  The desk       {url}/desk/
                 tomas   {known["tomas"]}   agent of Lumen
                 ines    {known["ines"]}   administrator of Lumen
                 olek    {known["olek"]}   agent of another brand: sees nothing of Lumen's
  The shop       {url}/demo-shop/   its chat is at the lower right
  Just the chat  {url}/chat/{chat.public_id}/
  In a terminal  kefu chat --customer mira@example.com --why

  Look at        Unassigned: who waits for a person, and why. Open one, press t to take it, r to reply.
                 Any reply of the assistant: "why" shows what it understood, the steps, the rule, the facts.
                 As a customer: "where is my order", KF-1044, emily.carter@example.com; then in Chinese.
  Ctrl-C stops everything.
""")
