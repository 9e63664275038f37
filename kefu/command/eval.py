"""`kefu eval`: measure on your own data what Kefu understands."""

from __future__ import annotations

import click

from kefu.command.eval_intents import intents


@click.group("eval")
def evaluate() -> None:
    """Measure on your own data what Kefu understands."""


evaluate.add_command(intents)


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
