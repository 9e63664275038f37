"""What this room can refuse. Fields carry the facts; `tells_customer` names the customer's text."""

from __future__ import annotations

from datetime import date

from kefu.kernel.errors import Refused
from kefu.kernel.money import Money


class AlreadyShipped(Refused):
    """The order is being packed or has left, so it cannot be cancelled. Offer a return once it has arrived."""

    code = "commerce.already_shipped"
    tells_customer = "cancel.already_shipped"
    number: str
    state: str


class AlreadyCancelled(Refused):
    """The order is cancelled already. Nothing is left to do; look at its cancellation for who and when."""

    code = "commerce.already_cancelled"
    tells_customer = "cancel.already_cancelled"
    number: str


class ReturnWindowOver(Refused):
    """The return window of this order line has ended. Offer warranty if it is broken, or ask a supervisor."""

    code = "commerce.return_window_over"
    tells_customer = "return.too_late"
    last_day: date


class NotReturnable(Refused):
    """This product cannot be sent back, for example for hygiene. If it arrived damaged, ask a supervisor."""

    code = "commerce.not_returnable"
    tells_customer = "return.not_returnable"
    line: str


class NotDelivered(Refused):
    """The line has not arrived yet, so it cannot be sent back. Look at its parcel; before dispatch, cancel instead."""

    code = "commerce.not_delivered"
    tells_customer = "return.not_delivered"
    line: str


class TooManyPieces(Refused):
    """More pieces than were bought and are not in a return already. Ask for at most what is left."""

    code = "commerce.too_many_pieces"
    tells_customer = "return.too_many"
    line: str
    left: int


class ReturnOver(Refused):
    """This return has been received, refunded or called off already. Look at it before doing more."""

    code = "commerce.return_over"
    tells_customer = "return.over"
    number: str
    state: str


class RefundTooHigh(Refused):
    """More than was paid and not yet refunded. Refund at most what is left."""

    code = "commerce.refund_too_high"
    tells_customer = "refund.too_high"
    left: Money


class RefundNeedsRule(Refused):
    """Money moves by a policy rule or by a person at the desk. Name the rule, or let an agent do it."""

    code = "commerce.refund_needs_rule"


class OutOfStock(Refused):
    """Not enough pieces to send again. Offer another way: money back, or another colour."""

    code = "commerce.out_of_stock"
    tells_customer = "remedy.sold_out"
    sku: str
    left: int


class RemediedAlready(Refused):
    """This fault of this order line was made good before. Only a person may do more; look at what was given."""

    code = "commerce.remedied_already"
    tells_customer = "remedy.claimed_before"
    line: str
    cause: str


class KeyUsedElsewhere(Refused):
    """This idempotency key belongs to another deed. Use a new key for a new deed."""

    code = "commerce.key_used_elsewhere"
    key: str
