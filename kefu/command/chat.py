"""`kefu chat`: talk to the assistant in the terminal, as a stranger or as one of a brand's customers."""

from __future__ import annotations

import select
import sys
from typing import TYPE_CHECKING, Any

import click

from kefu.command.database import django_ready

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from kefu.desk.models import Channel, Conversation, Message
    from kefu.people.models import Brand, Customer


@click.command()
@click.option("--brand", "slug", default="", help="The brand's slug. Default: the first brand there is.")
@click.option("--customer", default="", help="E-mail or id of a customer you talk as, proven. Default: a stranger.")
@click.option("--why", is_flag=True, help="After each reply: understanding, playbook, steps, rules, facts.")
def chat(slug: str, customer: str, why: bool) -> None:
    """Talk to the assistant. Type a number to press a button; /quit or Ctrl-D ends."""
    with django_ready():
        from kefu.kernel.errors import KefuError

        brand = _brand(slug)
        who = _customer(brand, customer) if customer else None
        click.echo(f"You talk to {brand.name} as {who or 'somebody unknown'}. /quit ends.")
        talk = _Talk(_channel(brand), who)
        while (said := _ask(talk, show_why=why)) is not None:
            try:
                talk.say(said, show_why=why)
            except KefuError as refusal:
                click.secho(refusal.sentence, fg="red")


#: seconds between two looks for what a person has written
LOOK_EVERY = 1.0


def _ask(talk: _Talk, *, show_why: bool) -> str | None:
    """What is typed next; None for the end. While a person has the talk, what they write is shown meanwhile."""
    while True:
        try:
            said = _typed(talk, show_why=show_why)
        except (EOFError, KeyboardInterrupt):
            click.echo()
            return None
        if said == "/quit":
            return None
        if said:
            return said


def _typed(talk: _Talk, *, show_why: bool) -> str:
    if not talk.is_with_a_person() or not sys.stdin.isatty():
        talk.show_news(show_why=show_why)
        return input("> ").strip()
    click.echo("> ", nl=False)
    while not select.select([sys.stdin], [], [], LOOK_EVERY)[0]:
        if talk.has_news():
            click.echo("\r", nl=False)
            talk.show_news(show_why=show_why)
            click.echo("> ", nl=False)
    line = sys.stdin.readline()
    if not line:
        raise EOFError
    return line.strip()


def _brand(slug: str) -> Brand:
    from kefu.people.models import Brand

    brands = Brand.objects.order_by("pk")
    brand = brands.filter(slug=slug).first() if slug else brands.first()
    if brand is None:
        known = ", ".join(brands.values_list("slug", flat=True)[:20])
        raise click.ClickException(f"no brand {slug!r}; there are: {known or 'none yet, run `kefu demo`'}")
    return brand


def _customer(brand: Brand, wanted: str) -> Customer:
    from django.db.models import Q

    found = brand.customers.filter(Q(email=wanted.lower()) | Q(external_id=wanted)).order_by("pk").first()
    if found is None:
        raise click.ClickException(f"{brand.name} has no customer {wanted!r}; give an e-mail address or an id")
    return found


def _channel(brand: Brand) -> Channel:
    from kefu.desk.models import Channel

    channel, _ = Channel.objects.get_or_create(brand=brand, kind="chat", name="Terminal")
    return channel


class _Talk:
    """One conversation. Each message goes the way of every other; only the turn is taken here and now."""

    def __init__(self, channel: Channel, who: Customer | None) -> None:
        from kefu.kernel.ids import new_id

        self.channel = channel
        self.who = who
        self.public_id = str(new_id())
        self.choices: list[dict[str, str]] = []
        self.seen = 0
        self.told_who = ""

    def say(self, text: str, *, show_why: bool) -> None:
        from kefu.assistant.turn.run import take_turn
        from kefu.desk.inbound import Inbound
        from kefu.desk.models import Verification
        from kefu.desk.services import receive_message
        from kefu.kernel.ids import new_id

        choice = ""
        if text.isdecimal() and 1 <= int(text) <= len(self.choices):
            picked = self.choices[int(text) - 1]
            choice, text = picked["value"], picked["label"]
        message = receive_message(
            self.channel,
            Inbound(
                external_id=str(new_id()),
                address=f"customer:{self.who.pk}" if self.who else f"terminal:{self.public_id}",
                text=text,
                choice=choice,
                conversation_id=self.public_id,
                proven_customer=(self.who.external_id or "") if self.who else "",
                proven_email=self.who.email if self.who else "",
                verification=Verification.CUSTOMER if self.who else Verification.NONE,
            ),
        )
        take_turn(message.conversation_id)
        self.seen = max(self.seen, message.pk)
        self.choices = []
        self.show_news(show_why=show_why)

    def _conversation(self) -> Conversation | None:
        from kefu.desk.models import Conversation

        known = Conversation.objects.filter(channel=self.channel, public_id=self.public_id)
        return known.select_related("assignee").first()

    def _news(self) -> QuerySet[Message]:
        from kefu.desk.models import Author, Message

        of_this = Message.objects.filter(conversation__public_id=self.public_id, channel=self.channel)
        return of_this.filter(pk__gt=self.seen).exclude(author=Author.CUSTOMER).order_by("pk")

    def has_news(self) -> bool:
        return self._news().exists()

    def is_with_a_person(self) -> bool:
        """Whether the assistant has given the talk away, to a queue or to somebody."""
        from kefu.desk.models import Owner

        found = self._conversation()
        return found is not None and found.owner != Owner.ASSISTANT

    def show_news(self, *, show_why: bool) -> None:
        """What has been written since the last look, and who has the talk when that has changed."""
        for message in self._news()[:20]:
            self.seen = message.pk
            mark = {"note": "note", "message": message.author}[message.kind]
            click.secho(f"{mark}: ", fg="yellow" if mark == "note" else "cyan", nl=False)
            click.echo(message.text)
            self.choices = message.extras.get("choices", [])
            for n, choice in enumerate(self.choices, 1):
                click.secho(f"  [{n}] {choice['label']}", fg="cyan")
            if show_why and message.why:
                _show(message.why)
        self._tell_who()

    def _tell_who(self) -> None:
        from kefu.desk.models import Owner

        found = self._conversation()
        told = ""
        if found is not None and found.owner == Owner.AGENT:
            told = f"({found.assignee} has this conversation now; what they write appears here.)"
        elif found is not None and found.owner == Owner.QUEUE:
            told = f"(A person is asked: it waits in the queue {found.queue}. What they write appears here.)"
        elif self.told_who:
            told = "(The assistant has this conversation again.)"
        if told and told != self.told_who:
            click.secho(told, fg="yellow")
        self.told_who = told if found is not None and found.owner != Owner.ASSISTANT else ""


def _show(why: dict[str, Any], indent: str = "  ") -> None:
    for name, value in why.items():
        if isinstance(value, dict):
            click.secho(f"{indent}{name}", dim=True)
            _show(value, indent + "  ")
        elif isinstance(value, list) and value and isinstance(value[0], dict):
            for one in value:
                click.secho(f"{indent}{name}", dim=True)
                _show(one, indent + "  ")
        elif value not in ("", None, [], {}):
            click.secho(f"{indent}{name}: {value}", dim=True)
