"""Arguments that name several things, or something kept for the buyer: lines with what becomes of them, payment
methods, addresses. Read strictly, and resolved only among the customer's own."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Self

from kefu.assistant.actions.arguments import LineRef, OrderRef, Quantity, _text
from kefu.assistant.actions.call import ActionCall
from kefu.assistant.actions.errors import BadArguments, LineNotFound
from kefu.commerce.errors import NoSuchMethod
from kefu.commerce.models import Order, OrderLine, PaymentMethod, ReturnReason
from kefu.commerce.services import ItemChange, Piece
from kefu.people.contact import normal_postcode

MOST_LINES = 50
LONGEST_TOLD = 2000
LONGEST_REF = 120
REASONS = frozenset(ReturnReason.values)
ADDRESS_PARTS = ("name", "street", "street2", "city", "region", "postcode", "country")
LONGEST_PART = 200


@dataclass(frozen=True, slots=True)
class OneLine:
    """One line of a list: {"line": "KF-1042/2", "quantity": 1, "reason": "too_small", "sku": "RJ-L"}; all but the line
    are None while nobody said."""

    ref: LineRef
    quantity: int | None = None
    reason: str | None = None
    sku: str | None = None


def _items(raw: object, allowed: frozenset[str]) -> tuple[OneLine, ...]:
    if not isinstance(raw, list) or not 1 <= len(raw) <= MOST_LINES:
        raise ValueError(f"must be a list of 1 to {MOST_LINES} lines")
    items = []
    for one in raw:
        one = {"line": one} if isinstance(one, str) else one
        if not isinstance(one, dict) or not set(one) <= allowed or "line" not in one:
            raise ValueError(f"each line is a map of {', '.join(sorted(allowed))}")
        reason = one.get("reason")
        if reason is not None and reason not in REASONS:
            raise ValueError(f"reason must be one of {', '.join(sorted(REASONS))}")
        items.append(
            OneLine(
                LineRef.read(one["line"]),
                quantity=Quantity.read(one["quantity"]).value if one.get("quantity") is not None else None,
                reason=reason,
                sku=_text(one["sku"], longest=80) if one.get("sku") is not None else None,
            )
        )
    if len({item.ref.ref.upper() for item in items}) < len(items):
        raise ValueError("a line stands twice")
    return tuple(items)


@dataclass(frozen=True, slots=True)
class Lines:
    """Several lines of one order: ["KF-1042/1", "KF-1042/2"], or maps with quantity and reason."""

    items: tuple[OneLine, ...]

    kind = "order_lines"
    allowed = frozenset({"line", "quantity", "reason"})

    @classmethod
    def read(cls, raw: object) -> Self:
        return cls(_items(raw, cls.allowed))


@dataclass(frozen=True, slots=True)
class Changes:
    """Several lines of one order with the variants that take their place: [{"line": "KF-1042/1", "sku": "RJ-L"}].
    quantity: pieces that change, all when left out."""

    items: tuple[OneLine, ...]

    kind = "changes"
    allowed = frozenset({"line", "quantity", "sku"})

    @classmethod
    def read(cls, raw: object) -> Self:
        items = _items(raw, cls.allowed)
        if any(item.sku is None for item in items):
            raise ValueError("each line needs the sku of its new variant")
        return cls(items)


@dataclass(frozen=True, slots=True)
class PaymentRef:
    """One of the buyer's payment methods, by the shop's id of it."""

    external_id: str

    kind = "payment_method"

    @classmethod
    def read(cls, raw: object) -> Self:
        return cls(_text(raw, longest=LONGEST_REF))

    def find(self, call: ActionCall, buyer_id: int) -> PaymentMethod | None:
        """The row, when it is this buyer's and usable."""
        own = PaymentMethod.objects.filter(brand=call.brand, customer_id=buyer_id, is_usable=True)
        return own.filter(external_id=self.external_id).first()


