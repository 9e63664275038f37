"""The list of a brand's playbooks, tables, rules and texts of its own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from kefu.assistant.editions import services
from kefu.assistant.editions.models import Edition
from kefu.assistant.editions.sources import sources_of
from kefu.assistant.editions.switching import is_off
from kefu.assistant.editions.working_playbooks import book_for
from kefu.assistant.editions.working_rules import rules_for
from kefu.assistant.policy import Rule
from kefu.kernel.errors import NotAllowed
from kefu.web.desk import labels, shell, table_words
from kefu.web.desk.brand_files import brand_of
from kefu.web.desk.drafted import explanation, rules_by_file, title_of
from kefu.web.middleware import AgentRequest


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
        FileShown(file, title_of(one), labels.purpose(one.when), numbers.get(file, 0), file in drafts)
        for file, one in sorted(by_file.items())
        if one.keeps_case and not one.is_shared
    ]
    shared = [
        FileShown(file, title_of(one), labels.purpose(one.when), numbers.get(file, 0), file in drafts)
        for file, one in sorted(by_file.items())
        if one.is_shared or not one.keeps_case
    ]
    rules = rules_by_file(rules_for(brand))
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
    said = [explanation(rule) for rule in rules[:2]]
    return " ".join([*said, "…"] if len(rules) > len(said) else said)
