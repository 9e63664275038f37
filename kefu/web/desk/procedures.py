"""Playbooks and policies as a manager reads, drafts, tries, publishes and rolls them back."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from kefu.assistant.editions import services
from kefu.assistant.editions.errors import DraftMovedOn
from kefu.assistant.editions.limits import Limit, limits_of, with_limit
from kefu.assistant.editions.models import Edition
from kefu.assistant.editions.sources import digest, pack_sources, sources_of, without_kind
from kefu.assistant.editions.switching import is_off, turned_off
from kefu.assistant.editions.trying import changed_rules, replay_playbook
from kefu.assistant.editions.wording import texts_in
from kefu.assistant.editions.working_playbooks import book_for, book_with
from kefu.assistant.editions.working_rules import rules_for
from kefu.assistant.engine.nodes import PlaybookFaults
from kefu.assistant.engine.playbook import Playbook, Step
from kefu.assistant.policy import BadPolicies, Rule, load_sources
from kefu.kernel.errors import NotAllowed
from kefu.people.models import Brand
from kefu.web.desk import deed_words, labels, shell, step_words, table_words, trial_words
from kefu.web.desk.brand_files import BrandFile, brand_of, editable, faults_shown, file_of
from kefu.web.desk.cases import reading_language
from kefu.web.desk.differences import changed_lines
from kefu.web.desk.flow import flow
from kefu.web.desk.overtaken import overtaken
from kefu.web.desk.tables import IN_ORDER, changes_of, shown_rows
from kefu.web.desk.trials import begin_trial, has_stopped, newest_trial
from kefu.web.middleware import AgentRequest

EDITIONS_SHOWN = 50
#: an amount as people type it, a comma counts as a point; empty: no limit in this currency
_AMOUNT = re.compile(r"(?:\d{1,8}(?:\.\d{1,2})?)?")
#: kinds of files that are tables
ROWS = ("tables", "remedies")


@dataclass(frozen=True, slots=True)
class FileShown:
    """One line of the list. `about`: what it is for."""

    file: str
    title: str
    about: str
    edition: int
    has_draft: bool


@require_safe
def procedures(request: AgentRequest, slug: str = "") -> HttpResponse:
    """All playbooks and policies of one brand. Everybody at its desk may read them."""
    if not slug:
        first = next(iter(sorted(request.brands.values(), key=lambda one: one.name)), None)
        if first is None:
            raise NotAllowed(right="desk.see", who=request.actor.name)
        return redirect("desk:procedures_of", slug=first.slug)
    brand = brand_of(request, slug)
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
        FileShown(file, _title(one), labels.purpose(one.when), numbers.get(file, 0), file in drafts)
        for file, one in sorted(by_file.items())
        if one.keeps_case and not one.is_shared
    ]
    shared = [
        FileShown(file, _title(one), labels.purpose(one.when), numbers.get(file, 0), file in drafts)
        for file, one in sorted(by_file.items())
        if one.is_shared or not one.keeps_case
    ]
    rules = _rules_by_file(rules_for(brand))
    policies = [
        FileShown(file, labels.policy(file.rpartition("/")[2].removesuffix(".yaml")),
                  _said_by(rules.get(file.partition("/")[2], ())), numbers.get(file, 0), file in drafts)
        for file in sources_of(brand, "policies")
    ]  # fmt: skip
    tables = [
        FileShown(file, *table_words.table(file), numbers.get(file, 0), file in drafts)
        for file in table_words.TABLES
        if file in sources_of(brand, services.kind_of(file))
    ]
    lists = [
        (_("Playbooks"), playbooks), (_("Tables"), tables), (_("Limits and rights"), policies),
        (_("Parts and small talk"), shared),
    ]  # fmt: skip
    worded = [
        FileShown(file, file.removeprefix("replies/"), "", numbers.get(file, 0), file in drafts)
        for file in sorted({*numbers, *drafts})
        if file.startswith("replies/")
    ]
    context = {
        "brand": brand,
        "brands": sorted(request.brands.values(), key=lambda one: one.name),
        "files": lists,
        "worded": worded,
        "off": {file for file, text in sources_of(brand, "playbooks").items() if is_off(text)},
    }
    return shell.page(request, "desk/procedures.html", context)


def _said_by(rules: Sequence[Rule]) -> str:
    """What a file of rules decides, in the words of its first rules."""
    said = [_explanation(rule) for rule in rules[:2]]
    return " ".join([*said, "…"] if len(rules) > len(said) else said)


def _title(playbook: Playbook) -> str:
    return labels.playbook(playbook.name)


def _rules_by_file(rules: Sequence[Rule]) -> dict[str, list[Rule]]:
    found: dict[str, list[Rule]] = {}
    for rule in rules:
        found.setdefault(rule.place.rpartition(":")[0], []).append(rule)
    return found


@require_safe
def procedure(request: AgentRequest, slug: str, file: str) -> HttpResponse:
    """One file: its picture, its rows, its rules or its texts; what a draft changes; its history."""
    return _page(request, file_of(request, slug, file))


def _page(request: AgentRequest, opened: BrandFile, *, wrong: Sequence[str] = ()) -> HttpResponse:
    """wrong: names of the fields of limits in which no amount was typed: 422."""
    brand, file = opened.brand, opened.file
    may_edit = request.actor.may(services.RIGHT, brand_id=brand.pk)
    if not may_edit:
        opened = replace(opened, draft=None)  # who works by it reads what works, not what somebody thinks of
    history = Edition.objects.filter(brand=brand, file=file, number__isnull=False).select_related("author")
    name = opened.name.rpartition("/")[2].removesuffix(".yaml")
    context: dict[str, Any] = {
        "brand": brand, "file": file, "kind": opened.kind, "title": labels.words(name), "working": opened.working,
        "draft": opened.draft, "text": opened.text, "history": history.order_by("-number")[:EDITIONS_SHOWN],
        "is_own": opened.is_own, "may_edit": may_edit, "flow": (), "rules": (), "rows": (), "texts": (), "limits": (),
        "tables": (),
        "faults": faults_shown(opened.faults(), opened.name) if opened.draft else [],
        "changes": changes_of(file, opened.working, opened.text) if opened.draft and opened.kind in ROWS else (),
        "lines": changed_lines(opened.working, opened.text) if opened.draft else (),
        "reading": reading_language(), "outcome": step_words.outcome, "kind_word": step_words.kind,
        "playbook_word": labels.playbook,
        "who": limit_words, "role_word": deed_words.role, "language_word": labels.language, "step_said": {},
        "is_off": is_off(opened.text), "in_order": file in IN_ORDER, "seen": digest(opened.text),
        "is_outdated": opened.draft is not None and opened.draft.begun_on != digest(opened.working),
        "trial_stopped": has_stopped, "ended_word": trial_words.ended,
        "trial": newest_trial(brand, file) if opened.draft and may_edit else None,
    }  # fmt: skip
    context |= {"wrong": wrong, "typed": request.POST if wrong else {}}
    return shell.page(request, "desk/procedure.html", context | _matter(opened), status=422 if wrong else 200)


def _matter(opened: BrandFile) -> dict[str, Any]:
    """What the page of this kind of file shows, as its draft has it."""
    brand, file = opened.brand, opened.file
    if opened.kind in ROWS:
        title, about = table_words.table(file)
        rows = shown_rows(file, opened.text, opened.working) or shown_rows(file, opened.working, opened.working)
        return {"title": title, "about": about, "rows": rows}
    if opened.kind == "replies":
        language = opened.name.partition("/")[0]
        return {"title": f"{labels.language(language)}: {opened.name.partition('/')[2]}",
                "texts": [(key, language, said["chat"]) for key, said in texts_in(opened.text).items()]}  # fmt: skip
    if opened.kind == "policies":
        rules = _rules_by_file(rules_for(brand)).get(opened.name, [])
        drafted = _rules_by_file(_rules_of_draft(brand, file, opened.text)).get(opened.name, rules)
        return {
            "title": labels.policy(opened.name.removesuffix(".yaml")),
            "rules": [(rule, _explanation(rule)) for rule in rules],
            "limits": [(limit, [_explanation(rule) for rule in limit.rules]) for limit in limits_of(drafted)],
            "limits_seen": _digest_of(limits_of(drafted)),
            "tables": [(one, table_words.table(one)[0]) for one in _tables_in(opened.text)],
        }
    playbook = (_playbook_of_draft(brand, file, opened.text) if opened.draft else None) or _playbook(brand, file)
    if playbook is None:
        return {}
    begins, say = playbook.keeps_case and not playbook.is_shared, _sayer(brand, playbook)
    return {
        "title": _title(playbook),
        "about": labels.purpose(playbook.when),
        "not_when": labels.purpose(playbook.not_when),
        "may_turn": begins,
        "flow": flow(playbook, say),
        "step_said": {step.id: say(step) for step in playbook.steps.values()},
    }


def _tables_in(text: str) -> list[str]:
    """The tables that a file of rules names: its days and amounts stand there."""
    named = re.findall(r"\b(?:tables|remedies)/[a-z_]+\.yaml", text)
    return [one for one in dict.fromkeys(named) if one in table_words.TABLES]


def _playbook(brand: Brand, file: str) -> Playbook | None:
    name = file.partition("/")[2]
    return next((one for one in book_for(brand).playbooks.values() if one.file == name), None)


def _sayer(brand: Brand, playbook: Playbook) -> Any:
    """What a step tells or does, in the reader's language where the pack has it."""
    book, language = book_for(brand), reading_language()

    def say(step: Step) -> str:
        if step.kind in ("say", "confirm", "offer", "ladder"):
            return book.label(step.subject, language, step.subject)
        if step.kind == "collect":
            needs = [playbook.needs[slot] for slot in step.slots if slot in playbook.needs]
            return " / ".join(book.label(need.ask, language, need.ask) for need in needs) or step.subject
        if step.kind == "use":
            return labels.playbook(step.subject)
        if step.kind == "task":
            return f"{labels.queue(step.department)}: {labels.task(step.subject)}"
        if step.kind == "hand_over":
            return book.label(step.tell, language, step.tell) if step.tell else labels.reason(step.subject)
        if step.kind == "close":
            return labels.disposition(step.subject)
        return step_words.deed(step.subject)

    return say


