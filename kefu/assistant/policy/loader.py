"""Rules from YAML: all faults at once, each with file, line and cure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml
from django.conf import settings

from kefu.assistant.policy.expressions import compiled, faults_of
from kefu.assistant.policy.rules import DEFAULT_RULE, ERROR_RULE, STRICTEST_FIRST, Floor, Rule, Ruling
from kefu.assistant.policy.variables import HELPERS, SCHEMA, money_from
from kefu.kernel import yaml_text
from kefu.kernel.errors import KefuError
from kefu.kernel.money import Money
from kefu.kernel.stamps import Stamp, stamp_of

FIELDS = ("id", "about", "when", "decision", "role", "up_to", "floor", "source", "date", "explains", "explanation")
REQUIRED = ("id", "about", "when", "decision", "source", "date")
LANGUAGES = ("en", "zh")
ROLES = ("agent", "supervisor", "manager", "administrator")


@dataclass(frozen=True, slots=True)
class PolicyFault:
    """`file:line rule: what is wrong; what to do`."""

    file: str
    line: int
    rule: str
    text: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line} {self.rule or 'policy'}: {self.text}"


class BadPolicies(KefuError):
    """The policy files have faults; nothing is allowed until they are mended. `faults` lists all of them."""

    code = "policy.bad_files"
    faults: list[PolicyFault]

    @property
    def sentence(self) -> str:
        return "policy files have faults:\n" + "\n".join(str(fault) for fault in self.faults)


def pack_rules(pack: str = "ecommerce") -> tuple[Rule, ...]:
    """The rules of a pack, read again when a file has changed. Raises BadPolicies."""
    folder = Path(settings.PACKS_DIR) / pack / "policies"
    return _cached(str(folder), stamp_of(folder))


@lru_cache(maxsize=16)
def _cached(folder: str, stamp: Stamp) -> tuple[Rule, ...]:
    return load(Path(folder))


def load(folder: Path, *, actions: Collection[str] = (), texts: Collection[str] = ()) -> tuple[Rule, ...]:
    """All rules of the folder's *.yaml, in the order of file and line.

    actions, texts: when given, names outside them are faults. Raises BadPolicies with every fault found.
    """
    faults: list[PolicyFault] = []
    sources: dict[str, str] = {}
    for file in sorted(folder.glob("*.yaml")):
        try:
            sources[file.name] = file.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            faults.append(PolicyFault(file.name, 1, "", "the file is not UTF-8; save it as UTF-8"))
    return _loaded(sources, faults, actions=actions, texts=texts)


def load_sources(
    sources: Mapping[str, str], *, actions: Collection[str] = (), texts: Collection[str] = ()
) -> tuple[Rule, ...]:
    """As load, from texts by file name."""
    return _loaded(sources, [], actions=actions, texts=texts)


def _loaded(
    sources: Mapping[str, str], faults: list[PolicyFault], *, actions: Collection[str], texts: Collection[str]
) -> tuple[Rule, ...]:
    rules: list[Rule] = []
    for file, text in sources.items():
        rules += _rules_of(file, text, faults)
    _check_together(rules, faults, actions=actions, texts=texts)
    if faults:
        raise BadPolicies(faults=sorted(faults, key=lambda fault: (fault.file, fault.line)))
    return tuple(rules)


def _rules_of(file: str, text: str, faults: list[PolicyFault]) -> list[Rule]:
    try:
        tree = yaml_text.compose(text)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = mark.line + 1 if mark else 1
        faults.append(PolicyFault(file, line, "", f"not readable as YAML: {getattr(error, 'problem', error)}"))
        return []
    if not isinstance(tree, yaml.SequenceNode):
        faults.append(PolicyFault(file, 1, "", 'the file must be a list of rules; begin each with "- id: …"'))
        return []
    rules = (_rule(file, node, faults) for node in tree.value)
    return [rule for rule in rules if rule is not None]


class _Reader:
    """One rule's YAML mapping, with the line of each field."""

    def __init__(self, file: str, node: yaml.Node, faults: list[PolicyFault]) -> None:
        self.file, self.faults, self.line = file, faults, node.start_mark.line + 1
        self.values: dict[str, Any] = {}
        self.lines: dict[str, int] = {}
        self.is_sound = True
        if not isinstance(node, yaml.MappingNode):
            self.fault("", 'a rule is a list of fields; begin it with "- id: …"')
            return
        loader = yaml.SafeLoader("")
        for key, value in node.value:
            name = str(key.value)
            self.lines[name] = key.start_mark.line + 1
            if name in self.values:
                self.fault(name, f"{name} stands twice; keep one")
            if name not in FIELDS:
                self.fault(name, f"unknown field {name}; known are {', '.join(FIELDS)}")
            try:
                self.values[name] = loader.construct_object(value, deep=True)
            except (yaml.YAMLError, ValueError) as error:
                self.fault(name, f"{name} cannot be read: {error}")
        for name in REQUIRED:
            if name not in self.values:
                self.fault("", f"{name} is missing; add it")

    def fault(self, field: str, text: str) -> None:
        self.is_sound = False
        rule = str(self.values.get("id", ""))
        self.faults.append(PolicyFault(self.file, self.lines.get(field, self.line), rule, text))

    def text(self, field: str, *, default: str = "") -> str:
        value = self.values.get(field, default)
        if not isinstance(value, str):
            self.fault(field, f"{field} must be text; put it in quotes")
            return default
        return value.strip()

    def one_of(self, field: str, known: Iterable[str], *, default: str) -> str:
        value = self.text(field, default=default)
        if value not in (allowed := tuple(known)):
            self.fault(field, f"{field} is {value!r}; it must be one of {', '.join(allowed)}")
            return default
        return value


