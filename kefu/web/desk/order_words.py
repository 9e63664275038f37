"""How far an order, its parcels and its returns are, in words."""

from __future__ import annotations

from django.utils.translation import gettext_noop as noop

from kefu.web.desk.labels import word_for

_ORDER_STATES = {
    "unpaid": noop("Unpaid"),
    "paid": noop("Paid"),
    "packing": noop("Packing"),
    "shipped": noop("Shipped"),
    "delivered": noop("Delivered"),
    "cancelled": noop("Cancelled"),
}
_SHIPMENT_STATES = {
    "preparing": noop("Preparing"),
    "in_transit": noop("In transit"),
    "customs_held": noop("Held at customs"),
    "out_for_delivery": noop("Out for delivery"),
    "delivered": noop("Delivered"),
    "lost": noop("Lost"),
    "returned": noop("Coming back"),
}
_TRACKING = {
    "label_created": noop("Label printed"),
    "picked_up": noop("Picked up by the carrier"),
    "in_transit": noop("In transit"),
    "arrived_country": noop("Arrived in the country"),
    "customs_in": noop("With customs"),
    "customs_held": noop("Held at customs"),
    "customs_released": noop("Released by customs"),
    "out_for_delivery": noop("Out for delivery"),
    "delivery_failed": noop("Delivery tried in vain"),
    "delivered": noop("Delivered"),
    "exception_damaged": noop("Damaged on the way"),
    "lost": noop("Lost"),
    "returning": noop("Coming back"),
}
_RETURN_STATES = {
    "open": noop("Return open"),
    "received": noop("Return received"),
    "refunded": noop("Return refunded"),
    "cancelled": noop("Return called off"),
    "rejected": noop("Return rejected"),
}


def order_state(state: str) -> str:
    return word_for(_ORDER_STATES, state)


def shipment_state(state: str) -> str:
    return word_for(_SHIPMENT_STATES, state)


def tracking(code: str) -> str:
    return word_for(_TRACKING, code)


def return_state(state: str) -> str:
    return word_for(_RETURN_STATES, state)
