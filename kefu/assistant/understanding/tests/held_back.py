"""Reads held_back.<language>.yaml and says, message by message, what was understood otherwise than meant."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from kefu.assistant.language import (
    Affirm,
    AskPerson,
    Choose,
    Correct,
    Deny,
    Feel,
    Fill,
    ListeningFor,
    OutOfScope,
    Social,
    Start,
    Stop,
    Understanding,
)
from kefu.assistant.understanding import understand

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
        starts = [command.intent for command in commands if isinstance(command, Start)]
        if any(isinstance(command, AskPerson) for command in commands):
            starts.append("person")
        if any(isinstance(command, OutOfScope) for command in commands):
            starts.append("out_of_scope")
        return "+".join(starts) or "nothing"
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


def cases(language: str) -> Iterator[Case]:
    data = yaml.safe_load((HERE / f"held_back.{language}.yaml").read_text(encoding="utf-8"))
    for label, texts in data["single"].items():
        for text in texts:
            yield Case("single", str(text), ListeningFor(language=language), {"label": label})
    for row in data["several"]:
        yield Case("several", row["say"], ListeningFor(language=language), {"start": row["start"]})
    for row in data["answers"]:
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


def main() -> None:
    for language in ("en", "zh"):
        tally: dict[str, list[int]] = {}
        for case in cases(language):
            faults = case.faults()
            right = tally.setdefault(case.part, [0, 0])
            right[0] += not faults
            right[1] += 1
            for fault in faults:
                print(f"  {language} {case.part}: {case.say!r}: {fault}")
        print(language, {part: f"{right}/{of} = {right / of:.3f}" for part, (right, of) in tally.items()})


if __name__ == "__main__":
    main()