def limit_words(actor: str, role: str) -> str:
    """Whose limit it is."""
    if actor == "agent":
        return _("Up to so much %(role)s decides alone") % {"role": deed_words.role(role or "agent")}
    if actor == "assistant":
        return _("Up to so much, by the assistant")
    return _("Up to so much")


def _explanation(rule: Rule) -> str:
    return rule.explanation.get(reading_language()) or rule.explanation.get("en", "")


@require_POST
def check(request: AgentRequest, slug: str, file: str) -> HttpResponse:
    """As somebody types: what is wrong with the text, and what it would have changed. Nothing is kept."""
    opened = editable(request, slug, file)
    brand, text = opened.brand, request.POST.get("text", opened.text)[: services.LONGEST]
    faults = faults_shown(opened.faults(text), opened.name)
    context: dict[str, Any] = {
        "faults": faults,
        "replay": None,
        "rules_changed": [],
        "step_words": step_words,
        "step_said": {},
    }
    context |= {"tried": "tried" in request.GET, "kind": opened.kind}
    if not faults and "tried" in request.GET:
        if opened.kind == "playbooks":
            before, after = _playbook(brand, file), _playbook_of_draft(brand, file, text)
            context["replay"] = replay_playbook(brand, before, after) if before and after else None
            for playbook in (after, before):
                say = _sayer(brand, playbook) if playbook else None
                context["step_said"] |= (
                    {one.id: say(one) for one in playbook.steps.values()} if playbook and say else {}
                )
        elif opened.kind == "policies":
            changed = changed_rules(brand, rules_for(brand), _rules_of_draft(brand, file, text))
            said = {rule.id: _explanation(rule) for rule in (*_rules_of_draft(brand, file, text), *rules_for(brand))}
            context["rules_changed"] = [(one, said.get(one.rule, one.rule)) for one in changed]
    return render(request, "desk/_procedure_check.html", context)


