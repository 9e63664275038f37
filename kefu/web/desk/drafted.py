"""What the playbooks and rules of one file say to a reader: as they work, and as a draft has them."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from kefu.assistant.editions.limits import Limit, limits_of
from kefu.assistant.editions.sources import digest, sources_of, without_kind
from kefu.assistant.editions.working_playbooks import book_for, book_with
from kefu.assistant.editions.working_rules import rules_for
from kefu.assistant.engine.nodes import PlaybookFaults
from kefu.assistant.engine.playbook import Playbook, Step
from kefu.assistant.policy import BadPolicies, Rule, load_sources
from kefu.people.models import Brand
from kefu.web.desk import labels, step_words
from kefu.web.desk.brand_files import BrandFile
from kefu.web.desk.cases import reading_language


def title_of(playbook: Playbook) -> str:
    return labels.playbook(playbook.name)


def playbook_at_work(brand: Brand, file: str) -> Playbook | None:
    """None when the file holds no playbook that works."""
    name = file.partition("/")[2]
    return next((one for one in book_for(brand).playbooks.values() if one.file == name), None)


def playbook_of_draft(brand: Brand, file: str, text: str) -> Playbook | None:
    """None while the draft has faults."""
    name = file.partition("/")[2]
    try:
        book = book_with(brand, {name: text})
    except PlaybookFaults:
        return None
    return next((one for one in book.playbooks.values() if one.file == name), None)


def sayer(brand: Brand, playbook: Playbook) -> Callable[[Step], str]:
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


def steps_said(brand: Brand, playbook: Playbook) -> dict[str, str]:
    """step id -> what it tells or does."""
    say = sayer(brand, playbook)
    return {step.id: say(step) for step in playbook.steps.values()}


def rules_by_file(rules: Sequence[Rule]) -> dict[str, list[Rule]]:
    found: dict[str, list[Rule]] = {}
    for rule in rules:
        found.setdefault(rule.place.rpartition(":")[0], []).append(rule)
    return found


def rules_of_draft(brand: Brand, file: str, text: str) -> tuple[Rule, ...]:
    try:
        return load_sources({**without_kind(sources_of(brand, "policies")), file.partition("/")[2]: text})
    except BadPolicies:
        return ()


def explanation(rule: Rule) -> str:
    return rule.explanation.get(reading_language()) or rule.explanation.get("en", "")


def limits_in(opened: BrandFile, text: str) -> list[Limit]:
    """The limits as a text of the file has them; while it has faults, as they work."""
    known = rules_by_file(rules_of_draft(opened.brand, opened.file, text) or rules_for(opened.brand))
    return limits_of(known.get(opened.name, []))


def digest_of_limits(known: Sequence[Limit]) -> str:
    return digest(repr([(one.actor, one.role, one.amounts) for one in known]))
