"""Facts for one turn, read once. What the verification does not permit is not read at all."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime

from kefu.assistant.facts import (
    CustomerFact,
    Facts,
    LineFact,
    OrderFact,
    ReturnFact,
    ShipmentFact,
    TrackingFact,
)
from kefu.commerce.models import PaymentState, ReturnState
from kefu.commerce.sheets import Sheet, moment, sheets_numbered, sheets_of_customer
from kefu.commerce.tables import Tables, own_tables, tables_of
from kefu.commerce.tables.goods import may_come_back
from kefu.desk.models import Conversation, Verification
from kefu.kernel import clock
from kefu.kernel.money import Money
from kefu.people.models import Customer

#: of one customer's orders, the newest so many; older ones when they are named
NEWEST = 20


def gather(
    conversation: Conversation,
    *,
    language: str,
    named: Iterable[str] = (),
) -> Facts:
    """What the assistant may know of this conversation's customer now.

    named: order numbers that the customer has mentioned, so that old orders are found too.
    """
    brand = conversation.brand
    level = conversation.verification
    now = clock.now()
    today = now.astimezone(brand.zone).date()
    own = own_tables(brand)
    tables = own or tables_of(brand.pack)
    return Facts(
        now=now,
        today=today,
        brand=brand.slug,
        brand_name=brand.name,
        language=language,
        channel=conversation.channel.kind,
        verification=level,
        customer=_customer(conversation.customer) if level >= Verification.CUSTOMER else None,
        orders=tuple(
            order_fact(sheet, tables=tables, on=today)
            for sheet in _visible_orders(conversation, level, list(named)[:10])
        ),
        terms=brand.settings.get("terms", {}),
        zone=brand.zone,
        pack=brand.pack,
        ships_from=str(brand.settings.get("terms", {}).get("ships_from", brand.country)),
        currency=brand.currency,
        own_tables=own,
    )


def _customer(customer: Customer) -> CustomerFact:
    return CustomerFact(
        row=f"customer:{customer.pk}",
        id=customer.pk,
        name=customer.name,
        language=customer.language,
        country=customer.country,
        tier=customer.tier,
        loyalty_points=customer.loyalty_points,
    )


def _visible_orders(conversation: Conversation, level: int, named: Sequence[str]) -> list[Sheet]:
    brand_id = conversation.brand_id
    proved: list[str] = conversation.memory.get("proved_orders", [])
    if level >= Verification.CUSTOMER:
        numbers = sorted({number.upper() for number in named})
        return sheets_of_customer(brand_id, conversation.customer_id, newest=NEWEST, named=numbers)
    if level >= Verification.ORDER and proved:
        return sheets_numbered(brand_id, proved, newest=NEWEST)
    return []


def order_fact(sheet: Sheet, *, tables: Tables, on: date) -> OrderFact:
    """An order's sheet (commerce.sheets) as a fact on that day; reads nothing more."""
    number, currency = sheet["number"], sheet["currency"]
    paid = [payment for payment in sheet["payments"] if payment["state"] == PaymentState.PAID]
    refs = {line["id"]: f"{number}/{line['position']}" for line in sheet["lines"]}
    return OrderFact(
        row=f"order:{sheet['id']}",
        number=number,
        placed_at=datetime.fromisoformat(sheet["placed_at"]),
        state=sheet["state"],
        country=sheet["country"],
        total=Money(sheet["total"], currency),
        paid=Money(sum(payment["amount"] for payment in paid), currency),
        refunded=Money(sum(payment["refunded"] for payment in paid), currency),
        payment_method=paid[0]["method"] if paid else "",
        lines=tuple(
            LineFact(
                ref=refs[line["id"]],
                row=f"orderline:{line['id']}",
                sku=line["sku"],
                titles=line["titles"],
                size=line["size"],
                color=line["color"],
                quantity=line["quantity"],
                unit_price=Money(line["unit_price"], currency),
                is_returnable=may_come_back(
                    tables,
                    is_returnable=line["is_returnable"],
                    kind=line.get("kind_of_goods"),
                    country=sheet["country"],
                    on=on,
                ),
                returned=line["returned"],
                made_good=line["made_good"],
                given_minor=line["given"],
            )
            for line in sheet["lines"]
        ),
        shipments=tuple(_shipment_fact(shipment, refs) for shipment in sheet["shipments"]),
        returns=tuple(
            ReturnFact(
                row=f"return:{one['id']}",
                number=one["number"],
                line_ref=refs.get(line_id, ""),
                state=one["state"],
                opened_at=datetime.fromisoformat(one["opened_at"]),
                is_exchange=one["is_exchange"],
            )
            for one in sheet["returns"]
            for line_id in one["lines"]
        ),
        cancelled_at=moment(sheet["cancelled_at"]),
        promised_minor=sum(one["refund"] for one in sheet["returns"] if one["state"] == ReturnState.OPEN),
        discount_minor=sheet["discount"],
        shipping_minor=sheet["shipping"],
        marketplace=sheet["marketplace"],
        address_changes=sheet["address_changes"],
        item_changes=sheet["item_changes"],
        payment_changes=sheet["payment_changes"],
    )


def _shipment_fact(shipment: Sheet, refs: dict[int, str]) -> ShipmentFact:
    promised = shipment["promised_on"]
    return ShipmentFact(
        row=f"shipment:{shipment['id']}",
        carrier=shipment["carrier"],
        tracking_number=shipment["tracking_number"],
        state=shipment["state"],
        shipped_at=moment(shipment["shipped_at"]),
        promised_on=date.fromisoformat(promised) if promised else None,
        delivered_at=moment(shipment["delivered_at"]),
        line_refs=tuple(refs[line_id] for line_id in shipment["lines"] if line_id in refs),
        events=tuple(
            TrackingFact(at=datetime.fromisoformat(event["at"]), code=event["code"], place=event["place"])
            for event in shipment["tracking"]
        ),
    )
