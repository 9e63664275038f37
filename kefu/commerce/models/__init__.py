"""What a shop sells and has sold. Rows change only through services.py and the import."""

from kefu.commerce.models.catalogue import Coupon, Product, Variant
from kefu.commerce.models.orders import Cancellation, Order, OrderLine, OrderState
from kefu.commerce.models.payments import Payment, PaymentState, Refund, RefundState
from kefu.commerce.models.remedies import Remedy, RemedyCause, RemedyKind
from kefu.commerce.models.returns import Return, ReturnLine, ReturnReason, ReturnState
from kefu.commerce.models.shipments import Shipment, ShipmentLine, ShipmentState, TrackingCode, TrackingEvent

__all__ = [
    "Cancellation",
    "Coupon",
    "Order",
    "OrderLine",
    "OrderState",
    "Payment",
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
