"""What keeps a draft from working: its own faults, those it makes in the brand's other files, and law it goes below."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from kefu.assistant.actions.registry import actions
from kefu.assistant.editions.sources import pack_sources, sources_of, without_kind
from kefu.assistant.editions.working_playbooks import read_with
from kefu.assistant.editions.working_texts import texts_for, texts_with, unfit
from kefu.assistant.engine.nodes import Fault as PlaybookFault
from kefu.assistant.policy import BadPolicies, Floor, PolicyFault, Rule, load_sources
from kefu.assistant.remedies.table import BadRemedies, pack_remedies, read_remedies
from kefu.assistant.remedies.table import weakened as remedies_weakened
from kefu.assistant.turn.book import texts_of
from kefu.commerce.tables import TableFault, read_sources
from kefu.commerce.tables.floor import weakened
from kefu.people.models import Brand

_LAW_STAYS = "this rule is law; put it back as it was, and give customers more in a rule of the shop"
_PLACE = re.compile(r"(?P<file>[^:]*):(?P<line>\d+): (?P<said>.*)", re.DOTALL)


@dataclass(frozen=True, slots=True, order=True)
class EditionFault:
    """file: without its kind ("return_item.yaml"). row: the step, rule, row or text it is about. said: what is wrong
    and what to do."""

    file: str
    line: int
    row: str
    said: str

    def __str__(self) -> str:
        return (
            f"{self.file}:{self.line} {self.row}: {self.said}" if self.row else f"{self.file}:{self.line} {self.said}"
        )


def faults_of(brand: Brand, file: str, text: str) -> list[EditionFault]:
    """What is wrong with this text in its place among the brand's others; [] when it could work."""
    kind, _, name = file.partition("/")
    return _FAULTS[kind](brand, name, text) if kind in _FAULTS else []


def _of_playbooks(brand: Brand, name: str, text: str) -> list[EditionFault]:
    return _told(read_with(brand, {name: text}, texts_for(brand))[1])


def _of_policies(brand: Brand, name: str, text: str) -> list[EditionFault]:
    sources = {**without_kind(sources_of(brand, "policies")), name: text}
    before = load_sources(without_kind(sources_of(brand, "policies")))
    try:
        after = load_sources(sources, actions=list(actions()), texts=list(texts_for(brand).keys()))
    except BadPolicies as problem:
        return _told(problem.faults)
    return _told(_law_that_fell(name, before, after))


def _law_that_fell(file: str, before: Sequence[Rule], after: Sequence[Rule]) -> list[PolicyFault]:
    """Law is the floor: no edition drops such a rule or changes what it says."""
    now = {rule.id: rule for rule in after}
    return [
        PolicyFault(file, 1, rule.id, _LAW_STAYS)
        for rule in before
        if rule.floor is Floor.LAW
        and (rule.id not in now or now[rule.id].when.source.strip() != rule.when.source.strip()
             or (now[rule.id].decision, now[rule.id].floor, now[rule.id].about)
             != (rule.decision, rule.floor, rule.about))
    ]  # fmt: skip


def _of_tables(brand: Brand, name: str, text: str) -> list[EditionFault]:
    """Compared with the tables as delivered: an edition once published is no floor for the next one."""
    tables, faults = read_sources({**without_kind(sources_of(brand, "tables")), name: text})
    return _told(faults or weakened(read_sources(without_kind(pack_sources(brand.pack, "tables")))[0], tables))


def _of_remedies(brand: Brand, name: str, text: str) -> list[EditionFault]:
    try:
        remedies = read_remedies({**without_kind(sources_of(brand, "remedies")), name: text})
    except BadRemedies as problem:
        return _told(problem.faults)
    return _told(remedies_weakened(pack_remedies(brand.pack), remedies))


def _of_replies(brand: Brand, name: str, text: str) -> list[EditionFault]:
    """The texts themselves, and the playbooks worded by them: a text may need no fact that no step has."""
    texts, faults = texts_with(brand, {name: text})
    said = faults or unfit(texts_of(brand.pack), texts)
    if said:
        return sorted(_of_line(one, name) for one in said)
    return _told(read_with(brand, {}, texts)[1])


def _of_line(said: str, name: str) -> EditionFault:
    """A fault of texts is one line of words: "en/return.yaml:12: …", or "en:1: …" of a whole language."""
    found = _PLACE.fullmatch(said)
    if found is None:
        return EditionFault(name, 1, "", said)
    file = name if found["file"] == name.partition("/")[0] else found["file"]
    return EditionFault(file, int(found["line"]), "", found["said"])


def _told(faults: Iterable[PlaybookFault | PolicyFault | TableFault]) -> list[EditionFault]:
    found = []
    for fault in faults:
        if isinstance(fault, PlaybookFault):
            found.append(EditionFault(fault.file, fault.line, fault.step, f"{fault.problem}. {fault.cure}"))
        else:
            row = fault.rule if isinstance(fault, PolicyFault) else fault.row
            found.append(EditionFault(fault.file, fault.line, row, fault.text))
    return sorted(found)


_FAULTS: Mapping[str, Callable[[Brand, str, str], list[EditionFault]]] = {
    "playbooks": _of_playbooks,
    "policies": _of_policies,
    "tables": _of_tables,
    "remedies": _of_remedies,
    "replies": _of_replies,
}
