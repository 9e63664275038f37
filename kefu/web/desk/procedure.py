"""One file of a brand on its page: its picture, rows, rules or texts, its draft and its history."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from kefu.assistant.editions import services
from kefu.assistant.editions.limits import Limit, limits_of
from kefu.assistant.editions.models import Edition
from kefu.assistant.editions.sources import digest
from kefu.assistant.editions.switching import is_off
from kefu.assistant.editions.wording import texts_in
from kefu.assistant.editions.working_rules import rules_for
from kefu.web.desk import deed_words, labels, shell, step_words, table_words, trial_words
from kefu.web.desk.brand_files import BrandFile, faults_shown, file_of
from kefu.web.desk.cases import reading_language
from kefu.web.desk.differences import changed_lines
from kefu.web.desk.drafted import (
    digest_of_limits,
    explanation,
    playbook_at_work,
    playbook_of_draft,
    rules_by_file,
    rules_of_draft,
    sayer,
    steps_said,
    title_of,
)
from kefu.web.desk.flow import flow
from kefu.web.desk.tables import IN_ORDER, changes_of, shown_rows
from kefu.web.desk.trials import has_stopped, newest_trial
from kefu.web.middleware import AgentRequest

EDITIONS_SHOWN = 50
#: kinds of files that are tables
ROWS = ("tables", "remedies")


@require_safe
def procedure(request: AgentRequest, slug: str, file: str) -> HttpResponse:
    """One file: its picture, its rows, its rules or its texts; what a draft changes; its history."""
    return show(request, file_of(request, slug, file))


def show(request: AgentRequest, opened: BrandFile, *, wrong: Sequence[str] = ()) -> HttpResponse:
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
        "playbook_word": labels.playbook, "source_word": labels.source,
        "who": limit_words, "role_word": deed_words.role, "language_word": labels.language, "step_said": {},
        "is_off": is_off(opened.text), "in_order": file in IN_ORDER, "seen": digest(opened.text),
        "is_outdated": opened.draft is not None and opened.draft.begun_on != digest(opened.working),
        "trial_stopped": has_stopped, "ended_word": trial_words.ended,
        "trial": newest_trial(brand, file) if opened.draft and may_edit else None,
    }  # fmt: skip
    context |= {"wrong": wrong, "typed": request.POST if wrong else {}}
    return shell.page(request, "desk/procedure.html", context | matter_of(opened), status=422 if wrong else 200)


def matter_of(opened: BrandFile) -> dict[str, Any]:
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
        rules = rules_by_file(rules_for(brand)).get(opened.name, [])
        drafted = rules_by_file(rules_of_draft(brand, file, opened.text)).get(opened.name, rules)
        return {
            "title": labels.policy(opened.name.removesuffix(".yaml")),
            "rules": [(rule, explanation(rule)) for rule in rules],
            "limits": [(limit, [explanation(rule) for rule in limit.rules]) for limit in limits_of(drafted)],
            "limits_seen": digest_of_limits(limits_of(drafted)),
            "tables": [(one, table_words.table(one)[0]) for one in _tables_in(opened.text)],
        }
    playbook = (playbook_of_draft(brand, file, opened.text) if opened.draft else None) or playbook_at_work(brand, file)
    if playbook is None:
        return {}
    return {
        "title": title_of(playbook),
        "about": labels.purpose(playbook.when),
        "not_when": labels.purpose(playbook.not_when),
        "may_turn": playbook.keeps_case and not playbook.is_shared,
        "flow": flow(playbook, sayer(brand, playbook)),
        "step_said": steps_said(brand, playbook),
    }


def _tables_in(text: str) -> list[str]:
    """The tables that a file of rules names: its days and amounts stand there."""
    named = re.findall(r"\b(?:tables|remedies)/[a-z_]+\.yaml", text)
    return [one for one in dict.fromkeys(named) if one in table_words.TABLES]


def limit_words(limit: Limit) -> str:
    """Whose limit it is: of who decides alone, else of who approves."""
    approves = next((rule.role for rule in limit.rules if rule.decision == "needs_approval"), "")
    if approves and not any(rule.decision == "allow" for rule in limit.rules):
        return _("Up to so much the approval of %(role)s is enough") % {"role": deed_words.role(approves)}
    if limit.actor == "agent":
        return _("Up to so much %(role)s decides alone") % {"role": deed_words.role(limit.role or "agent")}
    if limit.actor == "assistant":
        return _("Up to so much, by the assistant")
    return _("Up to so much")
