"""The kinds of argument an action may take: read from JSON strictly, and resolved only among the customer's own."""

from __future__ import annotations

import re
import types
from dataclasses import dataclass
from typing import Any, Literal, Self, Union, get_args, get_origin

from kefu.assistant.actions.call import ActionCall
from kefu.assistant.actions.errors import BadArguments, LineNotFound, OrderNotFound
from kefu.assistant.facts import LineFact, OrderFact
from kefu.commerce.models import Order, OrderLine
from kefu.desk.models import Verification
from kefu.kernel.money import Money

LONGEST_TEXT = 2000
LONGEST_NUMBER = 60


def _text(raw: object, *, longest: int = LONGEST_TEXT) -> str:
    if not isinstance(raw, str) or "\x00" in raw:
        raise ValueError("must be text")
    text = raw.strip()
    if not text or len(text) > longest:
        raise ValueError(f"must have 1 to {longest} characters")
    return text


@dataclass(frozen=True, slots=True)
class Text:
    """The customer's own words, trimmed, at most LONGEST_TEXT characters."""

    value: str

    kind = "text"

    @classmethod
    def read(cls, raw: object) -> Self:
        return cls(_text(raw))


class BilledTo(Text):
    """Who an invoice is made out to: company, tax number and address, as written."""

    kind = "billed_to"


class Question(Text):
    kind = "question"

    @classmethod
    def read(cls, raw: object) -> Self:
        if not isinstance(raw, str):
            raise ValueError("must be text")
        return cls(_text(raw.replace("\x00", " ")[:LONGEST_TEXT]))  # a long letter is asked by its beginning


@dataclass(frozen=True, slots=True)
class OrderNumber:
    """An order's number as somebody gave it: it may name nothing, or somebody else's order."""

    value: str

    kind = "order_number"

    @classmethod
    def read(cls, raw: object) -> Self:
        return cls(_text(raw, longest=LONGEST_NUMBER).upper())


@dataclass(frozen=True, slots=True)
class OrderRef:
    """An order of the customer's own, by number: "KF-1042"."""

    number: str

    kind = "order"

    @classmethod
    def read(cls, raw: object) -> Self:
        return cls(_text(raw, longest=LONGEST_NUMBER))

    def fact(self, call: ActionCall) -> OrderFact:
        """Raises OrderNotFound: nobody's, another's and not-yet-proved are told alike."""
        order = call.facts.order(self.number)
        if order is None:
            raise OrderNotFound(number=self.number)
        return order

    def resolve(self, call: ActionCall) -> Order:
        """The row, looked up again with brand and owner. Raises OrderNotFound."""
        order = Order.objects.numbered(call.brand, self.fact(call).number).select_related("customer").first()
        if order is None or not may_see(order, call):
            raise OrderNotFound(number=self.number)
        return order


@dataclass(frozen=True, slots=True)
class LineRef:
    """One line of an own order: "KF-1042/2" (order number, position)."""

    ref: str

    kind = "order_line"

    @classmethod
    def read(cls, raw: object) -> Self:
        ref = _text(raw, longest=LONGEST_NUMBER)
        if not re.fullmatch(r"[^/]+/[1-9][0-9]{0,3}", ref):
            raise ValueError('must be a line like "KF-1042/2"')
        return cls(ref)

    def fact(self, call: ActionCall) -> LineFact:
        """Raises LineNotFound: nobody's, another's and not-yet-proved are told alike."""
        line = call.facts.line(self.ref)
        if line is None:
            raise LineNotFound(line=self.ref)
        return line

    def resolve(self, call: ActionCall) -> OrderLine:
        """The row, looked up again with brand and owner. Raises LineNotFound."""
        number, _, position = self.fact(call).ref.rpartition("/")
        line = (
            OrderLine.objects.filter(brand=call.brand, order__number__iexact=number, position=int(position))
            .select_related("order__customer", "variant__product")
            .first()
        )
        if line is None or not may_see(line.order, call):
            raise LineNotFound(line=self.ref)
        return line


