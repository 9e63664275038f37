"""Playbooks and policies as a manager reads, drafts, tries, publishes and rolls them back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from kefu.assistant.editions import services
from kefu.assistant.editions.faults import faults_of
from kefu.assistant.editions.models import Edition
from kefu.assistant.editions.sources import pack_sources, sources_of, without_kind
from kefu.assistant.editions.trying import changed_rules, replay_playbook
from kefu.assistant.editions.working_playbooks import book_for, book_with
from kefu.assistant.editions.working_rules import rules_for
from kefu.assistant.engine.playbook import Playbook, Step
from kefu.assistant.policy import BadPolicies, Rule, load_sources
from kefu.kernel.errors import NotAllowed
from kefu.people.models import Brand
from kefu.web.desk import labels, shell
from kefu.web.desk.cases import reading_language
from kefu.web.desk.flow import flow
from kefu.web.middleware import AgentRequest

EDITIONS_SHOWN, FAULTS_SHOWN = 50, 30


@dataclass(frozen=True, slots=True)
class FileShown:
    """One line of the list. `about`: what it is for."""

    file: str
    title: str
    about: str
    edition: int
    has_draft: bool


def _brand(request: AgentRequest, slug: str) -> Brand:
    """One of the agent's brands; another one does not exist for them."""
    brand = next((one for one in request.brands.values() if one.slug == slug), None)
    if brand is None:
        raise Http404("no such brand")
    return brand


def _text(brand: Brand, file: str) -> str:
    text = sources_of(brand, services.kind_of(file)).get(file)
    if text is None:
        raise Http404("no such file")
    return text


@require_safe
def procedures(request: AgentRequest, slug: str = "") -> HttpResponse:
    """All playbooks and policies of one brand. Everybody at its desk may read them."""
    if not slug:
        first = next(iter(sorted(request.brands.values(), key=lambda one: one.name)), None)
        if first is None:
            raise NotAllowed(right="desk.see", who=request.actor.name)
        return redirect("desk:procedures_of", slug=first.slug)
    brand = _brand(request, slug)
    book = book_for(brand)
    numbers: dict[str, int] = {}
    drafts: set[str] = set()
    for file, number in Edition.objects.filter(brand=brand).values_list("file", "number").order_by("file", "number"):
        if number is None:
            drafts.add(file)
        else:
            numbers[file] = number
    by_file = {f"playbooks/{one.file}": one for one in book.playbooks.values()}
    playbooks = [
        FileShown(file, _title(one), one.when, numbers.get(file, 0), file in drafts)
        for file, one in sorted(by_file.items())
        if one.keeps_case and not one.is_shared
    ]
    shared = [
        FileShown(file, _title(one), one.when, numbers.get(file, 0), file in drafts)
        for file, one in sorted(by_file.items())
        if one.is_shared or not one.keeps_case
    ]
    rules = _rules_by_file(rules_for(brand))
    policies = [
        FileShown(file, labels.words(file.rpartition("/")[2].removesuffix(".yaml")),
                  ", ".join(rule.id for rule in rules.get(file.partition("/")[2], ())), numbers.get(file, 0),
                  file in drafts)
        for file in sources_of(brand, "policies")
    ]  # fmt: skip
    lists = [(_("Playbooks"), playbooks), (_("Policies"), policies), (_("Parts and small talk"), shared)]
    context = {"brand": brand, "brands": sorted(request.brands.values(), key=lambda one: one.name), "files": lists}
    return shell.page(request, "desk/procedures.html", context)


def _title(playbook: Playbook) -> str:
    return labels.playbook(playbook.name)


def _rules_by_file(rules: Sequence[Rule]) -> dict[str, list[Rule]]:
    found: dict[str, list[Rule]] = {}
    for rule in rules:
        found.setdefault(rule.place.rpartition(":")[0], []).append(rule)
    return found


@require_safe
def procedure(request: AgentRequest, slug: str, file: str) -> HttpResponse:
    """One file: its picture or its rules, its text, its history, and the draft for who may write one."""
    return _shown(request, _brand(request, slug), file)


def _shown(request: AgentRequest, brand: Brand, file: str, *, status: int = 200) -> HttpResponse:
    working = _text(brand, file)
    draft = Edition.objects.filter(brand=brand, file=file, number=None).select_related("author").first()
    history = Edition.objects.filter(brand=brand, file=file, number__isnull=False).select_related("author")
    text = draft.text if draft else working
    context: dict[str, Any] = {
        "brand": brand,
        "file": file,
        "title": labels.words(file.rpartition("/")[2].removesuffix(".yaml")),
        "working": working,
        "draft": draft,
        "text": text,
        "history": history.order_by("-number")[:EDITIONS_SHOWN],
        "is_own": working != pack_sources(brand.pack, services.kind_of(file)).get(file),
        "may_edit": request.actor.may(services.RIGHT, brand_id=brand.pk),
        "faults": _faults(brand, file, text) if draft else [],
        "flow": (),
        "rules": (),
    }
    if file.startswith("playbooks/"):
        playbook = _playbook(brand, file)
        if playbook is not None:
            context |= {"title": _title(playbook), "about": playbook.when, "not_when": playbook.not_when,
                        "flow": flow(playbook, _sayer(brand))}  # fmt: skip
    else:
        rules = _rules_by_file(rules_for(brand)).get(file.partition("/")[2], [])
        context["rules"] = [(rule, _explanation(rule)) for rule in rules]
    return shell.page(request, "desk/procedure.html", context, status=status)


