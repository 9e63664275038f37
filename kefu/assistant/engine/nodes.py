"""YAML with line numbers, and faults that say where and how to mend."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import yaml

from kefu.kernel import yaml_text

SIZE_AT_MOST = 64_000
NODES_AT_MOST = 5_000
DEPTH_AT_MOST = 12


@dataclass(frozen=True, slots=True, order=True)
class Fault:
    """One thing wrong. `line` counts from 1; `step` may be "". `cure` says what to write instead."""

    file: str
    line: int
    step: str
    problem: str
    cure: str

    def __str__(self) -> str:
        step = f" step {self.step}:" if self.step else ""
        return f"{self.file}:{self.line}:{step} {self.problem}. {self.cure}"


class PlaybookFaults(ValueError):
    """These playbooks cannot run. Each fault names its file, line, step and cure; mend them all and load again."""

    def __init__(self, faults: list[Fault]) -> None:
        self.faults = sorted(faults)
        super().__init__("\n".join(str(fault) for fault in self.faults))


@dataclass(slots=True)
class Node:
    """A YAML value that knows its line. `value`: str, int, bool, None, list[Node] or dict[str, Node]."""

    value: object
    line: int

    def mapping(self) -> dict[str, Node]:
        return self.value if isinstance(self.value, dict) else {}

    def items(self) -> list[Node]:
        return self.value if isinstance(self.value, list) else []

    def text(self) -> str | None:
        return self.value if isinstance(self.value, str) else None

    def plain(self) -> object:
        """The value without line numbers."""
        if isinstance(self.value, dict):
            return {key: node.plain() for key, node in self.value.items()}
        if isinstance(self.value, list):
            return [node.plain() for node in self.value]
        return self.value


@dataclass(slots=True)
class Reader:
    """Reads one file's text; collects faults instead of raising."""

    file: str
    faults: list[Fault] = field(default_factory=list)
    _count: int = 0

    def fault(self, line: int, problem: str, cure: str, step: str = "") -> None:
        self.faults.append(Fault(self.file, line, step, problem, cure))

    def read(self, text: str) -> Node | None:
        """The document's root, or None with a fault."""
        if len(text) > SIZE_AT_MOST:
            self.fault(1, f"The file is longer than {SIZE_AT_MOST} characters", "Split it into several playbooks")
            return None
        try:
            root = yaml_text.compose(text)
        except yaml.YAMLError as error:
            mark = getattr(error, "problem_mark", None)
            self.fault(mark.line + 1 if mark else 1, f"This is not YAML: {getattr(error, 'problem', None) or error}",
                       "Check indentation, colons and quotes around here")  # fmt: skip
            return None
        except RecursionError:
            self.fault(1, "The file is nested too deep", "A playbook needs no more than a few levels")
            return None
        if root is None:
            self.fault(1, "The file is empty", "Write a playbook or delete the file")
            return None
        node = self._node(root, 0)
        if self._count > NODES_AT_MOST:
            self.fault(
                1, "The file holds too many values, or they are nested too deep", "Split it; don't repeat by aliases"
            )
            return None
        return node

    def _node(self, node: yaml.Node, depth: int) -> Node:
        self._count += 1
        line = node.start_mark.line + 1
        if depth > DEPTH_AT_MOST:
            self._count = NODES_AT_MOST + 1  # deeper than any playbook, or an alias that holds itself
        if self._count > NODES_AT_MOST:
            return Node(None, line)
        if isinstance(node, yaml.MappingNode):
            mapping: dict[str, Node] = {}
            for key_node, value_node in node.value:
                key = str(key_node.value)
                if key in mapping:
                    self.fault(key_node.start_mark.line + 1, f"`{key}` is written twice", "Keep one of them")
                mapping[key] = self._node(value_node, depth + 1)
            return Node(mapping, line)
        if isinstance(node, yaml.SequenceNode):
            return Node([self._node(item, depth + 1) for item in node.value], line)
        return Node(_scalar(node), line)


def _scalar(node: yaml.Node) -> object:
    """Text stays text; yes/no/on/off are words here, only true and false are booleans."""
    text = str(node.value)
    if node.tag == "tag:yaml.org,2002:int" and text.lstrip("-").isdigit():
        return int(text)
    if text in ("true", "false") and node.tag == "tag:yaml.org,2002:bool":
        return text == "true"
    if node.tag == "tag:yaml.org,2002:null":
        return None
    return text


def strings(node: Node | None) -> Iterator[tuple[str, int]]:
    """The texts of a list (or the one text), each with its line."""
    if node is None:
        return
    if isinstance(node.value, str):
        yield node.value, node.line
    for item in node.items():
        if isinstance(item.value, str):
            yield item.value, item.line
