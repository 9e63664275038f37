"""Reads <set>.<language>.yaml and says, message by message, what was understood otherwise than meant."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kefu.assistant.language import (
    Affirm,
    AskPerson,
    Choose,
    Correct,
    Deny,
    Feel,
    Fill,
    ListeningFor,
    Social,
    Start,
    Stop,
    Understanding,
)
from kefu.assistant.understanding import understand
from kefu.assistant.understanding.labels import label_of
from kefu.kernel import yaml_text

HERE = Path(__file__).parent


@dataclass(frozen=True)
class Case:
    part: str  # single, several, answers
    say: str
    listening: ListeningFor
    meant: dict[str, Any]

    def faults(self) -> list[str]:
        heard = understand(self.say, self.listening)
        found = {name: _heard(name, heard) for name in self.meant}
        return [
            f"{name}: meant {self.meant[name]}, heard {found[name]}"
            for name in self.meant
            if not _same(name, self.meant[name], found[name])
        ]


def _heard(name: str, heard: Understanding) -> Any:
    commands = heard.commands
    if name == "start":
        return [command.intent for command in commands if isinstance(command, Start)]
    if name == "label":
        return label_of(heard)
    if name in ("fill", "correct"):
        kind = Fill if name == "fill" else Correct
        return [(command.kind, command.value) for command in commands if isinstance(command, kind)]
    if name == "choose":
        return next((command.option for command in commands if isinstance(command, Choose)), "")
    if name == "social":
        return [command.kind for command in commands if isinstance(command, Social)]
    if name == "mood":
        return [command.mood for command in commands if isinstance(command, Feel)]
    if name == "language":
        return heard.language
    for command in commands:
        if isinstance(command, Affirm):
            return "conditional" if command.is_conditional else "yes"
        for kind, word in ((Deny, "no"), (Stop, "stop"), (AskPerson, "person")):
            if isinstance(command, kind):
                return word
    return "none"


def _same(name: str, meant: Any, heard: Any) -> bool:
    if name == "start":
        return sorted(meant) == sorted(heard)
    if name in ("fill", "correct"):
        return all(pair in heard for pair in meant.items())
    if name in ("social", "mood"):
        return meant in heard
    if name == "act" and meant == "conditional":
        return heard in ("conditional", "none")  # either way it is not taken as a yes
    if name == "act" and meant == "none":
        return heard in ("none", "conditional")
    return bool(meant == heard)


def cases(language: str, collection: str = "held_back") -> Iterator[Case]:
    data = yaml_text.load((HERE / f"{collection}.{language}.yaml").read_text(encoding="utf-8"))
    for label, texts in data["single"].items():
        for text in texts or ():
            yield Case("single", str(text), ListeningFor(language=language), {"label": label})
    for row in data.get("several") or ():
        meant = {name: value for name, value in row.items() if name != "say"}
        yield Case("several", row["say"], ListeningFor(language=language), meant)
    for row in data.get("answers") or ():
        asked = row["asked"]
        listening = ListeningFor(
            kinds=tuple(asked.get("kinds", ())),
            options=tuple((value, label) for value, label in asked.get("options", ())),
            is_confirming=asked.get("confirming", False),
            language=asked.get("language", language),
            country=asked.get("country", ""),
        )
        meant = {name: value for name, value in row.items() if name not in ("say", "asked")}
        if isinstance(meant.get("act"), bool):  # YAML reads yes and no as booleans
            meant["act"] = "yes" if meant["act"] else "no"
        yield Case("answers", row["say"], listening, meant)


def tally(language: str, collection: str) -> tuple[dict[str, tuple[int, int]], list[str]]:
    """Right and all per part, and a line for each message understood otherwise."""
    counted: dict[str, tuple[int, int]] = {}
    lines: list[str] = []
    for case in cases(language, collection):
        faults = case.faults()
        right, of = counted.get(case.part, (0, 0))
        counted[case.part] = (right + (not faults), of + 1)
        lines += [f"{case.part}: {case.say!r}: {fault}" for fault in faults]
    return counted, lines


if __name__ == "__main__":
    for name in sys.argv[1:] or ("held_back", "worked_on"):
        for tongue in ("en", "zh"):
            counts, wrong = tally(tongue, name)
            print(*wrong, sep="\n")
            print(name, tongue, {part: f"{right}/{of} = {right / of:.3f}" for part, (right, of) in counts.items()})
