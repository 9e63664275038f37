"""Playbooks from a folder of YAML. All faults come at once, each with file, line, step and cure.

The format is told in docs/reference/playbook-format.md. Reading a file's shape is in read.py, looking up what its
steps name in finish.py; what holds for a whole playbook (reachability, exits, cycles, placeholders, confirmations) is
proved in prove.py.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from kefu.assistant.engine.effects import HAND_OVER_REASONS
from kefu.assistant.engine.finish import finish
from kefu.assistant.engine.nodes import Fault, PlaybookFaults
from kefu.assistant.engine.playbook import Book, Playbook, Texts, has_text
from kefu.assistant.engine.prove import prove
from kefu.assistant.engine.read import Draft, read_playbook
from kefu.assistant.engine.specs import ActionSpec, CheckSpec

#: texts that the engine says by itself
OWN_TEXTS = ("stop.done", "common.refused", *(f"hand_over.{reason}" for reason in HAND_OVER_REASONS))


def load_book(folder: Path, *, actions: Mapping[str, ActionSpec], checks: Mapping[str, CheckSpec],
              texts: Texts) -> Book:  # fmt: skip
    """All playbooks below `folder` (*.yaml, but *.scenarios.yaml). Raises PlaybookFaults with every fault found.

    texts: by language, then key; a text is a string or {"chat": …, "letter": …}. Every language given must have
    every text that the playbooks name.
    """
    book, faults = read_folder(folder, actions=actions, checks=checks, texts=texts)
    if faults:
        raise PlaybookFaults(faults)
    return book


def read_folder(folder: Path, *, actions: Mapping[str, ActionSpec], checks: Mapping[str, CheckSpec],
                texts: Texts) -> tuple[Book, list[Fault]]:  # fmt: skip
    """As load_book, but gives the faults back; the book is only good to run when there are none."""
    files = sorted(file for file in folder.rglob("*.yaml") if not file.name.endswith(".scenarios.yaml"))
    sources = {}
    faults: list[Fault] = []
    for file in files:
        name = file.relative_to(folder).as_posix()
        try:
            sources[name] = file.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            faults.append(Fault(name, 1, "", "The file is not UTF-8", "Save it as UTF-8"))
    book, more = read_sources(sources, actions=actions, checks=checks, texts=texts)
    return book, sorted(faults + more)


def read_sources(sources: Mapping[str, str], *, actions: Mapping[str, ActionSpec], checks: Mapping[str, CheckSpec],
                 texts: Texts) -> tuple[Book, list[Fault]]:  # fmt: skip
    """As read_folder, from texts by file name."""
    faults: list[Fault] = []
    drafts: dict[str, Draft] = {}
    for file, text in sources.items():
        draft, found = read_playbook(file, text)
        faults += found
        if draft is None:
            continue
        if draft.name in drafts:
            other = drafts[draft.name].file
            faults.append(Fault(file, draft.line, "", f"The playbook {draft.name} is already in {other}",
                                "Give one of them another name"))  # fmt: skip
            continue
        drafts[draft.name] = draft
    faults += _intents_once(drafts)
    playbooks: dict[str, Playbook] = {}
    for name, draft in drafts.items():
        playbook, found = finish(draft, drafts, actions=actions, checks=checks, texts=texts)
        faults += found
        playbooks[name] = playbook
    book = Book(playbooks, actions, checks, texts)
    faults += prove(book)
    faults += [
        Fault("(texts)", 1, "", f"The text {key} is missing in {', '.join(_missing(texts, key))}",
              "Write it in that language's replies")
        for key in OWN_TEXTS if not has_text(texts, key)
    ]  # fmt: skip
    return book, sorted(set(faults))


def _missing(texts: Texts, key: str) -> list[str]:
    return sorted(language for language, own in texts.items() if key not in own)


def _intents_once(drafts: Mapping[str, Draft]) -> list[Fault]:
    seen: dict[str, str] = {}
    faults = []
    for draft in drafts.values():
        for intent in draft.intents:
            if intent in seen:
                faults.append(Fault(draft.file, draft.line, "", f"The intent {intent} already begins {seen[intent]}",
                                    "An intent begins one playbook; take it out of one"))  # fmt: skip
            seen.setdefault(intent, draft.name)
    return faults
