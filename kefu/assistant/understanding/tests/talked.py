"""Reads <set>_talk.<language>.yaml: what one message does in a talk, and which values it tells, row by row."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import Any

from kefu.assistant.language import Affirm, AskPerson, Choose, Command, Deny, ListeningFor, Social, Stop
from kefu.assistant.understanding import understand
from kefu.assistant.understanding.tests.messages import HERE, Case, _heard, _same
from kefu.kernel import yaml_text

#: the day on which every message is read: a Wednesday
TODAY = "2026-11-18"
JUDGED = ("act", "fill", "correct", "social", "mood", "language", "foreign", "choose", "not")
LANGUAGES = ("en", "zh", "es", "fr", "de", "ja", "ko", "pt")


def rows(language: str, collection: str) -> Iterator[Case]:
    """language: of the talk; a row with `language: xx` is heard in an English talk, for there it must be told."""
    data = yaml_text.load((HERE / f"{collection}.{language}.yaml").read_text(encoding="utf-8"))
    for row in data:
        meant = {name: value for name, value in row.items() if name in JUDGED}
        if isinstance(meant.get("act"), bool):  # YAML reads yes and no as booleans
            meant["act"] = "yes" if meant["act"] else "no"
        talk = "en" if {"language", "foreign"} & meant.keys() and language != "en" else language
        listening = ListeningFor(
            kinds=tuple(row.get("kinds", ())),
            options=tuple((value, label) for value, label in row.get("options", ())),
            is_confirming=row.get("confirming", False),
            language=row.get("talk", talk),
            country=row.get("country", ""),
            extras={"today": TODAY},
        )
        yield Case("talk", str(row["say"]), listening, meant)


def tally(language: str, collection: str) -> tuple[int, int, list[str]]:
    """Right, all, and a line for each message understood otherwise."""
    wrong: list[str] = []
    count = 0
    for case in rows(language, collection):
        count += 1
        wrong += [f"{case.say!r}: {fault}" for fault in faults(case)[:1]]
    return count - len(wrong), count, wrong


def faults(case: Case) -> list[str]:
    heard = understand(case.say, case.listening)
    told = []
    for name, meant in case.meant.items():
        if name == "not":
            got: Any = [_named(command) for command in heard.commands]
            fine = meant not in got
        elif name == "foreign":
            got, fine = heard.foreign, heard.foreign == meant
        elif name == "act":
            got = _heard("act", heard)
            fine = _same("act", meant, got)
        else:
            got = _heard(name, heard)
            fine = _same(name, meant, got)
        if not fine:
            told.append(f"{name}: meant {meant}, heard {got} in {heard.commands}")
    return told


def _named(command: Command) -> str:
    for kind, word in ((Affirm, "yes"), (Deny, "no"), (Stop, "stop"), (AskPerson, "person"), (Choose, "choice")):
        if isinstance(command, kind):
            return word
    return command.kind if isinstance(command, Social) else str(getattr(command, "kind", ""))


if __name__ == "__main__":
    for name in sys.argv[1:] or ("held_back_talk", "talk"):
        for tongue in LANGUAGES:
            right, of, wrong = tally(tongue, name)
            print(*wrong, sep="\n")
            print(name, tongue, f"{right}/{of} = {right / of:.3f}")