def _rule(file: str, node: yaml.Node, faults: list[PolicyFault]) -> Rule | None:
    read = _Reader(file, node, faults)
    if not read.values:
        return None
    identifier = read.text("id")
    decision = Ruling(read.one_of("decision", [ruling.value for ruling in Ruling], default=Ruling.REFUSE.value))
    floor = Floor(read.one_of("floor", [floor.value for floor in Floor], default=Floor.SHOP.value))
    about = read.values.get("about", [])
    about = [about] if isinstance(about, str) else about
    if not isinstance(about, list) or not about or not all(isinstance(name, str) for name in about):
        read.fault("about", "about names the actions the rule speaks of, e.g. [commerce.refund]")
        about = []
    when = read.values.get("when", "true")
    when = "true" if when is True else when
    if not isinstance(when, str):
        read.fault("when", "when is a condition in CEL, in quotes")
        when = "true"
    for fault in faults_of(when, schema=SCHEMA, functions=HELPERS):
        read.fault("when", fault)
    if not isinstance(read.values.get("date"), date):
        read.fault("date", "date is the day the source was read, like 2026-03-01")
    role = read.text("role")
    if decision is Ruling.NEEDS_APPROVAL and role not in ROLES:
        read.fault("role", f"needs_approval names who approves; role must be one of {', '.join(ROLES)}")
    if decision is not Ruling.NEEDS_APPROVAL and role:
        read.fault("role", "role is only for needs_approval; drop it")
    explains, explanation = _explanation(read, decision)
    up_to = _amounts(read, decision)
    if not read.is_sound:
        return None
    return Rule(
        id=identifier, about=frozenset(about), when=compiled(when), decision=decision, source=read.text("source"),
        dated=read.values["date"], explains=explains, explanation=explanation, role=role, up_to=up_to, floor=floor,
        place=f"{file}:{read.line}",
    )  # fmt: skip


def _explanation(read: _Reader, decision: Ruling) -> tuple[str, dict[str, str]]:
    explains, explanation = read.text("explains"), read.values.get("explanation", {})
    if not isinstance(explanation, dict):
        read.fault("explanation", "explanation holds one sentence a language: {en: …, zh: …}")
        return explains, {}
    for language in LANGUAGES:
        if not str(explanation.get(language) or "").strip():
            read.fault("explanation", f"the explanation in {language} is missing; the desk shows it")
    if decision is not Ruling.ALLOW and not explains:
        read.fault("explains", "a refusal tells the customer why; name the text key")
    return explains, {str(key): str(value) for key, value in explanation.items()}


def _amounts(read: _Reader, decision: Ruling) -> tuple[Money, ...]:
    given = read.values.get("up_to", [])
    amounts = []
    for text in [given] if isinstance(given, str) else given if isinstance(given, list) else [given]:
        try:
            amounts.append(money_from(str(text)))
        except ValueError as error:
            read.fault("up_to", str(error))
    if amounts and decision is Ruling.REFUSE:
        read.fault("up_to", "up_to limits what a rule grants; a refusal compares in its condition: at_most(amount, …)")
    if len({money.currency for money in amounts}) < len(amounts):
        read.fault("up_to", "two amounts of one currency; keep one")
    return tuple(amounts)


def _check_together(
    rules: list[Rule], faults: list[PolicyFault], *, actions: Collection[str], texts: Collection[str]
) -> None:
    seen: dict[str, Rule] = {}
    for rule in rules:

        def fault(text: str, rule: Rule = rule) -> None:
            file, _, line = rule.place.rpartition(":")
            faults.append(PolicyFault(file, int(line), rule.id, text))

        if rule.id in (DEFAULT_RULE, ERROR_RULE):
            fault(f"{rule.id} is reserved; choose another id")
        if rule.id in seen:
            fault(f"the id is taken at {seen[rule.id].place}; ids are unique in a pack")
        seen.setdefault(rule.id, rule)
        if actions:
            for name in sorted(rule.about - set(actions)):
                fault(f"no action is called {name}; known are {', '.join(sorted(actions))}")
        if texts and rule.explains and rule.explains not in texts:
            fault(f"no text has the key {rule.explains}; add it to the pack's replies")
        if other := _shadow_of(rule, rules):
            fault(f"can never decide: {other.id} ({other.place}) always goes before it; drop one")


def _shadow_of(rule: Rule, rules: list[Rule]) -> Rule | None:
    """A rule of the same or a higher floor that matches whenever this one does, and is stricter."""
    for other in rules:
        if other is rule or not rule.about <= other.about or other.up_to:
            continue
        if other.when.source.strip() not in ("true", rule.when.source.strip()):
            continue
        if other.floor is rule.floor and STRICTEST_FIRST.index(other.decision) < STRICTEST_FIRST.index(rule.decision):
            return other
        if other.floor is Floor.LAW and rule.floor is Floor.SHOP:
            return other
    return None
