"""Reading YAML quickly and safely: libyaml's loader takes a tenth of the time of the one in Python, but a text that is
nested without end overflows its stack and ends the whole process. So the depth is looked at first."""

from __future__ import annotations

import re
from typing import Any

import yaml

#: a safe loader: texts, numbers, lists and mappings, nothing that runs
LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
#: the same, but every value is a text: "no" is a word
TEXTS: Any = getattr(yaml, "CBaseLoader", yaml.BaseLoader)
#: levels of any file that a person writes, many times over
DEEPEST = 200
_OPENS = re.compile(r"[\[{]")


class TooDeep(yaml.MarkedYAMLError):
    """Nested deeper than any file of ours."""


def compose(text: str) -> yaml.Node | None:
    """The tree of one document with the line of each node. Raises yaml.YAMLError, TooDeep among them."""
    _check_depth(text)
    root: yaml.Node | None = yaml.compose(text, Loader=LOADER)
    return root


def load(text: str, loader: Any = LOADER) -> Any:
    """The value of one document. Raises yaml.YAMLError, TooDeep among them."""
    _check_depth(text)
    return yaml.load(text, Loader=loader)  # noqa: S506  a safe loader


def _check_depth(text: str) -> None:
    # a block that goes one deeper takes at least one more column, a flow one more bracket
    if max(map(len, text.splitlines()), default=0) + len(_OPENS.findall(text)) <= DEEPEST:
        return
    depth = 0
    for event in yaml.parse(text, Loader=LOADER):
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
            if depth > DEEPEST:
                raise TooDeep(problem="nested too deep", problem_mark=event.start_mark)  # type: ignore[arg-type]
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
