"""`kefu setup` and `kefu agent`: a shop of your own, and the people at its desk."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

import click

from kefu.command.database import django_ready, migrate, require_answer

if TYPE_CHECKING:
    from kefu.desk.models import Channel
    from kefu.people.models import Agent, Brand

#: of kefu.people.models.Role, the least first; a test compares the two
ROLES = ("agent", "supervisor", "manager", "administrator")
#: --option -> the brand's setting and the term in it
TERMS = {"return_days": "return_days", "return_parcel_days": "return_parcel_days", "refund_days": "refund_days"}

_password_file = click.option(
    "--password-file", type=click.File(encoding="utf-8"), help="Its first line is the password; - for standard input."
)


@click.command()
@click.argument("slug")
@click.option("--name", help="As customers read it.")
@click.option(
    "--language",
    "languages",
    multiple=True,
    help="It answers in; may be given again, the first is the fallback.  [all that the pack has texts in]",
)
@click.option("--currency", help="Of its prices.  [EUR]")
@click.option("--country", help="Where it sells from.  [DE]")
@click.option("--time-zone", help="Of its days.  [Europe/Berlin]")
@click.option("--order-prefix", help='How its order numbers begin ("KF-"), so that "1042" finds KF-1042.')
@click.option("--return-address", help="Where parcels go back to, in one line.")
@click.option("--return-days", type=click.IntRange(0, 3650), help="Days to open a return after the parcel came.")
@click.option("--return-parcel-days", type=click.IntRange(1, 3650), help="Days to hand the parcel in after that.")
@click.option("--refund-days", type=click.IntRange(0, 365), help="Working days until the money is back.")
@click.option("--administrator", help="Sign-in name of its first administrator, made when there is none.")
@_password_file
def setup(
    slug: str, administrator: str | None, password_file: TextIO | None, languages: tuple[str, ...], **given: Any
) -> None:
    """Make the shop SLUG: its terms, its articles, a chat for its pages, its administrator. Asks for what a new shop
    needs. Run again, it changes only what you give."""
    with django_ready():
        require_answer()
        migrate()
        from django.db import transaction

        with transaction.atomic():
            brand = _brand(slug, given | {"languages": list(languages) or None})
            articles = _articles(brand)
            chat = _chat(brand)
            if administrator or not brand.seats.exists():
                name = administrator or _ask("Sign-in name of its administrator", missing="--administrator")
                _seat(name, brand, "administrator", password_file=password_file)
        _tell(brand, chat, articles)


@click.command()
@click.argument("sign_in_name")
@click.option("--brand", "slug", required=True, help="Short name of the brand.")
@click.option("--role", type=click.Choice(ROLES), help="At this brand's desk.  [a new one: agent]")
@click.option("--shown-name", default="", help="As colleagues and customers read it.")
@click.option(
    "--language", default="en", type=click.Choice(["en", "zh"]), show_default=True, help="Of a new one's desk."
)
@click.option("--new-password", is_flag=True, help="Give somebody who is there a new password.")
@click.option("--remove", is_flag=True, help="Take their place at this brand's desk away.")
@_password_file
def agent(
    sign_in_name: str, slug: str, role: str | None, shown_name: str, language: str, new_password: bool, remove: bool,
    password_file: TextIO | None,
) -> None:  # fmt: skip
    """Give SIGN_IN_NAME a place at a brand's desk, another role, a new password, or take the place away."""
    with django_ready():
        require_answer()
        from django.db import transaction

        from kefu.people import services
        from kefu.people.actors import SYSTEM

        brand = _brand_there_is(slug)
        if remove:
            found = _agent_there_is(sign_in_name)
            services.unseat_agent(found, brand, by=SYSTEM)
            click.echo(f"{found} has no place at {brand}'s desk")
            return
        with transaction.atomic():
            seated = _seat(
                sign_in_name, brand, role, shown_name=shown_name, language=language, password_file=password_file,
                new_password=new_password,
            )  # fmt: skip
        click.echo(f"{seated} is {seated.seats.get(brand=brand).role} at {brand}'s desk")


def _brand(slug: str, given: dict[str, Any]) -> Brand:
    """The brand, new or changed by what was given."""
    from kefu.people.actors import SYSTEM
    from kefu.people.models import Brand
    from kefu.people.services import add_brand, change_brand

    settings: dict[str, Any] = {key: given[key] for key in ("order_prefix", "return_address") if given[key] is not None}
    if terms := {term: given[option] for option, term in TERMS.items() if given[option] is not None}:
        settings["terms"] = terms
    fields = {key: given[key] for key in ("name", "languages", "currency", "country", "time_zone")}
    brand = Brand.objects.filter(slug=slug).first()
    try:
        if brand is None:
            usual: dict[str, Any] = {"currency": "EUR", "country": "DE", "time_zone": "Europe/Berlin"}
            fields["name"] = fields["name"] or _ask("The shop's name", missing="--name")
            for key, words in (("currency", "Currency"), ("country", "Country"), ("time_zone", "Time zone")):
                fields[key] = fields[key] or _ask(words, default=usual[key])
            fields["languages"] = (
                fields["languages"] or _ask("Languages", default=" ".join(languages_of_pack())).split()
            )
            return add_brand(slug, settings=settings, by=SYSTEM, **_upper(fields))
        changed = {key: value for key, value in fields.items() if value is not None}
        return change_brand(brand, by=SYSTEM, settings=settings, **_upper(changed))
    except ValueError as refused:
        raise click.UsageError(str(refused)) from None


