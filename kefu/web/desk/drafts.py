"""A manager's draft of one file: checked while it is typed, kept, tried, published, thrown away, rolled back."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from kefu.assistant.editions import services
from kefu.assistant.editions.errors import DraftMovedOn
from kefu.assistant.editions.models import Edition
from kefu.assistant.editions.sources import digest, pack_sources
from kefu.assistant.editions.switching import is_off, turned_off
from kefu.assistant.editions.trying import changed_rules, replay_playbook
from kefu.assistant.editions.working_rules import rules_for
from kefu.web.desk import labels, step_words, trial_words
from kefu.web.desk.brand_files import BrandFile, brand_of, editable, faults_shown
from kefu.web.desk.differences import changed_lines
from kefu.web.desk.drafted import explanation, playbook_at_work, playbook_of_draft, rules_of_draft, steps_said
from kefu.web.desk.overtaken import overtaken
from kefu.web.desk.procedure import EDITIONS_SHOWN, matter_of
from kefu.web.desk.trials import begin_trial, has_stopped, newest_trial
from kefu.web.middleware import AgentRequest


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
            before, after = playbook_at_work(brand, file), playbook_of_draft(brand, file, text)
            context["replay"] = replay_playbook(brand, before, after) if before and after else None
            for playbook in (after, before):
                context["step_said"] |= steps_said(brand, playbook) if playbook else {}
        elif opened.kind == "policies":
            changed = changed_rules(brand, rules_for(brand), rules_of_draft(brand, file, text))
            said = {rule.id: explanation(rule) for rule in (*rules_of_draft(brand, file, text), *rules_for(brand))}
            context["rules_changed"] = [(one, said.get(one.rule, one.rule)) for one in changed]
    return render(request, "desk/_procedure_check.html", context)


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
        request, opened, title=matter_of(opened).get("title", opened.name), seen=digest(opened.text),
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
