"""Turning a playbook off: whoever has that wish is with a person at once. Pure, on the playbook's text."""

from __future__ import annotations

import yaml

OFF = "# Turned off: whoever wishes this is given to a person."
#: what a playbook keeps while it is off: by what it is known and begun
_KEPT = ("playbook", "when", "not_when", "intents", "queue", "priority")
_STEPS = "steps:\n  - {id: person, hand_over: needed, label: person}\n"


def is_off(text: str) -> bool:
    return text.startswith(OFF)


def turned_off(text: str) -> str:
    """The text of the same playbook with one step, to a person. "" where the text is no playbook."""
    try:
        tree = yaml.compose(text, Loader=yaml.SafeLoader)
    except (yaml.YAMLError, RecursionError):
        return ""
    if not isinstance(tree, yaml.MappingNode):
        return ""
    lines = text.splitlines()
    starts = [key.start_mark.line for key, _ in tree.value] + [len(lines)]
    kept = [OFF]
    for (key, _), first, after in zip(tree.value, starts, starts[1:], strict=False):
        if key.value in _KEPT:
            kept += [line for line in lines[first:after] if line.strip() and not line.lstrip().startswith("#")]
    return "\n".join(kept) + "\n" + _STEPS
