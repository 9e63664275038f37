"""Changing one text of a reply file and leaving every other line as it stands. Pure."""

from __future__ import annotations

from collections.abc import Mapping

import yaml


def texts_in(text: str) -> dict[str, dict[str, str]]:
    """key -> {"chat": …, "letter": …} in the order of the file, both the same where there is one wording; {} for what
    is no file of texts."""
    return {key: said for key, (_, _, said) in _found(text).items()}


def with_wording(text: str, key: str, said: Mapping[str, str]) -> str:
    """The file's text with this wording of one key; a key that isn't there is added at the end."""
    written = _written(key, {style: "\n".join(one.strip().splitlines()) for style, one in said.items()})
    lines, known = text.splitlines(), _found(text).get(key)
    if known is None:
        return "\n".join([*lines, *written]) + "\n"
    return "\n".join([*lines[: known[0]], *written, *lines[known[1] :]]) + "\n"


def _found(text: str) -> dict[str, tuple[int, int, dict[str, str]]]:
    try:
        tree = yaml.compose(text, Loader=yaml.SafeLoader)
    except (yaml.YAMLError, RecursionError):
        return {}
    if not isinstance(tree, yaml.MappingNode):
        return {}
    lines = text.splitlines()
    starts = [key.start_mark.line for key, _ in tree.value] + [len(lines)]
    found = {}
    for (key, node), first, after in zip(tree.value, starts, starts[1:], strict=False):
        end = after
        while end > first + 1 and (not lines[end - 1].strip() or lines[end - 1].startswith("#")):
            end -= 1
        if isinstance(node, yaml.ScalarNode):
            said = {"chat": node.value.strip(), "letter": node.value.strip()}
        elif isinstance(node, yaml.MappingNode):
            said = {k.value: v.value.strip() for k, v in node.value if isinstance(v, yaml.ScalarNode)}
        else:
            continue
        found[str(key.value)] = (first, end, said)
    return found


def _written(key: str, said: Mapping[str, str]) -> list[str]:
    if len(set(said.values())) == 1:
        return _scalar(key, next(iter(said.values())), "")
    return [f"{key}:", *(line for style, one in said.items() for line in _scalar(style, one, "  "))]


def _scalar(name: str, said: str, lead: str) -> list[str]:
    if "\n" in said:
        return [f"{lead}{name}: |-", *(f"{lead}  {line}" if line else "" for line in said.splitlines())]
    dumped = yaml.safe_dump(said, allow_unicode=True, width=1_000_000, default_style='"').strip()
    return [f"{lead}{name}: {dumped}"]
