"""What the loader refuses: each fault with file, line, step and cure, and all of them at once."""

from __future__ import annotations

# ruff: noqa: E501 the table of faults reads best with one playbook a row
import textwrap

import pytest

from kefu.assistant.checks import CHECKS
from kefu.assistant.engine.loader import OWN_TEXTS, read_sources
from kefu.assistant.engine.nodes import Fault
from kefu.assistant.engine.playbook import Book
from kefu.assistant.engine.specs import READS, WRITES, ActionSpec

ACTIONS = {
    "shop.cancel": ActionSpec("shop.cancel", WRITES, confirm=True, args={"order": "order"},
                              returns=frozenset({"number"}), refusals=frozenset({"shop.gone"})),
    "shop.look_up": ActionSpec("shop.look_up", READS, args={"question": "question"},
                               returns=frozenset({"found", "text"})),
}  # fmt: skip
OWN = dict.fromkeys(OWN_TEXTS, "…")
WORDS = OWN | {
    "which": "Which order?", "hello": "Hello", "sure": "Cancel {order_number}?", "done": "Done, {number}.",
    "hole": "It weighs {weight}.", "option.a": "A", "found": "{text}", "what": "What?", "task.pack": "Pack",
}  # fmt: skip
TEXTS = {"en": WORDS, "zh": WORDS}
GOOD = """
    playbook: cancel
    when: They want to cancel.
    needs:
      order: {kind: order, ask: which}
    steps:
      - {id: which, collect: order}
      - {id: check, check: orders.cancellable, with: [order], otherwise: no}
      - {id: sure, confirm: sure, otherwise: no}
      - {id: act, act: shop.cancel, with: [order]}
      - {id: say, say: done}
      - {id: end, close: cancelled}
      - {id: no, hand_over: needed}
"""


def read(*files: str, texts: dict[str, dict[str, str]] | None = None) -> tuple[Book, list[Fault]]:
    sources = {f"{place}.yaml": textwrap.dedent(text).strip() + "\n" for place, text in enumerate(files)}
    return read_sources(sources, actions=ACTIONS, checks=CHECKS, texts=texts or TEXTS)


def steps(*lines: str, needs: str = "{}") -> str:
    return "\n".join(["playbook: p", "when: Always.", f"needs: {needs}", "steps:", *[f"  - {one}" for one in lines]])


def test_a_good_playbook_has_no_fault() -> None:
    book, faults = read(GOOD)
    assert faults == []
    assert list(book.playbooks["cancel"].steps) == ["which", "check", "sure", "act", "say", "end", "no"]


@pytest.mark.parametrize(
    ("text", "line", "step", "words"),
    [
        ("steps: [", 2, "", "not YAML"),
        ("hello: world", 1, "", "no playbook"),
        ("playbook: Bad Name\nwhen: x\nsteps: []", 1, "", "no name"),
        ("playbook: p\nsteps:\n  - {id: a, hand_over: needed}", 1, "", "`when` is missing"),
        ("playbook: p\nwhen: x\ncolour: red\nsteps:\n  - {id: a, hand_over: needed}", 3, "", "Unknown key `colour`"),
        ("playbook: p\nwhen: x", 1, "", "no steps"),
        (steps("{id: a, dance: now}", "{id: b, hand_over: needed}"), 5, "a", "unknown step kind `dance`"),
        (steps("{id: a, say: hello, close: done}", "{id: b, hand_over: needed}"), 5, "a", "exactly one kind"),
        (steps("{id: a, say: hello, colour: red}", "{id: b, hand_over: needed}"), 5, "a", "Unknown key `colour`"),
        (steps("{id: a, say: hello, then: nowhere}"), 5, "a", "target nowhere"),
        (steps("{id: a, hand_over: needed}", "{id: b, close: done}"), 6, "b", "No step leads here"),
        (steps("{id: a, say: hello}"), 5, "a", "no way out"),
        (steps("{id: a, say: hello}", "{id: a, hand_over: needed}"), 6, "a", "twice"),
        (steps("{id: a, say: nothing}", "{id: b, hand_over: needed}"), 5, "a", "missing in en"),
        (steps("{id: a, say: hole}", "{id: b, hand_over: needed}"), 5, "a", "weight"),
        (steps("{id: a, check: stars.align}", "{id: b, hand_over: needed}"), 5, "a", "Unknown check"),
        (steps("{id: a, act: shop.fly}", "{id: b, hand_over: needed}"), 5, "a", "Unknown action"),
        (steps("{id: a, hand_over: boredom}"), 5, "a", "Unknown reason"),
        (steps("{id: a, say: hello, then: b}", "{id: b, say: hello, then: a}"), 5, "a", "go round"),
        (steps("{id: a, say: hello}", "{id: b, close: done}"), 5, "a", "No way leads to a person"),
        (steps("{id: a, collect: size}", "{id: b, hand_over: needed}"), 5, "a", "no slot `size`"),
        (steps("{id: a, collect: s}", "{id: b, hand_over: needed}", needs="{s: {kind: colour, ask: what}}"), 3, "", "unknown kind"),
        (steps("{id: a, collect: s}", "{id: b, hand_over: needed}", needs="{s: {kind: choice, ask: what}}"), 3, "", "without options"),
        (steps("{id: a, collect: s}", "{id: b, hand_over: needed}", needs="{s: {kind: text}}"), 3, "", "no question"),
        (steps("{id: a, act: shop.look_up, with: {question: s}, on: {not_found: b}}", "{id: b, hand_over: needed}",
               needs="{s: {kind: order, ask: which}}"), 5, "a", "`s` is order"),
        (steps("{id: a, act: shop.look_up, on: {not_found: b}}", "{id: b, hand_over: needed}"), 5, "a", "needs `question`"),
        (steps("{id: a, act: shop.look_up, with: {question: s}}", "{id: b, hand_over: needed}",
               needs="{s: {kind: question, ask: what}}"), 5, "a", "not finding"),
        (steps("{id: a, check: orders.cancellable, with: [order], otherwise: b}", "{id: b, hand_over: needed}",
               needs="{order: {kind: order, ask: which}}"), 5, "a", "not yet known here"),
        (steps("{id: a, collect: order}", "{id: b, check: orders.cancellable, with: [order]}", "{id: c, hand_over: needed}",
               needs="{order: {kind: order, ask: which}}"), 6, "b", "Nothing is said for the outcome already_cancelled"),
        (steps("{id: a, offer: hello, options: {a: b}, yes: z}", "{id: b, hand_over: needed}"), 5, "a", "names no option"),
        (steps("{id: a, task: pack}", "{id: b, hand_over: needed}"), 5, "a", "for nobody"),
        (steps("{id: a, use: p}", "{id: b, hand_over: needed}"), 5, "a", "comes back to itself"),
    ],
)  # fmt: skip
def test_a_fault_names_line_step_and_what_is_wrong(text: str, line: int, step: str, words: str) -> None:
    _, faults = read(text)
    found = [fault for fault in faults if words in fault.problem]
    assert found, [str(fault) for fault in faults]
    assert (found[0].file, found[0].line, found[0].step) == ("0.yaml", line, step)
    assert found[0].cure


