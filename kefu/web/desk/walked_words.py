"""A step that a case has walked, with how it came out, in the reader's language."""

from __future__ import annotations

from kefu.assistant.engine.playbook import Book
from kefu.web.desk import deed_words, labels, step_words


def step(path: str, kind: str, outcome: str, book: Book | None, language: str) -> str:
    """ "return_item.who>verify_customer.prove", "act", "done" -> "Prove who it is: done"."""
    name, _dot, step_id = path.rpartition(">")[2].partition(".")
    playbook = book.playbooks.get(name) if book else None
    step = playbook.steps.get(step_id) if playbook else None
    if book is None or step is None:
        words = labels.words(step_id)
    elif step.label:
        words = book.label(f"rail.{step.label}", language, labels.words(step.label))
    elif step.kind == "collect":
        words = " / ".join(deed_words.fact(slot) for slot in step.slots)
    elif step.kind == "use":
        words = labels.playbook(step.subject)
    elif step.kind in ("check", "act"):
        words = step_words.deed(step.subject)
    elif step.kind == "task":
        words = labels.task(step.subject)
    elif step.kind == "close":
        words = labels.disposition(step.subject)
    else:
        words = step_words.kind(step.kind)
    said = step_words.outcome(outcome) if kind in ("check", "act") else ""
    return f"{words}: {said}" if said else words
