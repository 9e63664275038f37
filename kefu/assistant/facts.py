"""What the assistant knows in one turn: typed, read-only, each with the id of the row it came from.

Facts hold only what the present verification lets this customer know: an order that is not here does not exist
for playbooks, policies and replies alike, so none of them can give it away.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, tzinfo
from typing import Literal

from kefu.commerce.tables import Tables, tables_of
from kefu.kernel.money import Money

OrderState = Literal["unpaid", "paid", "packing", "shipped", "delivered", "cancelled"]
ShipmentState = Literal["preparing", "in_transit", "customs_held", "out_for_delivery", "delivered", "lost", "returned"]


@dataclass(frozen=True, slots=True)
class TrackingFact:
    """`code` is from the closed list of commerce.models.TrackingCode; `place` as the carrier says it."""

    at: datetime
    code: str
    place: str = ""


@dataclass(frozen=True, slots=True)
class ShipmentFact:
    row: str  # "shipment:17"
    carrier: str
    tracking_number: str
    state: ShipmentState
    shipped_at: datetime | None
    #: last day of the promise given to the customer
    promised_on: date | None
    delivered_at: datetime | None
    line_refs: tuple[str, ...]
    events: tuple[TrackingFact, ...]  # oldest first


@dataclass(frozen=True, slots=True)
class LineFact:
    ref: str  # "KF-1042/2": order number / position
    row: str  # "orderline:33"
    sku: str
    titles: dict[str, str]  # by language: {"en": "Rain jacket", "zh": "雨衣"}
    size: str
    color: str  # English name, lower case
    quantity: int
    unit_price: Money
    is_returnable: bool  # the product as such; hygiene goods and the like are not
    returned: int  # pieces already in a return
    made_good: int = 0  # pieces sent again or paid back for a fault, without coming back
    given_minor: int = 0  # money given for its faults, minor units of its price's currency

    @property
    def unsettled(self) -> int:
        """Pieces that neither come back nor were made good in full: those may come back without a person's look."""
        return max(0, self.quantity - self.returned - self.made_good)

    def title(self, language: str) -> str:
        return self.titles.get(language) or self.titles.get("en") or next(iter(self.titles.values()))


@dataclass(frozen=True, slots=True)
class ReturnFact:
    row: str
    number: str
    line_ref: str
    state: str
    opened_at: datetime
    is_exchange: bool = False


@dataclass(frozen=True, slots=True)
class OrderFact:
    row: str  # "order:9"
    number: str  # "KF-1042"
    placed_at: datetime
    state: OrderState
    country: str  # ship-to, ISO 3166-1 alpha-2
    total: Money
    paid: Money
    refunded: Money
    payment_method: str
    lines: tuple[LineFact, ...]
    shipments: tuple[ShipmentFact, ...]
    returns: tuple[ReturnFact, ...]
    cancelled_at: datetime | None = None
    #: where it was bought: amazon, taobao …; "": the shop's own
    marketplace: str = ""
    #: parts of the total, minor units of its currency; what a returned piece is worth depends on them
    discount_minor: int = 0
    shipping_minor: int = 0
    #: what its open returns will give back
    promised_minor: int = 0
    #: how often it was changed since it was placed
    address_changes: int = 0
    item_changes: int = 0
    payment_changes: int = 0

    def line(self, ref: str) -> LineFact | None:
        return next((line for line in self.lines if line.ref == ref), None)


@dataclass(frozen=True, slots=True)
class CustomerFact:
    row: str
    id: int
    name: str
    language: str
    country: str
    tier: str
    #: None: the shop gives no points, or has not told how many
    loyalty_points: int | None = None


@dataclass(frozen=True, slots=True)
class Facts:
    """One turn's knowledge. `orders` newest first, at most 20 and whichever the customer has named."""

    now: datetime
    today: date  # the brand's own day
    brand: str
    brand_name: str
    language: str
    channel: str
    verification: int  # desk.models.Verification
    customer: CustomerFact | None
    orders: tuple[OrderFact, ...] = ()
    #: numbers from the brand's settings that playbooks and policies read, e.g. {"return_days": 30}
    terms: dict[str, int | str] = field(default_factory=dict)
    #: the brand's own, in which its days are counted
    zone: tzinfo = UTC
    #: whose tables and playbooks hold
    pack: str = "ecommerce"
    #: where parcels start from: the brand's country, or its term ships_from
    ships_from: str = ""
    #: of amounts that no order names
    currency: str = "EUR"
    #: the brand's own edition of the pack's tables; None: it has none
    own_tables: Tables | None = None

    @property
    def tables(self) -> Tables:
        """What differs from market to market, as it holds for this brand. Raises BadTables."""
        return self.own_tables or tables_of(self.pack)

    def order(self, number: str) -> OrderFact | None:
        return next((order for order in self.orders if order.number.upper() == number.upper()), None)

    def line(self, ref: str) -> LineFact | None:
        return next((line for order in self.orders for line in order.lines if line.ref == ref), None)

    def order_of_line(self, ref: str) -> OrderFact | None:
        return next((order for order in self.orders for line in order.lines if line.ref == ref), None)
