"""The tables in packs/<pack>/remedies: read, checked whole, and asked. Pure but for reading the files."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from pathlib import Path

from django.conf import settings

from kefu.commerce.tables import TableFault
from kefu.commerce.tables import Tables as RowsByTable
from kefu.commerce.tables import columns as c
from kefu.commerce.tables.columns import EVERYWHERE, Column
from kefu.commerce.tables.loader import read_sources
from kefu.commerce.tables.shapes import Row as TableRow
from kefu.kernel.errors import KefuError
from kefu.kernel.money import Money
from kefu.kernel.stamps import Stamp, stamp_of

CAUSES = ("damaged", "defective", "wrong_item", "missing", "not_as_described", "counterfeit")
WAYS = ("resend", "exchange", "repair", "part_refund", "coupon", "refund", "take_back")
PROOFS = ("none", "asked", "needed")
#: ways that put a fault right or give the money back; one of them is owed by law (Directive (EU) 2019/771, art. 13)
WHOLE = frozenset({"resend", "exchange", "repair", "refund", "take_back"})
#: rows of goodwill.yaml, each needed once
GOODWILL = ("goodwill.customer", "goodwill.agent", "goodwill.coupon")

SHAPES: Mapping[str, Mapping[str, Column]] = {
    "ladder": {
        "causes": Column(c.each_of(*CAUSES), default=()),
        "value_up_to": Column(c.amounts, default=()),
        "countries": Column(c.countries, default=frozenset()),
        "days_from": Column(c.whole(0, 4000), default=0),
        "days_to": Column(c.whole(0, 4000)),
        "claims_from": Column(c.whole(0, 100), default=0),
        "ladder": Column(c.each_of(*WAYS), default=()),
        "part_percent": Column(c.whole(1, 100), default=0),
        "coupon_percent": Column(c.whole(1, 100), default=0),
        "proof": Column(c.one_of(*PROOFS), default="asked"),
        "person": Column(c.truth, default=False),
    },
    "goodwill": {
        "days": Column(c.whole(1, 4000), is_required=True),
        "amounts": Column(c.amounts, default=()),
    },
    "guarantee": {
        "countries": Column(c.countries, is_required=True),
        "months": Column(c.whole(0, 240), is_required=True),
    },
}  # fmt: skip


class BadRemedies(KefuError):
    """The tables of remedies have faults; until they are mended a person decides. `faults` lists all of them."""

    code = "remedies.bad_tables"
    faults: list[TableFault]

    @property
    def sentence(self) -> str:
        return "tables of remedies have faults:\n" + "\n".join(str(fault) for fault in self.faults)


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
class Remedies:
    """shown: the same rows as the desk shows and edits them."""

    rows: tuple[Row, ...]
    customer: Budget
    agent: Budget
    coupon_days: int
    guarantees: tuple[Guarantee, ...]
    shown: RowsByTable = field(default_factory=RowsByTable)

    def row_for(self, case: Circumstances) -> Row | None:
        """The first row that fits; None: a person decides."""
        return next((row for row in self.rows if row.fits(case)), None)

    def guarantee_for(self, country: str) -> Guarantee | None:
        """The row for the fewest countries that names this one; one for all where none does."""
        named = [one for one in self.guarantees if country in one.countries or EVERYWHERE in one.countries]
        return min(named, key=lambda one: (EVERYWHERE in one.countries, len(one.countries)), default=None)


def pack_remedies(pack: str) -> Remedies:
    """The tables of a pack, read again when a file has changed. Raises BadRemedies with every fault found."""
    folder = Path(settings.PACKS_DIR) / pack / "remedies"
    return _cached(str(folder), stamp_of(folder))


@lru_cache(maxsize=16)
def _cached(folder: str, stamp: Stamp) -> Remedies:
    return load(Path(folder))


def load(folder: Path) -> Remedies:
    """As read_remedies, from a folder."""
    return read_remedies({file.name: file.read_text(encoding="utf-8") for file in sorted(folder.glob("*.yaml"))})


def read_remedies(sources: Mapping[str, str]) -> Remedies:
    """The tables from texts by file name. Raises BadRemedies: what a column can't hold, a way without its percentage,
    a row that can never be reached, a budget that is missing."""
    tables, faults = read_sources(sources, shapes=SHAPES)
    faults += [TableFault(f"{name}.yaml", 1, "", "the file is missing; put it back")
               for name in SHAPES if f"{name}.yaml" not in sources]  # fmt: skip
    ladder = tables.rows.get("ladder", ())
    rows = tuple(_ladder_row(row) for row in ladder)
    for place, row in enumerate(ladder):
        faults += _of_ladder(row)
        blocked = next((one for one in rows[:place] if _is_wider(one, rows[place])), None)
        if blocked:
            faults.append(_fault(row, f"is never used, for {blocked.id} before it fits every such case; move it up"))
    goodwill = {row.id: row for row in tables.rows.get("goodwill", ())}
    if not any(fault.file == "goodwill.yaml" for fault in faults):
        faults += [TableFault("goodwill.yaml", 1, one, "the row is missing; put it back")
                   for one in GOODWILL if one not in goodwill]  # fmt: skip
    if faults:
        raise BadRemedies(faults=sorted(faults))
    customer, agent, coupon = (goodwill[one] for one in GOODWILL)
    return Remedies(
        rows, Budget(customer["days"], customer["amounts"]), Budget(agent["days"], agent["amounts"]), coupon["days"],
        tuple(
            Guarantee(row.id, row["countries"], row["months"], row.source, row.dated)
            for row in tables.rows.get("guarantee", ())
        ),
        tables,
    )  # fmt: skip


def weakened(before: Remedies, after: Remedies) -> list[TableFault]:
    """Where a brand's edition gives less than the law: a shorter guarantee, a ladder that never puts a fault right."""
    short: dict[str, list[str]] = {}
    least: dict[str, int] = {}
    for country in sorted({country for one in before.guarantees for country in one.countries}):
        was, now = before.guarantee_for(country), after.guarantee_for(country)
        if was is not None and (now is None or now.months < was.months):
            row_id = now.id if now else was.id
            short.setdefault(row_id, []).append(country)
            least[row_id] = max(least.get(row_id, 0), was.months)
    places = {row.id: row.place for row in after.shown.rows.get("guarantee", ())}
    faults = []
    for row_id, countries in short.items():
        file, _, line = places.get(row_id, "guarantee.yaml:1").rpartition(":")
        said = f"the guarantee in {', '.join(countries[:6])} is law; it may be {least[row_id]} months or more"
        faults.append(TableFault(file, int(line), row_id, said))
    for row in after.shown.rows.get("ladder", ()):
        if not row["person"] and not WHOLE & set(row["ladder"]):
            said = f"by law a fault is put right or paid back; add one of {', '.join(sorted(WHOLE))}"
            faults.append(_fault(row, said))
    return sorted(faults)


