"""The tables there are, and what a row of each holds. docs/reference/tables.md is this file in words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from kefu.commerce.tables import columns as c
from kefu.commerce.tables.columns import EVERYWHERE, Column

#: the marketplaces an order may come from; "" is the shop's own
MARKETPLACES = ("amazon", "ebay", "aliexpress", "taobao", "tmall", "jd", "pinduoduo")
DOCUMENTS = (
    "invoice",
    "payment_proof",
    "tax_number",
    "personal_code",
    "id_card",
    "eori",
    "description",
    "import_permit",
)
ABILITIES = ("redeliver", "pick_up_point", "other_day", "safe_place", "neighbour")


@dataclass(frozen=True, slots=True)
class Row:
    """One row. `values` holds every column of its table, the default where the file is silent.

    place: "returns.yaml:12", for the person who mends it. since, until: the days from and to which it holds.
    """

    id: str
    table: str
    source: str
    dated: date
    explanation: Mapping[str, str]
    values: Mapping[str, Any]
    place: str
    since: date | None = None
    until: date | None = None

    def __getitem__(self, column: str) -> Any:
        return self.values[column]

    def holds_on(self, day: date) -> bool:
        return (self.since is None or self.since <= day) and (self.until is None or day <= self.until)

    def is_for(self, country: str) -> bool:
        return country in self.values["countries"] or EVERYWHERE in self.values["countries"]


def _required(read: Any) -> Column:
    return Column(read, is_required=True)


_COUNTRIES = _required(c.countries)
#: law: no edition of a brand gives customers less than this row (floor.py)
_FLOOR = Column(c.one_of("law", "shop"), default="shop")
TABLES: Mapping[str, Mapping[str, Column]] = {
    # how long a customer may send goods back
    "returns": {
        "countries": _COUNTRIES,
        "marketplace": Column(c.one_of(*MARKETPLACES), default=""),
        "days": _required(c.whole(0, 400)),
        "for": Column(c.one_of("any", "faulty"), default="any"),
        # shop: the shop's own days in these countries, in place of its term return_days
        "floor": _required(c.one_of("law", "marketplace", "shop")),
        # a period of the law that ends on a Saturday or Sunday ends on the Monday after
        "off_weekend": Column(c.truth, default=False),
        # whether the law lets the shop's own terms take its place
        "shop_may_differ": Column(c.truth, default=False),
        "sending_back": Column(c.one_of("buyer", "seller"), default=""),
    },
    # what need not be taken back, and why
    "not_returnable": {
        "countries": _COUNTRIES,
        "kind": _required(c.word),
        "unless": Column(c.words, default=()),
        "floor": _FLOOR,
    },
    # what a customer may be charged, and what never
    "fees": {
        "countries": _COUNTRIES,
        "fee": _required(c.word),
        "paid_by": _required(c.one_of("buyer", "seller")),
        "floor": _FLOOR,
    },
    # how sure we must be who writes
    "verification": {
        "about": _required(c.words),
        "level": _required(c.one_of("none", "order", "customer")),
        "floor": _FLOOR,
    },
    # what is due at the border
    "customs": {
        "countries": _COUNTRIES,
        # from where; left out: from anywhere else
        "origins": Column(c.countries, default=frozenset({EVERYWHERE})),
        "up_to": Column(c.money),
        "above": Column(c.money),
        "tax_name": _required(c.word),
        "tax_percent": Column(c.percent),
        "tax_by": _required(c.one_of("seller", "importer", "none")),
        "duty": _required(c.one_of("none", "by_goods", "percent", "flat_per_item")),
        "duty_percent": Column(c.percents),
        "duty_flat": Column(c.money),
        "duty_less": Column(c.money),
        "documents": Column(c.words, default=()),
        # the source in a few words, as the customer is told it
        "cite": _required(c.text),
    },
    # how customers call one of several things that a playbook can do
    "asked": {
        "about": _required(c.word),
        "value": _required(c.word),
        "phrases": _required(c.phrases),
    },
    # the standard rate of value added tax
    "vat": {"countries": _COUNTRIES, "percent": _required(c.percent)},
    # roughly what currencies are worth in euros: only to tell on which side of a limit an amount surely lies
    "rates": {
        "currency": _required(c.currency),
        "euros_at_least": _required(c.number),
        "euros_at_most": _required(c.number),
    },
    # carriers: when a parcel counts as lost, until when to claim, what they can do on the way
    "carriers": {
        "carrier": _required(c.text),
        "names": Column(c.phrases, default={}),
        "silent_days_home": _required(c.whole(1, 200)),
        "silent_days_abroad": _required(c.whole(1, 200)),
        "claim_days": _required(c.whole(1, 400)),
        "abilities": Column(c.words, default=()),
        "holds_days": Column(c.whole(1, 60)),
    },
    # what may not be sent, or only so
    "restricted": {
        "countries": _COUNTRIES,
        "goods": _required(c.word),
        "phrases": Column(c.phrases, default={}),
        "decision": _required(c.one_of("refused", "limited")),
        "condition": Column(c.by_language, default={}),
    },
    # until when a request about somebody's own data must be answered
    "data_rights": {
        "countries": _COUNTRIES,
        "law": _required(c.text),
        "days": Column(c.whole(1, 100)),
        "months": Column(c.whole(1, 12)),
        "working": Column(c.truth, default=False),
        "floor": _FLOOR,
    },
    # points for buying
    "loyalty": {
        "rule": _required(c.word),
        "points_per_unit": Column(c.number),
        "worth_minor": Column(c.whole(0, 10_000)),
        "least_points": Column(c.whole(0, 1_000_000)),
        "valid_months": Column(c.whole(1, 240)),
    },
    # what the shop promises of its own: when somebody answers, how long to wait
    "service": {
        "days": _required(c.whole(0, 400)),
        "floor": _FLOOR,
    },
}


@dataclass(frozen=True, slots=True)
class Tables:
    """All rows of a pack, by table in the order of the file."""

    rows: Mapping[str, tuple[Row, ...]] = field(default_factory=dict)

    def table(self, name: str, *, on: date | None = None) -> Iterator[Row]:
        """The rows of one table, those that hold on that day. Raises KeyError for a table there is none of."""
        if name not in TABLES:
            raise KeyError(name)
        return (row for row in self.rows.get(name, ()) if on is None or row.holds_on(on))

    def row(self, row_id: str) -> Row | None:
        return next((row for rows in self.rows.values() for row in rows if row.id == row_id), None)

    def nearest(self, name: str, country: str, *, on: date, **wanted: Any) -> Row | None:
        """The row for a country and the given columns: one that names the country goes before one for all."""
        fitting = [
            row
            for row in self.table(name, on=on)
            if row.is_for(country) and all(row[column] == value for column, value in wanted.items())
        ]
        return next((row for row in fitting if country in row["countries"]), next(iter(fitting), None))
