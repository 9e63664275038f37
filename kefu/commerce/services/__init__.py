"""The verbs of the shop: the only door through which its rows change, but for the import.

Each takes `by` (who does it) and, where money or goods move, `key`: the same key gives the first result again.
Order of locks everywhere: the order's row, then its payments or variants by rising id.
"""

from kefu.commerce.services.cancelling import cancel_order
from kefu.commerce.services.changing import (
    ChangeQuote,
    ItemChange,
    NewItem,
    change_address,
    change_items,
    change_payment,
    quote_items_change,
    to_be_paid,
)
from kefu.commerce.services.charging import settle_payment, usual_method
from kefu.commerce.services.counting import CountQuote, change_quantity, quote_quantity
from kefu.commerce.services.exchanging import ExchangeQuote, exchange_items, quote_exchange
from kefu.commerce.services.refunds import refund, settle_refund
from kefu.commerce.services.remedies import begin_repair, give_coupon, pay_for_fault, resend, take_back
from kefu.commerce.services.returning import (
    Piece,
    ReturnQuote,
    cancel_return,
    open_return,
    open_returns,
    quote_return,
    quote_returns,
    receive_return,
)
from kefu.commerce.services.stock import set_stock

__all__ = [
    "ChangeQuote",
    "CountQuote",
    "ExchangeQuote",
    "ItemChange",
    "NewItem",
    "Piece",
    "ReturnQuote",
    "begin_repair",
    "cancel_order",
    "cancel_return",
    "change_address",
    "change_items",
    "change_payment",
    "change_quantity",
    "exchange_items",
    "give_coupon",
    "open_return",
    "open_returns",
    "pay_for_fault",
    "quote_exchange",
    "quote_items_change",
    "quote_quantity",
    "quote_return",
    "quote_returns",
    "receive_return",
    "refund",
    "resend",
    "set_stock",
    "settle_payment",
    "settle_refund",
    "take_back",
    "to_be_paid",
    "usual_method",
]