def _playbook_of_draft(brand: Brand, file: str, text: str) -> Playbook | None:
    """None while the draft has faults."""
    name = file.partition("/")[2]
    try:
        book = book_with(brand, {name: text})
    except PlaybookFaults:
        return None
    return next((one for one in book.playbooks.values() if one.file == name), None)


def _rules_of_draft(brand: Brand, file: str, text: str) -> tuple[Rule, ...]:
    try:
        return load_sources({**without_kind(sources_of(brand, "policies")), file.partition("/")[2]: text})
    except BadPolicies:
        return ()


@require_POST
def draft(request: AgentRequest, slug: str, file: str) -> HttpResponse:
    """Keep, publish, try or throw away the draft, or turn the playbook off or on in it, as the button pressed says."""
    opened = editable(request, slug, file)
    if request.POST.get("deed") in ("off", "on") and opened.kind != "playbooks":
        raise Http404("only playbooks are turned off")
    try:
        _done(request, opened, request.POST.get("deed", "keep"))
    except DraftMovedOn:
        return _overtaken(request, editable(request, slug, file))
    return redirect("desk:procedure", slug=slug, file=file)


def _done(request: AgentRequest, opened: BrandFile, deed: str) -> None:
    brand, file, seen = opened.brand, opened.file, request.POST.get("seen", "")
    note = request.POST.get("note", opened.draft.note if opened.draft else "")
    if deed == "discard":
        return services.discard_draft(brand, file, by=request.actor, seen=seen)
    text = request.POST.get("text")
    if deed in ("off", "on"):
        text = _last_on(opened) if deed == "on" else turned_off(opened.text) or opened.text
    if text is not None or deed in ("keep", "try"):
        kept = services.save_draft(brand, file, text=opened.text if text is None else text, by=request.actor,
                                   author=request.agent, note=note, seen=seen)  # fmt: skip
        seen = digest(kept.text)
    if deed == "publish":
        services.publish(brand, file, by=request.actor, seen=seen, note=note)
    elif deed == "try":
        begin_trial(brand, file, by=request.actor, author=request.agent)
    return None


