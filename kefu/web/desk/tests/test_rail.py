"""The rail of a case, drawn from a playbook written for the test."""

from __future__ import annotations

import pytest

from kefu.assistant.engine.playbook import Playbook, Step
from kefu.web.desk.rail import rail

PLAYBOOK = Playbook(
    name="give_back", version="1", when="", not_when="", intents=(), needs={},
    steps={
        step: Step(step, kind, "", line, label=label, exits=exits)
        for line, (step, kind, label, exits) in enumerate((
            ("who", "use", "verify", {"proved": "which"}),
            ("which", "collect", "item", {"filled": "allowed"}),
            ("allowed", "check", "window", {"too_late": "late", "gone": "!needed", "fine": "count"}),
            ("count", "check", "", {"one": "agree"}),
            ("agree", "confirm", "confirm", {"yes": "open", "no": "end"}),
            ("open", "act", "open", {"code.x": "late", "ok": "end", "refused": "@offer_person"}),
            ("end", "close", "", {}),
            ("late", "collect", "late_reason", {"filled": "late_end", "again": "which"}),
            ("late_end", "say", "late_tell", {"said": "end"}),
        ))
    },
)  # fmt: skip


def drawn(walked: list[list[str]], **more: bool) -> list[str]:
    return [f"{stop.label} {stop.standing}" for stop in rail(PLAYBOOK, walked, **more)]


def way(*steps: str) -> list[list[str]]:
    """ "which:filled" or "who>verify.prove:done" """
    return [[f"give_back.{path}", "", outcome, ""] for path, _colon, outcome in (step.partition(":") for step in steps)]


@pytest.mark.parametrize(
    ("walked", "expected"),
    [
        ([], ["verify here", "item next", "window next", "confirm next", "open next"]),
        (way("who", "which:here"), ["verify done", "item here", "window next", "confirm next", "open next"]),
        # verifying was not needed: the case went past it
        (way("which:here"), ["verify skipped", "item here", "window next", "confirm next", "open next"]),
        # an unlabelled step: the labelled one before it is where the case stands
        (way("who", "which", "allowed", "count"),
         ["verify done", "item done", "window here", "confirm next", "open next"]),
        # off the ordinary way: what is ahead is what lies behind the present step
        (way("who", "which", "allowed", "late:here"),
         ["verify done", "item done", "window done", "late_reason here", "late_tell next"]),
        # a step gone through twice stands where it was reached last
        (way("who", "which", "allowed", "which:here"),
         ["verify done", "window done", "item here", "confirm next", "open next"]),
    ],
)  # fmt: skip
def test_the_rail_shows_where_the_case_stands(walked, expected):
    assert drawn(walked) == expected


def test_a_closed_case_has_nothing_ahead():
    assert drawn(way("who", "which"), is_closed=True) == ["verify done", "item done"]


def test_an_act_that_was_refused_says_so():
    walked = [*way("who", "which", "allowed", "agree"), ["give_back.open", "act", "commerce.window_over", "r1"]]
    assert drawn([*walked, *way("late:here")])[-3:] == ["open refused", "late_reason here", "late_tell next"]


def test_the_rule_that_decided_inside_a_used_playbook_stands_at_the_step_that_used_it():
    walked = [["give_back.who", "use", "", ""], ["give_back.who>verify.prove", "act", "done", "verification.order"]]
    assert rail(PLAYBOOK, walked)[0].rules == ["verification.order"]
