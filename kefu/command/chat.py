"""`kefu chat`: talk to the assistant in the terminal, as a stranger or as one of a brand's customers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from kefu.command.database import django_ready

if TYPE_CHECKING:
    from kefu.desk.models import Channel, Message
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
        while (said := _ask()) is not None:
            try:
                talk.say(said, show_why=why)
            except KefuError as refusal:
                click.secho(refusal.sentence, fg="red")


def _ask() -> str | None:
    while True:
        try:
            said = input("> ").strip()
        except (EOFError, KeyboardInterrupt):
            click.echo()
            return None
        if said == "/quit":
            return None
        if said:
            return said


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
        self._show_news(message, show_why=show_why)

    def _show_news(self, after: Message, *, show_why: bool) -> None:
        news = after.conversation.messages.filter(pk__gt=max(after.pk, self.seen)).order_by("pk")[:20]
        self.choices = []
        for message in news:
            self.seen = message.pk
            mark = {"note": "note", "message": message.author}[message.kind]
            click.secho(f"{mark}: ", fg="yellow" if mark == "note" else "cyan", nl=False)
            click.echo(message.text)
            self.choices = message.extras.get("choices", [])
            for n, choice in enumerate(self.choices, 1):
                click.secho(f"  [{n}] {choice['label']}", fg="cyan")
            if show_why and message.why:
                _show(message.why)


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
