"""Reads held_back_fresh.<language>.yaml: whole messages by one who knew neither examples nor code; and
held_back_many.<language>.yaml: several wishes in one message, or one over several sentences."""

from __future__ import annotations

import sys
from dataclasses import dataclass

from kefu.assistant.language import AskPerson, ListeningFor, OutOfScope, Start
from kefu.assistant.understanding import understand
from kefu.assistant.understanding.tests.messages import HERE
from kefu.assistant.understanding.tests.talked import LANGUAGES
from kefu.kernel import yaml_text


@dataclass(frozen=True)
class Fresh:
    """`also`: wishes that are as right. `looked_at`: its text was read when mending; the others are the honest half."""

    say: str
    language: str
    wishes: frozenset[str]
    also: frozenset[str]
    looked_at: bool

    @property
    def is_heard(self) -> bool:
        """All wishes and no other; a statement starts nothing."""
        meant = self.wishes - {"statement"}
        commands = understand(self.say, ListeningFor(language=self.language)).commands
        heard = {command.intent for command in commands if isinstance(command, Start)}
        heard |= {"human" for command in commands if isinstance(command, AskPerson)}
        heard |= {"out_of_scope" for command in commands if isinstance(command, OutOfScope)}
        if len(meant) == 1 and len(heard) == 1:
            return heard <= meant | self.also
        return heard == meant or (bool(meant) and meant <= heard <= meant | self.also)


def fresh(language: str, collection: str = "held_back_fresh") -> list[Fresh]:
    rows = yaml_text.load((HERE / f"{collection}.{language}.yaml").read_text(encoding="utf-8"))
    return [
        Fresh(row["say"], language, frozenset(row["wishes"]), frozenset(row.get("also", ())), "looked_at" in row)
        for row in rows
    ]


def share(rows: list[Fresh]) -> float:
    return sum(row.is_heard for row in rows) / max(1, len(rows))


if __name__ == "__main__":
    for tongue in sys.argv[1:] or LANGUAGES:
        rows = [row for row in fresh(tongue) if not row.looked_at]  # numbers only: their texts stay unread
        one = [row for row in rows if len(row.wishes) == 1]
        several = [row for row in rows if len(row.wishes) > 1]
        print(f"{tongue}: {len(one)} with one wish {share(one):.3f}, {len(several)} with several {share(several):.3f}")
