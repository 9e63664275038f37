"""How a slot's value is shown: on a button, and as a fact in a text."""

from __future__ import annotations

from collections.abc import Mapping

from kefu.assistant.engine.playbook import Book, Need
from kefu.assistant.engine.state import Json
from kefu.assistant.facts import Facts


def option_label(need: Need, value: str, facts: Facts, book: Book) -> str:
    """How an option is called on its button, in the customer's language."""
    language = facts.language
    if need.kind == "order" and (order := facts.order(value)):
        first = order.lines[0].title(language) if order.lines else ""
        more = f" +{len(order.lines) - 1}" if len(order.lines) > 1 else ""
        return f"{order.number} · {first}{more}" if first else order.number
    if need.kind == "order_line" and (line := facts.line(value)):
        color = book.label(f"color.{line.color}", language, line.color) if line.color else ""
        parts = [part for part in (line.title(language), color, line.size) if part]
        joint = {"zh": "，", "ja": "・"}.get(language, ", ")
        number = value.rpartition("/")[0]
        return f"{joint.join(parts)}（{number}）" if language in ("zh", "ja") else f"{joint.join(parts)} ({number})"
    if need.kind == "choice":
        return book.label(f"choice.{value}", language, value)
    if need.kind == "wish":
        return book.label(f"wish.{value}", language, value)
    return value


def shown_value(need: Need, value: Json, facts: Facts) -> Json:
    """A slot's value as a fact for texts: a line by its title, a choice by its text key."""
    if need.kind == "order_line" and (line := facts.line(value)):
        return {"text": dict(line.titles)}
    if need.kind == "order_lines":
        return [{"text": dict(line.titles)} for ref in value if (line := facts.line(ref))]
    if need.kind == "address":
        return _address_line(value)
    if need.kind == "choice":
        return {"key": f"choice.{value}"}
    if need.kind == "wish":
        return {"key": f"wish.{value}"}
    if need.kind == "proof":
        return str(value.get("value", ""))
    return value


def _address_line(parts: Mapping[str, Json]) -> str:
    """An address in one line, in the order that is understood everywhere."""
    town = " ".join(str(parts[name]) for name in ("postcode", "city") if parts.get(name))
    shown = [parts.get("name"), parts.get("street"), parts.get("street2"), town, parts.get("region"),
             parts.get("country")]  # fmt: skip
    return ", ".join(str(part) for part in shown if part)
