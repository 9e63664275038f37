"""The page about playbooks says what the engine knows, no more and no less."""

from __future__ import annotations

import re
from pathlib import Path

from kefu.assistant.checks import CHECKS
from kefu.assistant.engine.effects import HAND_OVER_REASONS
from kefu.assistant.engine.read import KEYS, KINDS, NEED_KEYS, TOP_KEYS
from kefu.assistant.engine.resolve import ACCEPTS, PREFERENCES
from kefu.assistant.engine.specs import SLOT_KINDS

PAGE = (Path(__file__).resolve().parents[4] / "docs/reference/playbook-format.md").read_text(encoding="utf-8")


def rows(title: str) -> list[list[str]]:
    """The cells of the tables under a heading."""
    part = PAGE.split(f"## {title}\n")[1].split("\n## ")[0]
    lines = [line for line in part.splitlines() if line.startswith("| ") and "|---" not in line]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]


def test_every_check_stands_in_the_table_with_its_outcomes() -> None:
    told = {row[0].strip("`"): row[1:] for row in rows("Checks")[1:]}
    assert sorted(told) == sorted(CHECKS)
    for name, spec in CHECKS.items():
        takes = [f"`{arg}`{'?' if arg in spec.optional else ''}" for arg in spec.args]
        outcomes = [spec.passes, *sorted(set(spec.outcomes) - {spec.passes})]
        assert told[name] == [", ".join(takes), ", ".join(outcomes)]


def test_every_step_kind_and_its_keys_are_told() -> None:
    told = {re.match(r"`(\w+)", row[0])[1]: row for row in rows("Steps")[1:]}  # type: ignore[index]
    assert sorted(told) == sorted(KINDS)
    for kind, keys in KEYS.items():
        assert not [key for key in keys if f"`{key}" not in told[kind][-1]], kind


def test_every_key_slot_kind_preference_and_reason_is_told() -> None:
    for key in TOP_KEYS | NEED_KEYS | SLOT_KINDS | set(PREFERENCES):
        assert f"`{key}" in PAGE, key
    reasons = re.search(r"Reasons of `hand_over`: (.*)\.", PAGE)
    assert reasons
    assert tuple(reasons[1].split(", ")) == HAND_OVER_REASONS
    assert set(ACCEPTS) == SLOT_KINDS
