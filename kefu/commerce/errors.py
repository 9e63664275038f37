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


class MadeGood(Refused):
    """These pieces were sent again or paid back without coming back, so a return would pay for them twice. Look at what
    was given; a supervisor may take them back all the same."""

    code = "commerce.made_good"
    tells_customer = "remedy.claimed_before"
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


class NotChangeable(Refused):
    """The order is being packed, has left or is cancelled, so it stays as it is. Offer a return or exchange later."""

    code = "commerce.not_changeable"
    tells_customer = "change.too_late"
    number: str
    state: str


class NothingChanges(Refused):
    """What is asked for is what the order has already. Nothing is left to do."""

    code = "commerce.nothing_changes"
    tells_customer = "change.nothing"


class LineElsewhere(Refused):
    """A line stands twice in the request, or is of another order. Name each line of this order once."""

    code = "commerce.line_elsewhere"
    line: str


class OtherProduct(Refused):
    """Only another size, colour or option of the same product may take a line's place. Order the other one anew."""

    code = "commerce.other_product"
    tells_customer = "change.other_product"
    sku: str


class SameVariant(Refused):
    """The line has this variant already. Ask which other size, colour or option is wanted."""

    code = "commerce.same_variant"
    tells_customer = "change.same_variant"
    sku: str


class WholeOrder(Refused):
    """Without its last line nothing is left of the order. Cancel it instead."""

    code = "commerce.whole_order"
    tells_customer = "pieces.whole_order"
    number: str


class NotInStock(Refused):
    """Fewer pieces of the wanted variant are there than asked for. Offer another one, or a notice when it is back."""

    code = "commerce.not_in_stock"
    tells_customer = "change.not_in_stock"
    sku: str
    left: int


class WrongCurrency(Refused):
    """The variant or the gift card is in another currency than the order. A person must settle it by hand."""

    code = "commerce.wrong_currency"
    tells_customer = "change.needs_person"


class NoSuchMethod(Refused):
    """This payment method is not one of the buyer's, or is no longer usable. Ask which of theirs is meant."""

    code = "commerce.no_such_method"
    tells_customer = "change.no_such_method"


class NotEnoughBalance(Refused):
    """The gift card holds less than is to be paid. Ask for another payment method."""

    code = "commerce.not_enough_balance"
    tells_customer = "change.not_enough_balance"
    left: Money


class SameMethod(Refused):
    """The order is paid with this method already. Ask for another one."""

    code = "commerce.same_method"
    tells_customer = "change.same_method"


class NothingToPay(Refused):
    """Nothing is owed or kept on this order, so no payment can move. Look at its refunds."""

    code = "commerce.nothing_to_pay"
    tells_customer = "change.needs_person"


class AmountChanged(Refused):
    """Between the yes and the deed the amount has changed; nothing was done. Show the present one and ask again."""

    code = "commerce.amount_changed"
    tells_customer = "policy.confirm_again"
