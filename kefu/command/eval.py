"""`kefu eval`: measure on your own data what Kefu understands."""

from __future__ import annotations

import json
import os
from collections import Counter, defaultdict
from pathlib import Path
from typing import TextIO

import click

from kefu.command.database import SETTINGS


@click.group("eval")
def evaluate() -> None:
    """Measure on your own data what Kefu understands."""


@evaluate.command()
@click.option(
    "--data",
    "file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    required=True,
    help='JSON Lines: {"text": …, "label": …, "language": "en"}; docs/reference/intents.md names the labels.',
)
@click.option("--pack", default="ecommerce", show_default=True)
@click.option("--wrong", is_flag=True, help="Print each message that was understood otherwise.")  # fmt: skip
def intents(file: Path, pack: str, wrong: bool) -> None:
    """Accuracy, a table per label and the commonest confusions over labelled messages."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", SETTINGS)  # no database: understanding reads files only
    from kefu.assistant.language import ListeningFor
    from kefu.assistant.understanding import understand
    from kefu.assistant.understanding.labels import label_of

    pairs: list[tuple[str, str]] = []
    with file.open(encoding="utf-8") as lines:
        for text, label, language in _rows(lines, file):
            heard = label_of(understand(text, ListeningFor(language=language), pack=pack))
            pairs.append((label, heard))
            if wrong and label != heard:
                click.echo(f"{label} -> {heard}: {text}")
    click.echo(table(pairs))


def _rows(lines: TextIO, file: Path) -> list[tuple[str, str, str]]:
    rows = []
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
            rows.append((str(row["text"]), str(row["label"]), str(row.get("language", ""))))
        except (json.JSONDecodeError, KeyError, TypeError, AttributeError) as fault:
            cure = 'each line is {"text": "…", "label": "…", "language": "en"}'
            raise click.ClickException(f"{file}:{number}: {fault!r}; {cure}") from fault
    if not rows:
        raise click.ClickException(f"{file} holds no messages")
    return rows


def table(pairs: list[tuple[str, str]]) -> str:
    """(meant, heard) pairs as text: accuracy, precision and recall per label, the ten commonest confusions."""
    right = sum(meant == heard for meant, heard in pairs)
    meant_count, heard_count = Counter(meant for meant, _ in pairs), Counter(heard for _, heard in pairs)
    hits = Counter(meant for meant, heard in pairs if meant == heard)
    rows = [f"accuracy {right / len(pairs):.3f} ({right} of {len(pairs)})", "",
            f"{'label':<20}{'messages':>10}{'recall':>9}{'precision':>11}"]  # fmt: skip
    for label in sorted(meant_count):
        precision = f"{hits[label] / heard_count[label]:.3f}" if heard_count[label] else "-"
        rows.append(f"{label:<20}{meant_count[label]:>10}{hits[label] / meant_count[label]:>9.3f}{precision:>11}")
    confused: dict[tuple[str, str], int] = defaultdict(int)
    for meant, heard in pairs:
        if meant != heard:
            confused[meant, heard] += 1
    if confused:
        rows += ["", "meant -> heard"]
        rows += [f"{count:>6}  {meant} -> {heard}" for (meant, heard), count in
                 sorted(confused.items(), key=lambda row: -row[1])[:10]]  # fmt: skip
    return "\n".join(rows)
