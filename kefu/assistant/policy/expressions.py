"""Conditions in CEL: checked before they are compiled, bounded, and never more than a yes or a no.

The CEL library has no cost limit and crashes the process on endless chains, so length, depth and loops are capped
here, before it sees the text. Source of the language: github.com/google/cel-spec, langdef.md.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import cel

LONGEST = 500  # characters
DEEPEST = 12  # brackets within brackets
MOST_LOOPS = 2  # .exists(x, …) and its kin; each runs over a list of facts

_LOOPS = "all|exists|exists_one|map|filter"
_LOOP = re.compile(rf"\.\s*({_LOOPS})\s*\(\s*([A-Za-z_]\w*)\s*,")
_ANY_LOOP = re.compile(rf"\.\s*({_LOOPS})\s*\(")
_STRING = re.compile(r"""[rRbB]{0,2}('''.*?'''|\"\"\".*?\"\"\"|'(?:\\.|[^'\\])*'|"(?:\\.|[^"\\])*")""", re.DOTALL)
_PATH = re.compile(r"(?<![\w.])([A-Za-z_]\w*)((?:\s*\.\s*[A-Za-z_]\w*)+)(?!\w|\s*\()")
_CALL_AT_END = re.compile(r"(?<![\w.])([A-Za-z_]\w*)((?:\s*\.\s*[A-Za-z_]\w*)*)\s*\.\s*[A-Za-z_]\w*\s*\(")

#: what an expression may call besides operators; `size` is missing on purpose: it counts bytes ("退款" has 6)
ALLOWED_CALLS = frozenset({"contains", "startsWith", "endsWith", "int", "string", "has"})

#: the fields a variable has: a nested mapping, or ANY where the shape is open or a plain value
ANY: dict[str, Any] = {}
Schema = Mapping[str, Any]


class ExpressionFailed(Exception):
    """The expression could not be evaluated for these facts, or gave something other than true or false."""


@dataclass(frozen=True, slots=True)
class Expression:
    source: str
    program: Any = field(compare=False)

    def holds(self, variables: Mapping[str, Any], functions: Mapping[str, Callable[..., Any]]) -> bool:
        """True or false. Raises ExpressionFailed on anything else; the caller must then refuse."""
        try:
            result = self.program.execute(cel.Context(variables=dict(variables), functions=dict(functions)))
        except Exception as error:
            raise ExpressionFailed(f"{type(error).__name__}: {error}"[:300]) from error
        if result is not True and result is not False:
            raise ExpressionFailed(f"the condition gave {type(result).__name__}, not true or false")
        return bool(result)


def faults_of(source: str, *, schema: Schema, functions: frozenset[str]) -> list[str]:
    """What is wrong with the text, as sentences that name the cure; [] when it may be compiled and used.

    schema: the variables and their fields; functions: the helpers the caller will hand to `holds`.
    """
    if not source.strip():
        return ['the condition is empty; write "true" when the rule always matches']
    if len(source) > LONGEST:
        return [f"the condition has {len(source)} characters, {LONGEST} is the most; split the rule"]
    bare = _STRING.sub('""', source)
    if (depth := _depth(bare)) > DEEPEST:
        return [f"brackets nest {depth} deep, {DEEPEST} is the most; split the rule"]
    loops, named = _ANY_LOOP.findall(bare), _LOOP.findall(bare)
    if len(loops) > MOST_LOOPS:
        return [f"{len(loops)} loops, {MOST_LOOPS} is the most; split the rule"]
    try:
        program = cel.compile(source)
    except ValueError as error:
        return [f"this is not CEL: {_first_line(error)}"]
    bound = {name for _, name in named}
    faults = [f"the loop variable {name} hides the fact {name}; rename it" for name in sorted(bound & schema.keys())]
    for name in sorted(set(program.variables()) - bound - schema.keys()):
        faults.append(f"unknown fact {name}; known are {', '.join(sorted(schema))}")
    for name in sorted(program.functions()):
        if name == "size":
            faults.append("size() counts bytes; use chars(text) or count(list)")
        elif name[0] not in "_!@-" and name not in ALLOWED_CALLS | functions:
            faults.append(f"unknown function {name}(); known are {', '.join(sorted(functions | ALLOWED_CALLS))}")
    faults += _unknown_fields(bare, schema, bound)
    return faults


def compiled(source: str) -> Expression:
    """Compile a text that `faults_of` found nothing wrong with."""
    return Expression(source, cel.compile(source))


def _depth(bare: str) -> int:
    depth = deepest = 0
    for char in bare:
        if char in "([{":
            depth += 1
            deepest = max(deepest, depth)
        elif char in ")]}":
            depth -= 1
    return deepest


def _unknown_fields(bare: str, schema: Schema, bound: set[str]) -> list[str]:
    faults = []
    paths = {(root, tail) for pattern in (_PATH, _CALL_AT_END) for root, tail in pattern.findall(bare) if tail.strip()}
    for root, tail in sorted(paths):
        if root in bound or root not in schema:
            continue
        at, walked = schema[root], root
        for name in (part.strip() for part in tail.split(".") if part.strip()):
            if not at:
                break
            if name not in at:
                faults.append(f"{walked} has no {name}; it has {', '.join(sorted(at))}")
                break
            at, walked = at[name], f"{walked}.{name}"
    return faults


def _first_line(error: Exception) -> str:
    text = str(error).strip()
    return text.splitlines()[0][:200] if text else type(error).__name__
