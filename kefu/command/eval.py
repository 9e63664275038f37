"""`kefu eval`: measure on your own data what Kefu understands."""

from __future__ import annotations

import os
from collections import Counter
from pathlib import Path

import click

from kefu.command.database import SETTINGS

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.group("eval")
def evaluate() -> None:
    """Measure on your own data what Kefu understands."""


@evaluate.command()
@click.option("--data", "file", type=_FILE, help="Messages to ask: JSON Lines or CSV with text, label and language.")
@click.option("--map", "names_file", type=_FILE, help="YAML or JSON: the file's label -> ours; others are left out.")
@click.option("--train", "train_file", type=_FILE, help="Learn afresh from this file alone instead of the pack; without --data a fifth of it is held back and asked.")  # fmt: skip  # noqa: E501
@click.option("--pack", default="ecommerce", show_default=True)
@click.option("--wrong", is_flag=True, help="Print each message that was understood otherwise.")
def intents(file: Path | None, names_file: Path | None, train_file: Path | None, pack: str, wrong: bool) -> None:
    """Accuracy, a table per label and language and the commonest confusions over labelled messages.

    Without --data and --train the pack's own examples are asked, each of a model that has not learnt it: what confuses
    intents shows here.
    """
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", SETTINGS)  # no database: understanding reads files only
    import django

    django.setup()
    from kefu.assistant.understanding import scoring

    if file is None and train_file is None:
        share, mistaken = scoring.mistaken_in(pack)
        click.echo(f"{share:.3f} of the pack's own examples are understood when they are left out of the learning\n")
        pairs = Counter((one.meant, one.heard) for one in mistaken)
        for (meant, heard), count in pairs.most_common():
            click.echo(f"{count:>5}  {meant} -> {heard}")
            for each in mistaken:
                if wrong and (each.meant, each.heard) == (meant, heard):
                    click.echo(f"       {each.language}: {each.text}")
        return
    names = scoring.names_in(names_file) if names_file else None
    if train_file is None:
        rows = scoring.labelled(file, names) if file else []
        answers = scoring.heard_by_pack(rows, pack)
    else:
        learnt_from = scoring.labelled(train_file, names)
        learnt_from, rows = (learnt_from, scoring.labelled(file, names)) if file else scoring.held_back(learnt_from)
        answers = scoring.heard_after(learnt_from, rows)
    for row, answer in zip(rows, answers, strict=True):
        if wrong and answer not in row.right:
            click.echo(f"{row.label} -> {answer}: {row.text}")
    click.echo(scoring.table(rows, answers))


@evaluate.command()
@click.option("--language", "languages", multiple=True, help="Only the stories of this language; may be given again.")
@click.option("--only", default="", help="Only stories whose name holds these words.")
@click.option("--about", default="", help="Only one part of the work: before, order, delivery, borders, account, talk.")
@click.option("--show", is_flag=True, help="Print the talks, not only what went wrong.")
@click.option("--steps", is_flag=True, help="List the playbook steps and ways that no story walks.")
@click.option("--pack", default="ecommerce", show_default=True)
def book(languages: tuple[str, ...], only: str, about: str, show: bool, steps: bool, pack: str) -> None:
    """Play the pack's scenario book: each story on the real database, judged by what is there afterwards.

    Nothing of it stays in the database. Ends with an error when a story comes out otherwise than it is told.
    """
    from kefu.command.database import django_ready, migrate

    with django_ready():
        migrate()
        from kefu.academy.book.coverage import coverage_of
        from kefu.academy.book.report import counted, coverage_lines, lines_of
        from kefu.academy.book.run import Told, play_book
        from kefu.academy.book.story import BadBook, read_book
        from kefu.assistant.turn.book import book_of

        def tell(told: Told) -> None:
            if show or not told.is_right:
                click.echo("\n".join(lines_of(told, is_whole=show)))

        try:
            stories = [
                one for one in read_book(pack, languages=languages)
                if only.casefold() in one.name.casefold() and about in ("", one.about)
            ]  # fmt: skip
            told = play_book(stories, pack=pack, heard=tell)
        except BadBook as problem:
            raise click.ClickException(str(problem)) from None
        for name, whole, right in counted(told):
            click.echo(f"{name:<10} {right:>4} of {whole}")
        if steps:
            walked = (way for one in told for way in one.walked)
            click.echo("\n".join(coverage_lines(coverage_of(book_of(pack), walked))))
        if not all(one.is_right for one in told):
            raise SystemExit(1)
