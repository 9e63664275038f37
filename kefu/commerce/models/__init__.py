"""What a shop sells and has sold. Rows change only through services.py and the import."""

from kefu.commerce.models.catalogue import Coupon, Product, Variant
from kefu.commerce.models.changes import ChangeKind, OrderChange
from kefu.commerce.models.orders import Cancellation, Order, OrderLine, OrderState
from kefu.commerce.models.payments import GIFT_CARD, Payment, PaymentMethod, PaymentState, Refund, RefundState
from kefu.commerce.models.remedies import Remedy, RemedyCause, RemedyKind
from kefu.commerce.models.returns import Exchange, ExchangeLine, Return, ReturnLine, ReturnReason, ReturnState
from kefu.commerce.models.shipments import Shipment, ShipmentLine, ShipmentState, TrackingCode, TrackingEvent

__all__ = [
    "GIFT_CARD",
    "Cancellation",
    "ChangeKind",
    "Coupon",
    "Exchange",
    "ExchangeLine",
    "Order",
    "OrderChange",
    "OrderLine",
    "OrderState",
    "Payment",
    "PaymentMethod",
    "PaymentState",
    "Product",
    "Refund",
    "RefundState",
    "Remedy",
    "RemedyCause",
    "RemedyKind",
    "Return",
    "ReturnLine",
    "ReturnReason",
    "ReturnState",
    "Shipment",
    "ShipmentLine",
    "ShipmentState",
    "TrackingCode",
    "TrackingEvent",
    "Variant",
]
