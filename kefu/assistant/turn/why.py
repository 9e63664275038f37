"""Why a reply says what it says: understanding, playbook@version, steps, rules, facts. Kept on the message."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from kefu.assistant.dialogue.talk import Outcome
from kefu.assistant.language import Command, Understanding
from kefu.assistant.replies.compose import Reply
from kefu.assistant.turn.cases import CaseRows


def explain(
    understood: Sequence[Understanding],
    outcome: Outcome,
    rows: CaseRows,
    reply: Reply,
    *,
    timing: dict[str, float],
) -> dict[str, Any]:
    """JSON of docs/reference/events.md, "why"."""
    cases = []
    for traced in outcome.trace:
        row = rows.known(traced.case)
        cases.append(traced.to_json() | {"case": row.pk if row else traced.case})
    return {
        "understanding": [_meant(one) for one in understood],
        "cases": cases,
        "rules": list(dict.fromkeys(rule for traced in outcome.trace for rule in traced.rules)),
        "facts": list(dict.fromkeys(row for traced in outcome.trace for row in traced.rows)),
        "cites": list(reply.cites),
        "texts": list(reply.keys),
        "timing": timing,
    }


def _meant(one: Understanding) -> dict[str, Any]:
    return {
        "language": one.language,
        "stage": one.stage,
        "milliseconds": round(one.milliseconds, 2),
        "commands": [_command(command) for command in one.commands[:20]],
        "alternatives": [[intent, round(score, 3)] for intent, score in one.alternatives[:5]],
    }


def _command(command: Command) -> dict[str, Any]:
    """What it is and the words it came from; a proof's value is not repeated outside the message itself."""
    told = {name: value for name, value in asdict(command).items() if value not in ("", None)}
    if told.get("kind") in ("email", "phone", "postcode"):
        told.pop("value", None)
        told.pop("words", None)
    told["score"] = round(command.score, 3)
    return {"command": type(command).__name__, **told}
