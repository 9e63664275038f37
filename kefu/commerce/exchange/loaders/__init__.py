"""One loader a kind: a batch of records becomes rows. Each reads what it refers to once, writes only what differs,
and never deletes: what a file leaves out stays as it is."""

from __future__ import annotations

from collections.abc import Mapping

from django.db.models import Model

from kefu.commerce.exchange.loaders.catalogue import load_coupons, load_products
from kefu.commerce.exchange.loaders.orders import load_orders
from kefu.commerce.exchange.loaders.parcels import load_returns, load_shipments
from kefu.commerce.exchange.loaders.payments import load_payments
from kefu.commerce.exchange.loaders.people import load_customers, load_payment_methods
from kefu.commerce.exchange.making_good import load_remedies
from kefu.commerce.exchange.rows import Loader
from kefu.commerce.models import (
    Cancellation,
    Coupon,
    Order,
    OrderLine,
    Payment,
    PaymentMethod,
    Product,
    Refund,
    Remedy,
    Return,
    ReturnLine,
    Shipment,
    ShipmentLine,
    TrackingEvent,
    Variant,
)
from kefu.people.models import Customer

#: the tables that each kind fills
TABLES: Mapping[str, tuple[type[Model], ...]] = {
    "customers": (Customer,),
    "payment_methods": (PaymentMethod,),
    "products": (Product, Variant),
    "coupons": (Coupon,),
    "orders": (Order, OrderLine, Cancellation),
    "payments": (Payment, Refund),
    "shipments": (Shipment, ShipmentLine, TrackingEvent),
    "returns": (Return, ReturnLine),
    "remedies": (Remedy,),
}
LOADERS: Mapping[str, Loader] = {
    "customers": load_customers,
    "payment_methods": load_payment_methods,
    "products": load_products,
    "coupons": load_coupons,
    "orders": load_orders,
    "payments": load_payments,
    "shipments": load_shipments,
    "returns": load_returns,
    "remedies": load_remedies,
}
