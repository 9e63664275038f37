"""Records go into the database a thousand at a time; where it refuses a row, the rest of the batch goes in."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import blake2b
from itertools import islice
from pathlib import Path

from django.db import DataError, IntegrityError, connection, transaction

from kefu.commerce.exchange.fields import Fields
from kefu.commerce.exchange.loaders import LOADERS, TABLES
from kefu.commerce.exchange.problems import Fault, Problem
from kefu.commerce.exchange.reading import Raw, read_file
from kefu.commerce.exchange.records import Record
from kefu.commerce.exchange.shapes import KINDS, SPOKEN, Kind
from kefu.kernel.upsert import Tally
from kefu.people.models import Brand

BATCH = 1000
#: what the database says, and what the row's owner can do about it
_CURES = {
    "customer_external_id_once": Fault("another customer has this id", "give each customer its own id", "id"),
    "product_handle_once": Fault("another product has this handle", "give each product its own handle", "handle"),
    "variant_sku_once": Fault("another product has this sku", "give each variant its own sku", "variants.sku"),
    "order_number_once": Fault("another order has this number", "give each order its own number", "number"),
    "order_external_id_once": Fault("another order has this id", "give each order its own id", "id"),
    "payment_external_id_once": Fault("another payment has this id", "give each payment its own id", "id"),
    "refund_once": Fault("another payment has a refund with this id", "give each refund its own id", "refunds.id"),
    "payment_refunds_no_more_than_paid": Fault(
        "refunds would exceed what was paid", "correct the amounts, or leave out what was refunded before", "refunds"
    ),
    "payment_refunds_only_what_was_paid": Fault(
        "has refunds, so it must stay paid", "set state to paid", "state"
    ),
    "payment_same_brand_and_currency": Fault("is not in the order's currency", "correct the currency", "currency"),
    "order_line_returns_no_more_than_bought": Fault(
        "more pieces in returns than were bought", "correct the quantities", "lines.quantity"
    ),
}  # fmt: skip


@dataclass(slots=True)
class Importer:
    """Brings files into one brand. `on_problem` hears of each row that stays out, as it is found."""

    brand: Brand
    on_problem: Callable[[Problem], None]

    def run(self, path: Path, kind_name: str) -> tuple[Tally, int]:
        """One file. Returns the tally and the number of rows that stayed out. Raises OSError.

        Each batch commits by itself; inside a transaction of the caller's (dry run) all stand or fall with that.
        """
        kind = KINDS[kind_name]
        tally, bad = Tally(), 0

        def refuse(line: int, fault: Fault) -> None:
            nonlocal bad
            bad += 1
            self.on_problem(Problem(path.name, line, fault))

        records = self._checked(read_file(path, kind), kind, refuse)
        while batch := list(islice(records, BATCH)):
            first = tally.new < BATCH // 2
            tally += self._load(batch, kind, refuse)
            if first and tally.new >= BATCH // 2:
                # an empty table's plans do not fit a full one: without this, checking keys goes row by row
                _gather_statistics(kind)
        if tally.new >= BATCH:
            _gather_statistics(kind)
        return tally, bad

    def _checked(self, raws: Iterable[Raw], kind: Kind, refuse: Callable[[int, Fault], None]) -> Iterator[Record]:
        # 8 bytes a key are kept, so that a key that stands twice is found in a file of any size
        seen: set[bytes] = set()
        for raw in raws:
            if raw.fault:
                refuse(raw.line, raw.fault)
                continue
            record, faults = self._read(raw, kind)
            mark = blake2b(record.key.encode(), digest_size=8).digest()
            if not faults and mark in seen:
                faults = [Fault(f"{record.key} stands in this file before", "leave one of the two out", kind.key)]
            if faults:
                # one line a row, the first few faults: a row that is wrong everywhere needs no list of thirty
                more = [Fault(f"{len(faults) - 5} more faults", "mend these first")] if len(faults) > 5 else []
                refuse(raw.line, Fault(*_joined([*faults[:5], *more])))
                continue
            seen.add(mark)
            yield record

    def _read(self, raw: Raw, kind: Kind) -> tuple[Record, list[Fault]]:
        faults: list[Fault] = []
        fields = Fields(raw.fields, faults, zone=self.brand.zone, home=self.brand.currency)
        key = fields.token(kind.key, 40 if kind.name in SPOKEN else 120)
        if kind.name in SPOKEN:
            key = "".join(key.upper().split())
        values, parts = kind.read(fields)
        fields.no_others()
        return Record(raw.line, key, values, parts), faults

    def _load(self, batch: list[Record], kind: Kind, refuse: Callable[[int, Fault], None]) -> Tally:
        refused: list[tuple[int, Fault]] = []
        try:
            with transaction.atomic(), _checked_at_once():
                tally = LOADERS[kind.name](
                    self.brand, batch, lambda record, fault: refused.append((record.line, fault))
                )
        except (IntegrityError, DataError) as broken:
            if len(batch) == 1:
                refuse(batch[0].line, _fault_of(broken))
                return Tally()
            middle = len(batch) // 2
            tally = self._load(batch[:middle], kind, refuse)
            tally += self._load(batch[middle:], kind, refuse)
            return tally
        for line, fault in refused:
            refuse(line, fault)
        return tally


def _gather_statistics(kind: Kind) -> None:
    with connection.cursor() as cursor:
        for model in TABLES[kind.name]:
            cursor.execute(f"ANALYZE {connection.ops.quote_name(model._meta.db_table)}")


def _joined(faults: list[Fault]) -> tuple[str, str, str]:
    if len(faults) == 1:
        return faults[0].what, faults[0].cure, faults[0].field
    first = " | ".join(str(fault) for fault in faults[:-1])
    return f"{first} | {faults[-1].field + ': ' if faults[-1].field else ''}{faults[-1].what}", faults[-1].cure, ""


@contextmanager
def _checked_at_once() -> Iterator[None]:
    """Keys between tables are checked at the end of the batch, not at the end of the whole run."""
    yield
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")


def _fault_of(broken: Exception) -> Fault:
    name = getattr(getattr(broken.__cause__, "diag", None), "constraint_name", None) or ""
    if name in _CURES:
        return _CURES[name]
    said = re.sub(r"\s+", " ", str(broken).split("\n")[0])
    return Fault(f"the database refuses it: {said[:200]}", "correct the row")
