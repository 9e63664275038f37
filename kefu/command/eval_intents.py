"""`kefu eval intents`: how well customers are understood, measured on labelled messages."""

from __future__ import annotations

import json
import os
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from kefu.command.database import SETTINGS

if TYPE_CHECKING:
    from kefu.assistant.understanding.labelled import Labelled, Meaning, Survey

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
#: seconds between two words about how far a long file is
TELL_EVERY = 10
#: labels that are named in one line
NAMED = 12


@click.command()
@click.option("--data", "file", type=_FILE, help="Messages to ask: CSV, TSV, JSON Lines or JSON with text, label and perhaps language.")  # fmt: skip  # noqa: E501
@click.option("--map", "names_file", type=_FILE, help="YAML or JSON: the file's label -> ours; others are left out.")
@click.option("--train", "train_file", type=_FILE, help="Learn afresh from this file alone instead of the pack; without --data a fifth of it is held back and asked.")  # fmt: skip  # noqa: E501
@click.option("--pack", default="ecommerce", show_default=True)
@click.option("--text-column", default="", help="Column of the messages, by name or number; else found by its name.")
@click.option("--label-column", default="", help="Column of the labels.")
@click.option("--language-column", default="", help="Column of the languages; where there is none, they are detected.")
@click.option("--encoding", default="", help="Encoding of the files, where it is not UTF-8, UTF-16 or GB18030.")
@click.option("--part", default="", help="Which list of a JSON file that holds several: train, test.")
@click.option("--at-most", type=click.IntRange(min=1), help="Ask only so many messages, spread evenly over the file.")
@click.option("--wrong", is_flag=True, help="Print each message that was understood otherwise.")
@click.option("--json", "as_json", is_flag=True, help="Print the figures as one JSON map.")
def intents(
    file: Path | None, names_file: Path | None, train_file: Path | None, pack: str, text_column: str,
    label_column: str, language_column: str, encoding: str, part: str, at_most: int | None, wrong: bool, as_json: bool,
) -> None:  # fmt: skip
    """Accuracy, a table per label and language and the commonest confusions over labelled messages.

    Without --data and --train the pack's own examples are asked, each of a model that has not learnt it: what confuses
    intents shows here.
    """
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", SETTINGS)  # no database: understanding reads files only
    import django

    django.setup()
    from kefu.assistant.understanding import label_files, labelled, scoring

    columns = label_files.Columns(text_column, label_column, language_column, encoding, part)
    if file is None and train_file is None:
        _own_examples(pack, wrong=wrong, as_json=as_json)
        return
    known = scoring.known_labels(pack) if train_file is None else None
    meaning = labelled.Meaning(known, labelled.names_in(names_file, known) if names_file else None)
    found = labelled.survey(file, meaning, columns) if file else labelled.Survey()
    asked: Iterable[Labelled] = labelled.each_labelled(file, meaning, columns) if file else ()
    if train_file is not None:
        learnt_from = labelled.labelled(train_file, meaning=meaning, columns=columns)
        if file is None:
            learnt_from, held = scoring.held_back(learnt_from)
            asked, found.asked = held, len(held)
        rows = list(_some(asked, found.asked, at_most))
        heard: Iterator[tuple[Labelled, str, str]] = (
            (row, answer, "") for row, answer in zip(rows, scoring.heard_after(learnt_from, rows), strict=True)
        )
    else:
        heard = scoring.hear_by_pack(_some(asked, found.asked, at_most), pack)
    _tell_left_out(found, meaning)
    score = scoring.Score()
    try:
        for row, answer, language in _told(heard, min(found.asked, at_most or found.asked)):
            if not score.add(row, answer, language=language) and wrong and not as_json:
                click.echo(f"{row.label} -> {answer}: {row.text}")
    except KeyboardInterrupt:
        click.echo(f"stopped after {score.messages} messages; this is how those were understood", err=True)
        if not score.messages:
            raise
    if not as_json:
        click.echo(scoring.table(score))
        return
    told = scoring.as_map(score) | {
        "left_out": dict(found.left_out.most_common()),
        "without_text_or_label": found.lacking,
    }
    click.echo(json.dumps(told | ({"wrong": score.wrong} if wrong else {}), ensure_ascii=False, indent=1))


def _own_examples(pack: str, *, wrong: bool, as_json: bool) -> None:
    from kefu.assistant.understanding import scoring

    share, mistaken = scoring.mistaken_in(pack)
    pairs = Counter((one.meant, one.heard) for one in mistaken)
    if as_json:
        confusion = [{"meant": one, "heard": other, "count": count} for (one, other), count in pairs.most_common()]
        told = {"accuracy": round(share, 4), "confusion": confusion}
        if wrong:
            told["wrong"] = [{"text": one.text, "meant": one.meant, "heard": one.heard, "language": one.language}
                             for one in mistaken]  # fmt: skip
        click.echo(json.dumps(told, ensure_ascii=False, indent=1))
        return
    click.echo(f"{share:.3f} of the pack's own examples are understood when they are left out of the learning\n")
    for (meant, heard), count in pairs.most_common():
        click.echo(f"{count:>5}  {meant} -> {heard}")
        for each in mistaken:
            if wrong and (each.meant, each.heard) == (meant, heard):
                click.echo(f"       {each.language}: {each.text}")


def _some(rows: Iterable[Labelled], there: int, at_most: int | None) -> Iterator[Labelled]:
    """At most so many of them, spread evenly, the same ones every time."""
    taken = 0
    for place, row in enumerate(rows):
        if at_most is None or place * at_most // there >= taken:
            taken += 1
            yield row


def _told(heard: Iterable[tuple[Labelled, str, str]], of: int) -> Iterator[tuple[Labelled, str, str]]:
    """Says now and then how far it is: a hundred thousand messages take a while."""
    began = told = 0.0  # the first answer waits for the model to be read
    for count, one in enumerate(heard):
        began, told = began or time.monotonic(), told or time.monotonic()
        yield one
        if (now := time.monotonic()) - told >= TELL_EVERY and count:
            told = now
            left = (now - began) / count * (of - count)
            click.echo(f"{count} of {of} messages asked, about {left / 60:.0f} min left", err=True)


def _tell_left_out(found: Survey, meaning: Meaning) -> None:
    if found.lacking:
        lines = ", ".join(map(str, found.lacking_at)) + (" …" if found.lacking > len(found.lacking_at) else "")
        click.echo(f"{found.lacking} rows have no text or no label and are passed over: lines {lines}", err=True)
    if not found.left_out:
        return
    named = ", ".join(f"{label} ({count})" for label, count in found.left_out.most_common(NAMED))
    more = f" and {len(found.left_out) - NAMED} more" if len(found.left_out) > NAMED else ""
    count = sum(found.left_out.values())
    if meaning.names is not None:
        click.echo(f"{count} messages are left out, for the map has no line for their label: {named}{more}", err=True)
        return
    click.echo(f"{count} messages are left out, for their label is not known here: {named}{more}", err=True)
    click.echo("Give --map FILE with a line for each, theirs: ours. For instance:", err=True)
    for label in list(found.left_out)[:NAMED]:
        click.echo(f"  {label}: {meaning.nearest(label) or 'null'}", err=True)
