"""The kinds of record there are and what each may hold. docs/reference/import-format.md is this file in words."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from kefu.commerce import rules
from kefu.commerce.exchange.fields import Fields
from kefu.commerce.models import (
    ChangeKind,
    OrderState,
    PaymentState,
    RefundState,
    RemedyCause,
    RemedyKind,
    ReturnReason,
    ReturnState,
    TrackingCode,
)
from kefu.kernel.money import Money
from kefu.people.contact import normal_email, normal_phone, normal_postcode

Values = dict[str, Any]
Parts = dict[str, list[Values]]

MOST_PIECES = 100_000
# read once: Django builds `.values` anew each time
ORDER_STATES, PAYMENT_STATES, REFUND_STATES = (tuple(words.values) for words in (OrderState, PaymentState, RefundState))
TRACKING_CODES, RETURN_STATES, RETURN_REASONS = (
    tuple(words.values) for words in (TrackingCode, ReturnState, ReturnReason)
)
ADDRESS = ("name", "street", "street2", "city", "region")
HOME = (*ADDRESS, "postcode", "country")
CHANGE_KINDS, REMEDY_KINDS, REMEDY_CAUSES = (tuple(words.values) for words in (ChangeKind, RemedyKind, RemedyCause))
#: who made something good; the person's name is not carried over
DOERS = ("assistant", "agent", "system")


@dataclass(frozen=True, slots=True)
class Kind:
    """key: the field that names a record; maps: fields that are maps; lists: fields that are lists of maps, with the
    maps inside their items. In CSV a map's entry is the column "titles.en", a list's "lines.sku", one row an item."""

    name: str
    key: str
    read: Callable[[Fields], tuple[Values, Parts]]
    maps: tuple[str, ...] = ()
    lists: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


def _customer(f: Fields) -> tuple[Values, Parts]:
    country = f.country()
    points = f.integer("loyalty_points", 0, 1_000_000_000, -1)
    values: Values = {
        "name": f.text("name", 200),
        "email": f.read_by("email", normal_email),
        "phone": f.read_by("phone", normal_phone, country),
        "language": f.language(),
        "country": country,
        "tier": f.text("tier", 20),
        "loyalty_points": points if points >= 0 else None,
    }
    if f.given("address"):  # a file that knows no addresses takes none away: customers tell them in talks, too
        values["address"] = f.named_texts("address", HOME, 200)
    consents: list[Values] = []
    for item in f.items("consents"):
        consents.append(
            {
                "topic": item.token("topic", 40),
                "is_given": item.truth("is_given", True),
                "at": item.moment("at", required=True),
                "source": item.text("source", 120) or "import",
            }
        )
        item.no_others()
    f.once(((one["topic"], one["at"]) for one in consents), "consents")
    return values, {"consents": consents}


def _payment_method(f: Fields) -> tuple[Values, Parts]:
    has_balance = f.given("balance") and bool(f.text("balance", 20))
    currency = f.currency() if has_balance else ""
    if not has_balance and f.text("currency", 3):
        f.fault("currency", "stands without a balance", "leave it out, or write the balance")
    return {
        "customer": f.token("customer"),
        "kind": f.token("kind", 40),
        "label": f.text("label", 80),
        "balance_minor": f.money("balance", currency) if has_balance else None,
        "currency": currency,
        "is_usable": f.truth("is_usable", True),
    }, {}


def _product(f: Fields) -> tuple[Values, Parts]:
    values: Values = {
        "handle": f.token("handle"),
        "titles": f.texts("titles", 300, required=True),
        "descriptions": f.texts("descriptions", 8000),
        "attributes": f.json_map("attributes", 20_000),
        "category": f.text("category", 80, required=True),
        "is_returnable": f.truth("is_returnable", True),
        "is_sold": f.truth("is_sold", True),
        "warranty_months": f.integer("warranty_months", 0, 1200, 24),
        "image": f.text("image", 300),
    }
    variants: list[Values] = []
    for item in f.items("variants", required=True):
        currency = item.currency()
        variants.append(
            {
                "sku": item.token("sku", 80),
                "size": item.text("size", 20),
                "color": item.text("color", 40).lower(),
                "options": item.text_map("options", 120),
                "price_minor": item.money("price", currency),
                "currency": currency,
                "stock": item.integer("stock", 0, 10_000_000, 0),
                "barcode": item.text("barcode", 40),
            }
        )
        item.no_others()
    f.once((variant["sku"] for variant in variants), "variants")
    return values, {"variants": variants}


def _order(f: Fields) -> tuple[Values, Parts]:
    currency, country = f.currency(), f.country(required=True)
    state = f.choice("state", ORDER_STATES)
    lines: list[Values] = []
    for count, item in enumerate(f.items("lines", required=True), 1):
        lines.append(
            {
                "position": item.integer("position", 1, 10_000, count),
                "sku": item.token("sku", 80),
                "titles": item.texts("titles", 300),
                "quantity": item.integer("quantity", 1, MOST_PIECES),
                "unit_price_minor": item.money("unit_price", currency),
            }
        )
        item.no_others()
    f.once((line["position"] for line in lines), "lines")
    shipping, discount = f.money("shipping", currency, default="0"), f.money("discount", currency, default="0")
    goods = sum(line["quantity"] * line["unit_price_minor"] for line in lines)
    total = goods + shipping - discount
    cancelled_at = f.moment("cancelled_at")
    if state == OrderState.CANCELLED and cancelled_at is None:
        f.fault("cancelled_at", "is missing", "say when the order was cancelled")
    if state != OrderState.CANCELLED and cancelled_at is not None:
        f.fault("cancelled_at", "stands on an order that is not cancelled", "leave it out, or set state to cancelled")
    if total < 0:
        f.fault("discount", "is more than the goods and the shipping", "lower it")
    values: Values = {
        "external_id": f.token("id", required=False) or None,
        "customer": f.token("customer"),
        "state": state,
        "placed_at": f.moment("placed_at", required=True),
        "email": f.read_by("email", normal_email),
        "phone": f.read_by("phone", normal_phone, country),
        "postcode": f.read_by("postcode", normal_postcode),
        "country": country,
        "address": f.named_texts("address", ADDRESS, 200),
        "currency": currency,
        "shipping_minor": shipping,
        "discount_minor": discount,
        "total_minor": total,
        "coupon_code": f.text("coupon", 40).upper(),
        "marketplace": f.text("marketplace", 20).lower(),
        "cancelled_at": cancelled_at,
        "cancel_reason": f.text("cancel_reason", 200),
    }
    changes: list[Values] = []
    for item in f.items("changes"):
        changes.append(
            {
                "key": item.token("id"),
                "kind": item.choice("kind", CHANGE_KINDS),
                "was": item.json_value("was"),
                "became": item.json_value("became"),
                "difference_minor": item.signed_money("difference", currency),
                "rule": item.text("rule", 120),
                "at": item.moment("at", required=True),
            }
        )
        item.no_others()
    f.once((change["key"] for change in changes), "changes")
    if currency and lines and f.money("total", currency, default=_amount(total, currency)) != total and not f.faults:
        cure = f"correct one of them, or leave total out: they make {_amount(total, currency)}"
        f.fault("total", "is not lines + shipping - discount", cure)
    return values, {"lines": lines, "changes": changes}


def _amount(minor: int, currency: str) -> str:
    return str(Money(max(0, minor), currency).amount)


def _payment(f: Fields) -> tuple[Values, Parts]:
    currency = f.currency()
    values: Values = {
        "order": f.token("order", 40).upper(),
        "method": f.token("method", 40),
        "paid_with": f.token("paid_with", required=False),
        "state": f.choice("state", PAYMENT_STATES),
        "amount_minor": f.money("amount", currency, more_than_nothing=True),
        "currency": currency,
        "at": f.moment("at", required=True),
    }
    refunds: list[Values] = []
    for item in f.items("refunds"):
        refunds.append(
            {
                "key": item.token("id"),
                "amount_minor": item.money("amount", currency, more_than_nothing=True),
                "reason": item.text("reason", 200),
                "state": item.choice("state", REFUND_STATES),
                "at": item.moment("at", required=True),
                "rule": item.text("rule", 120) or "shop",
                "refunded_to": item.token("refunded_to", required=False),
            }
        )
        item.no_others()
    f.once((refund["key"] for refund in refunds), "refunds")
    given = sum(one["amount_minor"] for one in refunds if one["state"] != RefundState.FAILED)
    if refunds and values["state"] != PaymentState.PAID:
        f.fault("refunds", "stand on a payment that was not paid", "set state to paid, or leave the refunds out")
    elif given > values["amount_minor"]:
        f.fault("refunds", "are more than was paid", "correct the amounts: refunds never exceed their payment")
    return values, {"refunds": refunds}


def _shipment(f: Fields) -> tuple[Values, Parts]:
    lines: list[Values] = []
    for item in f.items("lines", required=True):
        lines.append(
            {
                "position": item.integer("position", 1, 10_000),
                "quantity": item.integer("quantity", 1, MOST_PIECES),
            }
        )
        item.no_others()
    f.once((line["position"] for line in lines), "lines")
    tracking: list[Values] = []
    for item in f.items("tracking"):
        tracking.append(
            {
                "at": item.moment("at", required=True),
                "code": item.choice("code", TRACKING_CODES),
                "place": item.text("place", 120),
                "text": item.text("text", 300),
            }
        )
        item.no_others()
    f.once(((event["at"], event["code"]) for event in tracking), "tracking")
    events = [rules.Tracking(event["at"], event["code"]) for event in tracking if event["at"]]
    shipped_at = f.moment("shipped_at") or _first(events, TrackingCode.PICKED_UP)
    delivered_at = f.moment("delivered_at") or _first(events, TrackingCode.DELIVERED)
    if shipped_at and delivered_at and delivered_at < shipped_at - timedelta(days=1):
        f.fault("delivered_at", "is before shipped_at", "correct one of them")
    return {
        "order": f.token("order", 40).upper(),
        "carrier": f.text("carrier", 60),
        "tracking_number": "".join(f.token("tracking_number", 60, required=False).upper().split()),
        "state": rules.shipment_state(events, shipped_at=shipped_at, delivered_at=delivered_at),
        "shipped_at": shipped_at,
        "promised_on": f.day("promised_on"),
        "delivered_at": delivered_at,
    }, {"lines": lines, "tracking": tracking}


def _first(events: list[rules.Tracking], code: str) -> Any:
    return min((event.at for event in events if event.code == code), default=None)


def _return(f: Fields) -> tuple[Values, Parts]:
    currency = f.currency()
    lines: list[Values] = []
    for item in f.items("lines", required=True):
        lines.append(
            {
                "position": item.integer("position", 1, 10_000),
                "quantity": item.integer("quantity", 1, MOST_PIECES),
                "reason": item.choice("reason", RETURN_REASONS),
                "new_sku": item.token("new_sku", 80, required=False),
                "new_price_minor": item.money("new_price", currency, default="0"),
            }
        )
        item.no_others()
    f.once((line["position"] for line in lines), "lines")
    is_exchange = any(line["new_sku"] for line in lines)
    exchange: Values = {
        "difference_minor": f.signed_money("difference", currency),
        "payment_method": f.token("pay_difference_with", required=False),
        "sent_at": f.moment("sent_at"),
    }
    if not is_exchange and any(exchange.values()):
        f.fault("lines", "name nothing that is sent instead", "write new_sku for what is exchanged")
    return {
        "order": f.token("order", 40).upper(),
        "state": f.choice("state", RETURN_STATES),
        "opened_at": f.moment("opened_at", required=True),
        "deadline": f.day("deadline", required=True),
        "received_at": f.moment("received_at"),
        "currency": currency,
        "refund_minor": f.money("refund", currency, default="0"),
        "refund_to": f.token("refund_to", required=False),
    }, {"lines": lines, "exchange": [exchange] if is_exchange else []}


def _remedy(f: Fields) -> tuple[Values, Parts]:
    currency = f.currency()
    return {
        "order": f.token("order", 40).upper(),
        "position": f.integer("position", 1, 10_000),
        "cause": f.choice("cause", REMEDY_CAUSES),
        "kind": f.choice("kind", REMEDY_KINDS),
        "quantity": f.integer("quantity", 1, MOST_PIECES),
        "amount_minor": f.money("amount", currency, default="0"),
        "currency": currency,
        "coupon": f.text("coupon", 40).upper(),
        "rule": f.text("rule", 80),
        "by": f.choice("by", DOERS, "system"),
        "at": f.moment("at", required=True),
    }, {}


def _coupon(f: Fields) -> tuple[Values, Parts]:
    percent = f.integer("percent", 1, 100, 0)
    has_percent = percent >= 1
    currency = "" if has_percent else f.currency()
    values: Values = {
        "percent": percent if has_percent else None,
        "amount_minor": None if has_percent else f.money("amount", currency, more_than_nothing=True),
        "currency": currency,
        "least_total_minor": f.money("least_total", currency or f.home, default="0"),
        "starts_on": f.day("starts_on", required=True),
        "ends_on": f.day("ends_on", required=True),
        "is_on": f.truth("is_on", True),
        "is_public": f.truth("is_public", False),
        "audience": f.text("audience", 40),
        "customer": f.token("customer", required=False),
        "uses_at_most": f.integer("uses_at_most", 0, 1_000_000_000, 0) or None,
    }
    if has_percent and (f.text("amount", 20) or f.text("currency", 3)):
        f.fault("amount", "stands beside percent", "keep one of the two")
    if values["starts_on"] and values["ends_on"] and values["ends_on"] < values["starts_on"]:
        f.fault("ends_on", "is before starts_on", "correct one of them")
    return values, {}


#: in the order in which they depend on each other
KINDS: Mapping[str, Kind] = {
    kind.name: kind
    for kind in (
        Kind("customers", "id", _customer, maps=("address",), lists={"consents": ()}),
        Kind("payment_methods", "id", _payment_method),
        Kind("products", "id", _product, maps=("titles", "descriptions"), lists={"variants": ()}),
        Kind("coupons", "code", _coupon),
        Kind("orders", "number", _order, maps=("address",), lists={"lines": ("titles",), "changes": ()}),
        Kind("payments", "id", _payment, lists={"refunds": ()}),
        Kind("shipments", "id", _shipment, lists={"lines": (), "tracking": ()}),
        Kind("returns", "number", _return, lists={"lines": ()}),
        Kind("remedies", "id", _remedy),
    )
}
#: kinds whose key people type: kept in upper case
SPOKEN = frozenset({"orders", "returns", "coupons"})
