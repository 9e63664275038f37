"""One playbook file: its shape, its slots, its steps by kind. What they name is looked up in finish.py."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import get_args

from kefu.assistant.engine.nodes import Fault, Node, Reader, strings
from kefu.assistant.engine.playbook import TRIES, Kind, Need
from kefu.assistant.engine.resolve import PREFERENCES
from kefu.assistant.engine.specs import SLOT_KINDS

KINDS: tuple[str, ...] = get_args(Kind)
NAME = re.compile(r"[a-z][a-z0-9_]*\Z")
TOP_KEYS = {"playbook", "when", "not_when", "intents", "needs", "steps", "queue", "case", "shared"}
NEED_KEYS = {"kind", "ask", "of", "prefer", "within", "tries", "narrow"}
EVERY_STEP = {"id", "then", "label"}
#: what each step kind may say besides id, then and label
KEYS: Mapping[str, set[str]] = {
    "collect": {"optional", "ask", "otherwise", "in_vain"},
    "check": {"with", "on", "otherwise"},
    "offer": {"options", "yes", "no"},
    "ladder": {"of", "options", "unmet", "spent"},
    "confirm": {"for", "otherwise"},
    "act": {"with", "on", "on_error", "on_refused", "gives"},
    "say": {"forget"},
    "task": {"department", "facts", "due_in_days"},
    "wait": set(),
    "use": {"on", "otherwise"},
    "close": {"root_cause"},
    "hand_over": {"queue", "tell", "priority"},
}
#: written as a target, it hands over to a person then and there
PERSON = "hand_over"


@dataclass(slots=True)
class Draft:
    """A playbook as read, its targets not yet looked up."""

    name: str
    file: str
    line: int
    version: str
    intents: tuple[str, ...]
    root: dict[str, Node]
    needs: dict[str, Need] = field(default_factory=dict)
    steps: dict[str, tuple[str, Node]] = field(default_factory=dict)  # id -> kind, node


def read_playbook(file: str, text: str) -> tuple[Draft | None, list[Fault]]:
    """The file's shape; None when there is nothing to go on with."""
    reader = Reader(file)
    node = reader.read(text)
    if node is None:
        return None, reader.faults
    root = node.mapping()
    if not root or "playbook" not in root:
        reader.fault(node.line, "This is no playbook", "Begin with `playbook: its_name`")
        return None, reader.faults
    for key in sorted(set(root) - TOP_KEYS):
        reader.fault(root[key].line, f"Unknown key `{key}`", f"A playbook knows {', '.join(sorted(TOP_KEYS))}")
    name = root["playbook"].text() or ""
    if not NAME.match(name):
        reader.fault(root["playbook"].line, f"`{name}` is no name", "Use lower case letters, digits and _")
        return None, reader.faults
    if not root.get("when") or not root["when"].text():
        reader.fault(node.line, "`when` is missing", "Say in one sentence when this playbook is the right one")
    flags = [key for key in ("case", "shared") if key in root and not isinstance(root[key].value, bool)]
    for key in flags:
        reader.fault(root[key].line, f"`{key}` must be true or false", "Write true or false")
    is_shared = "shared" in root and root["shared"].value is True
    default = () if is_shared else (name,)
    intents = tuple(value for value, _ in strings(root.get("intents"))) if "intents" in root else default
    draft = Draft(name, file, root["playbook"].line, _version(node), intents, root)
    _read_needs(reader, draft)
    _read_steps(reader, draft)
    return (draft if draft.steps else None), reader.faults


