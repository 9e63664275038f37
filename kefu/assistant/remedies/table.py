"""The tables in packs/<pack>/remedies: read, checked whole, and asked. Pure but for reading the files."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml
from django.conf import settings

from kefu.assistant.policy.variables import money_from
from kefu.commerce.rules import EU
from kefu.kernel.errors import KefuError
from kefu.kernel.money import Money

CAUSES = ("damaged", "defective", "wrong_item", "missing", "not_as_described", "counterfeit")
WAYS = ("resend", "exchange", "repair", "part_refund", "coupon", "refund", "take_back")
PROOFS = ("none", "asked", "needed")
_KEYS = {"id", "causes", "value_up_to", "countries", "days_from", "days_to", "claims_from", "ladder", "part_percent",
         "coupon_percent", "proof", "person", "source", "date", "explanation"}  # fmt: skip


class BadRemedies(KefuError):
    """The tables of remedies have faults; until they are mended a person decides. `faults` lists all of them."""

    code = "remedies.bad_tables"
    faults: list[str]


@dataclass(frozen=True, slots=True)
class Row:
    """One row of ladder.yaml. An empty `causes`, `countries` or `value_up_to` fits anything."""

    id: str
    ladder: tuple[str, ...] = ()
    causes: frozenset[str] = frozenset()
    countries: frozenset[str] = frozenset()
    value_up_to: tuple[Money, ...] = ()
    days_from: int = 0
    days_to: int | None = None
    claims_from: int = 0
    part_percent: int = 0
    coupon_percent: int = 0
    proof: str = "asked"
    is_for_person: bool = False
    source: str = ""
    dated: date | None = None
    explanation: Mapping[str, str] = field(default_factory=dict)

    def fits(self, case: Circumstances) -> bool:
        return (
            (not self.causes or case.cause in self.causes)
            and (not self.countries or case.country in self.countries)
            and (not self.value_up_to or any(_covers(most, case.value) for most in self.value_up_to))
            and case.days >= self.days_from
            and (self.days_to is None or case.days <= self.days_to)
            and case.claims >= self.claims_from
        )


@dataclass(frozen=True, slots=True)
class Circumstances:
    """value: what the pieces concerned cost. days: since they arrived. claims: remedies within the last year."""

    cause: str
    value: Money
    country: str
    days: int
    claims: int


@dataclass(frozen=True, slots=True)
class Budget:
    """What may be given away within so many days; nothing in a currency that isn't named."""

    days: int
    amounts: tuple[Money, ...]

    def of(self, currency: str) -> Money:
        return next((one for one in self.amounts if one.currency == currency), Money(0, currency))


@dataclass(frozen=True, slots=True)
class Guarantee:
    id: str
    countries: frozenset[str]
    months: int
    source: str
    dated: date


@dataclass(frozen=True, slots=True)
class Tables:
    rows: tuple[Row, ...]
    customer: Budget
    agent: Budget
    coupon_days: int
    guarantees: tuple[Guarantee, ...]

    def row_for(self, case: Circumstances) -> Row | None:
        """The first row that fits; None: a person decides."""
        return next((row for row in self.rows if row.fits(case)), None)

    def guarantee_for(self, country: str) -> Guarantee | None:
        own = next((one for one in self.guarantees if country in one.countries), None)
        return own or next((one for one in self.guarantees if "EU" in one.countries and country in EU), None)


def tables_of(pack: str) -> Tables:
    """The tables of a pack, read again when a file has changed. Raises BadRemedies with every fault found."""
    folder = Path(settings.PACKS_DIR) / pack / "remedies"
    stamp = tuple((file.name, file.stat().st_mtime_ns, file.stat().st_size) for file in sorted(folder.glob("*.yaml")))
    return _cached(str(folder), stamp)


@lru_cache(maxsize=16)
def _cached(folder: str, stamp: tuple[tuple[str, int, int], ...]) -> Tables:
    return load(Path(folder))


def load(folder: Path) -> Tables:
    """Raises BadRemedies: unknown keys, ways, causes, amounts that are none, rows that can never be reached."""
    faults: list[str] = []
    rows = tuple(_row(raw, faults) for raw in _list(folder / "ladder.yaml", faults))
    seen: list[Row] = []
    for row in rows:
        blocked = next((one for one in seen if _is_wider(one, row)), None)
        if blocked:
            faults.append(f"ladder.yaml {row.id}: never used, for {blocked.id} before it fits every such case")
        seen.append(row)
    goodwill = _mapping(folder / "goodwill.yaml", faults)
    guarantees = tuple(_guarantee(raw, faults) for raw in _list(folder / "guarantee.yaml", faults))
    budgets = {name: _budget(name, goodwill.get(name), faults) for name in ("customer", "agent")}
    days = goodwill.get("coupon_days", 0)
    if not isinstance(days, int) or days < 1:
        faults.append("goodwill.yaml coupon_days: must be a number of days")
    if faults:
        raise BadRemedies(faults=faults)
    return Tables(rows, budgets["customer"], budgets["agent"], int(days), guarantees)


