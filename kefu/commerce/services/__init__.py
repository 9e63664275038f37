"""The verbs of the shop: the only door through which its rows change, but for the import.

Each takes `by` (who does it) and, where money or goods move, `key`: the same key gives the first result again.
Order of locks everywhere: the order's row, then its payments or variants by rising id.
"""

from kefu.commerce.services.cancelling import cancel_order
from kefu.commerce.services.refunds import refund, settle_refund
from kefu.commerce.services.remedies import begin_repair, give_coupon, pay_for_fault, resend, take_back
from kefu.commerce.services.returning import ReturnQuote, cancel_return, open_return, quote_return, receive_return
from kefu.commerce.services.stock import set_stock

__all__ = [
    "ReturnQuote",
    "begin_repair",
    "cancel_order",
    "cancel_return",
    "give_coupon",
    "open_return",
    "pay_for_fault",
    "quote_return",
    "receive_return",
    "refund",
    "resend",
    "set_stock",
    "settle_refund",
    "take_back",
]