def _version(node: Node) -> str:
    text = json.dumps(node.plain(), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def _read_needs(reader: Reader, draft: Draft) -> None:
    node = draft.root.get("needs")
    if node is None:
        return
    for name, need in node.mapping().items():
        said = need.mapping()
        for key in sorted(set(said) - NEED_KEYS):
            reader.fault(
                said[key].line, f"Slot {name}: unknown key `{key}`", f"A slot knows {', '.join(sorted(NEED_KEYS))}"
            )
        kind = said["kind"].text() if "kind" in said else None
        if kind not in SLOT_KINDS:
            reader.fault(need.line, f"Slot {name}: unknown kind `{kind}`", f"Kinds are {', '.join(sorted(SLOT_KINDS))}")
            kind = "text"
        of = tuple(value for value, _ in strings(said.get("of")))
        if kind == "choice" and not of:
            reader.fault(need.line, f"Slot {name}: a choice without options", "List them under `of`")
        prefer = (said["prefer"].text() or "") if "prefer" in said else ""
        if prefer and prefer not in PREFERENCES:
            reader.fault(said["prefer"].line, f"Slot {name}: unknown preference `{prefer}`",
                         f"Known are {', '.join(sorted(PREFERENCES))}")  # fmt: skip
        tries = said["tries"].value if "tries" in said else TRIES
        if not isinstance(tries, int) or isinstance(tries, bool) or not 1 <= tries <= 3:
            reader.fault(said["tries"].line, f"Slot {name}: `tries` must be 1, 2 or 3", "Write a number from 1 to 3")
            tries = TRIES
        ask = (said["ask"].text() or "") if "ask" in said else ""
        within = (said["within"].text() or "") if "within" in said else ""
        narrow = {word: tuple(value for value, _ in strings(node)) for word, node in
                  (said["narrow"].mapping() if "narrow" in said else {}).items()}  # fmt: skip
        if any(not left or set(left) - set(of) for left in narrow.values()):
            reader.fault(said["narrow"].line, f"Slot {name}: `narrow` leaves what is not in `of`",
                         "List words of `of` for each vague word")  # fmt: skip
        draft.needs[name] = Need(name, kind or "text", ask, of, prefer, within, tries, narrow)
    for need_ in draft.needs.values():
        if need_.within and (need_.within not in draft.needs or draft.needs[need_.within].kind != "order"):
            reader.fault(node.line, f"Slot {need_.name}: `within` names no order slot", "Name a slot of kind order")


def _read_steps(reader: Reader, draft: Draft) -> None:
    node = draft.root.get("steps")
    items = node.items() if node else []
    if not items:
        reader.fault(node.line if node else draft.line, "There are no steps", "List at least one under `steps`")
    for item in items:
        said = item.mapping()
        step_id = (said["id"].text() or "") if "id" in said else ""
        if not NAME.match(step_id):
            reader.fault(item.line, "A step without a good id", "Give it `id:` in lower case letters, digits and _")
            continue
        if step_id in draft.steps:
            reader.fault(
                item.line, f"The id {step_id} is there twice", "Every step of a playbook has its own id", step_id
            )
            continue
        if step_id == PERSON:
            reader.fault(item.line, "hand_over is no id for a step", "As a target it means a person; rename", step_id)
        kinds = [kind for kind in KINDS if kind in said and not (kind == "hand_over" and len(said) == 0)]
        if len(kinds) != 1:
            unknown = sorted(set(said) - EVERY_STEP - set().union(*KEYS.values()))
            what = f"unknown step kind `{unknown[0]}`" if unknown and not kinds else "needs exactly one kind"
            reader.fault(item.line, f"The step {what}", f"A step is one of {', '.join(KINDS)}", step_id)
            continue
        kind = kinds[0]
        for key in sorted(set(said) - EVERY_STEP - KEYS[kind] - {kind}):
            allowed = ", ".join(sorted(EVERY_STEP | KEYS[kind]))
            reader.fault(said[key].line, f"Unknown key `{key}`", f"A {kind} step knows {allowed}", step_id)
        draft.steps[step_id] = (kind, item)


def text_of(root: Mapping[str, Node], key: str) -> str:
    return (root[key].text() or "") if key in root else ""


def endings(draft: Draft, drafts: Mapping[str, Draft], seen: frozenset[str] = frozenset()) -> frozenset[str]:
    """The words with which a playbook may close, through those it goes over to as well."""
    if draft.name in seen:
        return frozenset()
    found: set[str] = set()
    for kind, node in draft.steps.values():
        said = node.mapping()
        if kind == "close":
            found.add(text_of(said, "close"))
        for target in _targets(said):
            other = drafts.get(target)
            if other is not None and target not in draft.steps:
                found |= endings(other, drafts, seen | {draft.name})
    acts = [node.mapping() for kind, node in draft.steps.values() if kind == "act"]
    if "offer_person" in drafts and any("on_refused" not in said for said in acts):
        found |= endings(drafts["offer_person"], drafts, seen | {draft.name})
    return frozenset(found)


def _targets(said: Mapping[str, Node]) -> list[str]:
    names = [text_of(said, key) for key in ("then", "otherwise", "on_error", "on_refused", "in_vain", "spent")]
    for key in ("on", "options"):
        names += [node.text() or "" for node in said[key].mapping().values()] if key in said else []
    return [name for name in names if name]
