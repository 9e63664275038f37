"""Limits of money in the policies as a manager knows them: up to so much alone, above it somebody higher up. Pure.

One limit stands in several rules: as `up_to` in the one that allows, as `within(amount, […])` in those that ask
above it. It is changed in all of them at once, in their explanations too.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from kefu.assistant.policy import Rule
from kefu.kernel.money import Money

_ACTOR = re.compile(r'actor == "(\w+)"')
_ROLE = re.compile(r'role == "(\w+)"')
_WITHIN = re.compile(r"within\(amount, \[([^\]]*)\]\)")
_AMOUNT = re.compile(r"(\d+(?:\.\d+)?) ([A-Z]{3})")


@dataclass(frozen=True, slots=True)
class Limit:
    """key: names it in a form. actor, role: whose limit it is ("" any role). amounts: one a currency, as written,
    "150.00 EUR". rules: in the order of the file."""

    key: str
    actor: str
    role: str
    amounts: tuple[str, ...]
    rules: tuple[Rule, ...]

    @property
    def by_currency(self) -> dict[str, str]:
        return {one.partition(" ")[2]: one.partition(" ")[0] for one in self.amounts}


def limits_of(rules: Sequence[Rule]) -> list[Limit]:
    """The limits in one file's rules; law is none of them."""
    found: dict[tuple[str, str, tuple[str, ...]], list[Rule]] = {}
    for rule in rules:
        if rule.floor == "law":
            continue
        when = rule.when.source
        who = (_first(_ACTOR, when), _first(_ROLE, when))
        for amounts in _lists(rule):
            found.setdefault((*who, amounts), [])
            if rule not in found[*who, amounts]:
                found[*who, amounts].append(rule)
    return [
        Limit(f"limit-{place}", actor, role, amounts, tuple(own))
        for place, ((actor, role, amounts), own) in enumerate(found.items())
    ]


def with_limit(text: str, limit: Limit, amounts: Mapping[str, str]) -> str:
    """The file's text with new amounts by currency, "120.00" each; a currency left empty has no limit any more.

    Whatever is written is proved by the faults of the draft, not here.
    """
    wanted = [f"{amount.strip()} {currency}" for currency, amount in amounts.items() if amount.strip()]
    numbers = {
        old: amounts[currency].strip()
        for currency, old in limit.by_currency.items()
        if amounts.get(currency, "").strip()
    }
    lines, out, inside = text.splitlines(), list[str](), False
    ids = {rule.id for rule in limit.rules}
    for line in lines:
        if line.startswith("- id:"):
            inside = line.partition(":")[2].strip() in ids
        if inside:
            line = _with_list(line, limit, wanted)
            if re.match(r"\s+(en|zh): ", line):
                line = _with_numbers(line, numbers)
        out.append(line)
    return "\n".join(out) + "\n"


def _with_list(line: str, limit: Limit, wanted: Sequence[str]) -> str:
    plain, quoted = ", ".join(limit.amounts), ", ".join(f'"{one}"' for one in limit.amounts)
    line = line.replace(f"[{quoted}]", "[" + ", ".join(f'"{one}"' for one in wanted) + "]")
    return line.replace(f"[{plain}]", "[" + ", ".join(wanted) + "]")


def _with_numbers(line: str, numbers: Mapping[str, str]) -> str:
    """An explanation says the amount as a number, "1,000 euros"; it follows the limit."""
    for old, new in numbers.items():
        for shown, becomes in ((_grouped(old), _grouped(new)), (_plain(old), _plain(new))):
            line = re.sub(rf"(?<![\d.,]){re.escape(shown)}(?![\d]|[.,]\d)", becomes, line)
    return line


def _plain(amount: str) -> str:
    return amount.removesuffix(".00")


def _grouped(amount: str) -> str:
    whole = _plain(amount)
    return f"{int(whole):,}" if whole.isdigit() else whole


def _lists(rule: Rule) -> list[tuple[str, ...]]:
    """The lists of amounts in a rule, as they are written."""
    found = [tuple(_said(one) for one in rule.up_to)] if rule.up_to else []
    for said in _WITHIN.findall(rule.when.source):
        found.append(tuple(f"{number} {currency}" for number, currency in _AMOUNT.findall(said)))
    return [one for one in found if one]


def _said(money: Money) -> str:
    return str(money)


def _first(pattern: re.Pattern[str], text: str) -> str:
    hit = pattern.search(text)
    return hit[1] if hit else ""