def languages_of_pack(pack: str = "ecommerce") -> list[str]:
    """What a new shop of that pack can answer in, the fallback first."""
    from django.conf import settings

    from kefu.assistant.replies.texts import spoken

    return spoken(Path(settings.PACKS_DIR) / pack / "replies") or ["en"]


def _upper(fields: dict[str, Any]) -> dict[str, Any]:
    return {key: value.upper() if key in ("currency", "country") else value for key, value in fields.items()}


def _ask(words: str, *, default: str = "", missing: str = "") -> str:
    """Asked for at a terminal; elsewhere the default, or a usage error that names the option."""
    if sys.stdin.isatty():
        answer: str = click.prompt(words, default=default or None)
        return answer
    if missing:
        raise click.UsageError(f"give {missing}")
    return default


def _articles(brand: Brand) -> int:
    """The pack's articles with this brand's terms; how many."""
    from kefu.assistant.understanding.meaning import embedder
    from kefu.knowledge.pack import load_pack_articles

    return len(load_pack_articles(brand, embedder=embedder()))


def _chat(brand: Brand) -> Channel:
    """The brand's chat; one is made when it has none."""
    from kefu.channels.services import create_channel
    from kefu.desk.models import Channel
    from kefu.people.actors import SYSTEM

    # "Terminal" is what `kefu chat` talks through
    found = Channel.objects.filter(brand=brand, kind="chat").exclude(name="Terminal").order_by("pk").first()
    return found or create_channel(brand, kind="chat", name="Web chat", settings={}, by=SYSTEM)


def _seat(
    sign_in_name: str, brand: Brand, role: str | None, *, password_file: TextIO | None, shown_name: str = "",
    language: str = "en", new_password: bool = False,
) -> Agent:  # fmt: skip
    from kefu.people.actors import SYSTEM
    from kefu.people.models import Agent
    from kefu.people.services import add_account, change_password, seat_agent

    found = Agent.objects.filter(user__username__iexact=sign_in_name).first()
    try:
        if found is None:
            password = _password(sign_in_name, password_file)
            found = add_account(sign_in_name, shown_name=shown_name, password=password, language=language, by=SYSTEM)
        elif new_password or password_file:
            change_password(found, _password(sign_in_name, password_file), by=SYSTEM)
        sits = found.seats.filter(brand=brand).exists()
        if role or not sits:
            seat_agent(found, brand, role=role or ROLES[0], by=SYSTEM)
    except ValueError as refused:
        raise click.UsageError(str(refused)) from None
    return found


def _password(sign_in_name: str, file: TextIO | None) -> str:
    if file is not None:
        return file.readline().rstrip("\r\n")
    if not sys.stdin.isatty():
        raise click.UsageError("give --password-file, - for standard input")
    password: str = click.prompt(f"Password of {sign_in_name}", hide_input=True, confirmation_prompt="Once more")
    return password


def _brand_there_is(slug: str) -> Brand:
    from kefu.people.models import Brand

    brand = Brand.objects.filter(slug=slug).first()
    if brand is None:
        known = ", ".join(Brand.objects.order_by("slug").values_list("slug", flat=True)[:20])
        raise click.UsageError(f"there is no brand {slug!r} (there is: {known or 'none yet'}); `kefu setup` makes one")
    return brand


def _agent_there_is(sign_in_name: str) -> Agent:
    from kefu.people.models import Agent

    found = Agent.objects.filter(user__username__iexact=sign_in_name).first()
    if found is None:
        raise click.UsageError(f"nobody signs in as {sign_in_name!r}")
    return found


def _tell(brand: Brand, chat: Channel, articles: int) -> None:
    from django.conf import settings

    seats = brand.seats.select_related("agent").order_by("pk")[:20]
    people = ", ".join(f"{seat.agent} ({seat.role})" for seat in seats)
    terms = ", ".join(f"{name} {value}" for name, value in sorted(brand.settings.get("terms", {}).items()))
    where = f"{brand.currency}, {brand.country}, {brand.time_zone}"
    line = f'<script src="{settings.KEFU_URL}/widget.js" data-channel="{chat.public_id}" async></script>'
    click.echo(f"{brand.name} ({brand.slug}): answers in {', '.join(brand.languages)}; {where}")
    click.echo(f"  terms     {terms or 'the usual ones'}")
    click.echo(f"  articles  {articles}")
    click.echo(f"  desk      {settings.KEFU_URL}/desk/   {people}")
    click.echo(f"  chat      {line}")
    click.echo(f"  try it    {settings.KEFU_URL}/chat/{chat.public_id}/   (while `kefu up` runs)")