def _list(file: Path, faults: list[str]) -> list[dict[str, Any]]:
    read = _yaml(file, faults)
    if not isinstance(read, list) or not all(isinstance(one, dict) for one in read):
        faults.append(f"{file.name}: must be a list of rows")
        return []
    return read


def _mapping(file: Path, faults: list[str]) -> dict[str, Any]:
    read = _yaml(file, faults)
    return read if isinstance(read, dict) else {}


def _yaml(file: Path, faults: list[str]) -> object:
    try:
        return yaml.safe_load(file.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as problem:
        faults.append(f"{file.name}: cannot be read ({problem})")
        return None


def _row(raw: dict[str, Any], faults: list[str]) -> Row:
    name = str(raw.get("id", "a row without id"))
    where = f"ladder.yaml {name}"
    for key in sorted(set(raw) - _KEYS):
        faults.append(f"{where}: unknown key {key}; a row knows {', '.join(sorted(_KEYS))}")
    ladder = _words(raw, "ladder", WAYS, where, faults)
    is_for_person = raw.get("person") is True
    if bool(ladder) == is_for_person:
        faults.append(f"{where}: give it either a ladder or person: true")
    for way in ("part_refund", "coupon"):
        percent = raw.get(f"{way.removesuffix('_refund')}_percent", 0)
        if way in ladder and not (isinstance(percent, int) and 0 < percent <= 100):
            faults.append(f"{where}: {way} needs {way.removesuffix('_refund')}_percent from 1 to 100")
    proof = str(raw.get("proof", "asked"))
    if proof not in PROOFS:
        faults.append(f"{where}: proof must be one of {', '.join(PROOFS)}")
    for key in ("source", "date", "explanation"):
        if not raw.get(key):
            faults.append(f"{where}: {key} is missing")
    return Row(
        name, tuple(ladder), frozenset(_words(raw, "causes", CAUSES, where, faults)),
        frozenset(map(str, raw.get("countries") or ())), _amounts(raw.get("value_up_to"), where, faults),
        int(raw.get("days_from") or 0), raw.get("days_to"), int(raw.get("claims_from") or 0),
        int(raw.get("part_percent") or 0), int(raw.get("coupon_percent") or 0), proof, is_for_person,
        str(raw.get("source", "")), raw.get("date"), raw.get("explanation") or {},
    )  # fmt: skip


def _words(raw: dict[str, Any], key: str, known: Collection[str], where: str, faults: list[str]) -> list[str]:
    found = [str(one) for one in raw.get(key) or ()]
    for one in found:
        if one not in known:
            faults.append(f"{where}: {key} knows no {one}; it knows {', '.join(known)}")
    return found


def _amounts(raw: Sequence[Any] | None, where: str, faults: list[str]) -> tuple[Money, ...]:
    found = []
    for one in raw or ():
        try:
            found.append(money_from(str(one)))
        except ValueError as problem:
            faults.append(f"{where}: {problem}")
    return tuple(found)


def _budget(name: str, raw: object, faults: list[str]) -> Budget:
    if not isinstance(raw, dict) or not isinstance(raw.get("days"), int):
        faults.append(f"goodwill.yaml {name}: needs days and amounts")
        return Budget(0, ())
    return Budget(raw["days"], _amounts(raw.get("amounts"), f"goodwill.yaml {name}", faults))


def _guarantee(raw: dict[str, Any], faults: list[str]) -> Guarantee:
    name, months, dated = str(raw.get("id", "")), raw.get("months"), raw.get("date")
    if not name or not isinstance(months, int) or not raw.get("countries") or not raw.get("source") or not dated:
        faults.append(f"guarantee.yaml {name or 'a row'}: needs id, countries, months, source and date")
    return Guarantee(name, frozenset(map(str, raw.get("countries") or ())), int(months or 0),
                     str(raw.get("source", "")), dated or date.min)  # fmt: skip


def _covers(most: Money, value: Money) -> bool:
    return most.currency == value.currency and value.minor <= most.minor


def _is_wider(first: Row, later: Row) -> bool:
    """Whether every case that fits the later row fits the first one too."""
    return (
        (not first.causes or (bool(later.causes) and later.causes <= first.causes))
        and (not first.countries or (bool(later.countries) and later.countries <= first.countries))
        and not first.value_up_to
        and first.days_from <= later.days_from
        and first.days_to is None
        and first.claims_from <= later.claims_from
    )