def _playbook(brand: Brand, file: str) -> Playbook | None:
    name = file.partition("/")[2]
    return next((one for one in book_for(brand).playbooks.values() if one.file == name), None)


def _sayer(brand: Brand) -> Any:
    """What a step tells or does, in the reader's language where the pack has it."""
    book, language = book_for(brand), reading_language()

    def say(step: Step) -> str:
        if step.kind in ("say", "confirm", "offer", "ladder"):
            return book.label(step.subject, language, step.subject)
        if step.kind == "collect":
            playbooks = [one for one in book.playbooks.values() if one.steps.get(step.id) is step]
            needs = [playbooks[0].needs[slot] for slot in step.slots if playbooks and slot in playbooks[0].needs]
            return " / ".join(book.label(need.ask, language, need.ask) for need in needs) or step.subject
        if step.kind == "use":
            return labels.playbook(step.subject)
        if step.kind == "task":
            return f"{labels.words(step.department)}: {labels.task(step.subject)}"
        if step.kind == "hand_over":
            return book.label(step.tell, language, step.tell) if step.tell else labels.reason(step.subject)
        return labels.words(step.subject.rpartition(".")[2])

    return say


def _explanation(rule: Rule) -> str:
    return rule.explanation.get(reading_language()) or rule.explanation.get("en", "")


def _faults(brand: Brand, file: str, text: str) -> list[tuple[int, str]]:
    """(line, what is wrong and what to do), those of this very file first."""
    name = file.partition("/")[2]
    found = []
    for fault in faults_of(brand, file, text)[:FAULTS_SHOWN]:
        own = fault.file == name
        found.append((fault.line if own else 0, fault.said if own else f"{fault.file}: {fault.said}"))
    return sorted(found, key=lambda one: (one[0] == 0, one[0]))


@require_POST
def check(request: AgentRequest, slug: str, file: str) -> HttpResponse:
    """As somebody types: what is wrong with the text, and what it would have changed. Nothing is kept."""
    brand = _brand(request, slug)
    request.actor.require(services.RIGHT, on=services.border(brand))
    _text(brand, file)
    text = request.POST.get("text", "")[: services.LONGEST]
    faults = _faults(brand, file, text)
    context: dict[str, Any] = {"faults": faults, "replay": None, "rules_changed": []}
    if not faults and "tried" in request.GET:
        if file.startswith("playbooks/"):
            before, after = _playbook(brand, file), _playbook_of_draft(brand, file, text)
            context["replay"] = replay_playbook(brand, before, after) if before and after else None
        else:
            context["rules_changed"] = changed_rules(brand, rules_for(brand), _rules_of_draft(brand, file, text))
    context["tried"] = "tried" in request.GET
    return render(request, "desk/_procedure_check.html", context)


def _playbook_of_draft(brand: Brand, file: str, text: str) -> Playbook | None:
    name = file.partition("/")[2]
    return next((one for one in book_with(brand, {name: text}).playbooks.values() if one.file == name), None)


def _rules_of_draft(brand: Brand, file: str, text: str) -> tuple[Rule, ...]:
    try:
        return load_sources({**without_kind(sources_of(brand, "policies")), file.partition("/")[2]: text})
    except BadPolicies:
        return ()


@require_POST
def draft(request: AgentRequest, slug: str, file: str) -> HttpResponse:
    """Keep, publish or throw away the draft, as the button pressed says."""
    brand = _brand(request, slug)
    deed = request.POST.get("deed", "keep")
    if deed == "discard":
        services.discard_draft(brand, file, by=request.actor)
    else:
        services.save_draft(brand, file, text=request.POST.get("text", ""), by=request.actor, author=request.agent,
                            note=request.POST.get("note", ""))  # fmt: skip
        if deed == "publish":
            services.publish(brand, file, by=request.actor)
    return redirect("desk:procedure", slug=slug, file=file)


@require_POST
def roll_back(request: AgentRequest, slug: str, file: str) -> HttpResponse:
    """Make an earlier edition work again."""
    number = request.POST.get("to", "")
    if not number.isdigit() or len(number) > 6:
        raise Http404("no such edition")
    services.roll_back(_brand(request, slug), file, to=int(number), by=request.actor, author=request.agent)
    return redirect("desk:procedure", slug=slug, file=file)
