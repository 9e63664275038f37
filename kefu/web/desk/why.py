"""Why the assistant answered as it did: what it understood, where the playbook stood, which rule and facts decided.

Reads Message.why as docs/reference/events.md describes it. Whatever is in it and not known here is shown last, in
plain words: an explanation hides nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from kefu.assistant.engine.playbook import Book
from kefu.desk.models import Message
from kefu.people.models import Brand
from kefu.web.desk import heard_words, labels, packs, step_words, walked_words
from kefu.web.desk.cases import reading_language
from kefu.web.desk.thread import readable
from kefu.web.middleware import AgentRequest

LINES = 40


@dataclass(frozen=True, slots=True)
class Line:
    """`mark`: a short name in front; `words`: what it says; `detail`: smaller, below."""

    mark: str
    words: str
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Section:
    title: str
    lines: Sequence[Line]


@require_safe
def why(request: AgentRequest, pk: int) -> HttpResponse:
    """The explanation of one of our messages."""
    messages = Message.objects.filter(brand_id__in=list(request.brands)).exclude(why={})
    message = get_object_or_404(messages.only("id", "why", "brand_id"), pk=pk)
    brand = request.brands[message.brand_id]
    return render(request, "desk/_why.html", {"pk": message.pk, "sections": sections_of(message.why, brand=brand)})


def sections_of(told: Mapping[str, Any], *, brand: Brand) -> list[Section]:
    """Sections in the order a person asks: understood, procedure, rules, facts, sources, texts, the rest."""
    book, language = packs.book(brand), reading_language()
    known = {
        "understanding": (_("Understood"), _understood),
        "cases": (_("Procedure"), lambda one: _procedure(one, book, language)),
        "rules": (_("Rules"), lambda one: Line(str(one), packs.explanation(brand, str(one), language))),
        "facts": (_("Facts"), lambda one: Line("", readable(one))),
        "cites": (_("Sources"), lambda one: Line("", readable(one))),
        "texts": (_("Texts"), lambda one: Line("", readable(one))),
        "timing": (_("Time taken"), _times),
    }
    sections = []
    for key, (title, shown) in known.items():
        if told.get(key):
            value = told[key]
            several = value if isinstance(value, list) else [value]
            sections.append(Section(title, [shown(one) for one in several[:LINES]]))
    rest = [Line(labels.words(str(key)), readable(value)) for key, value in told.items() if key not in known and value]
    if rest:
        sections.append(Section(_("Besides"), rest[:LINES]))
    return sections


def _times(one: Any) -> Line:
    if not isinstance(one, Mapping):
        return Line("", readable(one))
    known = {"understanding_ms": _("understanding"), "rest_ms": _("the rest")}
    return Line("", " · ".join(f"{known.get(name, labels.words(str(name)))} {took} ms" for name, took in one.items()))


def _understood(one: Any) -> Line:
    if not isinstance(one, Mapping) or "commands" not in one:
        return Line("", readable(one))
    meant = "; ".join(_command(command) for command in one.get("commands", [])) or _("nothing for certain")
    near = ", ".join(f"{labels.playbook(str(intent))} {score}" for intent, score in one.get("alternatives", []))
    stage, language = heard_words.stage(str(one.get("stage", ""))), labels.language(str(one.get("language", "")))
    how = " · ".join(part for part in (stage, language) if part)
    return Line(
        "", meant, " · ".join(part for part in (how, _("near: %(near)s") % {"near": near} if near else "") if part)
    )


def _command(command: Mapping[str, Any]) -> str:
    what = str(command.get("command", ""))
    value = command.get("intent") or command.get("value") or command.get("option") or command.get("mood") or ""
    value = labels.playbook(str(value)) if command.get("intent") else readable(value)
    kind = heard_words.fill_kind(str(command["kind"])) if command.get("kind") else ""
    words = f" “{command['words']}”" if command.get("words") else ""
    told = " ".join(part for part in (heard_words.command(what), kind, value) if part)
    return f"{told}{words} ({command.get('score', '')})"


def _way(steps: Sequence[Sequence[str]], book: Book | None, language: str) -> str:
    """The steps walked, in words; one that only repeats the words before it is left out."""
    said: list[str] = []
    for path, kind, outcome, _rule in steps:
        words = walked_words.step(path, kind, outcome, book, language)
        if not said or said[-1] != words:
            said.append(words)
    return " → ".join(said)


def _procedure(one: Any, book: Book | None, language: str) -> Line:
    if not isinstance(one, Mapping):
        return Line("", readable(one))
    name, _at, version = str(one.get("playbook", "")).partition("@")
    title = f"{labels.playbook(name)} {name}@{version[:8]}"
    steps = [way for way in one.get("steps", []) if isinstance(way, list) and len(way) == 4]
    way = _way(steps, book, language)
    acts = "; ".join(_act(act) for act in one.get("acts", []))
    if not steps:
        return Line("", readable(one))
    return Line(title, way, acts)


def _act(act: Mapping[str, Any]) -> str:
    came_out = _("done") if act.get("ok") else labels.words(str(act.get("code", ""))).lower()
    return f"{step_words.deed(str(act.get('action', '')))}: {came_out}"