def _ladder_row(row: TableRow) -> Row:
    countries = frozenset() if EVERYWHERE in row["countries"] else row["countries"]
    return Row(
        row.id, row["ladder"], frozenset(row["causes"]), countries, row["value_up_to"], row["days_from"],
        row["days_to"], row["claims_from"], row["part_percent"], row["coupon_percent"], row["proof"], row["person"],
        row.source, row.dated, row.explanation,
    )  # fmt: skip


def _of_ladder(row: TableRow) -> Sequence[TableFault]:
    faults = []
    if bool(row["ladder"]) == row["person"]:
        faults.append(_fault(row, "give it either a ladder or person: true"))
    for way, column in (("part_refund", "part_percent"), ("coupon", "coupon_percent")):
        if way in row["ladder"] and not row[column]:
            faults.append(_fault(row, f"{way} needs {column} from 1 to 100"))
    if not row.explanation:
        faults.append(_fault(row, "the explanation is missing; add {en: …, zh: …}"))
    if row["days_to"] is not None and row["days_to"] < row["days_from"]:
        faults.append(_fault(row, "days_to is before days_from; correct one of them"))
    return faults


def _fault(row: TableRow, said: str) -> TableFault:
    file, _, line = row.place.rpartition(":")
    return TableFault(file, int(line), row.id, said)


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