def test_all_faults_of_all_files_come_at_once() -> None:
    _, faults = read(
        steps("{id: a, say: nothing}", "{id: b, dance: now}", "{id: c, hand_over: boredom}"),
        GOOD.replace("shop.cancel", "shop.fly"),
    )
    assert {fault.file for fault in faults} == {"0.yaml", "1.yaml"}
    assert len([fault for fault in faults if fault.file == "0.yaml"]) >= 3


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("- {id: sure, confirm: sure, otherwise: no}", "- {id: sure, say: hello}"),  # no confirmation at all
        ("- {id: which, collect: order}", "- {id: which, collect: order, then: act}"),  # a way around it
        ("confirm: sure, otherwise: no}", "confirm: sure, otherwise: act}"),  # a no that leads to the deed
        ("- {id: say, say: done}", "- {id: say, say: done, then: act}"),  # back to the deed
    ],
)
def test_a_deed_that_wants_a_confirmation_cannot_be_reached_without_it(old: str, new: str) -> None:
    _, faults = read(GOOD.replace(old, new))
    assert any("confirmation" in fault.problem for fault in faults), [str(fault) for fault in faults]


def test_a_text_may_only_use_what_is_known_on_every_way_to_it() -> None:
    _, faults = read(
        GOOD.replace("otherwise: no}\n      - {id: sure", "on: {shipped: say}, otherwise: no}\n      - {id: sure")
    )
    assert any("number" in fault.problem and fault.step == "say" for fault in faults)


def test_a_text_missing_in_one_language_is_a_fault() -> None:
    chinese = {key: text for key, text in WORDS.items() if key != "done"}
    _, faults = read(GOOD, texts={"en": WORDS, "zh": chinese})
    assert [fault.problem for fault in faults] == ["The text done is missing in zh"]


def test_the_version_changes_with_the_playbook_and_with_what_it_uses() -> None:
    used = "playbook: u\nshared: true\nwhen: x\nsteps:\n  - {id: a, say: hello}\n  - {id: b, close: ok}\n"
    user = steps("{id: a, use: u}", "{id: b, hand_over: needed}")
    one, _ = read(used, user)
    same, _ = read(used, user)
    other, faults = read(used.replace("say: hello", "say: which"), user)
    assert faults == []
    assert one.playbooks["p"].version == same.playbooks["p"].version != other.playbooks["p"].version


@pytest.mark.parametrize("text", ["", "[]", "- 1", "a: &a [*a]", "x: " + "[" * 300, "\x00", "playbook: [1]", "playbook: p\nwhen: x\nsteps: {a: b}",
                                  "playbook: p\nwhen: x\nneeds: [1]\nsteps:\n  - 5\n  - {id: [1]}\n  - {id: q, say: [x]}"])  # fmt: skip
def test_nonsense_is_a_fault_and_never_a_crash(text: str) -> None:
    _, faults = read(text)
    assert faults
