"""`kefu import` and `kefu export`: the shop's data in and out. docs/reference/import-format.md says how files look."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Sequence
from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING

import click

from kefu.command.database import django_ready

if TYPE_CHECKING:
    from kefu.commerce.exchange import Problem
    from kefu.people.models import Brand

#: in the order in which they depend on each other; a test compares this with commerce.exchange.KINDS
KINDS = (
    "customers", "payment_methods", "products", "coupons", "orders", "payments", "shipments", "returns", "remedies",
)  # fmt: skip
SUFFIXES = (".jsonl", ".ndjson", ".json", ".csv")
#: problems shown at the terminal; the rest is counted
MOST_SHOWN = 200


@click.command()
@click.argument("files", nargs=-1, required=True, type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--brand", "slug", required=True, help="Short name of the brand, e.g. my-shop.")
@click.option("--kind", type=click.Choice(KINDS), help="What the files hold. Default: what their names begin with.")
@click.option("--dry-run", is_flag=True, help="Check everything, change nothing.")
@click.option("--create", "name", help="Make the brand, with this name, when there is none.")
@click.option("--currency", default="EUR", show_default=True, help="Of a brand that --create makes.")
@click.option("--country", default="DE", show_default=True, help="Of a brand that --create makes.")
@click.option("--time-zone", default="Europe/Berlin", show_default=True, help="Of a brand that --create makes.")
@click.option("--problems", type=click.Path(path_type=Path), help="Write every problem to this file, one a line.")
def import_data(
    files: tuple[Path, ...], slug: str, kind: str | None, dry_run: bool, name: str | None, currency: str,
    country: str, time_zone: str, problems: Path | None,
) -> None:  # fmt: skip
    """Bring customers, products, orders, payments, shipments and returns in from JSON Lines or CSV.

    A row that cannot go in is named with file, line and cure; the rest goes in. Running it again changes nothing.
    Ends with 1 when a row stayed out.
    """
    plan = sorted(((kind or kind_of(file), file) for file in files), key=lambda one: KINDS.index(one[0]))
    with django_ready():
        from django.db import transaction

        with transaction.atomic() if dry_run else nullcontext():
            brand = _brand(slug, name, currency, country, time_zone)
            bad = _import(brand, plan, problems)
            if dry_run:
                transaction.set_rollback(True)
                click.echo("dry run: nothing was changed")
    sys.exit(1 if bad else 0)


def kind_of(file: Path) -> str:
    """What a file holds, by its name: orders.csv, orders-2026-03.jsonl. Raises a usage error with the cure."""
    stem = file.name.lower()
    found = [kind for kind in KINDS if stem.startswith(kind)]
    if not found or file.suffix.lower() not in SUFFIXES:
        begins, ends = ", ".join(KINDS), ", ".join(SUFFIXES)
        raise click.UsageError(
            f"what does {file.name} hold? Give --kind, or a name that begins with one of {begins} and ends in {ends}."
        )
    return found[0]


def _brand(slug: str, name: str | None, currency: str, country: str, time_zone: str) -> Brand:
    from kefu.command.setup import languages_of_pack
    from kefu.people.models import Brand
    from kefu.people.services import add_brand

    brand = Brand.objects.filter(slug=slug).first()
    if brand is not None:
        return brand
    if name is None:
        known = ", ".join(Brand.objects.order_by("slug").values_list("slug", flat=True)[:20]) or "none yet"
        raise click.UsageError(f'there is no brand {slug!r} (there is: {known}). Make it with --create "Its name".')
    try:
        return add_brand(
            slug, name, languages=languages_of_pack(), currency=currency.upper(), country=country.upper(),
            time_zone=time_zone, settings={},
        )  # fmt: skip
    except ValueError as refused:
        raise click.UsageError(str(refused)) from None


def _import(brand: Brand, plan: Sequence[tuple[str, Path]], problems: Path | None) -> int:
    from kefu.commerce.exchange import Importer

    book = problems.open("w", encoding="utf-8") if problems else None
    shown = 0

    def show(problem: Problem) -> None:
        nonlocal shown
        shown += 1
        if book:
            book.write(f"{problem}\n")
        if shown <= MOST_SHOWN:
            click.secho(str(problem), err=True, fg="yellow")
        elif shown == MOST_SHOWN + 1:
            click.echo("… more problems; --problems FILE keeps them all", err=True)

    try:
        importer = Importer(brand, show)
        for kind, file in plan:
            started = time.monotonic()
            tally, bad = importer.run(file, kind)
            click.echo(
                f"{file.name}: {tally.new} new, {tally.changed} changed, {tally.same} as before, {bad} not taken"
                f" ({time.monotonic() - started:.1f} s)"
            )
    finally:
        if book:
            book.close()
    return shown


@click.command()
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
@click.option("--brand", "slug", required=True, help="Short name of the brand.")
@click.option("--kind", "kinds", multiple=True, type=click.Choice(KINDS), help="Only this; may be given again.")
@click.option("--format", "form", type=click.Choice(["jsonl", "csv"]), default="jsonl", show_default=True)
def export_data(folder: Path, slug: str, kinds: tuple[str, ...], form: str) -> None:
    """Write a brand's data into FOLDER in the format that `kefu import` reads, one file a kind."""
    with django_ready():
        from django.db import connection, transaction

        from kefu.commerce.exchange import export_kind
        from kefu.people.models import Brand

        brand = Brand.objects.filter(slug=slug).first()
        if brand is None:
            raise click.UsageError(f"there is no brand {slug!r}")
        folder.mkdir(parents=True, exist_ok=True)
        with transaction.atomic():
            with connection.cursor() as cursor:
                # one moment for all files, so that no order refers to a customer that came later
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
            for kind in kinds or KINDS:
                target = folder / f"{kind}.{form}"
                unfinished = folder / f".{target.name}.unfinished"
                with unfinished.open("w", encoding="utf-8", newline="") as out:
                    count = export_kind(brand, kind, out, as_csv=form == "csv")
                os.replace(unfinished, target)
                click.echo(f"{target}: {count}")