@dataclass(frozen=True, slots=True)
class Address:
    """Where to send to: {"name", "street", "street2", "city", "region", "postcode", "country"}; street and city
    are needed; a country (ISO 3166-1 alpha-2) that is left out is the order's own. Some countries have no postcodes."""

    parts: tuple[tuple[str, str], ...]

    kind = "address"

    @classmethod
    def read(cls, raw: object) -> Self:
        if not isinstance(raw, dict) or not set(raw) <= set(ADDRESS_PARTS):
            raise ValueError(f"must be a map of {', '.join(ADDRESS_PARTS)}")
        parts = {name: _part(name, raw[name]) for name in ADDRESS_PARTS if raw.get(name)}
        if missing := [name for name in ("street", "city") if name not in parts]:
            raise ValueError(f"{', '.join(missing)} is missing")
        return cls(tuple(parts.items()))

    @property
    def postcode(self) -> str:
        return dict(self.parts).get("postcode", "")

    @property
    def country(self) -> str:
        return dict(self.parts).get("country", "")

    @property
    def lines(self) -> dict[str, str]:
        """All but postcode and country."""
        return {name: value for name, value in self.parts if name not in ("postcode", "country")}


def _part(name: str, raw: object) -> str:
    text = " ".join(_text(raw, longest=LONGEST_PART).split())
    if name == "country" and not re.fullmatch(r"[A-Z]{2}", text):
        raise ValueError("country must be two capital letters: DE, US")
    return normal_postcode(text) if name == "postcode" else text


def lines_of(call: ActionCall, order: OrderRef, items: tuple[OneLine, ...]) -> list[tuple[OneLine, OrderLine]]:
    """Each named line with its row, all of this one order of the customer's own. Raises OrderNotFound, LineNotFound."""
    own = order.resolve(call)
    rows = {line.position: line for line in own.lines.select_related("variant__product")}
    found = []
    for item in items:
        fact = item.ref.fact(call)
        number, _, position = fact.ref.rpartition("/")
        row = rows.get(int(position))
        if number.upper() != own.number.upper() or row is None:
            raise LineNotFound(line=item.ref.ref)
        found.append((item, row))
    return found


def item_changes(call: ActionCall, order: OrderRef, changes: Changes) -> list[ItemChange]:
    return [ItemChange(row, item.sku or "", item.quantity) for item, row in lines_of(call, order, changes.items)]


def pieces_back(
    call: ActionCall, order: OrderRef, lines: Lines, *, reason: str | None, quantity: Quantity | None
) -> list[Piece]:
    """reason: of the lines that have none of their own. quantity: of the only line, when it has none of its own."""
    found = lines_of(call, order, lines.items)
    if quantity is not None and len(found) > 1:
        raise BadArguments(argument="quantity", problem="is for one line; say it in each line")
    only = quantity.value if quantity else None
    default = reason or ReturnReason.CHANGED_MIND
    return [Piece(row, item.quantity or only, item.reason or default) for item, row in found]


def method_of(call: ActionCall, payment: PaymentRef | None, order: Order) -> PaymentMethod | None:
    """The named method of the order's buyer; None when none is named. Raises NoSuchMethod for nobody's and another's
    alike."""
    if payment is None:
        return None
    found = payment.find(call, order.customer_id)
    if found is None:
        raise NoSuchMethod()
    return found


@dataclass(frozen=True, slots=True)
class Told:
    """All that the customer has written to a case, message by message, oldest first."""

    texts: tuple[str, ...]

    kind = "told"

    @classmethod
    def read(cls, raw: object) -> Self:
        if not isinstance(raw, list) or len(raw) > MOST_LINES or not all(isinstance(one, str) for one in raw):
            raise ValueError(f"must be a list of at most {MOST_LINES} texts")
        return cls(tuple(one.replace("\x00", " ")[:LONGEST_TOLD] for one in raw))