def may_see(order: Order, call: ActionCall) -> bool:
    """Whether the conversation's verification covers this very order. Facts were built by the same measure; this
    asks the database again, because a deed is about to be done."""
    level = call.level
    if level >= Verification.CUSTOMER and call.customer is not None and order.customer_id == call.customer.pk:
        return True
    proved = {number.upper() for number in call.proved_orders}
    return level >= Verification.ORDER and order.number.upper() in proved


@dataclass(frozen=True, slots=True)
class Proof:
    """What shows that an order is one's own: its e-mail, phone or postcode."""

    of: Literal["email", "phone", "postcode"]
    value: str

    kind = "proof"

    @classmethod
    def read(cls, raw: object) -> Self:
        if not isinstance(raw, dict) or set(raw) != {"kind", "value"}:
            raise ValueError('must be {"kind": "email", "value": "…"}')
        if raw["kind"] not in ("email", "phone", "postcode"):
            raise ValueError("kind must be email, phone or postcode")
        return cls(raw["kind"], _text(raw["value"], longest=254))


@dataclass(frozen=True, slots=True)
class Quantity:
    """A number of pieces, 1 to 999."""

    value: int

    kind = "quantity"

    @classmethod
    def read(cls, raw: object) -> Self:
        if isinstance(raw, bool) or not isinstance(raw, int) or not 1 <= raw <= 999:
            raise ValueError("must be a whole number from 1 to 999")
        return cls(raw)


@dataclass(frozen=True, slots=True)
class Photo:
    """Pictures that the customer sent, as the attachments' ids: "12,13"."""

    ids: str

    kind = "photo"

    @classmethod
    def read(cls, raw: object) -> Self:
        text = _text(raw, longest=200)
        if not re.fullmatch(r"[0-9]{1,18}(,[0-9]{1,18})*", text):
            raise ValueError('must be ids of attachments like "12,13"')
        return cls(text)


@dataclass(frozen=True, slots=True)
class Amount:
    """Money above zero: {"minor": 2000, "currency": "EUR"}."""

    money: Money

    kind = "money"

    @classmethod
    def read(cls, raw: object) -> Self:
        if not isinstance(raw, dict) or set(raw) != {"minor", "currency"}:
            raise ValueError('must be {"minor": 2000, "currency": "EUR"}')
        minor, currency = raw["minor"], raw["currency"]
        if isinstance(minor, bool) or not isinstance(minor, int) or not 0 < minor <= 10**12:
            raise ValueError("minor must be a whole number above zero")
        if not isinstance(currency, str) or not re.fullmatch(r"[A-Z]{3}", currency):
            raise ValueError("currency must be three capital letters")
        return cls(Money(minor, currency))


@dataclass(frozen=True, slots=True)
class Parameter:
    """One declared argument: its type has a `kind` and reads JSON (here, in several.py and told.py), or is a Literal of
    words (kind "choice")."""

    name: str
    type: Any
    is_optional: bool

    @property
    def kind(self) -> str:
        return "choice" if get_origin(self.type) is Literal else str(self.type.kind)

    def read(self, raw: object) -> Any:
        """The typed value. Raises BadArguments."""
        try:
            if get_origin(self.type) is Literal:
                if not isinstance(raw, str) or raw not in get_args(self.type):
                    raise ValueError(f"must be one of {', '.join(get_args(self.type))}")
                return raw
            return self.type.read(raw)
        except ValueError as error:
            raise BadArguments(argument=self.name, problem=str(error)) from None


def parameter(name: str, annotation: Any, *, has_default: bool) -> Parameter:
    """From a function's signature; `X | None` reads as X. Raises TypeError for a type that is no argument kind."""
    if get_origin(annotation) in (types.UnionType, Union):
        given = [part for part in get_args(annotation) if part is not type(None)]
        annotation = given[0] if len(given) == 1 else annotation
    is_kind = isinstance(getattr(annotation, "kind", None), str) and callable(getattr(annotation, "read", None))
    if get_origin(annotation) is not Literal and not is_kind:
        raise TypeError(
            f"argument {name} has type {annotation}; use a kind of arguments.py, several.py or told.py, or a Literal"
        )
    return Parameter(name, annotation, has_default)