def _overtaken(request: AgentRequest, opened: BrandFile) -> HttpResponse:
    """What the other made of the text, and what one's own would change of it; without own words, what it changes."""
    text, base = request.POST.get("text"), request.POST.get("base", "").replace("\r\n", "\n")
    own = [] if text is None else changed_lines(opened.text, text.replace("\r\n", "\n"))
    return overtaken(
        request, opened, title=_matter(opened).get("title", opened.name), seen=digest(opened.text),
        theirs=changed_lines(base or opened.working, opened.text), mine=own, base=opened.text,
    )  # fmt: skip


def _last_on(opened: BrandFile) -> str:
    """The newest text of a playbook in which it wasn't turned off."""
    editions = Edition.objects.filter(brand=opened.brand, file=opened.file, number__isnull=False).order_by("-number")
    for text in editions.values_list("text", flat=True)[:EDITIONS_SHOWN]:
        if not text:
            break
        if not is_off(text):
            return str(text)
    return pack_sources(opened.brand.pack, "playbooks")[opened.file]


@require_POST
def limits(request: AgentRequest, slug: str, file: str) -> HttpResponse:
    """Keep the limits of the form in the draft of a file of rules."""
    opened = editable(request, slug, file)
    if opened.kind != "policies":
        raise Http404("no limits here")
    seen = request.POST.get("seen", "")
    wrong = [
        f"{limit.key}.{currency}" for limit in _limits_in(opened, opened.text)
        for currency, amount in _wished(request, limit).items() if not _AMOUNT.fullmatch(amount)
    ]  # fmt: skip
    if wrong:
        return _page(request, opened, wrong=wrong)

    def change(text: str) -> str:
        known = _limits_in(opened, text)
        if seen and _digest_of(known) != seen:
            raise DraftMovedOn(file=file)
        for limit in known:
            if (wanted := _wished(request, limit)) != limit.by_currency:
                text = with_limit(text, limit, wanted)
        return text

    try:
        services.amend_draft(opened.brand, file, change=change, by=request.actor, author=request.agent)
    except DraftMovedOn:
        opened = editable(request, slug, file)
        known = _limits_in(opened, opened.text)
        differs = [
            (f"{limit_words(limit.actor, limit.role)} ({currency})", amount, _wished(request, limit)[currency])
            for limit in known for currency, amount in limit.by_currency.items()
            if _wished(request, limit)[currency] != amount
        ]  # fmt: skip
        title = labels.policy(opened.name.removesuffix(".yaml"))
        return overtaken(request, opened, title=title, seen=_digest_of(known), differences=differs)
    return redirect("desk:procedure", slug=slug, file=file)


def _limits_in(opened: BrandFile, text: str) -> list[Limit]:
    """The limits as a text of the file has them; while it has faults, as they work."""
    known = _rules_by_file(_rules_of_draft(opened.brand, opened.file, text) or rules_for(opened.brand))
    return limits_of(known.get(opened.name, []))


def _digest_of(known: Sequence[Limit]) -> str:
    return digest(repr([(one.actor, one.role, one.amounts) for one in known]))


def _wished(request: AgentRequest, limit: Limit) -> dict[str, str]:
    """The amounts of the form, by currency; what wasn't sent stays."""
    return {
        currency: request.POST.get(f"{limit.key}.{currency}", amount).replace(",", ".").strip()[:16]
        for currency, amount in limit.by_currency.items()
    }


@require_safe
def trial(request: AgentRequest, slug: str, file: str) -> HttpResponse:
    """How far the trial against the scenario book is; the page asks again until it is over."""
    opened = editable(request, slug, file)
    context = {
        "brand": opened.brand,
        "file": file,
        "trial_stopped": has_stopped,
        "ended_word": trial_words.ended,
        "trial": newest_trial(opened.brand, file),
        "language_word": labels.language,
    }
    return render(request, "desk/_trial.html", context)


@require_POST
def roll_back(request: AgentRequest, slug: str, file: str) -> HttpResponse:
    """Make an earlier edition work again."""
    number = request.POST.get("to", "")
    if not number.isdigit() or len(number) > 6:
        raise Http404("no such edition")
    services.roll_back(brand_of(request, slug), file, to=int(number), by=request.actor, author=request.agent)
    return redirect("desk:procedure", slug=slug, file=file)
